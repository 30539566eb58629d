"""Dialogues with the chat: read from a file, made from a catalogue, held and judged."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from assistant.budget import TurnLimits
from assistant.dialogue_runner import DialogueRunner
from assistant.models.rules.chat_model import OfflineChatModel
from assistant.settings import load_settings
from tests.support.command_line import run
from tests.support.openai_server import answers, serving
from tests.support.repeats import repeats
from tests.support.shop_files import mug, write_csv, write_jsonl
from tools.catalogue.vocabulary import Vocabulary, count_vocabulary
from tools.errors import SetupError
from tools.evaluate.inputs.dialogue_file import holds_dialogues, read_dialogues
from tools.evaluate.inputs.generated_dialogues import make_dialogues
from tools.evaluate.inputs.labels import Dialogue, DialogueTurn
from tools.evaluate.runs.dialogues import TurnOutcome, dialogue_figures, judge_turns
from tools.product import Filters, Product
from tools.search.shop import Shop

MUGS = {
    str(n): Product(str(n), "Mug", ("Kitchen", "Mugs"), price_minor=100 * n, color="red")
    for n in range(1, 5)
}
UNDER_2 = Filters(max_price=200, currency="USD")
SAYS = {"user": "red mugs", "relevant_ids": ["m4"]}


def rehearsal() -> DialogueRunner:
    return DialogueRunner(
        lambda shop: OfflineChatModel(vocabulary=lambda: shop.vocabulary, meaning=shop)
    )


def heard(*ids: str, filters: Filters | None = None) -> TurnOutcome:
    return TurnOutcome(tuple(MUGS[i] for i in ids), filters=filters)


@pytest.mark.parametrize(
    ("turn", "came", "success", "over"),
    [
        (DialogueTurn("a", frozenset("1")), heard("1", "4"), True, ()),
        (DialogueTurn("a", frozenset("1")), heard("4", "1"), False, ()),
        (DialogueTurn("a", frozenset("1")), heard(), False, ()),
        (DialogueTurn("a", frozenset("1"), UNDER_2), heard("1", "2"), True, ()),
        (DialogueTurn("a", frozenset("1"), UNDER_2), heard("1", "2", "3"), False, ("3",)),
        (DialogueTurn("a", frozenset(), UNDER_2), heard("4"), None, ("4",)),
        (
            DialogueTurn("a", frozenset("1"), UNDER_2),
            TurnOutcome((MUGS["1"],), (MUGS["3"],)),
            False,
            ("3",),
        ),
    ],
)
def test_turn_succeeds_when_the_first_fits_and_none_is_over_the_limit(
    turn: DialogueTurn, came: TurnOutcome, success: bool | None, over: tuple[str, ...]
) -> None:
    (judged,) = judge_turns([Dialogue("d", (turn,))], [[came]], MUGS)
    assert (judged.success, judged.over) == (success, over)


def test_constraints_are_compared_by_what_they_let_pass() -> None:
    wanted = Filters(categories=("Mugs",), max_price=200)
    turns = tuple(DialogueTurn("a", wanted=wanted) for _ in range(4))
    came = [
        heard(filters=Filters(categories=("Kitchen",), max_price=200)),
        heard(filters=Filters(categories=("Mugs",), max_price=300)),
        heard(filters=Filters(categories=("Mugs",), max_price=200, colors=("red",))),
        TurnOutcome(),
    ]
    judged = judge_turns([Dialogue("d", turns)], [came], MUGS)
    assert [each.constraints for each in judged] == [True, False, False, False]
    assert dialogue_figures(judged)["constraints_right"] == 0.25


def test_file_states_limits_that_hold_until_another(tmp_path: Path) -> None:
    turns = [SAYS, {**SAYS, "max_price": 9.5}, SAYS, {**SAYS, "max_price": 20}]
    path = write_jsonl(tmp_path / "d.jsonl", [{"did": "a", "turns": turns, "more": 1}])
    (dialogue,), unusable = read_dialogues(path, "USD")
    assert (holds_dialogues(path), dialogue.did, unusable) == (True, "a", [])
    assert [turn.limit.max_price for turn in dialogue.turns] == [None, 950, 950, 2000]


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ({"did": "x", "turns": []}, "Write a list of turns"),
        ({"did": "x", "turns": "hi"}, "Write a list of turns"),
        ({"turns": [SAYS, "hi"]}, 'turn 2: it is "hi"'),
        ({"turns": [{"relevant_ids": []}]}, "turn 1: it says nothing. Add `user`"),
        ({"turns": [{"user": "hi"}]}, "Add `relevant_ids`"),
        ({"turns": [{**SAYS, "max_price": "cheap"}]}, "Write a number such as 20"),
        ({"turns": [{**SAYS, "max_price": -1}]}, "Write a number such as 20"),
        ({"turns": [{**SAYS, "photo": "no.jpg"}]}, "there is no picture"),
        ({"turns": [{**SAYS, "photo": "d.jsonl"}]}, "turn 1: `photo`"),
        ({"turns": [{**SAYS, "relevant_ids": "m4"}]}, "Write a list of ids"),
        ({"did": "good", "turns": [SAYS]}, "is there twice"),
        ({"text": "mugs", "relevant_ids": ["m4"]}, "Write a list of turns"),
    ],
)
def test_broken_dialogue_is_left_out_with_what_to_do(
    tmp_path: Path, row: dict[str, object], said: str
) -> None:
    path = write_jsonl(tmp_path / "d.jsonl", [{"did": "good", "turns": [SAYS]}, row])
    dialogues, unusable = read_dialogues(path, "USD")
    assert [dialogue.did for dialogue in dialogues] == ["good"]
    assert unusable[0].where == "line 2"
    assert said in unusable[0].reason


def test_file_without_any_dialogue_is_refused_with_an_example(tmp_path: Path) -> None:
    path = write_jsonl(tmp_path / "d.jsonl", [{"turns": []}])
    with pytest.raises(SetupError, match="A row is like"):
        read_dialogues(path, "USD")


def test_made_dialogues_are_the_same_for_a_seed_and_speak_of_every_kind() -> None:
    products = [
        Product(f"{kind}{color}{n}", "X", path, price_minor=1000 * n, color=color)
        for kind, path in enumerate(
            [("Women", "Dresses"), ("Girls", "Dresses"), ("Home", "Table Lamps"), ("Home", "A & B")]
        )
        for color in ("red", "Heather Grey")
        for n in (1, 2)
    ]
    facts = {product.id: product for product in products}
    words = count_vocabulary(products)
    made = make_dialogues(facts, words, 200)
    assert made == make_dialogues(facts, words, 200)
    assert made != make_dialogues(facts, words, 200, seed=1)
    wanted = {turn.wanted.categories for d in made for turn in d.turns if turn.wanted}
    assert {("Women > Dresses",), ("Girls > Dresses",), ("Table Lamps",)} <= wanted
    assert all(len(dialogue.turns) == 4 and dialogue.turns[1].relevant for dialogue in made)
    first = " ".join(dialogue.turns[0].user for dialogue in made).lower()
    assert "women's dress" in first
    assert "table lamp" in first
    assert " lamps" in first.replace("table lamps", "")


def test_catalogue_without_prices_makes_no_dialogues() -> None:
    with pytest.raises(SetupError, match="cannot be made: this catalogue has no"):
        make_dialogues({}, Vocabulary(), 5)


def _hold(shop: Shop, dialogues: Sequence[Dialogue]) -> list[dict[str, object]]:
    facts = {product.id: product for product in shop._index.all_products()}
    judged = judge_turns(
        dialogues, rehearsal()(shop, dialogues, on_progress=lambda *_: None), facts
    )
    return [
        {"user": each.turn.user, "in force": each.outcome.filters, "over": each.over}
        for each in judged
        if each.wrong
    ]


def test_dialogues_made_from_other_words_come_out_right(other_shop: Shop) -> None:
    facts = {product.id: product for product in other_shop._index.all_products()}
    made = make_dialogues(facts, other_shop.vocabulary, repeats(4))
    assert _hold(other_shop, made) == []


def test_each_dialogue_is_a_thread_of_its_own(color_shop: Shop) -> None:
    dialogue = Dialogue("a", (DialogueTurn("red mugs"), DialogueTurn("under 10")))
    first, again = rehearsal()(
        color_shop, [dialogue, replace(dialogue, did="b")], on_progress=lambda *_: None
    )
    assert [h.shown for h in first] == [h.shown for h in again]
    assert first[1].filters == Filters(categories=("Mugs",), colors=("red",), max_price=1000)


def test_file_of_dialogues_is_held_and_its_figures_printed(tmp_path: Path) -> None:
    catalogue = write_csv(tmp_path / "mugs.csv", [mug(n) for n in range(1, 13)])
    rows = [
        {
            "did": "fine",
            "turns": [
                {"user": "red mugs", "relevant_ids": ["m4", "m8", "m12"]},
                {"user": "under 9 dollars", "relevant_ids": ["m4", "m8"], "max_price": 9},
            ],
        },
        {"did": "asks for another", "turns": [{"user": "red mugs", "relevant_ids": ["m1"]}]},
        {"did": "broken", "turns": [{"user": "hi"}]},
    ]
    path = write_jsonl(tmp_path / "dialogues.jsonl", rows)
    done = run(
        "evaluate", str(path), "--catalogue", str(catalogue), "--json", home=tmp_path / "home"
    )
    assert done.returncode == 3, done.stderr
    figures = json.loads(done.stdout)
    assert figures["turn_success"] == pytest.approx(2 / 3, abs=1e-4)
    assert (figures["violations"], figures["turns"], figures["set_aside"]) == (0, 3, 1)
    assert figures["by_turn"]["2"]["recall@9"] == 1.0
    assert [(each["did"], each["turn"]) for each in figures["wrong"]] == [("asks for another", 1)]
    assert "relevant_ids" in done.stderr


def test_made_dialogues_are_counted_from_the_command_line(tmp_path: Path) -> None:
    catalogue = write_csv(tmp_path / "mugs.csv", [mug(n) for n in range(1, 13)])
    done = run(
        "evaluate", "--dialogues", "3", "--catalogue", str(catalogue), home=tmp_path / "home"
    )
    assert done.returncode == 0, done.stderr
    assert "turn_success" in done.stdout
    assert "constraints_right" in done.stdout


def test_dialogues_are_held_with_the_chat_model_as_the_chat_has_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The model was checked without its address and key, and its token limit was dropped.
    catalogue = write_csv(tmp_path / "mugs.csv", [mug(n) for n in range(1, 13)])
    says = {"user": "red mugs", "relevant_ids": ["m4", "m8", "m12"]}
    path = write_jsonl(tmp_path / "dialogues.jsonl", [{"did": "a", "turns": [says]}])
    search = "multimodal_search", {"words": "mug", "colors": ["red"]}
    with serving(answers("", search), answers("Here they are.")) as server:
        monkeypatch.delenv("OPENAI_API_KEY", raising=False)
        monkeypatch.setenv("POUNCE_CHAT_MODEL", "openai:tested")
        monkeypatch.setenv("POUNCE_CHAT_URL", f"{server.address}/v1")
        monkeypatch.setenv("POUNCE_TURN_TOKENS", "500")
        done = run(
            "evaluate", str(path), "--catalogue", str(catalogue), "--json", home=tmp_path / "home"
        )
        calls = len(server.heard)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["turn_success"] == 1.0
    assert calls == 1, "the first answer had used up the tokens"


def test_turn_limits_are_those_of_the_settings() -> None:
    settings = load_settings(
        turn_model_calls=3, turn_tool_calls=5, turn_seconds=20, chat_timeout_s=7, turn_tokens=900
    )
    assert settings.turn_limits == TurnLimits(
        model_calls=3, tool_calls=5, seconds=20, model_seconds=7, tokens=900
    )
