"""Sentences that the built-in vision model learns: captions, and reasons for a rank."""

from __future__ import annotations

from dataclasses import dataclass

from tools.demo.attribute_words import PATTERN_WORDS
from tools.demo.drawing import Look


def caption(look: Look) -> str:
    """One sentence: "A tan leopard print phone case." What a swatch or scene lacks is left out."""
    words = [look.color, PATTERN_WORDS[look.pattern][0], look.kind or "cloth"]
    phrase = " ".join(word for word in words if word)
    return f"{article(phrase)} {phrase}."


def article(phrase: str) -> str:
    """ "An" before a vowel, else "A"."""
    return "An" if phrase[:1] in "aeiou" else "A"


@dataclass(frozen=True, slots=True)
class Wish:
    """What is asked for: names that must fit, "" for what does not matter."""

    kind: str = ""
    pattern: str = ""
    color: str = ""
    shown: tuple[str, ...] = ()
    """Which of the three a picture shows; the others are in the words."""

    def fits(self, look: Look) -> dict[str, bool]:
        """By what is asked for, whether the look has it."""
        asked = {"kind": self.kind, "pattern": self.pattern, "color": self.color}
        return {name: getattr(look, name) == value for name, value in asked.items() if value}

    def grade(self, look: Look) -> float:
        """3 for all that is asked for, less for a part of it, 0 for nothing."""
        fits = self.fits(look)
        if all(fits.values()):
            return 3.0
        return 1.5 * sum(fits.values()) / len(fits)


def reason(look: Look, wish: Wish) -> str:
    """Why this look stands where it does: "leopard print, as in your photo".

    Names at most two things that fit, the photo's first; what does not fit is said as it is.
    """
    fits = wish.fits(look)
    words = {"kind": look.kind, "pattern": PATTERN_WORDS[look.pattern][0], "color": look.color}
    shown = [
        words[name]
        for name in ("color", "pattern", "kind")
        if fits.get(name) and name in wish.shown
    ]
    told = [
        words[name]
        for name in ("color", "pattern", "kind")
        if fits.get(name) and name not in wish.shown
    ]
    parts = []
    if shown:
        parts.append(f"{' '.join(shown)}, as in your photo")
    if told:
        parts.append(f"{' '.join(told)}, as you asked")
    missed = [words[name] for name, fit in fits.items() if not fit]
    if missed:
        parts.append(f"but {' '.join(missed)}" if parts else f"a {' '.join(missed)}")
    return "; ".join(parts[:3])[:90]
