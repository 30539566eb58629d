"""Counts over the records of turns, compared with plain loops over the same records."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from assistant.records.insights import Insights, count_insights
from assistant.records.record import CallRow, SearchRow
from assistant.records.store import RecordStore
from tests.support.turn_records import SECRET, GeneratedTurn, generated_turns
from tools.catalogue.vocabulary import Unknown, unknown_names
from tools.product import Filters

TURNS = list(generated_turns(400))


def stored(turns: list[GeneratedTurn], folder: Path) -> RecordStore:
    """A store with these turns, written as the chat writes them."""
    store = RecordStore(folder / "turns", most=10_000)
    for turn in turns:
        store.write(turn.record, {})
        for click in turn.clicks:
            store.add_click(turn.record.thread, turn.record.id, click)
        if turn.thumb is not None:
            store.write_feedback(turn.record.id, turn.thumb)
    return store


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> RecordStore:
    return stored(TURNS, tmp_path_factory.mktemp("insights"))


@pytest.fixture(scope="module")
def found(store: RecordStore) -> Insights:
    return count_insights(store, texts=True)


def again(turn: GeneratedTurn) -> bool:
    return any("list" in call.arguments for call in turn.record.calls)


def finished(turn: GeneratedTurn) -> list[SearchRow]:
    return [search for search in turn.record.searches if search.list_id]


def by_thread() -> list[list[GeneratedTurn]]:
    threads: dict[str, list[GeneratedTurn]] = defaultdict(list)
    for turn in TURNS:
        threads[turn.record.thread].append(turn)
    return list(threads.values())


def pairs() -> list[tuple[SearchRow | None, SearchRow]]:
    """Each search with the one before it in its conversation; earlier lists are no searches."""
    found: list[tuple[SearchRow | None, SearchRow]] = []
    for turns in by_thread():
        searches = [each for turn in turns if not again(turn) for each in finished(turn)]
        found += zip([None, *searches], searches, strict=False)
    return found


def test_generated_turns_have_all_that_is_counted(found: Insights) -> None:
    counts = asdict(found)
    assert not [name for name, count in counts.items() if not count and name != "unreadable"]


def test_turns_and_thumbs_are_counted(found: Insights) -> None:
    records = [turn.record for turn in TURNS]
    assert found.turns == len(TURNS)
    assert found.conversations == len({record.thread for record in records})
    assert found.outcomes == Counter(record.outcome for record in records)
    assert found.fell_back == Counter(r.fell_back for r in records if r.fell_back)
    assert found.rerank_fell_back == sum(
        any(ranking.outcome == "fell back" for row in record.searches for ranking in row.rankings)
        for record in records
    )
    thumbs = [turn.thumb["value"] for turn in TURNS if turn.thumb]
    assert (found.thumbs_up, found.thumbs_down) == (thumbs.count(1), thumbs.count(0))
    assert (found.first, found.last) == (records[0].started_at, records[-1].started_at)


def test_searches_without_a_result_and_what_is_missing_are_counted(found: Insights) -> None:
    searches = [now for _, now in pairs()]
    assert found.searches == len(searches)
    assert found.without_result == sum(not each.found for each in searches)
    assert sum(found.empty.values()) == found.without_result
    assert found.unmentioned == sum(each.unmentioned for each in searches)
    expected = Counter(f"words: {each.words}" for each in searches if each.unmentioned)
    for turn in TURNS:
        for call in turn.record.calls:
            if call.error:
                field, name = call.error.removeprefix("This shop has no ").split(" '")[:2]
                expected[f"{field}: {name.split(chr(39))[0]}"] += 1
    assert found.missing == expected


def test_what_is_newly_asked_for_is_counted(found: Insights) -> None:
    kinds: Counter[str] = Counter()
    brands: Counter[str] = Counter()
    limits: Counter[str] = Counter()
    colors: Counter[str] = Counter()
    heads = {(): set(), ("black", "matte black"): {"black"}, ("light blue", "blue"): {"blue"}}
    for before, now in pairs():
        old, new = before.filters if before else Filters(), now.filters
        kinds.update(name for name in new.categories if name not in old.categories)
        brands.update(name for name in new.brands if name not in old.brands)
        theirs = heads.get(old.colors, set(old.colors))
        colors.update(heads.get(new.colors, set(new.colors)) - theirs)
        if new.max_price and new.max_price != old.max_price:
            limits[f"up to ${new.max_price / 100:.2f}"] += 1
        if new.min_price and new.min_price != old.min_price:
            limits[f"from ${new.min_price / 100:.2f}"] += 1
    assert (found.kinds, found.brands, found.colors) == (kinds, brands, colors)
    assert found.price_limits == limits


def test_refinements_are_counted(found: Insights) -> None:
    following = earlier = 0
    for turns in by_thread():
        searched = False
        for turn in turns:
            following += searched and bool(finished(turn))
            earlier += searched and bool(finished(turn)) and again(turn)
            searched = searched or (bool(finished(turn)) and not again(turn))
    assert found.following == following
    assert found.refinements["an earlier list"] == earlier
    both = [(before, now) for before, now in pairs() if before]
    added = sum(not b.filters.max_price and bool(n.filters.max_price) for b, n in both)
    assert found.refinements["highest price added"] == added
    removed = sum(bool(b.filters.colors) and not n.filters.colors for b, n in both)
    assert found.refinements["color removed"] == removed
    changed = sum(len({b.filters.categories, n.filters.categories, ()}) == 3 for b, n in both)
    assert found.refinements["kind changed"] == changed


def test_clicked_positions_are_counted_with_how_often_they_were_shown(found: Insights) -> None:
    clicks = [click for turn in TURNS for click in turn.clicks]
    lists = [search for turn in TURNS for search in finished(turn)]
    assert [each.number for each in found.positions] == list(range(1, 10))
    for each in found.positions:
        assert each.shown == sum(len(search.found) >= each.number for search in lists)
        assert each.clicks == sum(click.number == each.number for click in clicks)
        assert each.carts == sum(click.number == each.number and click.cart for click in clicks)


def test_counts_are_sorted_with_the_most_frequent_first(found: Insights) -> None:
    for counts in (found.kinds, found.missing, found.refinements, found.empty):
        assert list(counts.values()) == sorted(counts.values(), reverse=True)


def test_without_texts_no_word_of_a_shopper_is_kept(store: RecordStore, found: Insights) -> None:
    private = count_insights(store)
    assert SECRET not in json.dumps(asdict(private))
    assert SECRET in json.dumps(asdict(found))
    assert {"color", "brand", "category", "option", "words"} == set(private.missing)
    for name, count in asdict(private).items():
        if name not in ("empty", "missing"):
            assert count == asdict(found)[name], name
    assert sum(private.missing.values()) == sum(found.missing.values())


def test_only_turns_of_the_last_days_are_counted(store: RecordStore) -> None:
    since = datetime.now(UTC) - timedelta(days=10)
    recent = [t for t in TURNS if datetime.fromisoformat(t.record.started_at) >= since]
    assert 100 < len(recent) < 200
    assert count_insights(store, since=since).turns == len(recent)


def test_no_records_give_zeros(tmp_path: Path) -> None:
    found = count_insights(RecordStore(tmp_path / "none"))
    assert (found.turns, found.first, found.positions) == (0, "", ())
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize(
    ("file", "data"),
    [
        ("record.json", b'{"id": "'),
        ("clicks.json", b'[{"list_id": 3}]'),
        ("feedback.json", b"\xff"),
    ],
)
def test_broken_record_is_counted_and_left_out(file: str, data: bytes, tmp_path: Path) -> None:
    turns = TURNS[:5]
    store = stored(turns, tmp_path)
    (store.folder(turns[2].record.id) / file).write_bytes(data)
    found = count_insights(store)
    assert (found.turns, found.unreadable) == (4, 1)


def test_record_that_is_removed_meanwhile_is_no_broken_one(tmp_path: Path) -> None:
    turns = TURNS[:3]
    store = stored(turns, tmp_path)
    stream = store.stream()
    next(stream)
    store.delete_thread(turns[1].record.thread)
    rest = [turn for turn in TURNS[1:3] if turn.record.thread != turns[1].record.thread]
    assert len(list(stream)) == len(rest)


def test_names_that_the_catalogue_does_not_know_are_read_from_its_sentences() -> None:
    unknown = [
        Unknown("color", "gold", ("yellow",)),
        Unknown("brand", "Fern's", ()),
        Unknown("heel height", "9 cm.", ("5 cm",)),
    ]
    text = " ".join(miss.sentence() for miss in unknown)
    assert unknown_names(text) == [(miss.field, miss.name) for miss in unknown]
    assert unknown_names("There is no photo 3; there is only photo 1.") == []


def test_name_that_is_refused_twice_in_a_turn_counts_once(tmp_path: Path) -> None:
    sentence = Unknown("color", "Gold", ()).sentence()
    call = CallRow("multimodal_search", {}, 0.0, sentence)
    turn = next(generated_turns(1))
    record = replace(turn.record, calls=(call, call), searches=())
    store = stored([GeneratedTurn(record, (), None)], tmp_path)
    assert count_insights(store, texts=True).missing == {"color: gold": 1}


def test_second_search_of_a_turn_is_no_refinement_of_the_shopper(tmp_path: Path) -> None:
    searching = [turn for turn in TURNS if finished(turn) and not again(turn)]
    one, other = (turn.record.searches[0] for turn in searching[:2])
    both = replace(searching[0].record, searches=(one, other))
    later = replace(searching[1].record, thread=both.thread)
    store = stored([GeneratedTurn(both, (), None), GeneratedTurn(later, (), None)], tmp_path)
    found = count_insights(store)
    assert (found.searches, found.following) == (3, 1)
    assert found.refinements == {"the same again": 1}
