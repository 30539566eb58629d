"""Trains the built-in embedder: `python -m tools.demo.train --work FOLDER --out FOLDER`.

Visualized BGE's own classes, small, on drawn products. Contrastive (InfoNCE, both directions)
between products (picture, with or without title) and what asks for them (words, a picture with
words, another picture), with heads beside it that name kind, pattern and color; the heads are
not kept. One in ten combinations of kind, pattern and color is never shown, and measured at the
end. A killed run goes on from its last checkpoint in --work.

Not covered yet: real photos, and whatever no template of `phrases` says.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import math
import os
import time
from pathlib import Path

import torch
from tokenizers import BertWordPieceTokenizer
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812 - the name that torch's own texts use
from transformers import BertConfig, BertTokenizer

from tools.demo.drawing import COLORS, KINDS, PATTERNS
from tools.demo.training import phrases
from tools.demo.training.augment import augment
from tools.demo.training.batches import Batch, Sampler
from tools.demo.training.measure import measure
from tools.demo.training.pictures import draw_all, held_out, plan, plan_scenes, plan_swatches
from tools.embedding.checkpoint import save_weights
from tools.embedding.model import VisualizedBGE, VisualizedBGEConfig
from tools.embedding.vision import VisionConfig

TEMPERATURE = 0.05
PEAK_RATE = 1e-3
SAVE_EVERY = 200
TEXTS_EVERY = 5
NAMES = (len(KINDS), len(PATTERNS), len(COLORS))
# Words of shops and shoppers that no template holds, so that they are not spelled in letters.
MORE_WORDS = (
    "women men kids baby shirt jacket jeans shoes boots bag dress skirt sofa table desk bed light "
    "wall kitchen bath towel phone laptop camera speaker tv coffee tea juice drink food toy game "
    "book gift ring necklace cap coat sweater hoodie shorts large small new old cheap warm cool "
    "soft modern vintage outdoor sport travel home office garden school silver gold rose mint"
)


class Heads(nn.Module):
    """Names kind, pattern and color from a vector; only there while training."""

    def __init__(self, dim: int) -> None:
        super().__init__()
        self.each = nn.ModuleList(nn.Linear(dim, count) for count in NAMES)

    def loss(self, vectors: Tensor, labels: Tensor) -> Tensor:
        """Mean cross-entropy of the three names; `vectors` (n, dim), `labels` (n, 3)."""
        losses = [F.cross_entropy(head(vectors), labels[:, i]) for i, head in enumerate(self.each)]
        return torch.stack(losses).mean()


def make_tokenizer(folder: Path, seed: int) -> BertTokenizer:
    """A WordPiece tokenizer over what the templates say, kept in `folder` for the shipped model."""
    from random import Random

    rng = Random(seed)
    looks = [drawing.look for drawing in plan(seed, pictures=1)]
    lines = [make(look, rng) for look in looks for make in (phrases.request, phrases.text)]
    lines += [phrases.pattern_request(kind, rng) for kind in KINDS for _ in range(20)]
    lines += [phrases.recolor_request(color, rng) for color in COLORS for _ in range(40)]
    lines += MORE_WORDS.split() * 5
    trainer = BertWordPieceTokenizer(lowercase=True)
    trainer.train_from_iterator(lines, vocab_size=3000, min_frequency=2, show_progress=False)
    folder.mkdir(parents=True, exist_ok=True)
    trainer.save_model(str(folder))
    tokenizer = BertTokenizer(vocab=str(folder / "vocab.txt"), do_lower_case=True)
    tokenizer.save_pretrained(folder)
    return tokenizer


def make_model(tokenizer: BertTokenizer, seed: int) -> VisualizedBGE:
    """The small model, its patch filters starting as a cosine basis."""
    torch.manual_seed(seed)
    text = BertConfig(
        vocab_size=len(tokenizer),
        hidden_size=192,
        num_hidden_layers=3,
        num_attention_heads=3,
        intermediate_size=512,
        max_position_embeddings=160,
        hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0,
    )
    vision = VisionConfig(image_size=96, patch_size=16, width=192, depth=4, mlp_hidden=384)
    empty = tokenizer("")["input_ids"]
    model = VisualizedBGE(VisualizedBGEConfig(text, vision, (empty[0], empty[1])))
    _cosine_patches(model.vision.patch_embed.proj)
    return model


def _cosine_patches(conv: nn.Conv2d) -> None:
    """The lowest frequencies of brightness and of two color differences as first filters.

    A random patch filter must first find out that neighbouring pixels belong together; a trial
    with random ones learnt patterns several times more slowly.
    """
    side, count = conv.kernel_size[0], conv.out_channels
    at = (torch.arange(side) + 0.5) * math.pi / side
    order = sorted((u + v, u, v) for u in range(side) for v in range(side))
    mixes = (torch.tensor([1.0, 1.0, 1.0]), torch.tensor([1.0, -1.0, 0.0]),
             torch.tensor([0.5, 0.5, -1.0]))  # fmt: skip
    filters = []
    for _, u, v in order:
        for mix in mixes:
            wave = torch.outer(torch.cos(u * at), torch.cos(v * at))
            kernel = mix.view(3, 1, 1) * wave
            filters.append(kernel / kernel.norm())
    with torch.no_grad():
        conv.weight.copy_(torch.stack(filters[:count]))
        if conv.bias is not None:
            conv.bias.zero_()


class Trainer:
    """One training run: its model, heads, optimiser, and what it has seen."""

    def __init__(self, model: VisualizedBGE, tokenizer: BertTokenizer, steps: int) -> None:
        self.model, self.tokenizer, self.steps = model, tokenizer, steps
        dim = model.config.dim
        self.tower_heads, self.vector_heads = Heads(dim), Heads(dim)
        modules = (model, self.tower_heads, self.vector_heads)
        self.parameters = [p for module in modules for p in module.parameters()]
        self.optimiser = torch.optim.AdamW(
            self.parameters, lr=PEAK_RATE, weight_decay=0.05, betas=(0.9, 0.98), fused=True
        )
        self.step = 0
        self.generator = torch.Generator().manual_seed(0)

    def train_on(self, batch: Batch) -> dict[str, float]:
        """One step; gives the parts of its loss."""
        self.model.train()
        for group in self.optimiser.param_groups:
            group["lr"] = PEAK_RATE * self._rate()
        # float32: at this size bfloat16 saves nothing on a CPU, its casts cost what it gains.
        parts = self._losses(batch)
        loss = torch.stack(list(parts.values())).sum()
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]  # untyped in torch
        nn.utils.clip_grad_norm_(self.parameters, 1.0)
        self.optimiser.step()
        self.step += 1
        return {name: float(part.detach()) for name, part in parts.items()}

    def _rate(self) -> float:
        """Up over the first 3 %, then down along a cosine to a twentieth."""
        done = self.step / self.steps
        warm = min(1.0, self.step / max(1, 0.03 * self.steps))
        return warm * (0.05 + 0.95 * (1 + math.cos(math.pi * done)) / 2)

    def _losses(self, batch: Batch) -> dict[str, Tensor]:
        model, labels = self.model, torch.from_numpy(batch.labels)
        size = model.config.vision.image_size
        pictures = torch.from_numpy(batch.products)
        queries = torch.from_numpy(batch.queries)
        shown = model.image_tokens(augment(pictures, size, 0.35, self.generator))
        asked = model.image_tokens(augment(queries, size, 1.0, self.generator))
        products = model.fuse(shown, *self._ids(batch.titles))
        leaning = model.fuse(asked, *self._ids(batch.leaning))
        requests = model.encode_text(*self._ids(batch.requests))
        losses = {
            "leaning": contrast(leaning, products),
            "words": contrast(requests, products),
            "tower": self.tower_heads.loss(shown.mean(1), labels),
            "product names": self.vector_heads.loss(products * 8, labels),
            "leaning names": self.vector_heads.loss(leaning * 8, labels),
        }
        if self.step % TEXTS_EVERY == 0:
            # Learnt within a few hundred steps, and as dear as the pictures.
            texts = model.encode_text(*self._ids(batch.texts))
            losses["texts"] = contrast(requests, texts)
        return losses

    def _ids(self, texts: list[str]) -> tuple[Tensor, Tensor]:
        found = self.tokenizer(
            texts, padding=True, truncation=True, max_length=64, return_tensors="pt"
        )
        return found["input_ids"], found["attention_mask"]

    def save(self, path: Path) -> None:
        """Everything that a run needs to go on."""
        state = {
            "model": self.model.state_dict(),
            "tower": self.tower_heads.state_dict(),
            "vector": self.vector_heads.state_dict(),
            "optimiser": self.optimiser.state_dict(),
            "step": self.step,
        }
        torch.save(state, path.with_suffix(".partial"))
        path.with_suffix(".partial").replace(path)

    def load(self, path: Path) -> None:
        """Goes on where a saved run stopped."""
        state = torch.load(path, weights_only=True)
        self.model.load_state_dict(state["model"])
        self.tower_heads.load_state_dict(state["tower"])
        self.vector_heads.load_state_dict(state["vector"])
        self.optimiser.load_state_dict(state["optimiser"])
        self.step = state["step"]


def contrast(queries: Tensor, targets: Tensor) -> Tensor:
    """InfoNCE in both directions over (n, dim) unit vectors that belong together row by row."""
    scores = queries @ targets.T / TEMPERATURE  # (n, n)
    rows = torch.arange(len(scores))
    return (F.cross_entropy(scores, rows) + F.cross_entropy(scores.T, rows)) / 2


def main() -> None:
    """Draws, trains, measures, and writes the model with its card's figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--work", type=Path, required=True, help="drawn pictures and checkpoints")
    parser.add_argument("--out", type=Path, required=True, help="where the model is written")
    parser.add_argument("--steps", type=int, default=2000)
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    start = time.monotonic()
    workers = os.cpu_count() or 1
    drawings = plan(given.seed)
    prints = plan_swatches(given.seed + 1) + plan_scenes(given.seed + 2)
    pixels = draw_all(drawings, given.work / "products", workers=workers, label="products")
    print_pixels = draw_all(prints, given.work / "prints", workers=workers, label="prints")
    rows = [row for row, drawing in enumerate(drawings) if not held_out(drawing.look)]
    tokenizer = make_tokenizer(given.out, given.seed)
    trainer = Trainer(make_model(tokenizer, given.seed), tokenizer, given.steps)
    checkpoint = given.work / f"run-{given.steps}-{given.batch}-{given.seed}.pt"
    if checkpoint.exists():
        trainer.load(checkpoint)
    weights = sum(p.numel() for p in trainer.model.parameters())
    say(f"{len(rows)} pictures, {weights / 1e6:.1f} M weights, from step {trainer.step}")
    curve = []
    while trainer.step < given.steps:
        # Chance starts anew where runs are saved, so that one that goes on sees the same.
        if trainer.step % SAVE_EVERY == 0:
            chance = given.seed + trainer.step
            trainer.generator.manual_seed(chance)
            sampler = Sampler(drawings, pixels, prints, print_pixels, rows, chance)
        parts = trainer.train_on(sampler.batch(given.batch))
        if trainer.step % 25 == 0:
            curve.append({"step": trainer.step, **{k: round(v, 3) for k, v in parts.items()}})
            rate = time.monotonic() - start
            say(f"{rate:6.0f} s  {json.dumps(curve[-1])}")
        if trainer.step % SAVE_EVERY == 0:
            trainer.save(checkpoint)
    trainer.model.config.text.save_pretrained(given.out)
    save_weights(trainer.model, given.out / "model.safetensors")
    figures = measure(given.out)
    card = {
        "sha256": hashlib.sha256((given.out / "model.safetensors").read_bytes()).hexdigest(),
        "figures": figures,
        "steps": given.steps,
        "batch": given.batch,
        "seed": given.seed,
        "weights": weights,
        "seconds": round(time.monotonic() - start),
        "curve": curve,
    }
    (given.out / "training.json").write_text(json.dumps(card, indent=1), encoding="utf-8")
    say(json.dumps(figures, indent=1))


def say(text: str) -> None:
    """Progress, at once."""
    print(text, flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
