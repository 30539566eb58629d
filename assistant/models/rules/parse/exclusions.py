"""Words that exclude products: "not leather", "no stripes or dots"; and "leather is fine"."""

from __future__ import annotations

import re

from assistant.models.rules.lexicon.bounded import bounded
from assistant.models.rules.lexicon.catalogue_names import BASE_COLORS, Lexicon
from assistant.models.rules.lexicon.numbers import CARDINALS
from assistant.models.rules.lexicon.stop_words import FILLERS, content
from assistant.models.rules.lexicon.text import CUT, word_set, words_of
from tools.text import singular

_NOT = bounded(
    r"\b(?!(?:no|not) (?:more|less|fewer|[a-z]+er) than\b)(?:not|no|without|except(?: for)?|"
    r"but not|nothing|anything but|everything but|all but|"
    r"(?:i )?(?:really )?(?:don't|do not) (?:want|like|fancy|need|wear|"
    r"(?:much )?care for)|can't stand|isn't|aren't|"
    r"(?:can't|cannot|won't|will not|doesn't|does not|don't|mustn't|never|refuses to) (?:have|"
    r"put on|choose|buy|eat|eats|drink|take|tolerate|wear|wears|like|carry|use|uses|touch)"
    r"(?! (?:it|them|this|that)\b)|"
    r"allergic to|allerg(?:y|ies) (?:to|of|against|with|from)|"
    r"(?:refuses?|avoids?|detests?|dislikes?)(?: (?:anything|things?|everything))?|"
    r"intolerant (?:to|of)|hate|hates|avoid|excluding|exclude|minus|other than|leave out|remove|"
    r"hide|nobody (?:ever )?(?:wants|likes|wears)|"
    r"filter out|take out|get rid of|skip|non)"
    r"(?: (?:in|with|made of|made from|made out of|from|by|any|a|an|the|too|of|more|real|"
    r"genuine|that is|that "
    r"are|anything|something|so|very))*"
    r"[\s-]+(?P<what>[a-z][\w'-]*)"
)
_FEATURE = bounded(
    r"\bnon[\s-](?=(?:slip|stick|skid|toxic|iron|marking|scratch|drip|spill|"
    r"fade)\b)"
)
"""What is wanted although it says "non"."""
_LACKING = bounded(rf"\b(?!(?:hands?|{'|'.join(CARDINALS[1:])})\b)(?P<what>[a-z]+)[ -]free\b")
_ALLERGY = bounded(
    r"\b(?!an?\b|the\b|my\b|has\b|have\b|of\b|no\b)(?P<what>[a-z]+) allerg(?:y|ies)\b(?! (?:to|"
    r"of)\b)"
)
_SITUATION = bounded(
    r"\b(?:there(?:'s| is| are| was| were) (?:no|not any|none)|(?:i|we)(?: have|'ve)?(?: got)? no|"
    r"(?:i|we) (?:do not|don't) have (?:an?|any|much|the)) [a-z]+(?: [a-z]+)?(?: (?:out )?there|"
    r" here)?"
)
"""What a shopper lacks is no wish for what lacks it: "there's no socket out there"."""
_OWNS_NONE = bounded(
    r"\b(?:i|we)(?: have|'ve| own)?(?: got)? no [a-z]+(?: [a-z]+)?(?: \| no [a-z]+(?: [a-z]+)?)*"
    r"(?: \| nothing(?: at all)?)?"
)
_ONE_WITHOUT = bounded(
    r"(?P<told>\b(?:has|have|had|contains?|drinks?|eats?) (?:an? |any |the |too much )?"
    r"(?P<what>[a-z]+)\b.{0,60}?\b(?:ones?|it|some|any|something) )without(?= \||,|$)"
)
"""What is left out of "one without" was named before."""
_IDIOM = bounded(r"\b(?:in no time|at no time|no wonder|no matter (?:what|how|which)|no end)\b")
_UNNEEDED = bounded(r"\b(?:don't|do not|doesn't) (?:really )?need (?:the|a|an|any) [a-z]+")
"""What is not needed may be there all the same."""
_TOO = bounded(r"\b(?:it's |that's |its |is |are |a bit |way |far )*too (?P<what>[a-z]+)\b")
_NO_BEHIND = bounded(r"(?:^|\|)\s*(?P<what>[a-z]+) no(?: please| thanks| thank you)*\s*(?=\||$)")
"""As others order it: "leather no"."""
_NEITHER = bounded(r"\bneither ((?:[a-z]+ ){0,2}[a-z]+) nor ")
_NOT_FOR_ME = bounded(
    r"\b(?P<what>[a-z][\w'-]*) (?:"
    r"(?:(?:is|are|'s) )?not (?:my|our|her|his) (?:thing|style|taste|cup of tea)|"
    r"(?:is|are|would be|looks?|seems?) (?:really |just |so |too |rather )*(?:a bad idea|filthy|"
    r"dirty|ugly|boring|horrible|awful|hideous|impractical)|"
    r"makes? (?:me|us|her|him) (?:itch|sneeze|ill|sick|swell|sad|gloomy|unhappy|depressed)|"
    r"itches(?: (?:me|us|her|him))?|"
    r"(?:is|are|'s) (?:really |just )*(?:not (?:for (?:me|us|her|him|them)|an option|ok|okay|"
    r"allowed|good for (?:me|us|her|him))|a no[ -]?go|out|off the table|a problem|forbidden)"
    r"(?: for (?:me|us|her|him|them))?)\b"
)
"""As others put it: "weighted is not for me", "lactose is a no go"."""
_NOT_LIKED = bounded(
    r"\b(?P<what>[a-z]+) (?:i|we|he|she|they) (?:really |just )?(?:don't|doesn't|do not|does not|"
    r"can't|cannot|never|won't|wouldn't|would not) (?:really )?"
    r"(?:like|want|wear|fancy|need|stand|take)(?= \||,|$)"
)
"""The color first: "pink I don't like"."""
_COLOR_DOES = bounded(
    r"\b(?P<what>[a-z]+) (?:(?:becomes?|gets?) (?:really |just |so |too |rather |all )*(?:filthy|"
    r"dirty|ugly)|makes? (?:(?:it|my [a-z]+|the [a-z]+|everything) )?too (?:dark|bright|gloomy|"
    r"cold))\b"
)
"""What speaks against a color: "the white gets dirty", "black makes my room too dark"."""
_LOOKS_SO = bounded(
    r"\bin (?P<what>[a-z]+) (?:i|we|he|she|they) (?:always |just |only |really )*"
    r"(?:looks? (?:like (?:an? |the )|(?:so |too |really )*(?:awful|pale|ill|sick|old|fat|silly|"
    r"terrible|dreadful|ridiculous)\b)|resembles? )[^|]*"
)
"""What a color does to somebody: "in red I look like a postbox"."""
_REASON = bounded(
    r"\b(?:as|because|since|cause) (?:the )?(?P<what>[a-z]+) (?:shows?|gets?|would|will|looks?|"
    r"goes|fades?|turns?|is|never|always)\b[^|]*"
)
"""Why another color is wanted: "as black shows every stain"."""
_DULL = bounded(
    r"\b(?P<what>[a-z]+) [a-z]+ (?:is|are|looks?) (?:(?:really|just|so|too|rather) )*(?:boring|"
    r"ugly|dull|horrible|awful|hideous)\b"
)
"""What is said of a thing in a color: "black frames are boring"."""
_STOPS = FILLERS | word_set(
    "under over below above from less more bad just really whatsoever because since ever required "
    "involved included attached please while until unless"
)
_NO_THING = word_set(
    "expensive pricey thanks idea problem worries limit matter necessarily only wait sorry rush "
    "hurry need way doubt luck preference other one sure clue actually important concern "
    "consequence matters fuss nonsense offence trouble bother use point getting having making "
    "being doing going taking using bending standing moving leaving "
    "afraid touching"
)
_MORE_UNWANTED = bounded(r"^\s*(?:no|not|nor|any|and no)\b|^[\s\w'-]*(?:\|[\s\w'-]*)*\b(?:or|nor) ")
_FINE = bounded(
    r"\b(?P<what>[a-z][\w'-]*) (?:is|are|would be) (?:fine|ok|okay|alright|allowed)"
    r"(?: (?:too|after all|again|now))*\b(?! so\b)"
)
_ANOTHER = bounded(
    r"\s*(?:no |not |nor |any )?(?!please\b|thanks?\b|in\b|under\b|with\b|show\b|only\b|just\b|"
    r"instead\b)[a-z][\w'-]*(?: please| thanks| thank you| though| either)*\s*(?:\||$)"
)
_INSTEAD = bounded(
    r"\b(?:instead of|rather than|in place of) (?:the |a |an )?[a-z][\w'-]*"
    r"(?: n?or (?:the |a |an )?[a-z][\w'-]*)*"
)
_LET_GO = bounded(
    r"\b(?:(?:scrap|scratch|forget(?: about)?|"
    r"drop|ditch|enough(?: of| with)?)(?: the| that)?|(?:replace|"
    r"swap|change|switch|exchange)(?: the| from)?(?= [a-z]+ (?:by|with|for|to|into)\b)) "
    r"(?P<what>[a-z]+)\b"
)
_MOST_WORDS = 3
_LONGEST_LIST = 320
"""Characters of what one "not" forbids."""
_AHEAD = 160
"""Characters behind a word that say whether what is unwanted goes on."""


