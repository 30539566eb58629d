"""Writes out abbreviations: "u", "pls", "dont", "w/", "looking 4 a"."""

from __future__ import annotations

import re
from collections.abc import Callable

from assistant.models.rules.lexicon.bounded import bounded
from assistant.models.rules.lexicon.numbers import CARDINALS, VALUES

_SHORT = {
    "u": "you", "ur": "your", "r": "are", "ya": "you", "pls": "please", "plz": "please",
    "plss": "please", "plse": "please", "thx": "thanks", "thnx": "thanks", "tnx": "thanks",
    "gimme": "give me", "lemme": "let me", "wanna": "want to", "gonna": "going to",
    "gotta": "have to", "smth": "something", "sth": "something", "sumthing": "something",
    "sum1": "someone", "sum": "some", "n": "and", "nd": "and", "wth": "with",
    "b4": "before", "cud": "could", "wud": "would", "shud": "should", "luv": "love",
    "diff": "difference", "nr": "number", "teh": "the", "hte": "the", "adn": "and", "nad": "and",
    "wiht": "with", "wtih": "with", "whit": "with", "taht": "that", "thsi": "this",
    "jsut": "just", "waht": "what", "fo": "for", "fro": "for", "si": "is", "ot": "to",
    "tha": "the", "colr": "color", "doesnt": "doesn't", "dont": "don't", "didnt": "didn't",
    "cant": "can't", "wont": "won't", "isnt": "isn't", "arent": "aren't", "wasnt": "wasn't",
    "couldnt": "couldn't", "wouldnt": "wouldn't", "shouldnt": "shouldn't", "havent": "haven't",
    "forth": "fourth", "summat": "something",
    "hasnt": "hasn't", "im": "i'm", "ive": "i've", "whats": "what's", "thats": "that's",
    "theres": "there's", "hows": "how's", "wheres": "where's", "whos": "who's", "lets": "let's",
    "youre": "you're", "theyre": "they're", "whatve": "what've", "fav": "favourite",
    "faves": "favourites", "aint": "isn't", "hv": "have", "hav": "have", "tht": "that",
    "wat": "what", "alrdy": "already", "insted": "instead", "prise": "price", "dollers": "dollars",
    "dolers": "dollars",
    "lss": "less", "undr": "under", "blw": "below", "arnd": "around",
    "les": "less", "nt": "not", "enuf": "enough", "enuff": "enough", "sumthin": "something",
    "dosnt": "doesn't", "dsnt": "doesn't", "doesn": "doesn't", "dosn't": "doesn't",
    "does'nt": "doesn't", "dosent": "doesn't", "do'nt": "don't", "dnt": "don't", "haf": "have",
    "gud": "good", "wnt": "want", "mor": "more", "blk": "black", "blu": "blue", "gry": "grey",
    "dolars": "dollars", "dolar": "dollar", "pric": "price", "abt": "about", "jst": "just",
    "mustnt": "mustn't", "ovr": "over", "abv": "above", "h8": "hate", "h8s": "hates",
    "neednt": "needn't", "wld": "would", "cld": "could", "shld": "should", "bt": "but",
    "wht": "what", "thn": "than", "evry": "every", "nothin": "nothing", "nuthin": "nothing",
    "nuffin": "nothing",
}  # fmt: skip
_WORD = bounded(rf"(?<![\w'])(?:{'|'.join(_SHORT)})(?![\w'])")
_VERBS = r"(?:prefer|like|love|rather|want|pay|go|take|need|also|say|be|buy)\b"
_TOO_MUCH = (
    r"(?:expensive|expnsive|expencive|pricey|dear|much|big|small|large|long|short|heavy|dark|bright|"
    r"light|loud|wide|tall|late|plain|costly|thin|thick|old)"
)
_NUMBERED = r"(?:number|item|product|option|card|photo|picture|list|size|part|level|top|first|last)"
_FEW = "|".join(CARDINALS[1:5])
_PARTY = "|".join(CARDINALS[2:10])
_PHRASES: tuple[tuple[re.Pattern[str], str | Callable[[re.Match[str]], str]], ...] = (
    (bounded(r"(?<!\w)w/o(?!\w)"), "without"),
    # "60 w" are watts.
    (bounded(r"(?<![\w'/])(?:(?<!\d )w(?![\w'/])|(?<=\d )w(?= (?:an?|the|some|no|my)\b))"), "with"),
    (bounded(r"(?<!\w)w/\s*"), "with "),
    (bounded(rf"(?<!\w)id (?={_VERBS})"), "i'd "),
    # "looking 4 a scarf"; the number stands where a word is needed
    (bounded(r"\b(look|looking|search|searching|shopping|something|anything|ones?|any) 4 "),
     r"\1 for "),
    (bounded(r"(?<![#\d.] )\b4 (?=(?:an?|the|my|our|his|her|their|your|me|us|him|them|it|this|"
             r"that|these|those|both|every\w*|any\w*|some\w*|kids?|men|women|girls|boys)\b)"),
     "for "),
    (bounded(r"(?<!number )(?<!no )(?<!nr )(?<!item )(?<!card )(?<!or )(?<!and )\b2 (?=(?:wear|use|"
             r"go|put|keep|carry|buy|get|fit|match|sit|sleep|take|write|read|see|drink|eat|play|"
             r"make|"
             r"cook|clean|hold|give|hang|store|charge|listen|watch|hide|bake|run|ride|draw|paint|"
             r"spend|pay|have|be|help|match|work|stand|travel|look|learn|replace|start|warm|dry|"
             r"last|survive|fold|reach)"
             r"\b)"), "to "),
    (bounded(r"\b(go up|up|down) 2 (?=[$€£]?\d)"), r"\1 to "),
    (bounded(rf"(?<!number )\b(?:2|to) (?={_TOO_MUCH}(?: \||$|,| for\b))"), "too "),
    (bounded(r"^((?:and|n|also|plus) (?:[a-z]+ ){1,3}|me )2(?= (?:please|pls|plz)\b| \||$)"),
     r"\1too"),
    (bounded(r"\b(hav|have|has|got|do|need|want) (you|u|ya) 1(?= (?:for|with|w|in|that|under|from|"
             r"which)\b| \||$)"), r"\1 you one"),
    (bounded(rf"\b(the (?!{_NUMBERED}\b)[a-z]+) 1(?= \||$|,| (?:for|with|w|in|that|which)\b)"),
     r"\1 one"),
    (bounded(rf"\b(fits?|sleeps?|seats?|serves?|all|the|feeds?|for) ({_PARTY}|[2-9]) of us\b"),
     r"\1 \2 people"),
    (bounded(rf"\b(we're|we are) ({_PARTY}|[2-9])(?= \||,|$| (?:at|in|of us|altogether)\b)"),
     r"\1 \2 people"),
    (bounded(rf"\b(fits?|sleeps?|seats?|serves?|feeds?) ({_FEW}|[2-9])(?= \||$|"
             rf",)"), r"\1 \2 people"),
    (bounded(r"\b(lower|less|more|cheaper|higher|bigger|smaller|longer) then (?=[$€£]?\d)"),
     r"\1 than "),
    (bounded(r"^k(?= \||,| and\b| now\b| so\b| then\b|$)"), "ok"),
    (bounded(r"^you know what\b(?: \||,)?"), ""),
    (bounded(r"^y (?=is|are|did|was|do|this|the)"), "why "),
    (bounded(r"\b(an?(?: [a-z]+)?) 1(?= \||$)"), r"\1 one"),
    (bounded(r"\b(not|only|just|but|good|made|meant) 4 (?!(?:rating|string|king|ring|ceiling|"
             r"spring|wing|thing)\b)(?=[a-z]+ing\b)"), r"\1 for "),
    (bounded(r"\b(colou?r|ones?) 2(?= \||,|$)"), r"\1 too"),
    (bounded(r"\b(?:just )?(?:an? |the )?(?:pair|couple) of us\b"), "2 people"),
    (bounded(r"\b([a-z]+er|other|colou?r) 1(?= \||$)"), r"\1 one"),
    (bounded(r"\b([a-z]+) 1s\b"), r"\1 ones"),
    (bounded(r"\bsub[ -]?(?=[$€£]?\d)"), "under "),
    (bounded(rf"\b({_FEW}|[1-9]\d?) (tenn|fiv)ers\b"),
     lambda m: f"{int(VALUES.get(m[1], m[1])) * (10 if m[2] == 'tenn' else 5)} pounds"),
    (bounded(r"\b(?:a )?tenners?\b"), "10 pounds"),
    (bounded(r"\b(?:a )?fivers?\b"), "5 pounds"),
    (bounded(r"\bhalf (?:a )?(?:hundred|100)\b"), "50"),
    (bounded(rf"\b({_FEW}|[1-4]) and a half\b"), lambda m: f"{VALUES.get(m[1], m[1])}.5"),
    (bounded(r"\bhand luggage\b"), "cabin carry-on luggage"),
    (bounded(r"\bpri[sz]e(?= (?:doe?sn'?t|don'?t|is no|isn'?t|limit)\b)"), "price"),
    (bounded(r"\bmost cheap\b"), "cheapest"),
    (bounded(r"\bmore cheap\b"), "cheaper"),
    (bounded(r"\b(red|blue|green|gr[ae]y|brown|pink|purple) (dark|light)\b"), r"\2 \1"),
    (bounded(r"\s*&\s*(?=\w)"), " and "),
    (bounded(r"(?<=\w)'ve\b"), " have"),
)  # fmt: skip


def expand_shorthand(text: str) -> str:
    """A normalized text with its abbreviations written out."""
    for pattern, instead in _PHRASES:
        text = pattern.sub(instead, text)
    return " ".join(_WORD.sub(lambda match: _SHORT[match[0]], text).split())
