"""Records in a folder and in PostgreSQL: the cap, the order, the modes, and what cannot be read."""

from __future__ import annotations

import resource
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.events import LinkClick
from assistant.records.postgres_store import PostgresRecords
from assistant.records.record import FORMAT, SearchRow, TurnRecord, from_json
from assistant.records.store import RecordStore
from assistant.records.stored_turn import FollowedLink, StoredTurn, Thumb, UnreadableTurn
from assistant.records.turn_records import TurnRecords, new_id
from tests.support.postgres import PostgresServer
from tools.errors import RequestError, SetupError
from tools.postgres import connect_blocking
from tools.product import Filters


def record(number: int = 0, text: str = "a mug") -> TurnRecord:
    """A turn without a search, `number` seconds after noon."""
    at = datetime(2026, 1, 1, 12, tzinfo=UTC) + timedelta(seconds=number)
    return TurnRecord(
        id=new_id(),
        started_at=at.isoformat(timespec="microseconds"),
        thread="t",
        text=text,
        photos=(),
        catalogue="demo",
        chat_model="offline",
        prompt_version=1,
        outcome="done",
        sentence="",
        incident="",
        calls=(),
        searches=(),
        answer="Mugs.",
        seconds=0.5,
        timings_s={"chat model": 0.1},
    )


OpenStore = Callable[..., TurnRecords]
"""Opens one store, again and again; takes its caps."""


@pytest.fixture(params=["folder", "postgres"])
def opened(request: pytest.FixtureRequest, tmp_path: Path) -> OpenStore:
    if request.param == "folder":
        return lambda **caps: RecordStore(tmp_path / "turns", **caps)
    url = request.getfixturevalue("postgres").new_database()
    return lambda **caps: PostgresRecords(url, **caps)


def kept(store: TurnRecords) -> list[str]:
    return [each.id for each in store.newest(1000).records]


