"""`pounce embed`: rows of a file in, one array out, and errors that name the line."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from tests.golden.visualized_bge import HERE, TOLERANCE, Golden, golden
from tools.embedding.base import Item
from tools.embedding.embed_file import embed_file
from tools.embedding.visualized_bge.embedder import VisualizedBGEEmbedder, load_visualized_bge
from tools.errors import SetupError
from tools.media.images import open_photo


@pytest.fixture(scope="module")
def found() -> Golden:
    return golden("base")


@pytest.fixture(scope="module")
def embedder(found: Golden) -> VisualizedBGEEmbedder:
    return load_visualized_bge(found.weights, found.text_model, device="cpu", dtype="float32")


def test_rows_are_those_of_the_reference_in_the_order_of_the_file(
    found: Golden, embedder: VisualizedBGEEmbedder, tmp_path: Path
) -> None:
    """Paths absolute and relative; a blank line; an output named without .npz."""
    shutil.copy(HERE / "images" / "portrait_rgb.png", tmp_path / "near.png")
    far = str(HERE / "images" / "landscape_rgb.png")
    rows = [
        {"text": found.texts[5], "photo": far},
        {"photo": "near.png"},
        {"text": found.texts[2]},
        {"text": found.texts[0], "photo": "near.png"},
    ]
    lines = "\n\n".join(json.dumps(row) for row in rows)
    (tmp_path / "rows.jsonl").write_text(lines, encoding="utf-8")
    assert embed_file(tmp_path / "rows.jsonl", tmp_path / "out", embedder) == 4
    with np.load(tmp_path / "out") as arrays:
        vectors = arrays["embeddings"]
    wanted = found.expected
    expected = [wanted["mm"][0, 5], wanted["image"][1], wanted["text"][2], wanted["mm"][1, 0]]
    assert vectors.dtype == np.float32
    assert np.abs(vectors - np.stack(expected)).max() <= TOLERANCE


def test_long_file_keeps_its_order(embedder: VisualizedBGEEmbedder, tmp_path: Path) -> None:
    """Longer than what is embedded at once, of words and of pictures."""
    picture = str(HERE / "images" / "gray_l.png")
    rows = [{"text": f"mug {n}"} for n in range(300)]
    rows += [{"text": f"mug {n}", "photo": picture} for n in range(20)]
    (tmp_path / "rows.jsonl").write_text("\n".join(json.dumps(row) for row in rows))
    assert embed_file(tmp_path / "rows.jsonl", tmp_path / "out.npz", embedder) == 320
    with np.load(tmp_path / "out.npz") as arrays:
        vectors = arrays["embeddings"]
    shade = open_photo(Path(picture))
    for n, item in ((0, Item("mug 0")), (299, Item("mug 299")), (319, Item("mug 19", shade))):
        assert np.abs(vectors[n] - embedder.embed([item])[0]).max() <= 1e-5


def test_no_rows_give_an_empty_array(embedder: VisualizedBGEEmbedder, tmp_path: Path) -> None:
    (tmp_path / "rows.jsonl").write_text("\n")
    assert embed_file(tmp_path / "rows.jsonl", tmp_path / "out.npz", embedder) == 0
    with np.load(tmp_path / "out.npz") as arrays:
        assert arrays["embeddings"].shape == (0, embedder.dim)


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ('{"title": "mug"}', "neither"),
        ('{"text": "", "photo": null}', "neither"),
        ('{"text": 3}', "Put them in quotes"),
        ('"mug"', "not an object"),
        ('{"text": "mug"', "not JSON"),
        ('{"photo": "none.png"}', r"no picture .*none\.png"),
        ('{"photo": "rows.jsonl"}', "not a picture"),
    ],
)
def test_a_bad_row_is_named_by_its_line_and_nothing_is_written(
    embedder: VisualizedBGEEmbedder, tmp_path: Path, line: str, says: str
) -> None:
    (tmp_path / "rows.jsonl").write_text('{"text": "a good row"}\n' + line)
    with pytest.raises(SetupError, match=rf"line 2: .*{says}"):
        embed_file(tmp_path / "rows.jsonl", tmp_path / "out.npz", embedder)
    assert not (tmp_path / "out.npz").exists()


def test_file_that_cannot_be_read_or_written_says_so(
    embedder: VisualizedBGEEmbedder, tmp_path: Path
) -> None:
    with pytest.raises(SetupError, match=r"none\.jsonl cannot be read"):
        embed_file(tmp_path / "none.jsonl", tmp_path / "out.npz", embedder)
    (tmp_path / "rows.jsonl").write_text('{"text": "mug"}')
    with pytest.raises(SetupError, match="cannot be written"):
        embed_file(tmp_path / "rows.jsonl", tmp_path / "no folder" / "out.npz", embedder)
