"""One evaluation: labelled queries, dialogues, the built-in shop and photos, in one report.

Each `evaluate_*` function adds its measurements to an `Evaluation`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from tools.errors import SetupError
from tools.evaluate.figures.measurement import (
    Measurement,
    ReportItem,
    catalogue_items,
    measure,
)
from tools.evaluate.inputs.dialogue_file import read_dialogues
from tools.evaluate.inputs.generated_dialogues import make_dialogues
from tools.evaluate.inputs.labels import LabelledQuery
from tools.evaluate.progress import CountCallback, ProgressCallbacks
from tools.evaluate.runs.dialogues import (
    DialogueRunner,
    JudgedTurn,
    judge_turns,
    measured_dialogues,
)
from tools.evaluate.runs.shop_queries import (
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

QUERIES, SHOP, ALONE, HARD, CAPTIONS = "queries", "shop", "embedder", "hard", "captions"
DIALOGUES, MADE = "dialogues", "made"
_GALLERY_A_QUERY = 20
"""Pictures that the embedder alone searches for each query of a kind, where these are a sample."""
_EXAMPLES = 3
"""Rows or ids that a note names."""


@dataclass
class Evaluation:
    """What was measured, by name, and what a reader of the figures must know."""

    measurements: dict[str, Measurement] = field(default_factory=dict)
    figures: dict[str, Any] = field(default_factory=dict)
    """As JSON: those of a file of queries under their own names, those of the built-in shop under
    `shop` and `embedder`, reranked lists with a wrong first product under `hard`, photos and
    captions under `photos.…` and `caption.…`."""
    notes: list[str] = field(default_factory=list)
    """Sentences for the reader."""
    set_aside: list[str] = field(default_factory=list)
    """Rows of queries that could not be used, each with the reason."""


def evaluate_queries(
    evaluation: Evaluation,
    workspace: Workspace,
    catalogue: str | Path,
    queries: Sequence[LabelledQuery],
    title: str,
    options: SearchOptions,
    reranking: RerankOptions | None,
    callbacks: ProgressCallbacks,
) -> None:
    """Adds labelled queries over a catalogue; stores a learned trust in the workspace."""
    done = measure_shop(
        workspace,
        catalogue,
        queries,
        title,
        options=options,
        reranking=reranking,
        callbacks=callbacks,
    )
    evaluation.measurements[QUERIES] = done.measurement
    evaluation.figures |= done.measurement.as_json()
    _add_hard(evaluation, done)
    _add_notes(evaluation, workspace, catalogue, done, reranking)


def evaluate_demo(
    evaluation: Evaluation,
    workspace: Workspace,
    options: SearchOptions,
    reranking: RerankOptions | None,
    callbacks: ProgressCallbacks,
) -> None:
    """Adds the built-in shop's own queries: over its products, and by the embedder alone."""
    from tools.evaluate.inputs import demo_queries
    from tools.evaluate.runs.embedder_alone import search_gallery

    done = measure_shop(
        workspace,
        DEMO,
        demo_queries.shop_queries(),
        "The built-in shop, searched as the chat does",
        options=options,
        reranking=reranking,
        callbacks=callbacks,
    )
    evaluation.measurements[SHOP] = done.measurement
    evaluation.figures[SHOP] = done.measurement.as_json()
    _add_hard(evaluation, done)
    _add_notes(evaluation, workspace, DEMO, done, reranking)
    looks, queries = demo_queries.gallery_queries()
    queries = sample_per_kind(queries, options.sample)
    if options.sample:
        looks = demo_queries.part_of_gallery(looks, queries, _GALLERY_A_QUERY * options.sample)
    answers = search_gallery(
        workspace.embedder,
        looks,
        queries,
        on_progress=callbacks.counting("Drawing and embedding"),
    )

    def item(identity: str) -> ReportItem:
        return ReportItem(identity, lambda: demo_queries.gallery_picture(looks[identity], identity))

    alone = measure("The embedder alone, on pictures without titles", answers, item)
    evaluation.measurements[ALONE] = alone
    evaluation.figures[ALONE] = alone.as_json()
    if reranking is not None:
        from tools.evaluate.runs.captions import caption_figures

        captions = caption_figures(
            reranking.vision,
            looks,
            timeout_s=reranking.timeout_s,
            on_progress=callbacks.counting("Captions of drawn pictures"),
        )
        evaluation.measurements[CAPTIONS] = measure("Captions", [], item, own=captions)
        evaluation.figures |= captions


