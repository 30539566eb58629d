"""The report: one page that holds all it shows, whatever a catalogue or a query is called."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from PIL import Image
from PIL.Image import Image as Picture

from tools.errors import PhotoError
from tools.evaluate.figures.measurement import Measurement, ReportItem, measure
from tools.evaluate.figures.rerank_figures import RerankedAnswer
from tools.evaluate.inputs.labels import Answer, LabelledQuery, StatedConstraints
from tools.evaluate.report.html import format_figure, html_report
from tools.evaluate.report.svg_charts import Bar, bar_chart

HOSTILE = '"><script>alert(1)</script><img src="http://elsewhere.example/x.png" onerror="x()">'


class Page(HTMLParser):
    """What a browser would find in the page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.text: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def picture() -> Picture:
    return Image.new("RGB", (300, 200), (200, 30, 30))


def thing(identity: str) -> ReportItem:
    return ReportItem(f"{HOSTILE} {identity}", picture)


def hostile() -> Measurement:
    query = LabelledQuery(
        qid=HOSTILE,
        kind=HOSTILE,
        text=HOSTILE,
        photo=picture,
        stated=StatedConstraints(colors=(HOSTILE,)),
        grades={"b": 1, "c": 1},
        relevant=frozenset("bc"),
    )
    answer = Answer(query, ("a", "b"), frozenset("a"), constrained=True, timings_ms={"embed": 3.0})
    look = RerankedAnswer(answer, (1, 0), "complete", 1.0)
    return measure(HOSTILE, [answer], thing, reranked=[look], trust=1)


@pytest.fixture(scope="module")
def page() -> Page:
    return Page(html_report(HOSTILE, {"": hostile()}, [HOSTILE]))


def test_hostile_names_are_text_and_nothing_else(page: Page) -> None:
    assert "script" not in page.tags
    assert not [name for name, _ in page.attributes if name.startswith("on")]
    assert any(HOSTILE in text for text in page.text)


def test_page_asks_for_nothing_from_elsewhere(page: Page) -> None:
    assert not {"link", "iframe", "object", "embed", "base", "form", "a"} & set(page.tags)
    sources = [value for name, value in page.attributes if name in ("src", "href", "srcset")]
    assert sources
    assert all((value or "").startswith("data:image/jpeg;base64,") for value in sources)
    policy = [value or "" for name, value in page.attributes if name == "content"]
    assert any("default-src 'none'" in value for value in policy)


def test_worst_case_shows_what_was_asked_expected_and_what_came(page: Page) -> None:
    # The photo, two that were expected, two that came.
    assert page.tags.count("img") == 5
    classes = [value for name, value in page.attributes if name == "class"]
    assert classes.count("thing breaks") == 1
    assert classes.count("thing fits") == 3


def test_page_has_plots(page: Page) -> None:
    assert page.tags.count("svg") == 4


def test_case_that_is_as_good_as_can_be_is_no_worst_case() -> None:
    query = LabelledQuery("a", "words", grades={"x": 1}, relevant=frozenset("x"))
    fine = measure("fine", [Answer(query, ("x",))], thing)
    assert "Worst cases" not in html_report("r", {"": fine})


def test_picture_that_is_gone_leaves_its_place_empty() -> None:
    def gone() -> Picture:
        raise PhotoError("gone")

    query = LabelledQuery("a", "photo", photo=gone, grades={"x": 1}, relevant=frozenset("x"))
    bad = measure("bad", [Answer(query, ("y",))], lambda identity: ReportItem(identity, gone))
    page = Page(html_report("r", {"": bad}))
    assert "img" not in page.tags
    assert ("class", "picture") in page.attributes


def test_json_has_each_figure_under_its_name_over_all_and_by_kind() -> None:
    row = hostile().as_json()
    names = {
        "n", "recall@1", "recall@5", "recall@9", "mrr", "ndcg@9", "map@9", "violations",
        "hard_negatives@1", "latency.embed.p50", "latency.embed.p95", "rerank.recall@1",
        "rerank.lift.ndcg@9", "rerank.lift.ndcg@9.low", "rerank.lift.ndcg@9.high",
        "rerank.complete", "rerank.seconds.p50", "rerank.seconds.p95",
    }  # fmt: skip
    assert names <= row.keys()
    assert names <= row["by_kind"][HOSTILE].keys()
    assert (row["violations"], row["latency.embed.p50"]) == (0.5, 3)


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("recall@1", 0.5, "0.500"),
        ("n", 1200, "1,200"),
        ("latency.embed.p95", 12.34, "12.3 ms"),
        ("rerank.seconds.p50", 1.5, "1.50 s"),
        ("violations", None, "–"),
    ],
)
def test_figure_for_a_person(name: str, value: float | None, said: str) -> None:
    assert format_figure(name, value) == said


def test_bar_below_zero_is_drawn_left_of_the_line() -> None:
    svg = bar_chart("lift", {"all": {"x": Bar(-0.5, "-0.5", -0.7, -0.1), "y": Bar(0.5, "0.5")}})
    left, right = (float(x) for x in re.findall(r'<rect [^>]*?\bx="([^"]+)"', svg))
    assert left < right
    assert bar_chart("nothing", {"all": {}}) == ""
