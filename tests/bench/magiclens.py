"""MagicLens at base size with random weights: joint embedding, and loading the published layout.

`python -m tests.bench.magiclens` measures joint embedding, batched and one at a time, against the
bare CLIP towers on ready tensors. `python -m tests.bench.magiclens loading` writes a `.pkl` of
666 MB and the same arrays as safetensors, and loads each in a process of its own.
"""

# ruff: noqa: T201 - printing is what a benchmark is for

from __future__ import annotations

import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from tests.golden.magiclens import VOCABULARY, published_shapes
from tools.embedding.base import Item
from tools.embedding.magiclens.checkpoint import build, keep_as_safetensors, read_checkpoint
from tools.embedding.magiclens.embedder import MagicLensEmbedder
from tools.embedding.magiclens.preprocess import pixels
from tools.models.clip_tokenizer import read_clip_tokenizer

ITEMS, ROUNDS = 8, 3
WORDS = "the same shoes in blue with a white sole"
CPU = torch.device("cpu")


def main() -> None:
    """Print one table; two minutes on two CPU cores."""
    match sys.argv[1:]:
        case ["loading"]:
            compare_loading()
        case ["load", path]:
            load(Path(path))
        case _:
            compare_embedding()


def random_arrays(vocabulary: int) -> dict[str, Tensor]:
    """A base-size tree with so many words."""
    torch.manual_seed(0)
    shapes = published_shapes("base")
    name = "params/clip/text/token_embedding/embedding"
    shapes[name] = (vocabulary, shapes[name][1])
    return {key: torch.randn(shape) * 0.02 for key, shape in shapes.items()}


def compare_embedding() -> None:
    """Joint vectors a second, and the time of the towers alone within it."""
    tokenizer = read_clip_tokenizer(VOCABULARY)
    model = build(random_arrays(len(tokenizer)), device=CPU, dtype=torch.float32)
    embedder = MagicLensEmbedder(model, tokenizer)
    embedder.batch_size = ITEMS
    rng = np.random.default_rng(0)

    def pairs() -> list[Item]:
        return [
            Item(
                f"{WORDS} {number}", Image.fromarray(rng.integers(0, 256, (320, 320, 3), np.uint8))
            )
            for number in range(ITEMS)
        ]  # new pictures every time, so that none is remembered

    def towers(items: list[Item]) -> Callable[[], object]:
        values = torch.stack([pixels(item.photo) for item in items if item.photo is not None])
        ids = embedder.ids([item.text for item in items])

        def run() -> object:
            with torch.inference_mode():
                return model.see(values), model.read(ids)

        return run

    embedder.embed(pairs())
    joint, bare, single, follow_up = [], [], [], []
    for _ in range(ROUNDS):
        items = pairs()
        bare.append(seconds(towers(items)))
        joint.append(seconds(lambda items=items: embedder.embed(items)))  # type: ignore[misc]  # bound at once
        items = pairs()
        single.append(seconds(lambda items=items: [embedder.embed([each]) for each in items]))  # type: ignore[misc]  # the same
        again = [Item("in red", items[-1].photo)]
        follow_up.append(seconds(lambda again=again: embedder.embed(again)))  # type: ignore[misc]  # the same
    one = min(single) / ITEMS
    print(
        f"MagicLens, base size, random weights, float32, {torch.get_num_threads()} threads\n"
        f"batch of {ITEMS}: {ITEMS / min(joint):.2f} /s, one at a time {1 / one:.2f} /s: "
        f"{one * ITEMS / min(joint):.2f} x as fast batched\n"
        f"joint embedding against the bare towers, both batched: {min(joint) / min(bare):.3f} x "
        f"the time\nanother turn about the same photo: {min(follow_up) / one:.2f} of the first"
    )


def seconds(run: Callable[[], object]) -> float:
    start = time.perf_counter()
    run()
    return time.perf_counter() - start


def compare_loading() -> None:
    """Seconds and peak memory of the `.pkl` against safetensors of the same arrays."""
    with tempfile.TemporaryDirectory() as folder:
        pickled = Path(folder) / "random.pkl"
        write_pickle(random_arrays(49408), pickled)
        kept = Path(folder) / "random.safetensors"
        keep_as_safetensors(pickled, kept)
        print(f"{pickled.stat().st_size / 1e6:.0f} MB")
        best: dict[str, tuple[float, float]] = {}
        for _ in range(2):
            for path in (kept, pickled):
                took, peak = in_a_process(path)
                before = best.get(path.suffix, (took, peak))
                best[path.suffix] = min(took, before[0]), min(peak, before[1])
        for suffix, (took, peak) in best.items():
            print(f"{suffix}: {took:.2f} s, {peak:.0f} MB at the peak")
        (slow, large), (base, small) = best[".pkl"], best[".safetensors"]
        print(f".pkl against .safetensors: {slow / base:.2f} x the time, {large / small:.2f} x")


def in_a_process(path: Path) -> tuple[float, float]:
    command = [sys.executable, "-m", "tests.bench.magiclens", "load", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    took, peak = map(float, done.stdout.split())
    return took, peak


def load(path: Path) -> None:
    """Prints seconds, and megabytes over those before."""
    before = peak_mb()
    took = seconds(lambda: build(read_checkpoint(path), device=CPU, dtype=torch.float32))
    print(took, peak_mb() - before)


def peak_mb() -> float:
    """Of this process; `ru_maxrss` begins with what its parent had."""
    status = Path("/proc/self/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) / 1024


def write_pickle(arrays: Mapping[str, Tensor], path: Path) -> None:
    """The published layout: a pickle of one bytes object, flax's msgpack of a tree."""
    tree: dict[str, object] = {}
    for key, array in arrays.items():
        *parents, name = key.split("/")
        node = tree
        for parent in parents:
            node = node.setdefault(parent, {})  # type: ignore[assignment]  # a tree of these
        node[name] = array.numpy()
    document = b"".join(packed(tree))
    with path.open("wb") as file:
        file.write(b"\x80\x04B" + struct.pack("<I", len(document)) + document + b"\x94.")


def packed(value: object) -> Iterator[bytes]:
    """msgpack of maps and arrays."""
    if isinstance(value, dict):
        yield b"\xde" + struct.pack(">H", len(value))
        for name, each in value.items():
            yield text(name)
            yield from packed(each)
        return
    assert isinstance(value, np.ndarray)
    shape = b"".join(b"\xce" + struct.pack(">I", side) for side in value.shape)
    raw = value.tobytes()
    body = b"\x93" + bytes([0x90 | value.ndim]) + shape + text("float32")
    body += b"\xc6" + struct.pack(">I", len(raw)) + raw
    yield b"\xc9" + struct.pack(">Ib", len(body), 1) + body


def text(name: str) -> bytes:
    return b"\xd9" + bytes([len(name)]) + name.encode()


if __name__ == "__main__":
    main()
