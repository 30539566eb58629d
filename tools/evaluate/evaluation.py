"""All that one evaluation found: over a file of queries, the built-in shop, real photos."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tools.evaluate.figures.measurement import Measurement, ReportItem, catalogue_items, measure
from tools.evaluate.inputs.dialogue_file import read_dialogues
from tools.evaluate.inputs.generated_dialogues import make_dialogues
from tools.evaluate.inputs.labels import LabelledQuery
from tools.evaluate.runs.dialogues import (
    DialogueRunner,
    JudgedTurn,
    judge_turns,
    measured_dialogues,
)
from tools.evaluate.runs.shop_queries import (
    ProgressCallbacks,
    RerankOptions,
    SearchOptions,
    ShopMeasurement,
    measure_shop,
    open_as,
    sample_per_kind,
)
from tools.media.images import open_photo
from tools.product import Filters
from tools.rerank.trust import store_trust
from tools.workspace import DEMO, Workspace

if TYPE_CHECKING:
    from tools.evaluate.runs.search_run import CountCallback

QUERIES, SHOP, ALONE, HARD, CAPTIONS = "queries", "shop", "embedder", "hard", "captions"
DIALOGUES = "dialogues"
_NAMED = 3


@dataclass
class Evaluation:
    """What was measured, by name, and what is to be said about it."""

    measure: dict[str, Measurement] = field(default_factory=dict)
    figures: dict[str, Any] = field(default_factory=dict)
    """As JSON: those of a file of queries under their own names, those of the built-in shop under
    `shop` and `embedder`, lists made hard under `hard`, photos and captions under `photos.…` and
    `caption.…`."""
    notes: list[str] = field(default_factory=list)
    """Sentences that a reader of the figures must know."""
    set_aside: list[str] = field(default_factory=list)
    """Rows of queries that could not be used, each with why."""


def evaluate_queries(
    findings: Evaluation,
    home: Workspace,
    catalogue: str | Path,
    queries: Sequence[LabelledQuery],
    title: str,
    ways: SearchOptions,
    reranking: RerankOptions | None,
    watch: ProgressCallbacks,
) -> None:
    """Labelled queries over a catalogue; a trust that is learned is kept in `home`."""
    done = measure_shop(
        home, catalogue, queries, title, ways=ways, reranking=reranking, watch=watch
    )
    findings.measured[QUERIES] = done.measured
    findings.figures |= done.measured.as_json()
    _add_hard(findings, done)
    _note(findings, home, done, reranking)


def evaluate_demo(
    findings: Evaluation,
    home: Workspace,
    ways: SearchOptions,
    reranking: RerankOptions | None,
    watch: ProgressCallbacks,
) -> None:
    """The built-in shop's own queries, over its products and by the embedder alone."""
    from tools.evaluate.inputs import demo_queries as drawn

    done = measure_shop(
        home,
        DEMO,
        drawn.shop_queries(),
        "The built-in shop, searched as the chat does",
        ways=ways,
        reranking=reranking,
        watch=watch,
    )
    findings.measured[SHOP] = done.measured
    findings.figures[SHOP] = done.measured.as_json()
    _add_hard(findings, done)
    _note(findings, home, done, reranking)
    looks, queries = drawn.alone_queries()
    chosen = sample_per_kind(queries, ways.sample)
    tell = watch.counting("Drawing and embedding")
    answers = drawn.alone(home.embedder, looks, chosen, tell=tell)

    def thing(identity: str) -> ReportItem:
        return ReportItem(identity, lambda: drawn.gallery_picture(looks[identity], identity))

    alone = measure("The embedder alone, on pictures without titles", answers, thing)
    findings.measured[ALONE] = alone
    findings.figures[ALONE] = alone.as_json()
    if reranking is not None:
        from tools.evaluate.runs.captions import caption_figures

        told = watch.counting("Captions of drawn pictures")
        captions = caption_figures(
            reranking.vision, looks, timeout_s=reranking.timeout_s, tell=told
        )
        findings.measured[CAPTIONS] = measure("Captions", [], thing, own=captions)
        findings.figures |= captions


def evaluate_photos(
    findings: Evaluation, home: Workspace, folder: Path, counting: Callable[[str], CountCallback]
) -> None:
    """The embedder alone on real photos, beside what color alone finds."""
    from tools.evaluate.runs import photo_retrieval as real_photos

    ways = {
        "photos.variation": (real_photos.variations, "Real photos, by variations of themselves"),
        "photos.label": (real_photos.labels, "Real photos, by the label of the nearest other"),
    }
    for name, (measure, title) in ways.items():
        done = measure(home.embedder, folder, tell=counting(title))
        things = _photo_things(done.pictures)
        findings.measured[name] = measure(title, done.answers, things, own=done.figures)
        findings.figures |= done.figures