def compare_with_float32(
    evaluation: Evaluation,
    workspace: Workspace,
    catalogue: str | Path,
    queries: Callable[[], Sequence[LabelledQuery]],
    measured: str,
    options: SearchOptions,
    callbacks: ProgressCallbacks,
) -> None:
    """Adds the recall of the same search with vectors in float32, where the workspace's are int8.

    `measured` names the measurement that it stands beside. Every product is embedded again, into a
    copy. Figures: `float32.recall@1` and `float32.recall@9`, and a note with the differences.
    """
    choice = workspace.embedder_choice
    if choice.dtype != "int8":
        return
    options = replace(options, keep=None, embedded_by=replace(choice, dtype="float32"))
    done = measure_shop(
        workspace, catalogue, queries(), "In float32", options=options, callbacks=callbacks
    )
    own, compared = evaluation.measurements[measured].figures, []
    figures = evaluation.figures if measured == QUERIES else evaluation.figures[measured]
    for name in ("recall@1", "recall@9"):
        before, after = done.measurement.figures.get(name), own.get(name)
        figures[f"float32.{name}"] = before
        if before is not None and after is not None:
            compared.append(f"{name} {after:.3f} against {before:.3f} ({after - before:+.3f})")
    if compared:
        evaluation.notes.append(f"int8 against float32: {', '.join(compared)}.")


def evaluate_made(
    evaluation: Evaluation,
    workspace: Workspace,
    catalogue: str | Path,
    count: int,
    options: SearchOptions,
    callbacks: ProgressCallbacks,
    *,
    seed: int = 0,
) -> None:
    """Adds queries made from the catalogue's own products, beside what needs no model.

    Raises SetupError where the products give no query.
    """
    from tools.evaluate.inputs.catalogue_queries import catalogue_queries
    from tools.evaluate.runs.peers import run_with_peers

    with open_as(workspace, catalogue, options, callbacks) as opened:
        queries = catalogue_queries(opened.facts, count, seed=seed)
        if not queries:
            raise SetupError(
                "No query can be made from these products: none has a picture or a category."
            )
        done = run_with_peers(opened, queries, callbacks.counting)
        items = catalogue_items(opened.facts)
    made = measure("Queries made from the catalogue's own products", done.answers, items)
    evaluation.measurements[MADE] = made
    evaluation.figures[MADE] = made.as_json()
    evaluation.set_aside += [f"{row.where}: {row.reason}" for row in done.unusable]


def evaluate_photos(
    evaluation: Evaluation,
    workspace: Workspace,
    folder: Path,
    counting: Callable[[str], CountCallback],
) -> None:
    """Adds the embedder alone on real photos, beside what a color histogram finds."""
    from tools.evaluate.runs.photo_retrieval import retrieve_augmented, retrieve_by_label

    runs = {
        "photos.variation": (retrieve_augmented, "Real photos, by variations of themselves"),
        "photos.label": (retrieve_by_label, "Real photos, by the label of the nearest other"),
    }
    for name, (retrieve, title) in runs.items():
        done = retrieve(workspace.embedder, folder, on_progress=counting(title))
        items = _photo_items(done.pictures)
        evaluation.measurements[name] = measure(title, done.answers, items, own=done.figures)
        evaluation.figures |= done.figures