_SORTS = r"(?:colou?r|shade|hue|tone|brand|make|maker|material|fabric|finish|pattern|style)s?"
_ANY_BUT = bounded(
    r"(?<!n't want )(?<!n't like )(?<!not want )\b(?P<any>"
    r"(?:any|every|all|whatever|whichever|each)(?:thing)?"
    rf"(?: (?:of )?(?P<sort>{_SORTS}))?(?: (?:of )?(?!but\b|bar\b|save\b)[a-z]+){{0,4}}?) "
    r"(?:(?P<but>but|bar|save(?: for)?)(?! in\b)|"
    r"(?:\| )?(?:except(?: for)?|other than|besides|apart from|aside from|excluding|minus))"
    r"(?: (?:for|in|the|a|an|any))* (?=(?P<what>[a-z][\w'-]*(?: [a-z][\w'-]*)?))"
)
_NONE_BUT = bounded(
    r"\b(?:nothing|(?:no|not any|(?:don't|do not) (?:want|like) any)(?:thing| [a-z]+)) "
    r"(?:but|except|other than|besides|apart from|bar) (?:in |the )*"
    r"(?=(?P<what>[a-z][\w'-]*(?: [a-z][\w'-]*)?))"
)


def with_plain_exceptions(text: str, lexicon: Lexicon) -> str:
    """A normalized text with "any color | not red" for "any color but red", and "in red" for
    "nothing but red"."""

    def named(said: str) -> bool:
        words = said.split()
        brand = any(tuple(words[:count]) in lexicon.brands for count in (1, 2))
        color = any(each.start == 0 for each in lexicon.find_colors(words))
        first = color or any(start == 0 for start, _, _ in lexicon.options.find(words))
        return brand or first or words[0] in BASE_COLORS

    text = _NONE_BUT.sub(lambda m: "in " if named(m["what"]) else m[0], text)
    return _ANY_BUT.sub(
        lambda m: f"{m['any']}{CUT}not " if m["sort"] or not m["but"] or named(m["what"]) else m[0],
        text,
    )


