"""For whom a thing is: the words of shoppers and of shops, brought to "women" and "men"."""

from __future__ import annotations

import re

from assistant.models.rules.lexicon.bounded import bounded
from assistant.models.rules.lexicon.text import word_set

_WORDS = {
    "female": word_set(
        "women woman womens ladies lady female females girl girls wife girlfriend gf fiancee mum "
        "mom mummy "
        "mother sister daughter granddaughter aunt auntie niece grandma grandmother granny bride "
        "womenswear "
        "feminine"
    ),
    "male": word_set(
        "men man mens gents gent gentleman gentlemen male males boy boys guy guys husband hubby "
        "boyfriend bf "
        "fiance dad daddy father brother son grandson uncle nephew grandpa grandfather groom "
        "menswear masculine"
    ),
}
GENDERS = {word: gender for gender, words in _WORDS.items() for word in words}
PLAIN = {"female": "women", "male": "men"}
_YOUNG = {
    "daughter": "girls",
    "niece": "girls",
    "son": "boys",
    "nephew": "boys",
    "granddaughter": "girls",
    "grandson": "boys",
}
_OWN = word_set("women woman womens ladies lady female men man mens gents male girl girls boy boys")
"""What shops say themselves."""
_RELATED = "|".join(sorted(set(GENDERS) - _OWN, key=len, reverse=True))
_KIN = bounded(
    r"\b(?:wife|girlfriend|gf|fiancee|mum|mom|mummy|mother|sister|daughter|granddaughter|aunt|"
    r"auntie|"
    r"niece|grandma|grandmother|granny|bride|husband|hubby|boyfriend|bf|fiance|dad|daddy|father|"
    r"brother|son|grandson|uncle|nephew|grandpa|grandfather|groom|him|her|"
    r"(?:my|our|his|her|their) (?:two |three )?(?:little ones?|kids?|children|bab(?:y|ies)|"
    r"toddlers?))\b"
)
_PRONOUN = {"her": "female", "him": "male", "herself": "female", "himself": "male"}
_FOR_PRONOUN = bounded(r"\bfor (?P<who>her|him|herself|himself)\b(?! to\b)")
_WHO = bounded(
    rf"(?:\b(?:meant |made |present |gift )?for )?(?:\b(?:my|our|the|his|her|a|an|"
    rf"your)\s)?(?:\b(?:little|big|old|elderly|younger|older|teenage|dear) )?"
    rf"\b(?P<who>{_RELATED})(?:'s)?\b(?!'s been| (?:says?|said|told|tells|thinks?|thought|reckons?|"
    r"recommend(?:s|ed)|suggest(?:s|ed)|mention(?:s|ed)|asked|heard|read|laughs?|complains?|"
    r"(?:will|would|'ll|is going to) (?:faint|kill|murder|laugh|complain|notice|divorce|scream|"
    r"say|think|never know))\b)"
)
_IS_ONE = bounded(
    r"\b(?:he|she|it|they)(?:'s| is| are|'re) (?:such |quite |really |very )*(?:a |an )?"
    r"(?:[a-z]+ )?(?:boy|girl|man|woman|lad|lady|gentleman)\b"
)
_FOR = re.compile(r"\bfor\b")
_PLACE_OF = bounded(
    rf"\b(?:my|our|his|her|their) (?:{_RELATED})'s (?=(?:garden|kitchen|house|home|flat|apartment|"
    r"room|bedroom|bathroom|living room|office|desk|car|bike|balcony|terrace|garage|shed|dog|cat|"
    r"place)\b)"
)
"""What somebody has is for the place or the animal: "for my dad's garden"."""


_IN_COMPANY = bounded(
    rf"\b(?:together )?with (?:the|my|our|his|her|their) (?:two |three |whole )?"
    rf"(?:{_RELATED}|kids?|children|family|boys|girls)\b(?! (?:in mind|room))"
)
"""Who comes along is not whom a thing is for: "we are off to the lake with the kids"."""


def in_plain_people(text: str) -> str:
    """A normalized text with "for women" in place of "for my girlfriend"; of several people, the
    one that it is for."""
    text = _IN_COMPANY.sub(" | ", text)
    text = _PLACE_OF.sub("my ", _IS_ONE.sub(" | ", text))
    text = _FOR_PRONOUN.sub(lambda m: f"for {PLAIN[_PRONOUN[m['who']]]}", text)
    found = list(_WHO.finditer(text))
    if not found:
        return text
    meant = next((m for m in reversed(found) if _FOR.search(m[0])), found[-1])
    gender = _YOUNG.get(meant["who"]) or PLAIN[GENDERS[meant["who"]]]
    own = {GENDERS.get(word) for word in re.findall(r"[a-z]+", text) if word in _OWN} - {None}
    if own and not _FOR.search(meant[0]):
        return text
    return f"{text[: meant.start()]}for {gender}{text[meant.end() :]}"


def names_kin(text: str) -> bool:
    """Whether a normalized text speaks of somebody: "my husband", and no "for guys"."""
    return _KIN.search(text) is not None


def gender_of_name(name: str) -> str:
    """ "female" or "male" for a category that says so ("Women", "mens-shoes"); "" for others."""
    words = re.findall(r"[a-z]+", name.casefold().replace("'", "").replace("’", ""))
    found = {GENDERS[word] for word in words if word in _OWN and word in GENDERS}
    return found.pop() if len(found) == 1 else ""