def evaluate_dialogues(
    evaluation: Evaluation,
    workspace: Workspace,
    catalogue: str | Path,
    source: Path | int,
    title: str,
    options: SearchOptions,
    run_dialogues: DialogueRunner,
    callbacks: ProgressCallbacks,
    *,
    seed: int = 0,
    max_photo_mb: float = 10,
) -> None:
    """Adds dialogues over a catalogue: those of a file, or so many made from its own words."""
    with open_as(workspace, catalogue, options, callbacks) as opened:
        if isinstance(source, Path):
            currency = opened.vocabulary.currency
            dialogues, skipped = read_dialogues(source, currency, max_photo_mb=max_photo_mb)
            evaluation.set_aside += [f"{row.where}: {row.reason}" for row in skipped]
        else:
            dialogues = make_dialogues(opened.facts, opened.vocabulary, source, seed=seed)
        outcomes = run_dialogues(opened.shop, dialogues, on_progress=callbacks.counting("Talking"))
        judged = judge_turns(dialogues, outcomes, opened.facts)
        done = measured_dialogues(title, judged, catalogue_items(opened.facts))
        _note_unusable(evaluation, [f"line {row.line}: {row.reason}" for row in opened.set_aside])
    evaluation.measurements[DIALOGUES] = done
    figures = done.as_json()
    by_turn = figures.pop("by_kind")
    evaluation.figures |= figures | {
        "by_turn": {kind.removeprefix("turn "): found for kind, found in by_turn.items()},
        "wrong": [_wrong_turn(each) for each in judged if each.wrong],
    }
    relevant = {i for dialogue in dialogues for turn in dialogue.turns for i in turn.relevant}
    _note_missing(evaluation, sorted(relevant - opened.facts.keys()))


def _wrong_turn(judged: JudgedTurn) -> dict[str, Any]:
    """A turn that went wrong, as JSON."""
    outcome, names = judged.outcome, []
    if judged.success is False:
        names.append("turn_success")
    if judged.constraints is False:
        names.append("constraints_right")
    if judged.over:
        names.append("violations")
    row: dict[str, Any] = {
        "did": judged.did,
        "turn": judged.place,
        "user": judged.turn.user,
        "wrong": names,
        "shown": [product.id for product in outcome.shown],
        "said": outcome.said,
    }
    if judged.constraints is False:
        row["wanted"], row["in_force"] = map(_constraints, (judged.turn.wanted, outcome.filters))
    return row


def _constraints(filters: Filters | None) -> dict[str, Any]:
    """The constraints that are set, as JSON; prices in minor units."""
    return {k: v for k, v in asdict(filters or Filters()).items() if v not in (None, (), "")}


def _add_hard(evaluation: Evaluation, done: ShopMeasurement) -> None:
    if done.hard is not None:
        evaluation.measurements[HARD] = done.hard
        evaluation.figures[HARD] = done.hard.as_json()


def _photo_items(paths: Mapping[str, Path]) -> Callable[[str], ReportItem]:
    return lambda identity: ReportItem(identity, lambda: open_photo(paths[identity]))


def _add_notes(
    evaluation: Evaluation,
    workspace: Workspace,
    catalogue: str | Path,
    done: ShopMeasurement,
    reranking: RerankOptions | None,
) -> None:
    """Adds what a reader must know, and stores the learned trust."""
    evaluation.set_aside += [f"{row.where}: {row.reason}" for row in done.run.unusable]
    _note_unusable(evaluation, done.set_aside)
    if done.run.unknown_names:
        names = ", ".join(f"{name} ({count})" for name, count in done.run.unknown_names.items())
        evaluation.notes.append(f"Unknown to the catalogue, so searched for as words: {names}.")
        evaluation.figures["unknown_names"] = dict(done.run.unknown_names)
    _note_missing(evaluation, done.run.unknown_ids)
    if done.learned is not None and reranking is not None:
        figures = {k: v for k, v in done.measurement.figures.items() if k.startswith("rerank.")}
        name, vision = workspace.name_of(catalogue), reranking.vision.name
        store_trust(workspace.path, vision, name, done.learned.trust, figures)
        evaluation.notes.append(
            f"The trust of {vision} on {name} is {done.learned.trust:g}, learned on "
            f"{done.learned.learned_on} queries, measured on {len(done.learned.held_back)} others, "
            "and kept."
        )


def _note_unusable(evaluation: Evaluation, rows: Sequence[str]) -> None:
    if rows:
        evaluation.notes.append(
            f"{len(rows)} products of the catalogue could not be used: "
            f"{'; '.join(rows[:_EXAMPLES])}."
        )


def _note_missing(evaluation: Evaluation, missing: Sequence[str]) -> None:
    if missing:
        evaluation.notes.append(
            f"{len(missing)} relevant products are not in the catalogue and count as not found: "
            f"{', '.join(missing[:_EXAMPLES])}."
        )
        evaluation.figures["unknown_ids"] = len(missing)
