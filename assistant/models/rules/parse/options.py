"""Sizes and other options, for whom, condition, stock and sales in a shopper's words.

The values are the catalogue's own. What the catalogue has no values of is read as it is said: the
search then tells that the shop does not state it. Not covered: a size said by a bare number.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from assistant.models.rules.lexicon.bounded import bounded
from assistant.models.rules.lexicon.option_names import SIZE, OptionLexicon
from assistant.models.rules.lexicon.text import CUT, cut


@dataclass(frozen=True, slots=True)
class Options:
    """What a message says of options."""

    stated: tuple[str, ...] = ()
    """"NAME=VALUE"."""
    in_stock: bool = False
    on_sale: bool = False
    lifted: bool = False
    """Whether options of before are let go of: "any size"."""

    @property
    def any(self) -> bool:
        """Whether it says anything."""
        return self != Options()


_IN_STOCK = bounded(
    r"(?:\b(?:only|just|also|and|but)\s+)*(?:\b(?:what|those|ones|the ones|items|things)\s*)?"
    r"(?:\b(?:that|which)\s+(?:is|are|i can (?:have|get|buy)(?: today| now)?)\s+|'s\s+|\bis\s+|"
    r"\bare\s+)?(?:\b(?:currently|actually|still)\s+)?"
    r"(?:\bin[ -]stock(?: (?:right )?now)?\b|\bavailable (?:right )?now\b|\bcurrently available\b|"
    r"\bavailable (?:today|immediately)\b|\b(?:not|isn't|aren't) (?:sold out|out of stock)\b)"
    r"(?: only\b)?"
)
_ON_SALE = bounded(
    r"(?:\b(?:that|which|what)\s+(?:is|are)\s+)?"
    r"(?:\b(?:on|in the) sale\b|\b(?:on|with) (?:special )?(?:offer|discount)\b|\bon special\b|"
    r"\b(?:discounted|reduced|marked[ -]down)\b(?: items| products| things)?|\bsale items\b)"
    r"(?: only\b)?"
)
_LIFTED = bounded(
    r"\b(?:any|whatever|every|all) sizes?\b(?: (?:is|are|will do|would do|works?))?(?: fine| ok| "
    r"okay| good)?|\b(?:never mind|forget(?: about)?|ignore|drop|skip) (?:the )?sizes?\b|"
    r"\bsize (?:doesn't|does not) matter\b"
)
_APOSTROPHE = r"(?:'?s|s')?"
_FOR = r"(?:\b(?:made |meant )?for (?:a |an |my |the |some |our )?)"
_WHO: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("female", bounded(
        rf"{_FOR}?\b(?:women|woman|ladies|lady|girls?|girl)(?:'s|s'|s)?\b(?: only)?|\bfemale\b")),
    ("male", bounded(
        rf"{_FOR}?\b(?:men|man|gentlemen|gents?|boys?)(?:'s|s'|s)?\b(?: only)?|\bmale\b")),
    ("unisex", bounded(r"\bunisex\b")),
)  # fmt: skip
_CHILDREN = bounded(
    rf"{_FOR}?\b(?:kids?|children|child|childs|toddlers?|bab(?:y|ies)|infants?|"
    rf"little ones?){_APOSTROPHE}(?!\w)"
)
_YOUNG = bounded(r"\b(?:boys?|girls?|kids?|child|children)\b")
_SAID_OUT = bounded(
    r"\b(?:for|only) (?:men|women|ladies)\b|\b(?:men|women)(?:'s|s'|s)\b|\bladies\b|\bunisex\b"
)
"""Ways to say for whom that are a wish about the shop's facts, and no word of a present."""
_FOR_WHOM = bounded(rf"{_FOR}$")
_AGES: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("kids", bounded(
        rf"{_FOR}?\b(?:kids?|children|child|boys?|girls?|youth|junior){_APOSTROPHE}(?!\w)")),
    ("toddler", bounded(rf"{_FOR}?\btoddlers?{_APOSTROPHE}(?!\w)")),
    ("infant", bounded(rf"{_FOR}?\b(?:infant|baby|babies|newborn){_APOSTROPHE}(?!\w)")),
    ("adult", bounded(rf"{_FOR}?\b(?:adults?|grown-?ups?){_APOSTROPHE}(?!\w)")),
)  # fmt: skip
_CONDITIONS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("new", bounded(
        r"\b(?:brand[ -]new|unused|new ones?(?: only)?|only new|new only|new in box|"
        r"in new condition)\b(?: ones?\b)?|"
        r"\bnew\b(?=\s*\|?\s*(?:not|and not|no) (?:used|refurbished|second))"
        r"|\|\s*new\s*(?=\||$)")),
    ("refurbished", bounded(r"\b(?:refurbished|renewed|reconditioned|refurb)\b")),
    ("used", bounded(
        r"\b(?:second[ -]?hand|pre[ -]?owned|preloved|used)\b(?! (?:to|for|as|by|in)\b)")),
)  # fmt: skip
_NOT_USED = bounded(
    r"\|?\s*(?:\b(?:and|but)\s+)?\b(?:not|no|nothing)\s+(?:used|refurbished|second[ -]?hand)\b"
)
_ONE_SIZE = (
    r"(?:(?:us|uk|eu|fr|it|de|jp)\s?\d+(?:[.,]\d+)?|\d+(?:[.,]\d+)?\s?(?:x|×|/)\s?\d+"
    r"(?:\s?(?:cm|mm|in|ft)\b)?|\d+(?:[.,]\d+)?|(?:extra[ -]*)+(?:small|large)|"
    r"x{1,4}[ -]?(?:small|large|s|l)|[2-5]xl|"
    r"small|medium|large|one size|xxs|xs|s|m|l|xl)(?![\w.,]?\d|\w)"
)
_ALSO = r"\s*(?:,|/|\||\bor\b|\band\b)\s*(?:(?:in\s+)?(?:a\s+)?size\s+)?"
_SIZED = bounded(
    rf"(?:\b(?:in|wear|wears|i'm|i am|he's|she's|what about|make it|have|comes? in)\s+)?"
    rf"(?:\b(?:a|an|my|the|his|her)\s+)?\bsizes?\b\s*(?:is\s+|of\s+|:\s*|=\s*)?"
    rf"(?P<first>{_ONE_SIZE})(?P<more>(?:{_ALSO}{_ONE_SIZE})*)"
)
_IN_SIZE = bounded(
    rf"(?:\b(?:in|wear|wears)\s+(?:an?\s+)?|\b(?:he's|she's|i'm)\s+an?\s+)(?P<first>{_ONE_SIZE})"
    rf"(?P<more>(?:{_ALSO}{_ONE_SIZE})*)(?!\s*(?:dollars?|bucks?|euros?|pounds?|[$€£%]|inch|stars?|"
    r"minutes?|days?|weeks?|hours?|stock|pieces?|colou?rs?|stripes?|photos?))"
)
_SYSTEM = bounded(r"\b(?P<first>(?:us|uk|eu)\s?\d+(?:[.,]\d+)?)(?P<more>)(?!\w)")
_MEASURED = bounded(
    r"(?P<first>\b\d+(?:[.,]\d+)?\s?[x×]\s?\d+(?:[.,]\d+)?(?:\s?(?:cm|mm|in|ft)\b)?)(?P<more>)"
)
_WORN = (
    r"(?=\s*(?:$|\||(?:in|please|only|for|but|and|or)\b|(?:[a-z'-]+ ){0,3}(?:t-?shirt|tee|shirt|"
    r"top|"
    r"hoodie|jacket|coat|dress|skirt|trouser|jean|legging|short|jumper|sweater|blouse|gilet|vest|"
    r"sock|glove|hat|cap|helmet|bra|pyjama|robe|bathrobe|raincoat|suit|swimsuit|tight|polo|"
    r"cardigan|sweatshirt|pullover|shoe|boot|belt)s?\b))"
)
"""What follows a size: a small tomato or "a small one" has none."""
_LETTERED = bounded(
    r"(?:\ban?\s+)?\b(?P<first>(?:extra[ -]*)+(?:small|large)|x{1,4}[ -]?(?:small|large|l)|[2-5]xl|"
    rf"xxs|(?:small|medium|large){_WORN})\b(?P<more>)"
)
_PLAIN_SIZE = bounded(_ONE_SIZE)