def read_exclusions(text: str, lexicon: Lexicon) -> tuple[tuple[str, ...], tuple[str, ...], str]:
    """Excluded words, words that are allowed again, and the rest of a normalized text."""
    again = []
    text = _with_lacking_things(text, lexicon)
    text = _SITUATION.sub(CUT, _IDIOM.sub("", text))
    text = _ONE_WITHOUT.sub(r"\g<told>without \g<what>", text)
    text = _ALLERGY.sub(lambda m: f"{CUT}no {m['what']}{CUT}", text)
    text = _FEATURE.sub("non", text)
    text = _LACKING.sub(
        lambda m: f"{CUT}no {m['what']}{CUT}" if lexicon.options.find([m["what"]]) else m[0], text
    )
    start = 0
    while match := _FINE.search(text, start):
        if match["what"] in FILLERS:
            start = match.end()
            continue
        again.append(match["what"])
        text = text[: match.start()] + CUT + text[match.end() :]
    # What is let go of for another: "pink instead of blue".
    text = _INSTEAD.sub(CUT, text)
    text = _LET_GO.sub(
        lambda m: CUT if (m["what"],) in lexicon.colors or m["what"] in BASE_COLORS else m[0], text
    )
    text = _UNNEEDED.sub(CUT, text)
    text = _TOO.sub(
        lambda m: f"{CUT}not {m['what']}" if (m["what"],) in lexicon.colors else m[0], text
    )
    text = _NEITHER.sub(r"not \1, not ", text)
    text = _DULL.sub(
        lambda m: f"{CUT}no {m['what']}{CUT}" if (m["what"],) in lexicon.colors else m[0], text
    )
    text = _NOT_LIKED.sub(
        lambda m: f"{CUT}no {m['what']}{CUT}" if (m["what"],) in lexicon.colors else m[0], text
    )
    text = _NOT_FOR_ME.sub(lambda m: f"{CUT}no {m['what']}{CUT}", text)
    for pattern in (_COLOR_DOES, _LOOKS_SO):
        text = pattern.sub(
            lambda m: f"{CUT}no {m['what']}{CUT}" if m["what"] in BASE_COLORS else m[0], text
        )
    text = _REASON.sub(
        lambda m: CUT if (m["what"],) in lexicon.colors or m["what"] in BASE_COLORS else m[0], text
    )
    text = _NO_BEHIND.sub(lambda m: f"{CUT}no {m['what']}", text)
    unwanted: list[str] = []
    start = 0
    while match := _NOT.search(text, start):
        what = match.start("what")
        phrases, length = _phrases(text[what : what + _LONGEST_LIST], lexicon)
        if not phrases and match["what"] not in _NO_THING:
            # "nothing under", "no, in blue": there is nothing that it forbids.
            start = match.end()
            continue
        unwanted += phrases
        kept = text[: match.start()] + CUT
        text, start = kept + text[what + length :], len(kept)
    return tuple(dict.fromkeys(unwanted)), tuple(again), text