def evaluate_dialogues(
    findings: Evaluation,
    home: Workspace,
    catalogue: str | Path,
    source: Path | int,
    title: str,
    ways: SearchOptions,
    talk: DialogueRunner,
    watch: ProgressCallbacks,
    *,
    seed: int = 0,
    max_photo_mb: float = 10,
) -> None:
    """Dialogues over a catalogue: those of a file, or so many made from the catalogue's words."""
    with open_as(home, catalogue, ways, watch) as opened:
        if isinstance(source, Path):
            currency = opened.vocabulary.currency
            dialogues, unusable = read_dialogues(source, currency, max_photo_mb=max_photo_mb)
            findings.set_aside += [f"{row.where}: {row.reason}" for row in unusable]
        else:
            dialogues = make_dialogues(opened.facts, opened.vocabulary, source, seed=seed)
        heard = talk(opened.shop, dialogues, tell=watch.counting("Talking"))
        judged = judge_turns(dialogues, heard, opened.facts)
        done = measured_dialogues(title, judged, catalogue_items(opened.facts))
        _say_unusable(findings, [f"line {row.line}: {row.reason}" for row in opened.set_aside])
    findings.measured[DIALOGUES] = done
    figures = done.as_json()
    by_turn = figures.pop("by_kind")
    findings.figures |= figures | {
        "by_turn": {kind.removeprefix("turn "): found for kind, found in by_turn.items()},
        "wrong": [_wrong(each) for each in judged if each.wrong],
    }
    relevant = {i for dialogue in dialogues for turn in dialogue.turns for i in turn.relevant}
    _note_missing(findings, sorted(relevant - opened.facts.keys()))


def _wrong(judged: JudgedTurn) -> dict[str, Any]:
    """A turn that went wrong, as JSON."""
    heard, names = judged.heard, []
    if judged.success is False:
        names.append("turn_success")
    if judged.constraints is False:
        names.append("constraints_right")
    if judged.over:
        names.append("violations")
    told: dict[str, Any] = {
        "did": judged.did,
        "turn": judged.place,
        "user": judged.turn.user,
        "wrong": names,
        "shown": [product.id for product in heard.shown],
        "said": heard.said,
    }
    if judged.constraints is False:
        told["wanted"], told["in_force"] = map(_set, (judged.turn.wanted, heard.filters))
    return told


def _set(filters: Filters | None) -> dict[str, Any]:
    """The constraints that are set, as JSON; prices in minor units."""
    return {k: v for k, v in asdict(filters or Filters()).items() if v not in (None, (), "")}


def _say_unusable(findings: Evaluation, rows: Sequence[str]) -> None:
    if rows:
        findings.notes.append(
            f"{len(rows)} products of the catalogue could not be used: {'; '.join(rows[:_NAMED])}."
        )


def _note_missing(findings: Evaluation, missing: Sequence[str]) -> None:
    if missing:
        findings.notes.append(
            f"{len(missing)} relevant products are not in the catalogue and count as not found: "
            f"{', '.join(missing[:_NAMED])}."
        )
        findings.figures["unknown_ids"] = len(missing)


def _add_hard(findings: Evaluation, done: ShopMeasurement) -> None:
    if done.hard is not None:
        findings.measured[HARD] = done.hard
        findings.figures[HARD] = done.hard.as_json()


def _photo_things(paths: Mapping[str, Path]) -> Callable[[str], ReportItem]:
    return lambda identity: ReportItem(identity, lambda: open_photo(paths[identity]))


def _note(
    findings: Evaluation, home: Workspace, done: ShopMeasurement, reranking: RerankOptions | None
) -> None:
    """What a reader must know; and the learned trust goes into the home."""
    findings.set_aside += [f"{row.where}: {row.reason}" for row in done.run.unusable]
    names, missing = done.run.unknown_names, done.run.unknown_ids
    _say_unusable(findings, done.set_aside)
    if names:
        said = ", ".join(f"{name} ({count})" for name, count in names.items())
        findings.notes.append(f"Unknown to the catalogue, so searched for as words: {said}.")
        findings.figures["unknown_names"] = dict(names)
    _note_missing(findings, missing)
    if done.learned is not None and reranking is not None:
        figures = {k: v for k, v in done.measured.figures.items() if k.startswith("rerank.")}
        store_trust(home.path, reranking.vision.name, done.learned.trust, figures)
        findings.notes.append(
            f"The trust of {reranking.vision.name} is {done.learned.trust:g}, learned on "
            f"{done.learned.learned_on} queries, measured on {len(done.learned.held_back)} others, "
            "and kept."
        )
