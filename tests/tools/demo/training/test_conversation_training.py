"""What is learned of made-up shops: their lessons, and that trainings learn from them."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import pytest

from tests.support.paths import ROOT
from tools.demo.training import answer_training
from tools.demo.training.answer_training import train_answers
from tools.demo.training.conversation_lessons import (
    Following,
    read_kinds,
    read_shops,
)
from tools.demo.training.kind_training import train_kind
from tools.demo.training.token_training import train_tokens
from tools.embedding.registry import BUILTIN
from tools.embedding.towers.files import (
    ANSWERS,
    KIND,
    TEXT_TOWER,
    TOKENIZER,
    TOKENS,
    open_answers,
    open_kind,
    open_words,
)
from tools.embedding.towers.storage import digest

CONVERSATIONS = ROOT / "tests" / "data" / "conversations"
PRODUCTS = """id,title,category,price,currency,color,brand,rating,rating_count,description,image
m,Flat Mop,Home > Mops,19,EUR,,,,,"Of steel, holds 1 l. Wrings itself.",
k,Kettle,Kitchen > Kettles,29,EUR,,,,,"Of glass, holds 2 l.",
v,Vase,Home > Vases,9,EUR,,,,,"Of clay, for long stems.",
"""


@pytest.fixture
def given(tmp_path: Path) -> argparse.Namespace:
    """Five small shops, the last but one of which is kept out, and the towers."""
    for number in range(5):
        folder = tmp_path / "shops" / f"shop{number}"
        folder.mkdir(parents=True)
        (folder / "products.csv").write_text(PRODUCTS)
        messages = [
            {"say": f"to clean {number} floors", "right": ["m"]},
            {"before": "for tea", "say": "of glass", "right": ["k"]},
            {"say": "for my flowers", "right": ["v", "k"]},
        ]
        questions = [
            {"id": "m", "ask": "what is it made of?", "answer": "Of steel, holds 1 l."},
            {"id": "k", "ask": "how heavy?", "answer": ""},
            {"id": "v", "ask": "what is this?", "answer": "Vase"},
        ]
        for name, lines in (("messages", messages), ("questions", questions)):
            text = "\n".join(json.dumps(each) for each in lines)
            (folder / f"{name}.jsonl").write_text(text)
    asks = [
        {"say": said, "asks": asks}
        for _ in range(5)
        for said, asks in [("is it heavy?", True), ("rather a big one", False)]
    ]
    limits = [
        {"say": said, "price": price}
        for _ in range(5)
        for said, price in [("any price will do", "lifted"), ("in red please", "kept")]
    ]
    kinds = [
        {"before": f"{thing} {number}", "say": said, "same": same}
        for number in range(5)
        for thing in ("a mop", "a kettle")
        for said, same in [("in red please", True), ("and a vase", False)]
    ]
    for name, told in (("asks", asks), ("limits", limits), ("kinds", kinds)):
        text = "\n".join(map(json.dumps, told))
        (tmp_path / "shops" / f"{name}.jsonl").write_text(text)
    out = tmp_path / "out"
    out.mkdir()
    for name in (TEXT_TOWER, TOKENIZER):
        (out / name).symlink_to(BUILTIN / name)
    return argparse.Namespace(conversations=tmp_path / "shops", out=out, seed=1)


def test_lessons_are_read_with_what_is_right(given: argparse.Namespace) -> None:
    shops, kept = read_shops(given.conversations)
    assert [shop.name for shop in kept] == ["shop4"]
    assert [shop.name for shop in shops] == ["shop0", "shop1", "shop2", "shop3"]
    shop = shops[0]
    assert shop.texts[1].startswith("Kettle")
    assert [(each.before, each.said, each.right) for each in shop.said] == [
        ("", "to clean 0 floors", (0,)),
        ("for tea", "of glass", (1,)),
        ("", "for my flowers", (2, 1)),
    ]
    steel, heavy, vase = shop.asked
    assert [steel.texts[place] for place in steel.answering] == ["Of steel", "holds 1 l."]
    assert heavy.answering == ()
    assert [vase.texts[place] for place in vase.answering] == ["Vase"]


def test_answer_that_does_not_stand_in_the_text_is_named(given: argparse.Namespace) -> None:
    with (given.conversations / "shop1" / "questions.jsonl").open("a") as file:
        file.write('\n{"id": "k", "ask": "how heavy?", "answer": "800 g"}')
    with pytest.raises(ValueError, match="k: the answer '800 g' does not stand in its text"):
        read_shops(given.conversations)


def test_too_few_shops_are_refused(given: argparse.Namespace, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"has 0 shops with a products\.csv, and it takes 5"):
        read_shops(tmp_path / "nothing")


@pytest.mark.parametrize("weights", [TOKENS, ANSWERS, KIND])
def test_shipped_weights_are_those_of_their_card(weights: str) -> None:
    card = json.loads((BUILTIN / weights).with_suffix(".json").read_text())
    assert card["sha256"] == digest(BUILTIN / weights)


def test_trainings_learn_their_lessons_and_write_what_can_be_opened(
    given: argparse.Namespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(answer_training, "BATCH", 4)
    train_tokens(given, epochs=30)
    train_answers(given, epochs=30)
    open_words(given.out, tuned=True)
    open_answers(given.out)
    for weights in (TOKENS, ANSWERS):
        card = json.loads((given.out / weights).with_suffix(".json").read_text())
        losses = [each["loss"] for each in card["curve"] if "loss" in each]
        assert losses[-1] < losses[0] / 2, weights
        assert card["kept_out"] == ["shop4"]
    last = json.loads((given.out / TOKENS).with_suffix(".json").read_text())["curve"][-1]
    assert last["asks of what is shown, of any shop"] == 1.0
    assert last["lifts the limit of price, of any shop"] == 1.0


def test_what_tells_another_kind_learns_its_lessons(given: argparse.Namespace) -> None:
    learned, kept = read_kinds(given.conversations)
    assert len(learned) + len(kept) == 20
    assert kept == [Following("in red please", False), Following("and a vase", True)]
    train_kind(given, epochs=40)
    card = json.loads((given.out / KIND).with_suffix(".json").read_text())
    assert card["curve"][-1] == {"as int8": 1.0, "right": 1.0, "area under ROC": 1.0}
    assert card["curve"][-2]["loss"] < card["curve"][0]["loss"] / 2
    words = open_words(given.out)
    layers = open_kind(given.out, words.model)
    assert words.probability(layers, "and a vase") > 0.5
    assert words.probability(layers, "in red please") < 0.5


@pytest.mark.parametrize(
    "folder",
    sorted(each.parent for each in CONVERSATIONS.glob("*/products.csv")),
    ids=lambda path: path.name,
)
def test_lessons_of_the_conversations_stand_in_their_shops(folder: Path) -> None:
    lines = {
        name: [json.loads(each) for each in (folder / f"{name}.jsonl").read_text().splitlines()]
        for name in ("messages", "questions")
    }
    shops, kept = read_shops(CONVERSATIONS)
    shop = next(each for each in (*shops, *kept) if each.name == folder.name)
    assert len(shop.said) == len(lines["messages"]) >= 400
    assert all(each.said.strip() and each.right for each in shop.said)
    assert len(shop.asked) == len(lines["questions"]) >= 100
    for line, asked in zip(lines["questions"], shop.asked, strict=True):
        assert bool(line["answer"]) == bool(asked.answering), asked