def bytes_in(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


@pytest.mark.parametrize("text", ["a mug\nwith “this” 🐆", "a\0b", ""])
def test_what_is_written_is_read_back(opened: OpenStore, text: str) -> None:
    store, one = opened(), record(text=text)
    store.write(one, {"1.png": b"picture\0"})
    assert store.read(one.id) == one
    assert store.picture(one.id, "1.png") == b"picture\0"
    for turn, name in ((one.id, "2.png"), (new_id(), "1.png")):
        with pytest.raises(RequestError, match="pounce explain"):
            store.picture(turn, name)


def test_folder_of_a_record_is_its_place(tmp_path: Path) -> None:
    store, one = RecordStore(tmp_path / "turns"), record()
    store.write(one, {})
    assert (Path(store.place(one.id)) / "record.json").read_bytes() == one.to_json()


def test_feedback_is_replaced_and_taken_back(opened: OpenStore) -> None:
    store, one = opened(), record()
    store.write(one, {})
    assert store.feedback(one.id) is None
    store.write_feedback(one.id, {"value": 1, "comment": ""})
    store.write_feedback(one.id, {"value": 0, "comment": "“big” \0 \ud800"})
    assert store.feedback(one.id) == {"value": 0, "comment": "“big” \0 \ud800"}
    store.write_feedback(one.id, None)
    store.write_feedback(new_id(), {"value": 1, "comment": ""})  # of a record that is gone
    assert store.feedback(one.id) is store.feedback(new_id()) is None


def test_deleted_conversation_leaves_no_record(opened: OpenStore) -> None:
    store = opened()
    ours, other = record(0), replace(record(1), thread="other")
    for each in (ours, other):
        store.write(each, {"1.png": b"picture"})
    store.delete_thread("t")
    assert kept(store) == [other.id]
    with pytest.raises(RequestError):
        store.picture(ours.id, "1.png")


def test_record_that_another_replica_writes_after_a_deletion_is_dropped(
    postgres: PostgresServer,
) -> None:
    url = postgres.new_database()
    PostgresRecords(url).delete_thread("t")
    store = PostgresRecords(url)
    store.write(record(), {"1.png": b"picture"})
    assert kept(store) == []


def test_turns_come_oldest_first_with_thumbs_and_clicks(opened: OpenStore) -> None:
    store = opened()
    records = [
        replace(searched("list-1", "a mug"), started_at=record(n).started_at) for n in (2, 0, 1)
    ]
    for each in records:
        store.write(each, {})
    first = records[1]
    store.write_feedback(first.id, {"value": 1, "comment": "good"})
    store.add_click("t", first.id, LinkClick("list-1", 3, "m1", cart=True))
    turns = [turn for turn in store.stream() if isinstance(turn, StoredTurn)]
    assert [turn.record.id for turn in turns] == [records[n].id for n in (1, 2, 0)]
    assert turns[0].thumb == Thumb(1, "good")
    assert turns[0].clicks == (FollowedLink("list-1", 3, cart=True),)
    assert (turns[1].thumb, turns[1].clicks) == (None, ())
    since = datetime.fromisoformat(records[0].started_at)
    assert [each.record for each in store.stream(since) if isinstance(each, StoredTurn)] == records[
        :1
    ]


def test_row_that_cannot_be_read_is_named(postgres: PostgresServer) -> None:
    url = postgres.new_database()
    store, one, other = PostgresRecords(url), record(), record(1)
    for each in (one, other):
        store.write(each, {})
    with connect_blocking(url) as connection:
        connection.execute("UPDATE turn_records SET record = '{' WHERE id = %s", (one.id,))
    listed = store.newest(9)
    assert [each.id for each in listed.records] == [other.id]
    assert one.id in listed.unreadable[0]
    (unreadable, turn) = store.stream()
    assert isinstance(unreadable, UnreadableTurn)
    assert isinstance(turn, StoredTurn)
    with pytest.raises(SetupError, match="cannot be read"):
        store.read(one.id)


def searched(list_id: str, words: str) -> TurnRecord:
    search = SearchRow(
        words=words,
        photo=None,
        like=None,
        filters=Filters(),
        list_id=list_id,
        searched=9,
        found=(),
        timings_s={},
        rankings=(),
    )
    return replace(record(), searches=(search,))


def test_clicks_are_counted_with_query_and_position_and_nothing_of_the_shopper(
    opened: OpenStore,
) -> None:
    store, one = opened(), searched("list-1", "a mug")
    store.write(one, {})
    store.add_click("t", one.id, LinkClick("list-1", 3, "m1", "m1-red"))
    store.add_click("t", one.id, LinkClick("list-1", 1, "m2", cart=True))
    assert store.clicks(one.id) == [
        {"list_id": "list-1", "number": 3, "product": "m1", "variant": "m1-red", "cart": False,
         "query": "a mug"},
        {"list_id": "list-1", "number": 1, "product": "m2", "variant": "", "cart": True,
         "query": "a mug"},
    ]  # fmt: skip


def test_clicks_of_another_thread_or_list_or_turn_are_not_counted(opened: OpenStore) -> None:
    store, one = opened(), searched("list-1", "a mug")
    store.write(one, {})
    store.add_click("another", one.id, LinkClick("list-1", 1, "m1"))
    store.add_click("t", one.id, LinkClick("list-2", 1, "m1"))
    store.add_click("t", "k3v9x2m4q7ap", LinkClick("list-1", 1, "m1"))
    assert store.clicks(one.id) == []


@given(st.text(st.characters(codec="utf-8"), max_size=200))
def test_any_words_survive_the_file(text: str) -> None:
    one = record(text=text)
    assert from_json(one.to_json()) == one


def test_oldest_make_room_for_the_newest(opened: OpenStore) -> None:
    store = opened(most=3)
    records = [record(number) for number in range(5)]
    for each in records:
        store.write(each, {})
    assert kept(store) == [each.id for each in reversed(records[2:])]
    with pytest.raises(RequestError, match="no record of a turn"):
        store.read(records[0].id)


def test_turns_that_end_at_once_are_all_kept(tmp_path: Path) -> None:
    """Each made room for itself while another counted what is there, and one was lost."""
    store = RecordStore(tmp_path, most=4)
    records = [record(number) for number in range(48)]
    with ThreadPoolExecutor(8) as pool:
        for written in [pool.submit(store.write, each, {}) for each in records]:
            written.result()
    assert len(kept(store)) == 4


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(0, 400_000), min_size=1, max_size=12))
def test_never_more_bytes_than_the_cap_and_the_newest_that_fits_is_kept(sizes: list[int]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        store = RecordStore(Path(folder) / "turns", most_mb=0.5)
        for number, size in enumerate(sizes):
            each = record(number)
            store.write(each, {"1.png": bytes(size)})
            assert bytes_in(Path(folder)) <= 500_000
            assert kept(store)[0] == each.id


def test_store_that_is_opened_anew_counts_what_lies_there(opened: OpenStore) -> None:
    for number in range(4):
        store = opened(most_mb=0.25)
        store.write(record(number), {"1.png": bytes(100_000)})
    assert len(kept(store)) == 2


def test_record_that_alone_is_over_the_cap_is_refused_and_removes_nothing(
    opened: OpenStore,
) -> None:
    store, small = opened(most_mb=0.1), record()
    store.write(small, {})
    with pytest.raises(SetupError, match="POUNCE_TURN_RECORDS_MB"):
        store.write(record(1), {"1.png": bytes(200_000)})
    assert kept(store) == [small.id]


@pytest.mark.parametrize("caps", [{"most": 0}, {"most_mb": 0}])
def test_cap_of_nothing_keeps_nothing(
    caps: dict[str, int], opened: OpenStore, tmp_path: Path
) -> None:
    store = opened(**caps)
    assert not store.enabled
    with pytest.raises(SetupError):
        store.write(record(), {})
    assert not (tmp_path / "turns").exists()


def test_only_the_owner_can_read_them(tmp_path: Path) -> None:
    store, one = RecordStore(tmp_path / "turns"), record()
    store.write(one, {"1.png": b"picture"})
    folder = store.folder(one.id)
    modes = [path.stat().st_mode & 0o777 for path in (folder.parent, folder, *folder.iterdir())]
    assert modes == [0o700, 0o700, 0o600, 0o600]


def test_record_that_cannot_be_read_is_passed_over_with_a_sentence(tmp_path: Path) -> None:
    store = RecordStore(tmp_path / "turns")
    records = [record(number) for number in range(4)]
    for each in records:
        store.write(each, {})
    spoilt, half, good, other = (store.folder(each.id) / "record.json" for each in records)
    spoilt.unlink()
    half.write_bytes(half.read_bytes()[:100])
    other.write_bytes(replace(records[3], format=FORMAT + 1).to_json())
    listed = store.newest(9)
    assert [each.id for each in listed.records] == [records[2].id]
    assert good.exists()
    for path, sentence in zip((other, half, spoilt), listed.unreadable, strict=True):
        assert str(path.parent) in sentence
        assert sentence.endswith("Remove that folder.")
    with pytest.raises(SetupError, match="cannot be read"):
        store.read(records[1].id)


@pytest.mark.parametrize("turn_id", ["", "latest", "..", "../../etc/passwd", "*", "a" * 12])
def test_id_that_names_none_says_what_to_do(turn_id: str, opened: OpenStore) -> None:
    store = opened()
    store.write(record(), {})
    with pytest.raises(RequestError, match="pounce explain"):
        store.read(turn_id)


@contextmanager
def files_of_at_most(size: int) -> Iterator[None]:
    """Every longer file breaks off while it is written, as on a full disk."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_record_that_breaks_off_leaves_nothing_and_costs_no_other(tmp_path: Path) -> None:
    store, one = RecordStore(tmp_path / "turns", most=1), record()
    store.write(one, {})
    with files_of_at_most(50_000), pytest.raises(OSError, match="too large"):
        store.write(record(1), {"1.png": bytes(100_000)})
    assert kept(store) == [one.id]
    assert len(list((tmp_path / "turns").iterdir())) == 1


def test_ids_are_not_alike() -> None:
    assert len({new_id() for _ in range(1000)}) == 1000
