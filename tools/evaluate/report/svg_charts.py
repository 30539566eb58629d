"""Bar charts as inline SVG, without scripts or anything from elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from markupsafe import Markup

from tools.evaluate.report.templating import render

_LABEL_WIDTH, _BAR_WIDTH, _VALUE_WIDTH = 220, 420, 90
_BAR_HEIGHT, _GAP = 14, 12
_COLORS = ("#3b6fd4", "#2a9d8f", "#e9a23b", "#c8553d", "#7b5ea7")


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar, perhaps with the ends of an interval."""

    value: float
    shown: str
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class _DrawnBar:
    """A bar in pixels, as the template draws it."""

    x: float
    y: int
    length: float
    height: int
    end: float
    """Right end of the bar or its interval; the value stands behind it."""
    color: str
    title: str
    shown: str
    interval: tuple[float, float] | None


@dataclass(frozen=True, slots=True)
class _DrawnGroup:
    """The label of a group, right-aligned at `x`."""

    label: str
    x: int
    y: float


def bar_chart(title: str, groups: Mapping[str, Mapping[str, Bar]], *, most: float = 0.0) -> Markup:
    """Horizontal bars by group, one color for each name; the scale ends at `most` or the longest.

    Values below 0 are drawn to the left of a zero line. "" where there is nothing to draw.
    """
    bars = [bar for group in groups.values() for bar in group.values()]
    if not bars:
        return Markup()
    ends = [end for bar in bars for end in (bar.value, bar.low, bar.high) if end is not None]
    low, high = min(0.0, *ends), max(most, 0.0, *ends)
    scale = _BAR_WIDTH / ((high - low) or 1.0)
    zero = _LABEL_WIDTH - low * scale
    names = list(dict.fromkeys(name for group in groups.values() for name in group))
    colors = {name: _COLORS[place % len(_COLORS)] for place, name in enumerate(names)}
    drawn: list[_DrawnBar] = []
    labels: list[_DrawnGroup] = []
    y = _GAP
    for label, group in groups.items():
        labels.append(_DrawnGroup(label, _LABEL_WIDTH - 8, y + len(group) * _BAR_HEIGHT / 2 + 4))
        for name, bar in group.items():
            drawn.append(_drawn(bar, y, zero, scale, colors[name], f"{label}: {name} {bar.shown}"))
            y += _BAR_HEIGHT
        y += _GAP
    return render(
        "bar_chart.html",
        title=title,
        legend=list(colors.items()) if len(names) > 1 else [],
        width=_LABEL_WIDTH + _BAR_WIDTH + _VALUE_WIDTH,
        height=y,
        zero=zero,
        groups=labels,
        bars=drawn,
    )


def _drawn(bar: Bar, y: int, zero: float, scale: float, color: str, title: str) -> _DrawnBar:
    interval = None
    if bar.low is not None and bar.high is not None:
        interval = (zero + bar.low * scale, zero + bar.high * scale)
    return _DrawnBar(
        x=zero + min(0.0, bar.value) * scale,
        y=y,
        length=abs(bar.value) * scale,
        height=_BAR_HEIGHT - 3,
        end=zero + max(0.0, bar.value, bar.high or 0.0) * scale,
        color=color,
        title=title,
        shown=bar.shown,
        interval=interval,
    )
