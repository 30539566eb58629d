"""The built-in model on the built-in shop, as the chat uses it: right more often than not.

Every drawn kind, pattern and color may be in a product that was trained on; the figures on what
was held out are measured by the training and stand in `training.json` beside the weights.
"""

from __future__ import annotations

import hashlib
import io
import json
from pathlib import Path
from random import Random

import pytest

from assistant.events import Ranked
from assistant.factory import open_assistant, open_vision_model
from assistant.settings import load_settings
from tests.support.conversation import hear
from tools.demo.drawing import draw_scene
from tools.demo.held_out import SCENE_PATTERNS
from tools.demo.shop.products import demo_products
from tools.embedding.registry import BUILTIN
from tools.embedding.towers.files import ANSWERS, KIND, TOKENS
from tools.media.images import open_photo
from tools.phi3_vision.builtin import BUILTIN as BUILTIN_VISION
from tools.phi3_vision.builtin import FOLDER, builtin_crop_side, builtin_trust
from tools.product import Query
from tools.rerank.rerank import rerank
from tools.rerank.trust import store_trust
from tools.search.shop import Shop
from tools.workspace import Workspace

PRODUCTS = demo_products()
COUNT = 60

Wanted = tuple[str, str, str]
"""Kind, pattern and color; an empty color stands for any."""


@pytest.fixture(scope="module")
def shop(demo_home: Path) -> Shop:
    return Workspace(demo_home).open_shop()


def shares_found(shop: Shop, queries: list[tuple[Query, Wanted]]) -> tuple[float, float]:
    """The shares of queries with a fitting product in the first place, and among nine."""
    looks = {product.id: product.look for product in PRODUCTS}
    first = among = 0
    for query, (kind, pattern, color) in queries:
        seen = [looks[match.product.id] for match in shop.search(query, 9).matches]
        fits = [
            (look.kind, look.pattern) == (kind, pattern) and color in ("", look.color)
            for look in seen
        ]
        first += fits[0]
        among += any(fits)
    return first / len(queries), among / len(queries)


def test_words_find_kind_pattern_and_color(shop: Shop) -> None:
    looks = [product.look for product in Random(1).sample(PRODUCTS, COUNT)]
    queries = [
        (
            Query(f"{look.color} {look.pattern.replace('plain', '')} {look.kind}"),
            (look.kind, look.pattern, look.color),
        )
        for look in looks
    ]
    first, among = shares_found(shop, queries)
    assert first > 0.85
    assert among > 0.98


def test_scene_and_kind_find_the_pattern_on_it(shop: Shop) -> None:
    rng = Random(2)
    queries: list[tuple[Query, Wanted]] = []
    for scene, pattern in SCENE_PATTERNS.items():
        kinds = sorted({p.look.kind for p in PRODUCTS if p.look.pattern == pattern})
        picture = draw_scene(scene, seed=0)
        queries += [
            (Query(f"a {kind} with this", picture), (kind, pattern, ""))
            for kind in rng.sample(kinds, 3)
        ]
    first, among = shares_found(shop, queries)
    assert first > 0.75
    assert among > 0.93


def test_product_in_another_color_is_found(shop: Shop) -> None:
    rng = Random(3)
    colors: dict[tuple[str, str], set[str]] = {}
    for product in PRODUCTS:
        look = product.look
        colors.setdefault((look.kind, look.pattern), set()).add(look.color)
    queries: list[tuple[Query, Wanted]] = []
    for product in rng.sample(PRODUCTS, len(PRODUCTS)):
        look = product.look
        others = sorted(colors[look.kind, look.pattern] - {look.color})
        if others and len(queries) < COUNT:
            color = rng.choice(others)
            query = Query(f"same but in {color}", like=product.id)
            queries.append((query, (look.kind, look.pattern, color)))
    assert shares_found(shop, queries)[1] > 0.93


def test_every_picture_finds_its_own_product(shop: Shop, demo_home: Path) -> None:
    found = 0
    for product in Random(4).sample(PRODUCTS, COUNT):
        picture = open_photo(demo_home / "demo" / "images" / f"{product.id}.jpg")
        small = picture.crop((40, 40, 472, 472)).resize((200, 200))
        result = shop.search(Query(photo=small), 9)
        found += product.id in {match.product.id for match in result.matches}
    assert found / COUNT > 0.95


def test_shipped_weights_are_the_measured_ones() -> None:
    card = json.loads((BUILTIN / "training.json").read_text(encoding="utf-8"))
    sums = dict(card["sha256"])
    for learned in (TOKENS, ANSWERS, KIND):  # with cards of their own
        own = json.loads((BUILTIN / learned).with_suffix(".json").read_text(encoding="utf-8"))
        sums[learned] = own["sha256"]
    shipped = {path.name: path for path in BUILTIN.iterdir() if path.suffix == ".safetensors"}
    assert sums.keys() == shipped.keys()
    for name, path in shipped.items():
        assert hashlib.sha256(path.read_bytes()).hexdigest() == sums[name]
    assert card["figures"]["words recall@9"] > 0.9


def test_shipped_vision_weights_are_the_trained_ones_and_all_are_small() -> None:
    card = json.loads((FOLDER / "training.json").read_text(encoding="utf-8"))
    weights = (FOLDER / "model.safetensors").read_bytes()
    assert hashlib.sha256(weights).hexdigest() == card["sha256"]
    assert 0 <= builtin_trust() <= 1
    every = sum(path.stat().st_size for path in FOLDER.parent.rglob("*") if path.is_file())
    assert every <= 64 * 10**6


async def test_vision_model_is_asked_once_its_trust_is_learned(shop: Shop, tmp_path: Path) -> None:
    settings = load_settings(home=tmp_path)
    photo = io.BytesIO()
    draw_scene("leopard", seed=0).save(photo, "PNG")
    asked: list[list[Ranked]] = []
    for trust in (None, 0.25):
        if trust is not None:
            store_trust(tmp_path, BUILTIN_VISION, shop.name, trust, {})
        async with open_assistant(settings, shop) as assistant:
            sent = assistant.photos.add(photo.getvalue(), "leopard.png")
            events = await hear(assistant, "a phone case with this", sent)
            asked.append([event for event in events if isinstance(event, Ranked)])
    assert asked[0] == []
    (looked,) = asked[1]
    assert (looked.outcome, len(looked.matches)) == ("complete", 9)


def test_built_in_model_looks_at_nine_and_loses_none(shop: Shop) -> None:
    settings = load_settings(vision_model=BUILTIN_VISION)
    vision = open_vision_model(settings)
    assert vision is not None
    assert vision.crop_side == builtin_crop_side(), "said of it before it is open"
    photo = draw_scene("leopard", seed=0)
    found = shop.search(Query("a phone case with this", photo), 9).matches
    caption = vision.caption(photo)
    result = rerank(vision, photo, caption, found, "a phone case with this", trust=1.0)
    assert (result.outcome, result.late) == ("complete", False)
    assert sorted(result.order) == list(range(9))
    assert [bool(match.reason) for match in result.matches] == [True] * 3 + [False] * 6
    assert max(map(max, (look.scores for look in result.calls))) > min(result.calls[0].scores)