def _with_lacking_things(text: str, lexicon: Lexicon) -> str:
    """The text with what a shopper has none of as the wish, where it names a thing of the shop and
    the text nothing else: "I own no roller, no tray. What would $20 get me?"."""
    match = _OWNS_NONE.search(text)
    if match is None or content(words_of(text[: match.start()] + text[match.end() :])):
        return text
    named = re.findall(r"\bno ([a-z]+(?: [a-z]+)?)", match[0])
    if not any(singular(name.split()[-1]) in lexicon.things for name in named):
        return text
    return CUT.join((text[: match.start()], " and ".join(named), text[match.end() :]))


def _phrases(rest: str, lexicon: Lexicon) -> tuple[list[str], int]:
    """The phrases at the start of a text after "not", and how long they are.

    Up to three words, ended by what cannot belong to it or by the thing itself: "not leather bags"
    is about leather. "Or", "nor" and a comma begin another one.
    """
    phrases: list[list[str]] = [[]]
    end = 0
    for match in re.finditer(r"[\w'-]+|\|", rest):
        word = match[0]
        joins = word in ("or", "nor", "|") or (word == "and" and phrases[-1])
        if word == "|" and not _MORE_UNWANTED.search(rest[match.end() : match.end() + _AHEAD]):
            break  # "not white, blue"
        if joins and phrases[-1] and _goes_on(rest[match.end() : match.end() + _AHEAD]):
            phrases.append([])
            continue
        if word in ("no", "not", "nor", "any") and not phrases[-1]:
            continue
        is_thing = phrases[-1] and (singular(word),) in lexicon.categories
        stops = word in _STOPS and not any(word == pair[0] for pair in lexicon.pairs)
        if stops or is_thing or len(phrases[-1]) == _MOST_WORDS or word in _NO_THING:
            end = match.end() if word in _NO_THING else end
            break
        phrases[-1].append(word)
        end = match.end()
    return [" ".join(words) for words in phrases if words], max(end, 1)


def _goes_on(rest: str) -> bool:
    """Whether another unwanted thing follows a joining word: one word, then the end."""
    return _ANOTHER.match(rest) is not None
