"""Colors by how dark they are: "in a darker color" becomes the catalogue's dark ones."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from assistant.models.rules.lexicon.bounded import bounded
from assistant.models.rules.lexicon.text import word_set

_DARK = word_set(
    "black dark navy brown charcoal anthracite burgundy maroon midnight graphite gunmetal "
    "chocolate espresso indigo plum bordeaux forest"
)
_LIGHT = word_set(
    "white light cream ivory beige pale sand natural pastel silver yellow pink mint ecru lavender "
    "sky rose"
)
_MOST = 12
_RELATIVE = bounded(
    r"\b(?:in )?(?:a |an |some |any )?(?:bit |little |slightly |much )?"
    r"(?P<how>darker|lighter|brighter|paler)(?: (?:colou?r|shade|tone|version|variant))(?!s)"
    r"(?: than (?P<than>[a-z]+))?"
)
_ALONE = bounded(
    r"(?:^|(?<=\| )|\b(?:but|just|only|and|or|is|are) )(?:(?:a|only|just|but|bit|little|"
    r"slightly|much|the|same|it|them|in) )*(?P<how>darker|lighter|paler|brighter)"
    r"(?: (?:ones?|please))?(?P<than>\b)(?= \||$)"
)
"""By itself it is said of the color that was searched: "the same, only darker"."""
_NOT_SUCH = bounded(
    r"\b(?:but )?not (?:in )?(?:such|so|too) (?:an? )?(?:[a-z]+ )?(?:an? )?(?:colou?r|shade) "
    r"as (?P<what>[a-z]+)"
)


def with_plain_colors(text: str, known: Sequence[str], before: Collection[str]) -> str:
    """A normalized text with the catalogue's own colors where it compares them; `known` are the
    catalogue's, `before` those that were searched."""
    text = _NOT_SUCH.sub(r"not \g<what>", text)
    match = _RELATIVE.search(text) or (_ALONE.search(text) if before else None)
    if match is None:
        return text
    wanted = _DARK if match["how"] == "darker" else _LIGHT
    unwanted = {match["than"] or "", *(each.casefold() for each in before)}
    names = [each.casefold() for each in known]
    # Of "dark brown" and "light brown" the first word decides.
    found = [n for n in names if n not in unwanted and re.split(r"[ /,-]", n)[0] in wanted]
    if not found:
        return text
    return f"{text[: match.start()]}in {' or '.join(found[:_MOST])}{text[match.end() :]}"
