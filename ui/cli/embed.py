"""`pounce embed`: embeddings of texts and photos, as a file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tools.errors import SetupError
from ui.cli.options import workspace_of


def embed(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="JSONL with `text` and/or `photo` in each row.")],
    out: Annotated[Path, typer.Option(help="Where the array `embeddings` goes (.npz).")],
    weights: Annotated[
        str | None, typer.Option(help="A .pth, .pkl or .safetensors, or REPO:FILE.")
    ] = None,
    text_model: Annotated[
        str | None, typer.Option(help="Folder, hub name, or CLIP's merges.")
    ] = None,
    dtype: Annotated[str | None, typer.Option(help="auto, float32, bfloat16 or int8.")] = None,
) -> None:
    """Write the embeddings of texts, photos, and both together.

    Whose weights a file holds is told by its content.
    """
    from tools.embedding.embed_file import embed_file
    from tools.embedding.recognition import recognised

    if weights and not text_model:
        raise SetupError("--weights needs --text-model: the folder of their text model.")
    # Files that are compared with others are computed exactly unless asked otherwise.
    home = workspace_of(
        context,
        embedder=recognised(Path(weights)) if weights else None,
        embedder_weights=weights,
        text_model=text_model,
        dtype=dtype or "float32",
    )
    count = embed_file(file, out, home.embedder)
    typer.echo(f"{count} embeddings of {home.embedder.dim} numbers in {out}")