def read_options(
    text: str, lexicon: OptionLexicon, *, people_are_categories: bool = False
) -> tuple[Options, str]:
    """The options in a normalized text, and the text without them.

    Where a category says for whom its products are, "for women" is left to it.
    """
    lifted, text = cut(_LIFTED, text)
    in_stock, text = cut(_IN_STOCK, text)
    on_sale, text = cut(_ON_SALE, text)
    stated: list[str] = []
    text = _read_condition(text, lexicon, stated)
    if not people_are_categories:
        text = _read_people(text, lexicon, stated)
    text = _read_named(text, lexicon, stated)
    text = _read_sizes(text, lexicon, stated)
    options = tuple(dict.fromkeys(stated))
    return Options(options, in_stock is not None, on_sale is not None, lifted is not None), text


def _read_condition(text: str, lexicon: OptionLexicon, stated: list[str]) -> str:
    known = lexicon.values.get("condition", ())
    if not known:
        return text
    for condition, pattern in _CONDITIONS:
        meant = [value for value in known if value.casefold() == condition]
        match = pattern.search(text) if meant else None
        if match is None or _negated(text[: match.start()]):
            continue
        stated += [f"condition={value}" for value in meant]
        text = text[: match.start()] + CUT + text[match.end() :]
        text = _NOT_USED.sub(CUT, text)
    return text


