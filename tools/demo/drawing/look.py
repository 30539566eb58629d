"""What a product looks like, in words that both the catalogue and the pencil understand."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Look:
    """Names from KINDS, PATTERNS and COLORS; the material decides gloss and grain."""

    kind: str
    pattern: str
    color: str
    accent: str
    material: str
