"""Taking in drawn products: how busy the pipeline keeps the model, memory, rate, and kill -9.

`python -m tests.bench.ingest` measures the whole ingest against the bare model on the same
pictures, both in turn within one run, with the built-in models and at the base model's size with
random weights; it ends with 1 under the bars. `… busy 64 2` takes another number of products and
of rounds.
`… large [20000]` takes in that many with the built-in models and gives the memory and the rate at
the end against the start; `… killed [5000]` kills an ingest at ten random moments; `… rows
[200000]` reads a file. These take long on a busy machine, so `make bench` runs the first alone.
"""

# ruff: noqa: T201 - printing is what a benchmark is for

from __future__ import annotations

import os
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import torch
from PIL import Image

from tests.golden.visualized_bge import golden
from tests.support.drawn_shop import write_drawn_shop
from tests.support.item_metadata import MOST_MIB, read_apart, write_metadata
from tests.support.paths import ROOT
from tools.catalogue.facts import searched_text
from tools.catalogue.reader import Numbered, read_products
from tools.catalogue.registry import Registry
from tools.embedding.base import Embedder, Item
from tools.embedding.registry import EmbedderChoice, open_embedder
from tools.embedding.visualized_bge.embedder import VisualizedBGEEmbedder
from tools.embedding.visualized_bge.model import VisualizedBGE, VisualizedBGEConfig
from tools.index.local_server import ensure_server, stop_server
from tools.index.milvus import Address, ProductIndex
from tools.ingest import BATCH, Report, ingest
from tools.media.images import open_photo
from tools.models.hub import read_text_model, torch_device, torch_dtype

ROUNDS = 5
BARS = {"built in": 0.6, "base size": 0.85}
MOST_MEMORY_GIB = 1.5
LEAST_RATE = 0.8
ROW_RATE = 5_000
"""Rows a second of processor time: others may be busy on the same cores."""
KILLS = 10


def main() -> None:
    """What the arguments say."""
    what = sys.argv[1] if len(sys.argv) > 1 else "busy"
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 0
    with tempfile.TemporaryDirectory() as folder:
        parts: dict[str, Callable[[Path], bool]] = {
            "busy": lambda place: busy(place, count or 8 * BATCH),
            "large": lambda place: large(place, count or 20_000),
            "rows": lambda place: rows(place, count or 200_000),
            "killed": lambda place: killed(place, count or 5_000),
        }
        well = parts[what](Path(folder))
    if not well:
        raise SystemExit(1)


