"""Trains the built-in models: `python -m tools.demo.train MODEL --out FOLDER`, with `--work FOLDER`
or `--conversations FOLDER`."""

from __future__ import annotations

import argparse
from pathlib import Path

FROM_CONVERSATIONS = ("tokens", "answers", "kind")
"""What is learned from made-up shops and what is said in them."""


def main() -> None:
    """Reads the flags and trains what is named; `--help` says what there is."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model", choices=("embedder", "towers", "vision", *FROM_CONVERSATIONS))
    parser.add_argument("--work", type=Path, help="drawn pictures and checkpoints")
    parser.add_argument("--out", type=Path, required=True, help="where the model is written")
    parser.add_argument(
        "--conversations", type=Path, help="made-up shops, for what is learned of them"
    )
    parser.add_argument("--photos", type=Path, help="real photos, <set>/<label>/<id>.jpg")
    parser.add_argument(
        "--start", type=Path, help="an embedder: to go on from, or to teach the vision model"
    )
    parser.add_argument("--towers", type=Path, help="the pretrained towers' folder, for `towers`")
    parser.add_argument("--steps", type=int, help="3000 unless given; of `towers` 600")
    parser.add_argument("--batch", type=int, help="64 unless given; of `towers` 192")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--shares",
        type=float,
        nargs=5,
        help="of the embedder's lessons: drawn, objects, recolored, views, labelled",
    )
    given = parser.parse_args()
    needed = "conversations" if given.model in FROM_CONVERSATIONS else "work"
    if getattr(given, needed) is None:
        parser.error(f"{given.model} needs --{needed} FOLDER")
    given.steps = given.steps or (600 if given.model == "towers" else 3000)
    given.batch = given.batch or (192 if given.model == "towers" else 64)
    if given.model == "embedder":
        from tools.demo.training.embedder import train_embedder

        train_embedder(given)
    elif given.model == "towers":
        from tools.demo.training.towers_embedder import train_towers

        train_towers(given)
    elif given.model == "tokens":
        from tools.demo.training.token_training import train_tokens

        train_tokens(given)
    elif given.model == "answers":
        from tools.demo.training.answer_training import train_answers

        train_answers(given)
    elif given.model == "kind":
        from tools.demo.training.kind_training import train_kind

        train_kind(given)
    else:
        from tools.demo.training.vision import train_vision

        train_vision(given)


if __name__ == "__main__":
    main()
