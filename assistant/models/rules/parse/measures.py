"""The measures that shoppers ask for, and the words that they ask with."""

from __future__ import annotations

import re
from dataclasses import dataclass

from assistant.models.rules.lexicon.bounded import bounded
from assistant.models.rules.lexicon.quantities import Dimension
from assistant.models.rules.lexicon.text import word_set, words_of
from tools.text import singular


@dataclass(frozen=True, slots=True)
class Measure:
    """A measure that is asked for."""

    dimensions: tuple[Dimension, ...]
    """Those that answer it, the likeliest first."""
    words: frozenset[str] = frozenset()
    """Words by which a text says that a quantity is this one: "tall", "height"."""
    only: bool = False
    """Whether a quantity counts only beside one of the words or in the title."""


def _words(said: str) -> frozenset[str]:
    return word_set(said)


DURATION = _words("battery runtime last lasting life playback play charge use run playtime")
"""Words beside the time that a thing lasts."""
_MEASURES: tuple[tuple[re.Pattern[str], Measure], ...] = tuple(
    (bounded(pattern), measure)
    for pattern, measure in (
        (r"\b(?:battery (?:life|last)\w*|runtime|run ?time|run for|(?<!the )lasts?|last for|"
         r"playtime|on "
         r"(?:a|one|each) "
         r"charge|per charge|full charge)\b(?! year)",
         Measure(("time", "charge"), _words("battery runtime last lasting life playback play "
                                            "charge "
                                            "use continuous run playtime hour time"), only=True)),
        (r"\bhow (?:long|fast|quick|quickly|many minutes|many hours|many seconds) (?:does|do|"
         r"will|is|would|until|before) "
         r"(?:it |they |this |that |the [a-z ]+ |number \d+ )?(?:needs? |takes? )?(?:to "
         r")?(?:take|heat|boil|charge|warm|dry|"
         r"recharge|cook|get hot|be ready)\b",
         Measure(("time",), _words("heat heating boil charge charging warm dry ready take "
                                   "recharge"), only=True)),
        (r"\b(?:boils?|heats?|charges?|warms?|dries|dry|cooks?|ready)\b.*\b(?:fast|quick)(?:er|"
         r"est|ly)?\b|"
         r"\b(?:fast|quick)(?:er|est|ly)?\b.*\b(?:boils?|boiling|heats?|heating|charg\w+|warms?|"
         r"dry|dries)\b",
         Measure(("time",), _words("heat heating boil charge charging warm dry ready"), only=True)),
        (r"\b(?:runs?|works?|lasts?|goes|plays?|keeps? going|operates?)\b.*\b(?:long|longer|"
         r"longest)\b",
         Measure(("time",), _words("runtime run last lasting battery playtime operate operation "
                                   "use "
                                   "continuous charge timer"), only=True)),
        (r"\bhow long\b.*\b(?:warranty|guarantee|for|runs?|works?|keep|keeps|stay|stays)\b",
         Measure(("time",), _words("run runtime last lasting keep keeps stay work operate battery "
                                   "playtime use continuous"), only=True)),
        (r"\b(?:weigh|weighs|weight|heavy|heavier|heaviest|lighter|lightest|kilos?|grams?)\b",
         Measure(("mass",), _words("weigh weight weighs kilo heavy"))),
        (r"\b(?:loud|louder|loudest|noisy|noisier|noisiest|quieter|quietest|noise(?! cancel| "
         r"isol| reduc)|decibels?|db)\b",
         Measure(("sound",))),
        (r"\b(?:wattage|watts?|powerful|strongest|power (?:rating|consumption|of|does|has)|how "
         r"much power|motor power|"
         r"most power)\b", Measure(("power", "pressure", "voltage"))),
        (r"\bsuction\b", Measure(("pressure", "power"))),
        (r"\b(?:voltage|volts?)\b", Measure(("voltage",))),
        (r"\bpressure\b|\bbars?\b(?=.*\b(?:pressure|pump|have)\b)", Measure(("pressure",))),
        (r"\b(?:tall|taller|tallest|high|height|higher|highest)\b(?! (?:rated|quality|end))",
         Measure(("length",), _words("tall high height slim profile"), only=True)),
        (r"\b(?:wide|wider|widest|width|diameter|broad)\b",
         Measure(("length",), _words("wide width diameter across broad"), only=True)),
        (r"\b(?:deep|deeper|deepest|depth|thick|thicker|thickness|thinnest|slimmest|slim|thin|"
         r"profile)\b",
         Measure(("length",), _words("deep depth thick thickness slim thin profile"), only=True)),
        (r"\b(?:capacity|hold|holds|roomiest|volume|lit(?:er|re)s?|how much (?:water|liquid|"
         r"coffee|tea|juice|does it hold)|fit in|"
         r"fits in|spacious|most room|most space)\b",
         Measure(("volume", "people", "mass", "storage", "charge"), _words("capacity litre liter "
                                                                           "volume hold holds"))),
        (r"\b(?:how many (?:people|persons|sleeps|adults)|sleeps?|person tent)\b",
         Measure(("people",), _words("sleep person people fit adult feed"))),
        (r"\b(?:room sizes?|rooms?|area|coverage|covers?|square met\w+|m2)\b(?!.*\bfits?\b)",
         Measure(("area",))),
        (r"\b(?:storage|memory|gb|gigabytes?)\b", Measure(("storage",))),
        (r"\b(?:megapixels?|resolution)\b", Measure(("pixels",))),
        (r"\b(?:how (?:hot|warm|cold)|temperatures?|temps?|degrees)\b", Measure(("temperature",))),
        (r"\b(?:how far|range)\b", Measure(("length",), _words("range away reach"), only=True)),
        (r"\b(?:how (?:old|young)|what age|which age|ages?)\b|"
         r"\b(?:years?|months?)[ -]olds?\b", Measure(("age",))),
        (r"\b(?:how long|length|longer|longest|shorter|shortest)\b",
         Measure(("length", "time"), _words("long length"), only=True)),
        (r"\b(?:how (?:big|large|small)|biggest|bigger|largest|larger|smallest|smaller|dimensions?|"
         r"measurements?|what size|the size|same size|[a-z]+ size|its size|size is|size are)\b",
         Measure(("volume", "people", "length", "area", "mass"),
                 _words("size big large small dimension measure screen inch capacity"))),
    )
)  # fmt: skip
_SHORT = 3
"""Words of a match that are the measure's own; a longer one has its subject within."""


def measure_asked(text: str) -> tuple[Measure | None, frozenset[str]]:
    """The measure that is asked for, and the words that ask for it."""
    for pattern, measure in _MEASURES:
        if match := pattern.search(text):
            said = [singular(word) for word in words_of(match[0])]
            return measure, frozenset(said if len(said) <= _SHORT else ())
    return None, frozenset()
