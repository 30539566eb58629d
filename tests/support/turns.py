"""Single turns as data: where the conversation stands, what is said, and what is then asked for.

A file of tests/data/turns holds turns by the situation they are said in (`_SITUATIONS`). A turn has
`say` and one claim:

    search      the arguments of a search that starts afresh
    change      the arguments of the newest search with these changes; null takes one away
    below       number of the card whose price the highest one is just below; may stand beside
                `change`
    above       number of the card whose price the lowest one is just above
    better      number of the card whose rating the lowest one is just above
    details, compare, keep, drop, list
                the card, cards or list that the tool for it is asked about
    kept        true: the shortlist is shown
    talk        true: no tool is called
    or          another claim that is as good

Every limit must be as claimed, and none may be there that is not. Of `words` the parts that are
named must occur; categories are alike when the same products stand on them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Any

from langchain_core.messages import AIMessage, HumanMessage, SystemMessage

from assistant.models.rules.chat_model import OfflineChatModel
from assistant.prompt.history import shopper_message
from assistant.prompt.situation import ListNote, PhotoNote, ShownNote, Situation
from assistant.prompt.system_prompt import system_prompt
from tests.support.paths import DATA
from tests.support.yaml_files import read_yaml
from tools.catalogue.vocabulary import Vocabulary, count_vocabulary, resolve
from tools.demo.shop.products import demo_products
from tools.money import to_minor
from tools.product import Filters, Product
from tools.search.arguments import SearchArguments

FOLDER = DATA / "turns"
_SHOWN = 9
_TOOLS = ("multimodal_search", "product_details", "compare_products", "shortlist", "rerank")
_NUMBERS = {"details": "number", "list": "list"}
_CLOSE = Decimal("1")
"""How far a bound that leaves a card behind may be from its price."""
_UNCHECKED = {"words", "skip_shown", "limit"}
"""Arguments that a claim does not need to name."""

# What the newest search asked for; the cards are its first nine in the order of the shop.
_SEARCHES: dict[str, dict[str, Any]] = {
    "mugs": {"words": "mugs", "categories": ["Mugs"]},
    "sneakers": {"words": "sneakers", "categories": ["Sneakers"], "colors": ["white"]},
    "backpacks": {"words": "backpacks", "categories": ["Everyday Backpacks"], "max_price": 80.0},
    "dresses": {"words": "dress", "categories": ["Summer Dresses"]},
    "handbags": {"words": "handbags", "categories": ["Top-Handle Handbags"]},
    "lamps": {"words": "lamps", "categories": ["Table Lamps"], "max_price": 90.0},
    "suitcases red": {"words": "suitcase", "categories": ["Suitcases"], "colors": ["red"]},
    "scarves": {"words": "scarf", "categories": ["Scarves"]},
    "kept": {"words": "rugs", "categories": ["Rugs"]},
    "lists": {"words": "vases", "categories": ["Vases"], "colors": ["blue"]},
    "after photo": {"words": "mug", "categories": ["Mugs"], "photo": 1},
    "old photo": {"words": "rugs", "categories": ["Rugs"]},
}
_PHOTOS = {
    "photo": [PhotoNote(number=1, name="photo.jpg", new=True)],
    "two photos": [PhotoNote(number=n, name=f"photo{n}.jpg", new=True) for n in (1, 2)],
    "after photo": [PhotoNote(number=1, name="photo.jpg")],
    "old photo": [PhotoNote(number=1, name="photo.jpg")],
}
_LISTS = ("red mugs", "lamps", "blue vases")


@dataclass(frozen=True, slots=True)
class Turn:
    """One message in its situation, with what it claims."""

    at: str
    say: str
    claims: tuple[dict[str, Any], ...]
    """Any of them will do."""


def turns(file: str) -> Iterator[Turn]:
    """Those of one file, in its order."""
    for at, rows in read_yaml(FOLDER / file).items():
        for row in rows:
            claim = {name: value for name, value in row.items() if name not in ("say", "or")}
            yield Turn(at, row["say"], (claim, *([row["or"]] if "or" in row else ())))


def wrong(turn: Turn) -> str:
    """What the built-in chat model makes of the turn, where no claim of it holds; else ""."""
    now = _situation(turn.at)
    photos = sum(photo.new for photo in now.photos)
    message = shopper_message(turn.say, photos)
    asked = _model().invoke(
        [SystemMessage(system_prompt(now)), HumanMessage(message.content, id="turn")],
        tools=[{"type": "function", "function": {"name": name}} for name in _TOOLS],
    )
    said = [_unlike(claim, asked, now) for claim in turn.claims]
    return "" if not all(said) else said[0]


def _unlike(claim: dict[str, Any], asked: AIMessage, now: Situation) -> str:
    if claim.get("talk"):
        return f"calls {asked.tool_calls[0]}" if asked.tool_calls else ""
    if not asked.tool_calls:
        return f"says {asked.text!r}"
    name, given = asked.tool_calls[0]["name"], asked.tool_calls[0]["args"]
    wanted: tuple[str, dict[str, Any]]
    if "details" in claim:
        wanted = ("product_details", {"number": claim["details"]})
        # The question in plain words comes with it; what is said of it is tested elsewhere.
        given = {key: value for key, value in given.items() if key != "question"}
    elif "compare" in claim:
        wanted = ("compare_products", {"numbers": claim["compare"]})
    elif claim.get("kept"):
        wanted = ("shortlist", {"action": "show"})
    elif "keep" in claim or "drop" in claim:
        action = "add" if "keep" in claim else "remove"
        numbers = claim["keep"] if "keep" in claim else claim["drop"]
        wanted = ("shortlist", {"action": action, "numbers": numbers})
    elif "list" in claim:
        wanted = ("multimodal_search", {"list": claim["list"]})
    else:
        return _search_unlike(claim, name, given, now)
    return "" if (name, given) == wanted else f"calls {name} {given}"


def _search_unlike(claim: dict[str, Any], name: str, given: dict[str, Any], now: Situation) -> str:
    if name != "multimodal_search":
        return f"calls {name} {given}"
    SearchArguments.model_validate(given)
    claimed = dict(claim["search"]) if "search" in claim else dict(now.last_search or {})
    if "search" not in claim:
        claimed.pop("words", None)
    changes = claim.get("change", {})
    claimed.update(changes)
    if changes.get("like"):
        claimed.pop("photo", None)
    left = dict(given)
    for at, bound, rises in (
        ("below", "max_price", False),
        ("above", "min_price", True),
        ("better", "min_rating", True),
    ):
        if at not in claim:
            continue
        card = now.shown[claim[at] - 1]
        value = card.rating if at == "better" else card.price
        apart = Decimal(str(left.pop(bound, -1))) - Decimal(str(value))
        claimed.pop(bound, None)
        if not 0 < (apart if rises else -apart) <= _CLOSE:
            return f"{bound} is not right in {given}"
    wrong = [
        field
        for field in {*claimed, *left} - _UNCHECKED
        if _plain(field, claimed.get(field)) != _plain(field, left.get(field))
    ]
    if "without" in wrong and _parts(claimed.get("without"), left.get("without")):
        wrong.remove("without")
    if not _says(claimed.get("words"), str(left.get("words", ""))):
        wrong.append("words")
    if claimed.get("skip_shown") and not left.get("skip_shown"):
        wrong.append("skip_shown")
    return f"{', '.join(wrong)} not right in {given}" if wrong else ""


def _plain(field: str, value: Any) -> Any:
    if field == "categories":
        return _stands_on(tuple(value or ()))
    if field in ("colors", "brands"):
        names = tuple(value or ())
        filters = Filters(colors=names) if field == "colors" else Filters(brands=names)
        known, unknown = resolve(filters, _vocabulary())
        return frozenset((*known.colors, *known.brands, *(miss.name for miss in unknown)))
    if isinstance(value, int | float) and not isinstance(value, bool):
        return Decimal(str(value)).normalize()
    return value or None


@cache
def _stands_on(names: tuple[str, ...]) -> frozenset[str]:
    levels = resolve(Filters(categories=names), _vocabulary())[0].categories
    found = {product.id for product in _products() if set(product.category) & set(levels)}
    return frozenset(found) if found or not names else frozenset(names)


def _parts(claimed: list[str] | None, given: list[str] | None) -> bool:
    """Whether each is said by its beginning, and nothing else is."""
    names, others = claimed or [], given or []
    return len(names) == len(others) and all(
        any(word.startswith(name) for word in other.lower().split())
        for name, other in zip(names, others, strict=True)
    )


def _says(claimed: Any, words: str) -> bool:
    parts = claimed if isinstance(claimed, list) else []
    return all(part in words.lower() for part in parts)


def _situation(at: str) -> Situation:
    search = _SEARCHES.get(at)
    lists = [ListNote(number=n, found=9, about=about) for n, about in enumerate(_LISTS, start=1)]
    kept = [product.title for product in _matching(_SEARCHES["kept"])[:7]]
    vocabulary = _vocabulary()
    return Situation(
        photos=_PHOTOS.get(at, []),
        shown=[
            ShownNote(
                number=number,
                title=product.title,
                category=" > ".join(product.category),
                price=Decimal(product.price_minor or 0) / 100,
                color=product.color,
                brand=product.brand,
                rating=product.rating,
            )
            for number, product in enumerate(_matching(search)[:_SHOWN] if search else (), start=1)
        ],
        lists=lists if at == "lists" else lists[:1] if search else [],
        kept=kept if at == "kept" else [],
        last_search=search,
        catalogue={
            "name": "demo",
            "products": len(_products()),
            "currency": "USD",
            "prices": ["8.00", "500.00"],
            "categories": list(vocabulary.categories),
            "colors": list(vocabulary.colors),
            "brands": list(vocabulary.brands),
            "rated": True,
        },
    )


def _matching(search: dict[str, Any]) -> list[Product]:
    highest = search.get("max_price", float("inf"))
    return [
        product
        for product in _products()
        if set(search["categories"]) & set(product.category)
        and product.color in search.get("colors", [product.color])
        and (product.price_minor or 0) <= highest * 100
    ]


@cache
def _model() -> OfflineChatModel:
    return OfflineChatModel(vocabulary=_vocabulary)


@cache
def _vocabulary() -> Vocabulary:
    return count_vocabulary(_products())


@cache
def _products() -> tuple[Product, ...]:
    return tuple(
        Product(
            id=product.id,
            title=product.title,
            category=product.category,
            brand=product.brand,
            price_minor=to_minor(product.price, product.currency),
            currency=product.currency,
            color=product.color,
            rating=float(product.rating),
        )
        for product in demo_products()
    )