def _negated(before: str) -> bool:
    return re.search(r"\b(?:not|no|non|never|without|aren't|isn't|nothing)\s*$", before) is not None


def _read_people(text: str, lexicon: OptionLexicon, stated: list[str]) -> str:
    ages = lexicon.values.get("age_group", ())
    for age, pattern in _AGES:
        meant = [value for value in ages if value.casefold() == age]
        match = pattern.search(text) if meant else None
        if match is not None:
            stated += [f"age_group={value}" for value in meant]
            text = text[: match.start()] + CUT + text[match.end() :]
    if not ages and (match := _CHILDREN.search(text)) and (young := lexicon.children()):
        stated += [f"gender={value}" for value in young]
        return text[: match.start()] + CUT + text[match.end() :]
    for gender, pattern in _WHO:
        match = pattern.search(text)
        if match is None or _negated(text[: match.start()]):
            continue
        known = lexicon.genders(gender, young=_YOUNG.search(match[0]) is not None)
        if not known and not (not lexicon.values.get("gender") and _SAID_OUT.search(text)):
            continue
        stated += [f"gender={value}" for value in known or (gender,)]
        before = _FOR_WHOM.sub("", text[: match.start()])
        return before + CUT + text[match.end() :]
    return text


def _read_named(text: str, lexicon: OptionLexicon, stated: list[str]) -> str:
    """Values beside the name of their option: "waist 32", "a 34 waist"."""
    for key, values in lexicon.values.items():
        said = key.replace("_", " ")
        if key in (SIZE, "gender", "age_group", "condition") or said not in text:
            continue
        for value in values:
            match, text = cut(_beside(said, value.casefold()), text)
            if match is not None:
                stated.append(f"{key}={value}")
    return text


@lru_cache(maxsize=4096)
def _beside(name: str, value: str) -> re.Pattern[str]:
    """A value before or behind the name of its option."""
    plain = r"\s?".join(map(re.escape, re.findall(r"[a-z]+|[\d.,]+|\S", value)))
    name = re.escape(name)
    return bounded(
        rf"(?:\b(?:with|in|of|a|an)\s+)*(?:\b{name}s?\b\s*(?:is\s+|of\s+|:\s*|=\s*)?{plain}"
        rf"(?![\w.]?\d|[a-z])|(?<![\w.]){plain}(?:\s+of)?\s+{name}\b)"
    )


def _read_sizes(text: str, lexicon: OptionLexicon, stated: list[str]) -> str:
    known = bool(lexicon.values.get(SIZE))
    patterns = [_SIZED, *((_IN_SIZE, _SYSTEM, _MEASURED, _LETTERED) if known else ())]
    for pattern in patterns:
        start = 0
        while match := pattern.search(text, start):
            said = [match["first"], *_PLAIN_SIZE.findall(match["more"])]
            sizes = [(each, lexicon.sizes(each)) for each in said]
            if pattern is not _SIZED and not all(meant for _, meant in sizes):
                start = match.end()
                continue
            for each, meant in sizes:
                stated += [f"{SIZE}={size}" for size in meant or (each.strip(),)]
            text = text[: match.start()] + CUT + text[match.end() :]
            start = match.start()
    return text
