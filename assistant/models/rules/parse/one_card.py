"""What is asked about one shown product: "how much is it?" of a card that stands alone, and "what
goes with this?" of any.

Not covered: several products at once; facts and variants, which `product_questions` reads.
"""

from __future__ import annotations

from assistant.models.rules.lexicon.bounded import bounded
from assistant.models.rules.parse.questions import Ask
from assistant.models.rules.parse.references import numbers_named

_IT = bounded(r"\b(?:it|its|it's|this|that)\b(?! (?:in|as)\b)")
_ABOUT = bounded(
    r"\b(?:tell me (?:more |something )?about|more (?:details?|info|information|about)|describe|"
    r"description|details?|specs?|how much|price|costs?|rating|rated|stars|reviews?|brand|"
    r"who (?:makes|made)|manufacturer)\b"
)
_ANOTHER = bounded(
    r"\b(?:cheaper|pricier|better|higher|less|under|below|over|similar|like|than|photo|picture)\b"
)
_GOES_WITH = bounded(
    r"^(?:\W|please |ok |so |and |show me |find me |do you have |have you got |is there |got )*"
    r"(?:what|which|anything|something|things|stuff|products)\b(?: else| [a-z]+)?"
    r"(?: that| which| would| could| will| can| should| might| i| you)*"
    r" (?:go(?:es)?|match(?:es)?|pairs?|suits?|fits?|wear|combine|looks? good)(?: well| nicely)?"
    r"(?: with| to)? (?:it|this|that|this one|that one|(?:the |number |no\.? |# ?)?\w+(?: one)?)"
    r"\W*(?:please\W*)?$"
)


def read_about_it(text: str) -> Ask | None:
    """A question about the one card that is shown; None for any other text."""
    if _IT.search(text) and _ABOUT.search(text) and not _ANOTHER.search(text):
        return Ask("details", (1,), text)
    return None


def read_goes_with(text: str, shown: int) -> int | None:
    """The number of the card that something is sought for, 0 where it may be any of several.

    None for any other text.
    """
    if not shown or not _GOES_WITH.match(text):
        return None
    numbers = numbers_named(text, shown)
    if len(numbers) == 1:
        return numbers[0]
    if numbers or not _IT.search(text):
        return None
    return 1 if shown == 1 else 0
