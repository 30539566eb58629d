"""A shop's branding: greeting, starters, accent color, theme, logo, favicon.

The settings are checked before anything starts, and applied to a copy of Pounce's own files.
"""

from __future__ import annotations

import colorsys
import json
import re
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from tools.errors import SetupError

if TYPE_CHECKING:
    from assistant.settings import Settings

Theme = Literal["system", "light", "dark"]
Color = tuple[float, float, float]
"""Red, green and blue, 0 to 1."""

_PICTURES = (".svg", ".png", ".webp", ".jpg", ".jpeg", ".ico")
_MAX_PICTURE_MB = 1
_MOST_STARTERS = 6
_OWN_ACCENT = "#115f4e"
"""The light theme's in `public/theme.json`."""
_READABLE = 4.5
"""The least contrast of text: WCAG 2.2, 1.4.3."""


@dataclass(frozen=True, slots=True)
class Branding:
    """An empty value leaves Pounce's own in place."""

    greeting: str = ""
    starters: tuple[str, ...] = ()
    accent: str = ""
    """As "#0a7d55"."""
    theme: Theme = "system"
    logo: Path | None = None
    logo_dark: Path | None = None
    favicon: Path | None = None


def branding_of(settings: Settings) -> Branding:
    """The branding in the settings. Raises SetupError for a picture that cannot be used."""
    starters = tuple(filter(None, (words.strip() for words in settings.starters.split(";"))))
    logo = _picture(settings.logo, "POUNCE_LOGO")
    return Branding(
        greeting=" ".join(settings.greeting.split()),
        starters=starters[:_MOST_STARTERS],
        accent=settings.accent,
        theme=settings.theme,
        logo=logo,
        logo_dark=_picture(settings.logo_dark, "POUNCE_LOGO_DARK") or logo,
        favicon=_picture(settings.favicon, "POUNCE_FAVICON"),
    )


def apply_branding(public: Path, branding: Branding) -> None:
    """Apply a branding to the files of the page, of which `public` is a copy."""
    for name, picture in (("logo_light", branding.logo), ("logo_dark", branding.logo_dark)):
        if picture is not None:
            _replace(public, name, picture)
    if branding.favicon is not None:
        _replace(public, "favicon", branding.favicon)
        _replace(public / "avatars", "pounce", branding.favicon)
    if branding.accent:
        path = public / "theme.json"
        path.write_text(json.dumps(_accented(json.loads(path.read_text("utf-8")), branding.accent)))
    if branding.theme != "system":
        path = public / "pounce.js"
        choice = f'"vite-ui-theme", "{branding.theme}"'
        first = f'if (!localStorage.getItem("vite-ui-theme")) localStorage.setItem({choice});'
        path.write_text(f"{first}\n{path.read_text('utf-8')}", "utf-8")


def file_of(folder: Path, name: str) -> str:
    """The name of a picture's file with its suffix, found by the name without it."""
    return next(path.name for path in folder.iterdir() if path.stem == name)


def _picture(path: str, setting: str) -> Path | None:
    if not path:
        return None
    file = Path(path).expanduser()
    if file.suffix.lower() not in _PICTURES or not file.is_file():
        kinds = ", ".join(kind[1:] for kind in _PICTURES)
        raise SetupError(f"{setting}={path} is no file of a picture. Name one of: {kinds}.")
    if file.stat().st_size > _MAX_PICTURE_MB * 1_000_000:
        raise SetupError(f"{setting}={path} is larger than {_MAX_PICTURE_MB} MB. Make it smaller.")
    return file


def _replace(folder: Path, name: str, picture: Path) -> None:
    for old in folder.glob(f"{name}.*"):
        old.unlink()
    shutil.copyfile(picture, folder / f"{name}{picture.suffix.lower()}")


def _accented(theme: dict[str, Any], accent: str) -> dict[str, Any]:
    """The theme with buttons and rings in the accent color, adjusted until it is readable."""
    for variables in theme["variables"].values():
        background = _from_hsl(variables["--background"])
        color = _readable(_from_hex(accent), background)
        inks = ("0 0% 100%", "0 0% 7%")
        ink = max(inks, key=lambda hsl: contrast(_from_hsl(hsl), color))
        variables |= {
            "--primary": _hsl(color),
            "--primary-foreground": ink,
            "--ring": _hsl(color),
        }
    return theme


def launcher_color(branding: Branding) -> str:
    """The color of the launcher on the shop's pages, as "#0f5e4e": white is readable on it."""
    red, green, blue = _readable(_from_hex(branding.accent or _OWN_ACCENT), (1.0, 1.0, 1.0))
    return "#" + "".join(f"{round(part * 255):02x}" for part in (red, green, blue))


def contrast(one: Color, other: Color) -> float:
    """The contrast ratio of two colors, 1 to 21 (WCAG 2.2)."""
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


def _luminance(color: Color) -> float:
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in color)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _readable(color: Color, background: Color) -> Color:
    """The color, made darker or lighter until it is readable on the background."""
    hue, light, saturation = colorsys.rgb_to_hls(*color)
    step = -0.01 if _luminance(background) > 0.5 else 0.01
    while contrast(color, background) < _READABLE and 0 < light + step < 1:
        light += step
        color = colorsys.hls_to_rgb(hue, light, saturation)
    return color


def _from_hex(text: str) -> Color:
    red, green, blue = (int(text[i : i + 2], 16) / 255 for i in (1, 3, 5))
    return red, green, blue


def _from_hsl(text: str) -> Color:
    hue, saturation, light = (float(part) for part in re.findall(r"[\d.]+", text))
    return colorsys.hls_to_rgb(hue / 360, light / 100, saturation / 100)


def _hsl(color: Color) -> str:
    hue, light, saturation = colorsys.rgb_to_hls(*color)
    return f"{hue * 360:.1f} {saturation * 100:.1f}% {light * 100:.1f}%"
