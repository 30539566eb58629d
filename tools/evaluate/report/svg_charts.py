"""Plots as inline SVG, made by hand: nothing is asked for from elsewhere, every text escaped."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

_LABELS, _BARS, _VALUES = 220, 420, 90
_BAR, _GAP = 14, 12
_COLORS = ("#3b6fd4", "#2a9d8f", "#e9a23b", "#c8553d", "#7b5ea7")


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar, perhaps with the ends of an interval."""

    value: float
    shown: str
    low: float | None = None
    high: float | None = None


def bar_chart(title: str, groups: Mapping[str, Mapping[str, Bar]], *, most: float = 0.0) -> str:
    """Horizontal bars by group, one color for each name; the scale ends at `most` or the longest.

    Values below 0 are drawn to the left of a zero line. "" where there is nothing to draw.
    """
    bars = [bar for group in groups.values() for bar in group.values()]
    if not bars:
        return ""
    ends = [end for bar in bars for end in (bar.value, bar.low, bar.high) if end is not None]
    low, high = min(0.0, *ends), max(most, 0.0, *ends)
    scale = _BARS / ((high - low) or 1.0)
    zero = _LABELS - low * scale
    names = list(dict.fromkeys(name for group in groups.values() for name in group))
    parts, y = [], _GAP
    for label, group in groups.items():
        middle = y + len(group) * _BAR / 2 + 4
        parts.append(
            f'<text x="{_LABELS - 8}" y="{middle:.1f}" text-anchor="end">{escape(label)}</text>'
        )
        for name, bar in group.items():
            color = _COLORS[names.index(name) % len(_COLORS)]
            parts += _bar(bar, y, zero, scale, color, f"{label}: {name} {bar.shown}")
            y += _BAR
        y += _GAP
    width = _LABELS + _BARS + _VALUES
    parts.append(f'<line x1="{zero:.1f}" y1="4" x2="{zero:.1f}" y2="{y - 4}" class="zero"/>')
    return (
        f"<figure><figcaption>{escape(title)}{_legend(names)}</figcaption>"
        f'<svg viewBox="0 0 {width} {y}" width="{width}" height="{y}" role="img" '
        f'aria-label="{escape(title)}">{"".join(parts)}</svg></figure>'
    )


def _bar(bar: Bar, y: int, zero: float, scale: float, color: str, said: str) -> list[str]:
    left, long = zero + min(0.0, bar.value) * scale, abs(bar.value) * scale
    end = zero + max(0.0, bar.value, bar.high or 0.0) * scale
    parts = [
        f'<rect x="{left:.1f}" y="{y}" width="{long:.1f}" height="{_BAR - 3}" fill="{color}">'
        f"<title>{escape(said)}</title></rect>",
        f'<text x="{end + 6:.1f}" y="{y + _BAR - 4}" class="value">{escape(bar.shown)}</text>',
    ]
    if bar.low is not None and bar.high is not None:
        x1, x2, middle = zero + bar.low * scale, zero + bar.high * scale, y + (_BAR - 3) / 2
        parts.append(
            f'<path d="M{x1:.1f} {middle - 4}v8M{x1:.1f} {middle}H{x2:.1f}M{x2:.1f} '
            f'{middle - 4}v8" class="interval"/>'
        )
    return parts


def _legend(names: Sequence[str]) -> str:
    if len(names) < 2:
        return ""
    return "".join(
        f'<span class="key"><i style="background:{_COLORS[place % len(_COLORS)]}"></i>'
        f"{escape(name)}</span>"
        for place, name in enumerate(names)
    )
