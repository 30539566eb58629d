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
    never: re.Pattern[str] | None = None
    """What a clause says of a quantity that is another measure: "for users up to 110 kg"."""
    whole: bool = False
    """Whether other words of the question name no part of the product: "a family", "my sofa"."""
    untitled: bool = False
    """Whether a quantity in the title is another one."""
    name: str = ""
    """What is asked, as an answer names it that does not have it: "how heavy it is"."""


def _words(said: str) -> frozenset[str]:
    return word_set(said)


_LOAD = bounded(
    r"\b(?:load|loads|loadable|carr(?:y|ies)|holds?|supports?|bears?|users?|riders?|drivers?|up to|"
    r"months? to|years? to|maximum|max|limit|bodyweight|body weight|capacity|"
    r"(?:for|from|until) (?:[a-z]+ )?(?:dogs?|"
    r"cats?|"
    r"bab(?:y|ies)|child(?:ren)?|kids?|people|persons?|adults?|birth)|laundry|of pull|"
    r"resistance)\b",
    re.IGNORECASE,
)
"""A mass beside these is what a product takes, not what it weighs."""
_LASTS = bounded(
    r"\b(?:(?:per|on (?:a|one)|each|single|between) (?:full |single )?charges?|run ?-?times?|"
    r"play ?-?time|playback|battery life|lasts?|lasting|hours of|of battery|cordless use)\b",
    re.IGNORECASE,
)
_CHARGES = bounded(
    r"\b(?:re)?charg(?:es|ed|ing)\b(?! (?:case|dock|station|base|cable|stand))|\b(?:quick|fast|"
    r"rapid)"
    r"[ -]charge\b|\bfor a full charge\b",
    re.IGNORECASE,
)
DURATION = _words("battery runtime last lasting life playback play charge use run playtime")
"""Words beside the time that a thing lasts."""
_MEASURES: tuple[tuple[re.Pattern[str], Measure], ...] = tuple(
    (bounded(pattern), measure)
    for pattern, measure in (
        (r"\bhow (?:long|fast|quick\w*|soon|many (?:minutes|hours))\b(?!.*\b(?:on|per|after|with|"
         r"between) (?:a |one |each |every |full |single )*charge)(?!.*\b(?:lasts?|runs?)\b).*"
         r"\b(?:charge[sd]?|charging|recharg\w+)\b|"
         r"\b(?:charg(?:ing|e)|recharging) times?\b",
         Measure(("time",), _words("charge charging charged recharge recharging"), only=True,
                 never=_LASTS, untitled=True, name="how long charging takes")),
        (r"\b(?:max\w* |highest |top )?(?:load|payload)\b|\b(?:weight|user) (?:limit|capacity)\b|"
         r"\bup to (?:what|which) (?:body ?)?weight\b|"
         r"\bmax\w* (?:user |rider )?weight\b|\btoo heavy for\b|"
         r"\b(?:how (?:heavy|many (?:kilos?|kilograms|kg|pounds|lbs)|much weight|much can i weigh)|"
         r"what weight)\b.*\b(?:carry|carries|hold|holds|bear|bears|supports?|takes?|withstand|"
         r"stand|can i|may i|be|bring|put|sit|weigh)\b|"
         r"\bhow much\b.*\b(?:carry|carries|bear|bears|supports?)\b|"
         r"\b(?:what|how much) (?:should|must|may|can) (?:an? [a-z]+|i|he|she|one) weigh\b|"
         r"\bhow heavy (?:should|must|may|can) (?:an? [a-z]+|i|he|she|one) be\b",
         Measure(("mass",), _words("load carry carries hold support bear user up maximum max limit "
                                   "capacity rider takes to until"), only=True,
                 whole=True, untitled=True, name="how much weight it takes")),
        (r"\b(?:rounds?|games?|match|cycles?|session|party|program(?:me)?s?|playing time|set ?up|"
         r"setting up|pitch\w*|assembl\w+|put(?:ting)? (?:it|them) up|build\w*|takes? to)\b.*"
         r"\b(?:lasts?|takes?|long|minutes|time)\b|"
         r"\b(?:how long|how many (?:minutes|hours)|how quick\w*|how fast)\b.*\b(?:rounds?|games?|"
         r"match|"
         r"cycles?|session|program(?:me)?s?|set up|setup|pitch\w*|assembl\w+|build|put (?:it|"
         r"them) up)\b",
         Measure(("time",), _words("take takes round game play match cycle session program "
                                   "programme "
                                   "preset setup set up pitch assemble assembly build ready "
                                   "within"),
                 only=True, never=_LASTS)),
        (r"\b(?:battery (?:life|last)\w*|runtime|run ?time|run for|(?<!the )lasts?|last for|"
         r"playtime|on "
         r"(?:a|one|each) "
         r"charge|per charge|full charge)\b(?! year)",
         Measure(("time", "charge"), _words("battery runtime last lasting life playback play "
                                            "charge "
                                            "use continuous run playtime hour time"), only=True,
                 never=_CHARGES)),
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
         Measure(("mass",), _words("weigh weight weighs kilo heavy"), never=_LOAD,
                 name="how heavy it is")),
        (r"\b(?:loud|louder|loudest|noisy|noisier|noisiest|quieter|quietest|noise(?! cancel| "
         r"isol| reduc)|decibels?|db)\b",
         Measure(("sound",))),
        (r"\b(?:wattage|watts?|powerful|strongest|power (?:rating|consumption|of|does|has)|how "
         r"much power|motor power|"
         r"most power)\b", Measure(("power", "pressure", "voltage"))),
        (r"\bsuction\b", Measure(("pressure", "power"))),
        (r"\b(?:voltage|volts?)\b", Measure(("voltage",))),
        (r"\bpressure\b|\bbars?\b(?=.*\b(?:pressure|pump|have)\b)", Measure(("pressure",))),
        (r"\b(?:how (?:flat|low|slim)|(?:fits?|go|goes|slides?|push|put|store|gets?|pass|drives?|"
         r"slip) "
         r"(?:it |them |that |the \w+ |number \d+ )?(?:in )?(?:under|beneath|below|underneath)(?! "
         r"(?:water|the (?:tap|shower)))|clearance)\b",
         Measure(("length",), _words("slim flat low height high thick thin profile tall"),
                 only=True, whole=True)),
        (r"\b(?:tall|taller|tallest|high|height|higher|highest)\b(?! (?:rated|quality|end|spf))",
         Measure(("length",), _words("tall high height slim profile"), only=True)),
        (r"\b(?:wide|wider|widest|width|diameter|broad)\b",
         Measure(("length",), _words("wide width diameter across broad"), only=True)),
        (r"\b(?:deep|deeper|deepest|depth|thick|thicker|thickness|thinnest|slimmest|slim|thin|"
         r"profile)\b",
         Measure(("length",), _words("deep depth thick thickness slim thin profile"), only=True)),
        (r"\bhow many (?:people|persons?|adults|guests|friends|kids|children|players|of us|heads|"
         r"mouths|portions|servings)\b|"
         r"\bhow many (?:does|do|can|will|would|could) (?:it|they|this|that|the \w+|number \d+)"
         r"(?: one)? (?:seat|sleep|feed|serve)|\bhow many (?:can|could) (?:sleep|sit|eat|play|"
         r"ride)\b|"
         r"\b(?:seats?|sleeps?|feeds?|serves?|cook\w*|enough|room|space|big|large|small|right|"
         r"made|meant|"
         r"good|suitable)\b.{0,30}\b(?:for|of|seats?|sleeps?|feeds?|serves?)\b (?:up to |about |"
         r"the |"
         r"all |a |an |my |our )*(?:famil(?:y|ies)|household|group|party|two|three|four|five|six|"
         r"seven|eight|nine|ten|\d+ (?:people|persons|adults|of us|players))\b|"
         r"\b(?:seats?|sleeps?|feeds?|serves?) (?:up to |about |all )*(?:two|three|four|five|six|"
         r"seven|"
         r"eight|ten|\d+)\b|\b(?:sleeps?|person tent)\b",
         Measure(("people",), _words("sleep person people fit adult feed serve seat family"),
                 whole=True, name="how many people it is for")),
        (r"\b(?:what volume|volume|lit(?:er|re)s?|millilit\w+|ml|how much (?:water|liquid|coffee|"
         r"tea|juice|"
         r"milk|soup|wine|beer))\b",
         Measure(("volume",), _words("capacity litre liter volume hold holds"))),
        (r"\bhow (?:big|large|wide|small) (?:an? |are the |the )?[a-z]+ (?:fits?|goes|can|will|"
         r"does|may)\b",
         Measure(("length", "volume", "mass"), _words("fit fits to up hold holds"))),
        (r"\b(?:capacity|hold|holds|roomiest|volume|lit(?:er|re)s?|how much (?:water|liquid|"
         r"coffee|tea|juice|does it hold)|fit in|"
         r"fits in|spacious|most room|most space)\b",
         Measure(("volume", "people", "mass", "storage", "charge"), _words("capacity litre liter "
                                                                           "volume hold holds"))),
        (r"\b(?:room sizes?|rooms?(?! for)|area|coverage|covers?|square met\w+|"
         r"m2)\b(?!.*\bfits?\b)",
         Measure(("area",), whole=True)),
        (r"\b(?:storage|memory|gb|gigabytes?)\b", Measure(("storage",))),
        (r"\b(?:megapixels?|resolution)\b", Measure(("pixels",))),
        (r"\b(?:how (?:hot|warm|cold)|hottest|coldest|temperatures?|temps?|"
         r"degrees)\b", Measure(("temperature",))),
        (r"\b(?:how far|range)\b", Measure(("length",), _words("range away reach distance"),
                                only=True, untitled=True)),
        (r"\b(?:how (?:old|young)|what age|which age|ages?)\b|"
         r"\b(?:years?|months?)[ -]olds?\b", Measure(("age",), untitled=True)),
        (r"\b(?:how long|length|longer|longest|shorter|shortest)\b",
         Measure(("length", "time"), _words("long length"), only=True)),
        (r"\b(?:dimensions?|measurements?)\b",
         Measure(("length", "area"), _words("dimension measure size"), untitled=True)),
        (r"\b(?:how (?:big|large|small)|biggest|bigger|largest|larger|smallest|smaller|"
         r"what size|the size|same size|[a-z]+ size|its size|size is|size are)\b",
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
