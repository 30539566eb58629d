"""Parses one message of a shopper: what is wanted, the limits, and what it refers to.

English only. Not covered: two wishes in one message, and more than two photos with roles.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from assistant.models.rules.lexicon.bounded import bounded
from assistant.models.rules.lexicon.catalogue_names import BASE_COLORS, Lexicon
from assistant.models.rules.lexicon.people import PLAIN, gender_of_name, in_plain_people, names_kin
from assistant.models.rules.lexicon.stop_words import FILLERS, content
from assistant.models.rules.lexicon.text import CUT, cut, normalize, word_set, words_of
from assistant.models.rules.parse.bare_amounts import with_plain_amounts, with_refused_amounts
from assistant.models.rules.parse.described_cards import number_described_cards
from assistant.models.rules.parse.differences import read_difference
from assistant.models.rules.parse.exclusions import with_plain_exceptions
from assistant.models.rules.parse.leading_cards import leading_cards
from assistant.models.rules.parse.lifted_limits import read_lifted_limits
from assistant.models.rules.parse.named_filters import (
    ARTICLE,
    DESCRIBED,
    THING,
    colors_said,
    named,
    options_said,
    with_colors_apart,
    with_fine_colors,
)
from assistant.models.rules.parse.one_card import read_about_it, read_goes_with
from assistant.models.rules.parse.options import read_options
from assistant.models.rules.parse.photo_roles import Roles, read_roles
from assistant.models.rules.parse.price_limits import (
    BELOW_THAT,
    LEAST_STEP,
    Limits,
    in_plain_money,
    read_limits,
)
from assistant.models.rules.parse.product_questions import WISHES, read_product_question
from assistant.models.rules.parse.question_forms import DESCRIBES, MAKER_HAS, WANTED
from assistant.models.rules.parse.questions import Ask, read_ask
from assistant.models.rules.parse.reading import Comparison, Reading
from assistant.models.rules.parse.references import read_photo_number, read_shown_number
from assistant.models.rules.parse.relative_colors import with_plain_colors
from assistant.models.rules.parse.shorthand import expand_shorthand
from assistant.models.rules.parse.small_talk import (
    read_anew,
    read_question,
    read_talk,
    without_courtesy,
)
from assistant.models.rules.parse.spelling import correct_spelling
from assistant.models.rules.parse.turn_forms import (
    read_next,
    without_choice,
    without_return,
    without_shade,
)
from assistant.prompt.situation import ShownNote
from tools.catalogue.variants import gender_of
from tools.catalogue.vocabulary import LEVELS
from tools.product import Sort

if TYPE_CHECKING:
    from tools.embedding.base import MessageActs

_AMOUNT_OR = bounded(r"\d\s?(?:[$€£]|dollars?|bucks?|euros?|pounds?|quid)? (?:or|and)\s*$")
_THAN = r"(?: than| to)?"
_CHEAPER = bounded(
    r"\b(?:much |a bit |a little |even |something |anything |ones? |similar |but )*"
    r"(?:cheaper|less (?:expensive|costly|pricey|dear|money)|lower[ -](?:priced?|cost)|"
    r"more (?:affordable|reasonable)|(?:cost|costs|costing) less|"
    r"less(?= than\s+(?:the|that|this|\|))|"
    r"(?:that|it|this)(?:'s| is) (?:quite |rather |such |really |just )*(?:a fortune|too much|"
    r"(?:a lot of|too much|so much|quite some) money)(?: for [^|]*?)?(?= \||$)|"
    r"(?<!not )(?<!n't )too (?:expensive|pricey|dear|costly|much(?: (?:money|cash|expensive))?"
    r"(?= \||$|,| (?:for|to (?:pay|spend)|and|but|so|i|we|still|really|though|then|please|lower|"
    r"under|below|less|cheaper|max|something|anything|show|find)\b)))\b" + _THAN
)
_DEARER = bounded(
    r"\b(?:pricier|more (?:expensive|luxurious|upmarket|premium)|higher[ -]priced?|dearer)\b"
    + _THAN
)
_BETTER = bounded(
    r"\b(?:better|higher)[ -](?:rated|reviewed|ratings?|reviews?|stars?|scores?)\b" + _THAN
)
_MORE = word_set(
    "more other others another else next different rest further additional remaining alternatives "
    "page few"
)
_SEEN = word_set("seen these those them already ones results page like")
_NOT_MORE = bounded(
    r"\bmore (?:about|than|on|expensive|info)\b|\b(?:any|other|what|which) (?:other )?(?:price|"
    r"colou?rs?|brands?)\b|\b(?:cheaper|number|#)|^(?:a )?few$|\b(?:like|want|need) more like \d"
)
_NOUN = (r"(?: (?:same )?(?:pattern|print|image|picture|photo|pic|theme|design|motif|look|style|"
         r"texture|colou?rs?|thing|kind of thing|one|animal|screenshot))")  # fmt: skip
_MINE = rf"(?:(?!(?:the|my|that) (?:thing|kind))(?:the|my|this|that){_NOUN}{{1,2}})"
_PICTURED = bounded(
    rf"(?:\b(?:with|in|like|matching|from|of|as|on|to|similar to|inspired by|that match(?:es)?|"
    rf"which match(?:es)?|goes with|that goes with|looks? like|that looks? like|based on) )*"
    rf"(?:\b(?:the |in the )?(?:same|similar){_NOUN}{{1,2}}"
    rf"(?: (?:as|of|like) (?:{_MINE}|this|that))?|"
    rf"\b{_MINE}(?!\w)|\b(?:this|these)\b(?! year| week| month| summer| winter| time| weekend|"
    rf" morning| evening| way)|"
    r"\b(?:the one|what(?:'s| is)|as) (?:in|on) (?:this|that|the|my) (?:photo|picture|pic|image))"
    r"(?: (?:on (?:it|them)|in it|theme|here|above))*(?: theme\b)?"
)
_LIKE = bounded(
    r"(?<!'d )(?<!would )(?<!\bi )(?<!really )(?<!not )(?<!don't )\b(?:(?:more|"
    r"something|"
    r"anything|one|ones|some) )?(?:like|similar to|close to|"
    r"resembling|resembles?|along the lines of|in the style of|same (?:style|look|kind) as|"
    r"looks? like|look of)(?=\s+(?:the\b|#|number|no\b|\d{1,2}(?!\d)|\||that|this|your|it\b|item|"
    r"option|"
    r"product))(?! the \d0s\b)"
)
_LIKE_SHOWN = bounded(
    r"(?:like|to|of|as|resembl\w+)\s+(?:the|#|number|no|\d|that|this|your|it|item|option|product)"
)
_BY = r"(?:sort|order|rank|arrange)(?:ed)?(?: (?:it|them|these|those|this))? by"
_AT_FRONT = bounded(r"\|\s+(?:ones? |items? )?(?:first|at the top|on top)\b")
_SORTS: tuple[tuple[Sort, re.Pattern[str]], ...] = (
    ("dearest", bounded(r"\b(?:(?:price )?high(?:est)? to low(?:est)?|price descending)\b")),
    ("cheapest", bounded(rf"\b(?:{_BY} (?:the )?(?:price|cost)|"
                            rf"(?:price )?low(?:est)? to high(?:est)?|"
                            r"price ascending)\b")),
    ("best rated", bounded(rf"\b{_BY} (?:the )?(?:ratings?|reviews?|stars?|score)\b")),
    ("cheapest", bounded(r"\b(?:cheapest|least expensive|lowest[ -]priced?|most affordable|"
                            r"least pricey|(?:costs?|priced) the least)\b")),
    ("dearest", bounded(r"\b(?:most expensive|priciest|dearest|highest[ -]priced?|costliest|"
                           r"most luxurious|(?:costs?|priced) the most)\b")),
    ("best rated", bounded(r"\b(?:(?:best|top|highest)[ -](?:rated|reviewed|ratings?|reviews?)|"
                              r"most (?:popular|loved)|highest (?:score|stars?))\b")),
)  # fmt: skip
_WITHOUT_SUBJECT = (
    r"^(?:\W|and |or |but )*(?:is|are|has|have|comes?|costs?|looks?|(?:can|could|should|must|may) "
    r"(?:also )?be) (?!(?:there|it|this|that|these|those|you|they|any|the (?!same)|i|we)\b)"
)
"""What the next one should be: "is black and has a hood"."""
_FACTS_ALONE = bounded(
    rf"(?!(?:\W|and |or |but |[a-z]+ )?(?:is|are|be) (?:more |much |rather |of )*(?:like )?an? )"
    rf"{_WITHOUT_SUBJECT}"
)
"""Of the same kind, where it does not say "is a ..."."""
_AS_SHOWN = bounded(
    r"\b(?:exactly |just |otherwise |quite |all )*(?:the |is |are |looks? |stays? |very )*same"
    r"(?: thing| one| style| design| model| cut| shape| look)?"
    r"(?= \||$| (?:but|only|just|in|as|with|and)\b)|"
    r"\botherwise (?:unchanged|identical|alike)\b|\bidentical\b"
)
_SORT_OF_IT = r"(?:kind|sort|type|version|model)\b"
_FOLLOWS = bounded(
    r"\b(?:ones?|instead|rather|but|only|too|also)\b|\b(?:it|them|those|same)\b|"
    r"\b(?:something|anything) (?:a bit |a little |much )?(?:more|less|in|with|under|without)\b|"
    rf"{_WITHOUT_SUBJECT}|"
    r"^(?:\W|and |or |now |ok |okay |then |maybe |please |just )*"
    r"(?:in|under|below|with|without|not|no|more|less|make|what about|how about|but|over|"
    r"above|up to|between|at|for|from|by|max|only|as|into|\|)(?!\w)"
)
_ANAPHORIC = bounded(
    rf"\b(?:ones?|them|those|it|it's|same)\b|\bthe (?:[a-z]+er )?{_SORT_OF_IT}|"
    rf"{_WITHOUT_SUBJECT}|"
    r"^(?:\W|and |or |now |ok |okay |then |maybe |please |just |but )*"
    r"(?:in|with|without|for|made|less|more|[a-z]+er)(?!\w)"
)
_JUST_THE = bounded(
    r"^(?:\W|ok |okay |then |now |please |no |actually )*(?:just|only) (?:the|a|an) "
    r"(?!.*\b(?:ones?|first|second|third|last|cheap\w*|black|white)\b)"
)
"""One of several things that were asked for at once."""
_OPINION = bounded(
    r"\b(?:would |will |'d )?(?:goes?|looks?|works?|suits?|blends?|match(?:es)?|fits?|is nicer|"
    r"'s nicer) ?(?:(?:well|good|nice|nicely|best|better|in|with|into|to|for|me|us|him|her) ?)*"
    r"(?:(?:our|my|the|her|his|their) [a-z]+(?: [a-z]+)?)?(?= \||,|$)"
)
"""Why a color is wanted: "black would suit my room"."""
_PRAISE = bounded(
    r"(?:'s| is| are| looks?| seems?| sounds?| feels?)(?: (?:so|really|very|super|just|quite|"
    r"pretty|"
    r"rather|more|kinda|absolutely))* (?:classy|elegant|gorgeous|beautiful|stunning|cute|stylish|"
    r"chic|sleek|smart|great|good|nice|lovely|pretty|cool|fab|perfect|neat|amazing|fun|sweet|"
    r"prettier|nicer|better)(?= \||,|$)"
)
"""So it is said by "the black looks classy"."""
_TURNS = bounded(
    r"\b(?:(?:that|which|it|they|these|those|white|black) )?(?:would |will |soon )?"
    r"(?:turns?|turned|goes|go|gets?|fades?)(?: to| all| so)? (?P<color>[a-z]+)\b(?: [a-z]+){0,4}"
)
"""What a thing becomes is no wish: "that turns yellow in no time"."""
_FOR_IT = bounded(r"(?<!left )(?<!pay )(?<!spend )(?<!have )(?<!got )\b(?:for|with) (?:it|them)\b")
_SAME_THING = bounded(
    rf"\bthe (?:[a-z]+er|more [a-z]+|plain|simple|basic) (?:one\b|{_SORT_OF_IT})|"
    r"\b(?:[a-z]+ing|use|wear|put|hang|carry|wash|clean|store|fold|hold|bring|place|mount|charge|"
    r"drink|eat|ride|pack|stand|plug) (?:it|them)\b"
)
"""What a verb is about is what was sought: "we'll be carrying it on our backs"."""
_AND_THE = bounded(
    r"^(?:\W|thanks |thank you |ok |okay )*(?:and|also|plus)(?:\W|um+ |uh+ |er+ )*the "
    rf"(?!.*\bones?\b|[a-z]+er {_SORT_OF_IT})"
)
"""So is what is added: "and the pick to climb on ice"."""
_EVERYTHING = bounded(
    r"(?:^|[:;.!|])(?:\W|please |can you |could you |now |ok |okay )*"
    r"(?:show|give|list|find|see)(?: me)? "
    r"(?:all|every)\b(?! (?:colou?rs?|brands?|of (?:it|them|these|those|this)))"
)
_AMOUNT = bounded(r"\s*(?P<sign>[$€£]\s?)?(?P<n>\d+)(?P<unit>[.,]?\d|\s*(?:%|[a-z]+))?")
_MONEY = bounded(r"\s*(?:dollars?|bucks?|usd|euros?|pounds?|quid|[.,]?\d)")
_SAME_BRAND = bounded(
    r"\b(?:(?:of|from|by) )?(?:the )?same (?:brand|label|maker|make|company|manufacturer)\b|"
    r"\b(?:of|from|by) (?:that|this|their|its) (?:brand|maker|make|company|manufacturer|label)\b|"
    rf"{MAKER_HAS}|\b(?:from|by) them\b|\bof theirs\b"
)
_OTHER_BRAND = bounded(
    r"\b(?:similar )?(?:from|by|of) (?:another|an?other|a different|some other) (?:brand|maker|"
    r"make|company)\b"
)
_PACKAGE = bounded(
    r"\b(?P<more>bigger|larger|smaller) (?P<pack>bag|box|pack|packet|bottle|jar|can|tin|carton|"
    r"tube|"
    r"pouch|sack|bucket|tub)\b"
)
"""Of what was sought, where that is no bag itself: "cat litter", "bigger bag"."""
TELLING = 3
"""Cards that tell what a list is of."""
_THE_ONE = bounded(r"\b(?:the|that|my) one\b")
"""Of a picture where there is one, else of nothing: "a jacket, the one that opens in front"."""
_LIFTS = 0.9
"""How likely a message takes a limit of price back from where it does. Of some 1,200 messages that
went on in thirty sets 48 are; the nine of them that take none back say another limit or speak of
ratings."""
_SAME_LIMIT = bounded(r"\bsame (?:price |spending )?(?:budget|price|limit|ceiling|cap|money)\b")
_BOUND = bounded(r"\d+ ?[a-z%]* (?:or|and) (?:more|over|up(?:wards?)?|less|under)\b")
"""How much something has to be: "20000 mAh or more"."""
_LETS_GO = word_set("drop remove delete forget discard number one ones please list shortlist")
_FIRST_PART = bounded(r"^\W*(?:the |in )?(?P<word>[a-z]+)\s*(?:\||$)")
_NOT_THAT = bounded(r"\b(?:not|never) (?:that|this|those)(?: one| colou?r)?\W*$")


def read_message(
    typed: str,
    lexicon: Lexicon,
    *,
    shown: int = 0,
    photos: int = 0,
    new_photos: int = 0,
    cards: Sequence[ShownNote] = (),
    last: Mapping[str, Any] | None = None,
    focus: int = 0,
    kept: bool = True,
    acts: MessageActs | None = None,
) -> Reading:
    """The reading of what a shopper typed, with `shown` cards and `photos` to refer to.

    `kept` says whether anything is on the shortlist.
    `new_photos` came with the message; with `cards` one may be named by what it looks like;
    `focus` is the card that was last chosen or asked about, 0 for none. `last` are the arguments
    of the newest search: for whom it looked holds for another kind too. `acts` is what the message
    does, None where that cannot be told.
    """
    returns = False
    if cards:
        returns, typed = without_return(without_choice(typed))
    text = expand_shorthand(correct_spelling(expand_shorthand(normalize(typed)), lexicon.spelled))
    text = in_plain_money(without_shade(text, lexicon.color_words))
    if cards:
        text = with_refused_amounts(text)
    text = with_plain_amounts(
        text, lexicon.prices, lambda number: _is_named_so(number, cards, lexicon)
    )
    text = with_plain_exceptions(with_colors_apart(text, lexicon), lexicon)
    text = with_plain_colors(text, lexicon.color_names, (last or {}).get("colors", ()))
    typed_people = text
    if lexicon.states_gender:
        text = in_plain_people(text)
    related = lexicon.states_gender and names_kin(typed_people)
    anew, text = read_anew(text)
    if anew:
        if not content(words_of(text)):
            return Reading(talk="over", anew=True)
        shown, cards, last = 0, (), None
    text = number_described_cards(text, cards, lexicon.color_words)
    before = lexicon.kind_of(str(last.get("words", ""))) if last else ""
    if last is not None:
        titles = " ".join(card.title.casefold() for card in cards[:TELLING])
        text = _PACKAGE.sub(
            lambda m: m[0] if m["pack"] in f"{before} {titles}" else f"{m['more']} one", text
        )
    wanted, plain = read_options(
        text,
        lexicon.options,
        people_are_categories=lexicon.names_people and not lexicon.options.values.get("gender"),
    )

    def is_kind(word: str) -> bool:
        return word in lexicon.things or lexicon.is_category([word])

    sought = str((last or {}).get("words", ""))
    apart: tuple[int, ...] = ()
    if not WANTED.search(text):
        apart = read_difference(text, cards, leading_cards(cards, is_kind, sought))
    if apart and not new_photos:
        return Reading(ask=Ask("compare", apart))
    asked = typed.rstrip().endswith("?")
    asks = None if acts is None else acts.asks_of_shown
    limits, _ = read_limits(text, lexicon.prices)
    if asks is not None and not asked and (limits != Limits() or _BOUND.search(text)):
        asks = 0.0  # "not more than 120, please" asks of nothing
    question = read_product_question(
        text,
        plain,
        colors=colors_said(words_of(plain), lexicon),
        options=(*wanted.stated, *options_said(words_of(plain), lexicon)),
        cards=cards,
        asked=asked,
        color_catalogue=bool(lexicon.color_names),
        focus=focus,
        is_kind=is_kind,
        heard=expand_shorthand(normalize(typed)),
        sought=sought,
        asks=None if new_photos else asks,
    )
    elsewhere = before and _other(lexicon.kind_of(text), before)
    goes_with = None if new_photos else read_goes_with(text, shown)
    if goes_with is not None:
        return Reading(goes_with=goes_with)
    if question is not None and not new_photos:
        return Reading(ask=Ask("details", question.numbers, text, question))
    looks = new_photos > 1 and not re.search(r"\b(?:number|#|card|product|item)\b", text)
    if not looks:
        captioned = DESCRIBES.match(text) and not asked
        ask = None if captioned else read_ask(text, shown)
        about_it = shown == 1 and not (new_photos or elsewhere or _SAME_BRAND.search(text))
        if ask is None and about_it:
            ask = read_about_it(text)
        if ask is not None and ask.kind == "compare" and WANTED.search(text):
            ask = None
        if ask is not None and ask.kind == "details" and asks is not None and asks <= WISHES:
            ask = None  # "a 20" ride" is no question about number 20
        if ask is not None and ask.kind == "drop" and not kept and _names_more(text):
            ask = None  # "drop the ceiling: 15 bar" lets go of nothing that is kept
        if ask is not None and (shown or ask.kind != "details"):
            return Reading(ask=ask)
    talk = read_talk(text)
    if talk is not None:
        return Reading(talk=talk)
    same_brand, plain = cut(_SAME_BRAND, plain)
    other_brand, plain = cut(_OTHER_BRAND, plain)
    begun = re.match(r"(?:\W|ok |so |now )*(?:and|also|plus)\b", plain) is not None
    announced, text = read_next(without_courtesy(plain))
    plain = text
    reading = Reading(
        anew=anew,
        options=wanted.stated,
        in_stock=wanted.in_stock,
        on_sale=wanted.on_sale,
        thing=announced
        or returns
        or any(pattern.search(text) for pattern in (THING, ARTICLE, _AND_THE, DESCRIBED)),
        alone=_JUST_THE.search(text) is not None,
        for_it=_FOR_IT.search(text) is not None,
        everything=_EVERYTHING.search(text) is not None,
        follows=begun or _FOLLOWS.search(text) is not None,
        anaphoric=_ANAPHORIC.search(text) is not None,
        same_thing=_SAME_THING.search(text) is not None,
        facts_alone=_FACTS_ALONE.match(text) is not None,
        as_shown=_AS_SHOWN.search(text) is not None,
        more=_asks_more(text),
    )
    if reading.more:
        return replace(reading, this=re.search(r"\blike (?:this|that)\b", text) is not None)
    if (start := _FIRST_PART.match(text)) and colors_said([start["word"]], lexicon):
        reading = replace(reading, anaphoric=True)  # "the black, with a lid"
    if colors_said(words_of(text)[:4], lexicon):
        text = _OPINION.sub(CUT, _PRAISE.sub(CUT, text))
    text = _TURNS.sub(lambda m: CUT if m["color"] in BASE_COLORS else m[0], text)
    whole = text
    roles, text = read_roles(text, shown, photos, new_photos)
    photo, text = read_photo_number(text, photos)
    sort, text = _sort(text)
    number, text = read_shown_number(text, shown)
    like, text = cut(_LIKE, text) if number or _LIKE_SHOWN.search(text) else (None, text)
    below = BELOW_THAT.search(text)
    compared, text = _compared(text, shown)
    limits, text = read_limits(text, lexicon.prices)
    if below and limits.max_price is not None:
        limits = replace(limits, max_price=limits.max_price - LEAST_STEP)
    if limits.max_price is not None and compared == "cheaper":
        compared = None  # "cheaper, say 40"
    free, text = read_lifted_limits(text, lambda word: (word,) in lexicon.colors)
    limited = limits != Limits() or compared
    stays = limited or _SAME_LIMIT.search(text) is not None
    if acts is not None and acts.lifts_price >= _LIFTS and not (free or stays):
        free = frozenset({"price"})
    this, text = _pictured(text if photos else _THE_ONE.sub("one", text))
    reading = replace(
        reading,
        photo=photo,
        shown=number,
        like=like is not None,
        this=this or (like is not None and number is None and bool(shown or photos)),
        pictured=this,
        compared=compared,
        roles=roles,
        sort=sort,
        min_price=limits.min_price,
        max_price=limits.max_price,
        min_rating=limits.min_rating,
        free_of=free | {"options"} if wanted.lifted else free,
    )
    reading = named(reading, text, typed, lexicon)
    reading = with_fine_colors(reading, (last or {}).get("without", ()), lexicon)
    if roles.unlike_this and reading.colors and not photos and _NOT_THAT.search(whole):
        # "White shows every stain, so not that."
        reading = replace(reading, roles=Roles(), colors=(), unwanted=reading.colors, words="")
    if reading.unwanted and reading.colors:
        # "Anything but red; my partner's is red already."
        unwanted = set(reading.unwanted)
        wanted_colors = (color for color in reading.colors if unwanted.isdisjoint(color.split()))
        reading = replace(reading, colors=tuple(wanted_colors))
    if other_brand is not None and cards and cards[0].brand:
        reading = replace(reading, unwanted=(*reading.unwanted, cards[0].brand.casefold()))
    if same_brand is not None and cards and cards[0].brand:
        reading = replace(reading, brands=(cards[0].brand,))
    if last is not None:
        one_of = set(reading.categories) < set(last.get("categories", ()))
        reading = replace(reading, other_kind=not one_of and _other(reading.kind, before))
    reading = replace(reading, related=related)
    reading = _for_gender(reading, lexicon, gender_of_search(last or {}))
    if related and not (reading.categories or (last or {}).get("categories")):
        reading = _as_wish(reading)
    if not (new_photos or reading.leans) and read_question(whole):
        return Reading(talk="elsewhere")
    return reading


def _is_named_so(number: str, cards: Sequence[ShownNote], lexicon: Lexicon) -> bool:
    """Whether a number is a place of the list, or said by a title or an option: a size, a model."""
    said = any(number in re.findall(r"\d+", card.title) for card in cards)
    values = (value for values in lexicon.options.values.values() for value in values)
    return said or int(number) <= len(cards) or any(number in value.split() for value in values)


def _names_more(text: str) -> bool:
    """Whether a request to let go of something says more than what."""
    words = [word for word in content(words_of(text)).split() if word.isalpha()]
    return len([word for word in words if word not in _LETS_GO]) > 1


def _asks_more(text: str) -> bool:
    """Whether nothing but more of the same is asked for: "what else have you got?"."""
    words = words_of(text)
    if not any(word in _MORE for word in words) or _NOT_MORE.search(text):
        return False
    return all(word in _MORE or word in FILLERS or word in _SEEN for word in words)


def _compared(text: str, shown: int) -> tuple[Comparison | None, str]:
    names: tuple[tuple[Comparison, re.Pattern[str]], ...] = (
        ("cheaper", _CHEAPER), ("dearer", _DEARER), ("better rated", _BETTER),
    )  # fmt: skip
    for name, pattern in names:
        match = pattern.search(text)
        if match is None or _AMOUNT_OR.search(text[: match.start()]):
            continue
        if not _amount_behind(text[match.end() :], shown):
            return name, text[: match.start()] + CUT + text[match.end() :]
    return None, text


def _amount_behind(rest: str, shown: int) -> bool:
    """Whether "cheaper than $20" is a limit, and no comparison with a card."""
    match = _AMOUNT.match(rest)
    if match is None:
        return False
    money = _MONEY.match(match["unit"] or "")
    return bool(match["sign"] or money) or not 1 <= int(match["n"]) <= shown


def _sort(text: str) -> tuple[Sort, str]:
    for name, pattern in _SORTS:
        match, text = cut(pattern, text)
        if match is not None:
            return name, _AT_FRONT.sub(CUT, text)
    return "", text


def _pictured(text: str) -> tuple[bool, str]:
    rest = _PICTURED.sub(CUT, text)
    return rest != text, rest


def _other(kind: str, before: str) -> bool:
    """Whether two kinds are different things: "boots" are the same thing as "hiking boots"."""
    return bool(kind and before) and kind.split()[-1] != before.split()[-1]


def _for_gender(reading: Reading, lexicon: Lexicon, before: str) -> Reading:
    """The reading for the gender that it names, or for that of `before` where it names a kind."""
    own = [value.partition("=")[2] for value in reading.options if value.startswith("gender=")]
    said = next((g for g in map(gender_of, own) if g in ("female", "male")), "")
    said = said or next(filter(None, map(gender_of_name, _levels(reading.categories))), "")
    gender = said or (before if reading.categories else "")
    if not gender:
        return reading
    options = reading.options
    if not said and (values := lexicon.options.genders(gender)):
        options = (*options, *(f"gender={value}" for value in values))
    categories = reading.categories
    if not any(option.startswith("gender=") for option in options):
        categories = lexicon.gendered(categories, gender)
    return replace(reading, gender=said, options=options, categories=categories)


def _as_wish(reading: Reading) -> Reading:
    """The reading with for whom it is as words: a present is often no thing for one gender."""
    options = tuple(o for o in reading.options if not o.startswith(("gender=", "age_group=")))
    young = any(re.search(r"=(?:kid|bab|child|toddler|infant)", o) for o in reading.options)
    people = PLAIN[reading.gender] if reading.gender and not young else "kids"
    whom = f"for {people}" if options != reading.options else ""
    return replace(reading, options=options, words=f"{reading.words} {whom}".strip())


def _levels(categories: Sequence[str]) -> Iterator[str]:
    for name in categories:
        yield from name.split(LEVELS)


def gender_of_search(search: Mapping[str, Any]) -> str:
    """For whom a search looked: "female", "male" or ""."""
    options = [str(o).partition("=")[2] for o in search.get("options", ()) if "gender=" in str(o)]
    genders = {gender_of(value) for value in options} - {"unisex"}
    genders |= set(filter(None, map(gender_of_name, _levels(search.get("categories", ())))))
    whom = re.search(r"\bfor (women|men)\b", str(search.get("words", "")))
    genders |= {gender_of_name(whom[1])} if whom and not genders else set()
    return genders.pop() if len(genders) == 1 else ""