def busy(folder: Path, count: int) -> bool:
    """Rows a second of the whole ingest against the bare model: `count` with the built-in models,
    an eighth of them at the base model's size."""
    device = torch_device("auto")
    torch.manual_seed(0)
    model = VisualizedBGE(VisualizedBGEConfig()).to(device, torch_dtype("auto", device))
    base = VisualizedBGEEmbedder(model, read_text_model(golden("base").text_model).tokenizer)
    small = open_embedder(EmbedderChoice())
    return all(
        [
            measured(folder / "small", "built in", small, count),
            measured(folder / "base", "base size", base, count // 8),
        ]
    )


def measured(folder: Path, name: str, embedder: Embedder, count: int) -> bool:
    """Whether the median ratio over the rounds passes the bar."""
    catalogue = write_drawn_shop(folder, count, pictures=min(count, 256))
    rows = [item for item in read_products(catalogue) if isinstance(item, Numbered)]
    pictures = [opened(Path(row.product.image)) for row in rows]
    embedder.embed([Item("warm", pictures[0])] * embedder.batch_size)
    index = index_in(folder)
    rates: list[tuple[float, float]] = []
    processor: list[float] = []
    for number in range(int(sys.argv[3]) if len(sys.argv) > 3 else ROUNDS):
        start, spent = time.perf_counter(), time.process_time()
        for at in range(0, len(rows), BATCH):
            part = rows[at : at + BATCH]
            joint = zip(part, pictures[at : at + BATCH], strict=True)
            embedder.embed([Item(row.product.title, picture) for row, picture in joint])
            embedder.embed([Item(searched_text(row.product)) for row in part])
        bare, bare_spent = time.perf_counter() - start, time.process_time() - spent
        index = ProductIndex(index._reach, f"pounce_round_{number}")
        # The collection is made once in the life of a shop, so it is not part of the rate.
        index.collection_for(embedder.fingerprint, embedder.dims)
        start, spent = time.perf_counter(), time.process_time()
        report = ingest(
            catalogue,
            name="bench",
            home=folder / f"home-{number}",
            registry=Registry(folder),
            index=index,
            embedder=embedder,
        )
        whole = time.perf_counter() - start
        processor.append(bare_spent / (time.process_time() - spent))
        assert report.new == count
        rates.append((count / whole, count / bare))
    stop_server(folder / "milvus")
    ratio = statistics.median(whole / bare for whole, bare in rates)
    whole, bare = (statistics.median(column) for column in zip(*rates, strict=True))
    print(
        f"{name}, {count} products, {torch.get_num_threads()} threads: whole ingest {whole:.1f} /s,"
        f" bare model {bare:.1f} /s, ratio {ratio:.2f} (bar {BARS[name]}), rounds "
        + ", ".join(f"{whole / bare:.2f}" for whole, bare in rates)
        + f"; the model takes {statistics.median(processor):.2f} of this process's time"
    )
    return ratio >= BARS[name]


def rows(folder: Path, count: int) -> bool:
    """Rows a second of the reader alone, and its memory, on item metadata of Amazon Reviews."""
    path = write_metadata(folder / "meta_All_Beauty.jsonl.gz", count)
    products, _, seconds, mib = read_apart(path)
    assert products == count
    print(
        f"{count:,} rows through the reader: {count / seconds:,.0f} a second of processor time "
        f"(bar {ROW_RATE:,}), {mib:.0f} MiB (bar {MOST_MIB})"
    )
    return count / seconds >= ROW_RATE and mib <= MOST_MIB


def opened(path: Path) -> Image.Image:
    """A picture as ingest hands it to the model."""
    image = open_photo(path)
    image.thumbnail((1024, 1024))
    return image


def index_in(folder: Path) -> ProductIndex:
    """An index on a Milvus of this folder."""
    return ProductIndex(
        lambda: Address(ensure_server(folder / "milvus", idle_s=30)), "pounce_bench"
    )


def large(folder: Path, count: int) -> bool:
    """Memory of many products, and the rate at the end against that at the start."""
    catalogue = write_drawn_shop(folder / "shop", count)
    embedder = open_embedder(EmbedderChoice())
    marks: list[tuple[int, float, float]] = []

    def mark(report: Report) -> None:
        marks.append((report.new, time.perf_counter(), time.process_time()))
        if report.new % (count // 10) < BATCH // 2 and report.new < count:
            print(f"  {report.new:,} in, {memory_gib():.2f} GiB", flush=True)

    report = ingest(
        catalogue,
        name="bench",
        home=folder / "home",
        registry=Registry(folder / "home"),
        index=index_in(folder),
        embedder=embedder,
        progress=mark,
    )
    stop_server(folder / "milvus")
    assert report.total == count
    gib = memory_gib()
    share = count // 5

    def rate(low: int, high: int, clock: int) -> float:
        within = [each for each in marks if low <= each[0] <= high]
        return (within[-1][0] - within[0][0]) / (within[-1][clock] - within[0][clock])

    wall, cpu = (rate(count - share, count, clock) / rate(0, share, clock) for clock in (1, 2))
    print(
        f"{count:,} products: {gib:.2f} GiB at most (bar {MOST_MEMORY_GIB}); the last fifth at "
        f"{wall:.2f} x the rate of the first (bar {LEAST_RATE}), {cpu:.2f} x by processor time; "
        f"{count / (marks[-1][1] - marks[0][1]):.0f} a second in all"
    )
    return gib <= MOST_MEMORY_GIB and max(wall, cpu) >= LEAST_RATE


def memory_gib() -> float:
    """The most that this process has held."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2


_RUN = """
import sys
from pathlib import Path
from tests.bench.ingest import noted_run

noted_run(Path(sys.argv[1]), Path(sys.argv[2]))
"""


def noted_run(folder: Path, catalogue: Path) -> None:
    """One ingest whose embeddings are noted in a file as they are made."""
    embedder = open_embedder(EmbedderChoice())
    embed_batch = embedder._embed_batch

    def noting(batch: list[Item]) -> object:
        with (folder / "embedded").open("a") as file:
            file.write("x" * sum(item.photo is not None for item in batch))
        return embed_batch(batch)

    embedder._embed_batch = noting  # type: ignore[method-assign, assignment]  # counted, else as it is
    home = folder / "home"
    registry = Registry(home)
    ingest(catalogue, name="bench", home=home, registry=registry, index=index_in(folder),
           embedder=embedder)  # fmt: skip


def killed(folder: Path, count: int) -> bool:
    """Ten kills at random moments, each run again, against an undisturbed run: row by row."""
    catalogue = write_drawn_shop(folder / "shop", count)
    kills, moments = 0, random.Random(0)
    for name in ("whole", "killed"):
        (folder / name).mkdir()
    noted_run(folder / "whole", catalogue)
    place = folder / "killed"
    notes = place / "embedded"
    for _ in range(KILLS):
        run = subprocess.Popen(
            [sys.executable, "-c", _RUN, str(place), str(catalogue)],
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )
        until = (notes.stat().st_size if notes.exists() else 0) + moments.randrange(count // KILLS)
        while run.poll() is None and (notes.stat().st_size if notes.exists() else 0) <= until:
            time.sleep(moments.random() / 50)
        run.kill()
        kills += run.wait() != 0
    noted_run(place, catalogue)
    same = contents(folder / "whole") == contents(place)
    embedded = notes.stat().st_size
    for name in ("whole", "killed"):
        stop_server(folder / name / "milvus")
    print(
        f"{count:,} products, killed {kills} times: the rows are "
        f"{'the same' if same else 'NOT the same'}, vectors to the last bit; {embedded - count} "
        f"embedded twice, {(embedded - count) / max(kills, 1):.0f} a kill (bar {BATCH})"
    )
    return same and embedded <= count + kills * BATCH


def contents(folder: Path) -> dict[str, object]:
    """Every row of the collection with its vectors."""
    rows = index_in(folder)._scan("pounce_bench", ["title", "image", "picture", "words", "terms"])
    return {
        row["id"]: [
            row["title"], row["image"], row["terms"], list(row["picture"]), list(row["words"])
        ]
        for row in rows
    }  # fmt: skip


if __name__ == "__main__":
    main()
