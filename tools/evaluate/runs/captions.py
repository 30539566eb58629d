"""Whether a vision model's captions name a drawn product's kind, pattern and color."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from tools.demo.attribute_words import COLOR_WORDS, KIND_WORDS, PATTERN_WORDS
from tools.demo.drawing import COLORS, PATTERNS, Look
from tools.evaluate.figures.summary import Figures
from tools.evaluate.inputs.demo_queries import gallery_picture
from tools.index.stemming import search_terms
from tools.rerank.session import FAILURES

if TYPE_CHECKING:
    from tools.evaluate.progress import CountCallback
    from tools.rerank.vision_model import VisionModel

COUNT = 300
PLAIN = "plain"


def caption_figures(
    vision: VisionModel,
    looks: Mapping[str, Look],
    *,
    count: int = COUNT,
    timeout_s: float = 30,
    on_progress: CountCallback = lambda *_: None,
) -> Figures:
    """`caption.kind`, `.pattern` and `.color`: the share of captions that name it right; `.n`.

    `count` of these looks are taken, by the hash of their ids. A model that fails, or is not done
    in time, names nothing.
    """
    chosen = sorted(looks, key=lambda name: hashlib.sha256(name.encode()).digest())[:count]
    right = [0, 0, 0]
    for done, identity in enumerate(chosen, start=1):
        look = looks[identity]
        try:
            said = vision.caption(gallery_picture(look, identity), timeout_s=timeout_s)
        except FAILURES:
            said = ""
        right = [old + new for old, new in zip(right, named_attributes(said, look), strict=True)]
        on_progress(done, len(chosen))
    found: Figures = {"caption.n": len(chosen)}
    for name, number in zip(("kind", "pattern", "color"), right, strict=True):
        found[f"caption.{name}"] = number / len(chosen) if chosen else None
    return found


def named_attributes(said: str, look: Look) -> tuple[bool, bool, bool]:
    """Whether a caption names kind, pattern and main color of a look.

    Of several patterns or colors the one that is named first counts. A plain thing is named right
    by saying so, or by naming no pattern at all.
    """
    if not said.strip():
        return False, False, False
    patterns = {name: PATTERN_WORDS.get(name, (name,)) for name in PATTERNS if name != PLAIN}
    colors = {name: COLOR_WORDS.get(name, (name,)) for name in COLORS}
    kinds = {look.kind: (look.kind, *KIND_WORDS.get(look.kind, ()))}
    return (
        _first(said, kinds) == look.kind,
        (_first(said, patterns) or PLAIN) == look.pattern,
        _first(said, colors) == look.color,
    )


def _first(said: str, words: Mapping[str, Iterable[str]]) -> str:
    """The name whose words come first, in any form; of those at one place the longest. "" if none.

    So "light brown" is tan and not brown, and "stripes" are as good as "striped".
    """
    text = f" {search_terms(said)} "
    places = []
    for name, every in words.items():
        for word in every:
            place = text.find(f" {search_terms(word)} ") if word else -1
            if place >= 0:
                places.append((place, -len(word), name))
    return min(places)[2] if places else ""
