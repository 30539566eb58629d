"""Reading labelled queries: what a row may hold, and the sentence where it cannot be used."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path

import pytest

from tests.support.shop_files import write_jsonl
from tools.errors import SetupError
from tools.evaluate.inputs.labels import LabelledQuery
from tools.evaluate.inputs.query_file import read_queries

FINE = {"text": "a red mug", "relevant_ids": ["m1"]}


def read(folder: Path, **row: object) -> LabelledQuery:
    queries, unusable = read_queries(write_jsonl(folder / "queries.jsonl", [row]))
    assert not unusable
    return queries[0]


def test_words_with_filters_and_what_breaks_them(tmp_path: Path) -> None:
    query = read(
        tmp_path,
        qid="q1",
        text=" red mugs under $12.50 ",
        filters={"category": "Kitchen > Mugs", "color": ["red"], "max_price": 12.5, "brands": None},
        relevant_ids=["m1", "m5"],
        violations=["m9"],
        hard_negative_ids=["m2"],
    )
    assert (query.qid, query.kind, query.text) == ("q1", "words", "red mugs under $12.50")
    assert query.stated.max_price == Decimal("12.5")
    assert (query.stated.categories, query.stated.colors) == (("Kitchen > Mugs",), ("red",))
    assert query.relevant == {"m1", "m5"}
    assert query.grades == {"m1": 1, "m5": 1}
    assert query.violations == {"m9"}
    assert query.hard_negatives == {"m2"}


@pytest.mark.parametrize(
    ("row", "kind"),
    [
        ({"text": "a mug"}, "words"),
        ({"photo": "red.png"}, "photo"),
        ({"photo": "red.png", "text": "a mug"}, "photo+words"),
        ({"reference_id": "m1", "text": "in blue"}, "reference+words"),
        ({"reference_id": "m1"}, "reference"),
        ({"reference_image": "red.png", "text": "in blue"}, "photo+words"),
    ],
)
def test_kind_goes_by_what_is_searched_with(
    row: Mapping[str, str], kind: str, tmp_path: Path
) -> None:
    query = read(tmp_path, **row, target_ids=["m2"])
    assert query.kind == kind
    assert (query.photo is not None) == kind.startswith("photo")
    if query.photo is not None:
        assert query.photo().getpixel((5, 5)) == (255, 0, 0)


def test_reference_is_left_out_and_its_picture_is_that_of_the_catalogue(tmp_path: Path) -> None:
    query = read(
        tmp_path,
        reference_id="m1",
        reference_image="not/there.png",
        text="but blue",
        target_ids=["m1", "m3"],
        exclude_ids=["m1", "m7"],
    )
    assert query.photo is None
    assert query.exclude == ("m7",)
    assert query.relevant == {"m3"}


@pytest.mark.parametrize("name", ["relevance", "relevant"])
def test_grades_are_for_ndcg_and_all_above_0_count_as_found(name: str, tmp_path: Path) -> None:
    query = read(tmp_path, text="mug", **{name: {"m1": 3, "m2": 0.5, "m3": 0}})
    assert query.grades == {"m1": 3, "m2": 0.5}
    assert query.relevant == {"m1", "m2"}


def test_ids_beside_grades_say_what_counts_as_found(tmp_path: Path) -> None:
    query = read(tmp_path, text="mug", relevance={"m1": 3, "m2": 1}, relevant_ids=["m1", "m4"])
    assert query.relevant == {"m1", "m4"}
    assert query.grades == {"m1": 3, "m2": 1, "m4": 1}


def test_row_without_an_id_is_named_by_its_line(tmp_path: Path) -> None:
    path = write_jsonl(tmp_path / "q.jsonl", ["", FINE, {**FINE, "qid": 7}])
    assert [query.qid for query in read_queries(path)[0]] == ["line 2", "7"]


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("{", "not valid JSON"),
        ("[" * 100_000, "not valid JSON"),
        ("[1]", "not a JSON object. Write one object per line."),
        ({"text": "mug"}, "it does not say what fits"),
        ({"photo": "red.png", "label": "T-Shirt"}, "`label` alone says what a photo shows"),
        ({"relevant_ids": ["m1"]}, "it asks for nothing"),
        ({**FINE, "text": ["mug"]}, '`text` is ["mug"]. Write it as a text.'),
        ({**FINE, "relevant_ids": "m1"}, '`relevant_ids` is "m1". Write a list of ids'),
        ({**FINE, "relevance": {"m1": -1}}, "a grade in `relevance` is -1. Write 0 to 100."),
        ({**FINE, "relevance": {"m1": "NaN"}}, "a grade in `relevance`"),
        ('{"text": "mug", "relevance": {"m1": NaN}}', "a grade in `relevance` is no number"),
        ({**FINE, "relevance": 3}, "`relevance` is 3."),
        ({**FINE, "photo": "gone.png"}, 'there is no picture "gone.png" beside the file'),
        ({**FINE, "photo": "a\0b"}, "`photo`"),
        ({**FINE, "photo": "x" * 9000}, "`photo`"),
        ({**FINE, "filters": ["red"]}, '`filters` is ["red"].'),
        ({**FINE, "filters": {"size": "L"}}, '`filters` has "size", which is none of: min_price'),
        ({**FINE, "filters": {"max_price": "cheap"}}, "`max_price` of the filters"),
        ({**FINE, "filters": {"max_price": True}}, "`max_price` of the filters"),
        ({**FINE, "filters": {"max_price": -1}}, "`max_price` of the filters"),
        ({**FINE, "filters": {"max_price": "nan"}}, "`max_price` of the filters"),
        ({**FINE, "filters": {"color": 3}}, "`color` of the filters is 3"),
        ({**FINE, "filters": {"min_price": 9, "max_price": 3}}, "`min_price` is above"),
    ],
)
def test_row_that_cannot_be_used_is_named_with_what_to_do(
    row: object, said: str, tmp_path: Path
) -> None:
    queries, unusable = read_queries(write_jsonl(tmp_path / "q.jsonl", [FINE, row, FINE]))
    assert len(queries) == 2
    assert [each.where for each in unusable] == ["line 2"]
    assert said in unusable[0].reason


def test_file_without_a_row_that_can_be_used_is_an_error_that_says_why(tmp_path: Path) -> None:
    rows = [{"photo": "red.png", "label": "Hat"}] * 3
    with pytest.raises(SetupError, match=r"None of the 3 rows .* line 1: a `label` alone"):
        read_queries(write_jsonl(tmp_path / "q.jsonl", rows))


def test_files_that_are_no_queries_are_errors_with_a_sentence(tmp_path: Path) -> None:
    write_jsonl(tmp_path / "q.jsonl", [FINE])
    (tmp_path / "empty.jsonl").touch()
    for name, said in [
        ("gone.jsonl", "There is no file"),
        (".", "is a folder"),
        ("red.png", "not a text file"),
        ("empty.jsonl", "None of the 0 rows"),
    ]:
        with pytest.raises(SetupError, match=said):
            read_queries(tmp_path / name)
