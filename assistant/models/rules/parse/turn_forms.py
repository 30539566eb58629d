"""What a turn is, beside what it names: a choice, the next thing, or facts of the next one."""

from __future__ import annotations

import re
from collections.abc import Collection

from assistant.models.rules.lexicon.bounded import bounded
from assistant.models.rules.lexicon.stop_words import content
from assistant.models.rules.lexicon.text import CUT, normalize, words_of

_TAKES = (
    r"(?:(?:i|we)(?:'ll| will|'d| would)? (?:take|have|go (?:for|with)|get|pick|choose)|"
    r"(?:i|we)(?:'m| am|'re| are) (?:taking|going (?:for|with)|getting)|"
    r"(?:let me|let's) (?:take|have|go (?:for|with)|get))"
)
CHOOSES = bounded(rf"\b{_TAKES} (?:the|that|this|those|these|it|number)\b")
_CHOICE = bounded(
    rf"^(?:\W|(?:and|so|then|great|perfect|ok|okay|right|yes|good|well)\b)*{_TAKES} "
    r"(?:the|that|this|those|these|it|them|both|number)\b[^.!?;,]*(?:[.!;]+\s+|\s-+\s)"
)
"""A whole sentence that takes something that is shown."""
_OF_IT = bounded(r"\b(?:it|its|it's|they|them|their|that one|this one|those|these|same|ones?)\b")
_NEXT = bounded(
    r"^(?:\W|and |ok |okay |so |then |now |right |great )*(?:next up|next(?= (?:\||i |we |on |to |"
    r"for |comes? |thing ))|next thing(?: on (?:my|the|our) list)?(?: is| are)?|moving on(?: to)?|"
    r"on to|onto|second(?:ly)?(?= \|)|secondly|"
    r"thirdly|(?:one|1) (?:more|last|other|final) thing|another thing|last thing|lastly|"
    r"last but not least|while (?:i'm|i am|we're|we are) (?:at it|here)|on top of (?:that|it)|"
    r"besides(?: that| this)?(?= \|)|in addition(?: to that)?|apart from that|as well as that|"
    r"other than that|separately|different thing|something else|new topic|change of topic)"
    r"(?: on (?:my|the|our) list)?(?: \||:| -)*(?: (?:is|are|comes?|would be))?\s*(?P<rest>.*)$"
)
_NO_KIND = (
    r"(?:(?:very )?(?:first|second|third|fourth|other|previous|earlier|original|last|start|"
    r"beginning)|ones?|list|results?|what|you|me|school|basics|work|home|normal|reality|front|"
    r"square|business|(?:it|them|that|those|these|this)(?! [a-z]))"
)
"""What is behind "back to" and no thing: a list, a card, an idiom."""
_RETURN = bounded(
    r"(?:^|[.,;!?:] *)(?:(?:ok|okay|so|and|now|but|fine|right|well|let's|can|could|may|we|i|i'd|"
    r"i'll|like|to|please|want|go|going|come|coming|get|return|jump|switch)\b,? +)*"
    rf"back +to +(?!(?:(?:the|those|these|that|this) +)?{_NO_KIND}\b)"
    r"(?:(?:the|those|these|that|this|a|an)\b +)?(?P<thing>[^.,;!?:\d]{2,40}?)"
    r"(?: +(?:for a (?:sec|second|moment|minute|bit)|again|please|then))* *[.,;!?:]+ *\S"
)
_SHADE = bounded(
    r"\b(?:(?:in|of) )?(?:a |an |the |any |some )?(?:[a-z]+ )?"
    r"(?:shade|tone|hue|tint)s? of (?=[a-z])"
)
_OF_COLOR = bounded(r"\b(?P<color>[a-z]+) (?:shade|tone|hue)s?\b(?! of\b)")


def without_choice(typed: str) -> str:
    """What is typed without a sentence before it that takes something shown: "I'll take the white
    pair. Do you have socks?". One that the rest goes on to speak of stays."""
    match = _CHOICE.match(typed.lower().replace("’", "'"))
    if match is None:
        return typed
    rest = normalize(typed[match.end() :])
    return typed if _OF_IT.search(rest) or not content(words_of(rest)) else typed[match.end() :]


def without_return(typed: str) -> tuple[bool, str]:
    """Whether a message goes back to a thing and says more of it, and what it says without that:
    "back to those kettles. In black" is a wish, "back to the kettles" shows them again."""
    match = _RETURN.search(typed.lower().replace("’", "'"))
    if match is None:
        return False, typed
    more = typed[match.end() - 1 :]
    told = content(words_of(normalize(more)))
    before = typed[: match.start()]
    return (True, f"{before} {match['thing']}. {more}".lstrip()) if told else (False, typed)


def read_next(text: str) -> tuple[bool, str]:
    """Whether a normalized text announces another thing, and the rest of it: "next up, socks"."""
    match = _NEXT.match(text)
    if match is None:
        return False, text
    rest = match["rest"]
    if not content(words_of(rest)) or _OF_IT.search(rest.partition(CUT)[0]):
        return False, text
    return True, rest


def without_shade(text: str, colors: Collection[str]) -> str:
    """A normalized text with "in grey" in place of "in a shade of grey" and "the grey shade"."""
    text = _SHADE.sub("in ", text)
    return _OF_COLOR.sub(lambda m: m["color"] if m["color"] in colors else m[0], text)


def chooses(text: str) -> bool:
    """Whether a normalized text takes something that is shown."""
    return re.search(CHOOSES, text) is not None
