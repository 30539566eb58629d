"""Trains the built-in embedder: Visualized BGE's own classes, small.

Contrastive (InfoNCE, both directions) between products (picture, with or without title) and what
asks for them (words, a picture with words, another picture), with heads beside it that name kind,
pattern and color; the heads are not kept. On drawn products, on made-up objects in all colors, and
on real photos. One in ten combinations of kind, pattern and color is never shown, and one real
photo in eight. A killed run goes on from its last checkpoint in `--work`.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import math
import os
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

import torch
from tokenizers import BertWordPieceTokenizer
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812 - the name that torch's own texts use
from transformers import BertConfig, BertTokenizer

from tools.demo.drawing import COLORS, KINDS, PATTERNS
from tools.demo.held_out import held_out, plan
from tools.demo.training import phrases
from tools.demo.training.augment import augment, vary
from tools.demo.training.batches import UNKNOWN, Batch, Sampler
from tools.demo.training.color_names import SPELLINGS, TONES
from tools.demo.training.generated_objects import make_objects
from tools.demo.training.holdout import measure
from tools.demo.training.photo_batches import UndrawnSampler
from tools.demo.training.pictures import draw_all, plan_scenes, plan_swatches
from tools.demo.training.progress import say
from tools.demo.training.sources import read_photos, training_photos
from tools.embedding.visualized_bge.checkpoint import published_keys, save_weights
from tools.embedding.visualized_bge.embedder import load_visualized_bge
from tools.embedding.visualized_bge.model import VisualizedBGE, VisualizedBGEConfig
from tools.embedding.visualized_bge.vision_tower import VisionConfig
from tools.models.weights import read_weights

TEMPERATURE = 0.05
PEAK_RATE = 1e-3
PEAK_RATE_LATER = 6e-4
"""For weights that already know something."""
SAVE_EVERY = 200
TEXTS_EVERY = 5
OBJECTS = 6000
LESSONS = {"drawn": 0.32, "objects": 0.2, "recolored": 0.14, "views": 0.22, "labelled": 0.12}
"""Share of the steps, unless others are given; without photos only the first two."""
NAMES = (len(KINDS), len(PATTERNS), len(COLORS))
# Words of shops and shoppers that no template holds, so that they are not spelled in letters.
MORE_WORDS = (
    "women men kids baby shirt jacket jeans shoes boots bag dress skirt sofa table desk bed light "
    "wall kitchen bath towel phone laptop camera speaker tv coffee tea juice drink food toy game "
    "book gift ring necklace cap coat sweater hoodie shorts large small new old cheap warm cool "
    "soft modern vintage outdoor sport travel home office garden school silver gold rose mint "
    "machine maker coffee espresso kettle toaster blender mixer oven fryer grill fan heater air "
    "vacuum cleaner iron dryer shaver trimmer razor brush straightener curler robot purifier "
    "humidifier watch helmet goggles gloves socks tent ski board bike snowboard hiking running "
    "trail winter summer glass metal plastic leather cotton wool linen silk steel wooden rubber "
    "box bottle can jar pack set kit pair piece digital electric automatic wireless portable "
    "smart pro mini max plus premium classic slim heavy duty fruit vegetable milk yoghurt apple "
    "pear orange lemon banana tomato potato pepper onion melon kiwi peach plum mango organic fresh"
)


class Heads(nn.Module):
    """Names kind, pattern and color from a vector; only there while training."""

    def __init__(self, dim: int) -> None:
        super().__init__()
        self.each = nn.ModuleList(nn.Linear(dim, count) for count in NAMES)

    def loss(self, vectors: Tensor, labels: Tensor) -> Tensor:
        """Mean cross-entropy of the three names; `vectors` (n, dim), `labels` (n, 3)."""
        losses = [
            F.cross_entropy(head(vectors), labels[:, i])
            for i, head in enumerate(self.each)
            if bool((labels[:, i] != UNKNOWN).any())
        ]
        return torch.stack(losses).mean() if losses else vectors.sum() * 0

    def named(self, vectors: Tensor) -> Tensor:
        """(n, 3): the likeliest kind, pattern and color."""
        return torch.stack([head(vectors).argmax(-1) for head in self.each], 1)


def make_tokenizer(folder: Path, labels: Sequence[str], seed: int) -> BertTokenizer:
    """A WordPiece tokenizer over what the templates say, kept in `folder` for the shipped model."""
    rng = Random(seed)
    looks = [drawing.look for drawing in plan(seed, pictures=1)]
    lines = [make(look, rng) for look in looks for make in (phrases.request, phrases.text)]
    lines += [phrases.pattern_request(kind, rng) for kind in KINDS for _ in range(20)]
    lines += [phrases.recolor_request(color, rng) for color in COLORS for _ in range(40)]
    tones = [name for tone in TONES for name in SPELLINGS.get(tone, (tone,))]
    lines += [phrases.recolor_request(tone, rng) for tone in tones for _ in range(5)]
    lines += (" ".join((*tones, *map(" ".join, phrases.LABEL_WORDS.values()), *labels))).split() * 5
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


def go_on_from(model: VisualizedBGE, tokenizer: BertTokenizer, folder: Path) -> None:
    """Takes the weights of an earlier model of the same sizes, whose words may be fewer."""
    file = read_weights(folder / "model.safetensors")
    weights = {name: file[key].float() for key, name in published_keys(model).items()}
    before = BertTokenizer(vocab=str(folder / "vocab.txt"), do_lower_case=True)
    name = "text.embeddings.word_embeddings.weight"
    known = weights[name]
    table = model.state_dict()[name].clone()
    for word, place in tokenizer.get_vocab().items():
        # A word that was spelled in pieces starts as their mean.
        pieces = [before.get_vocab()[word]] if word in before.get_vocab() else None
        pieces = pieces or before(word.removeprefix("##"), add_special_tokens=False)["input_ids"]
        table[place] = known[pieces].mean(0)
    model.load_state_dict(weights | {name: table}, strict=False)  # position ids are in no file


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

    def __init__(
        self, model: VisualizedBGE, tokenizer: BertTokenizer, steps: int, peak_rate: float
    ) -> None:
        self.model, self.tokenizer, self.steps = model, tokenizer, steps
        self.peak_rate = peak_rate
        dim = model.config.dim
        self.tower_heads, self.vector_heads = Heads(dim), Heads(dim)
        modules = (model, self.tower_heads, self.vector_heads)
        self.parameters = [p for module in modules for p in module.parameters()]
        self.optimiser = torch.optim.AdamW(
            self.parameters, lr=peak_rate, weight_decay=0.05, betas=(0.9, 0.98), fused=True
        )
        self.step = 0
        self.generator = torch.Generator().manual_seed(0)

    def train_on(self, batch: Batch) -> dict[str, float]:
        """One step; gives the parts of its loss."""
        self.model.train()
        for group in self.optimiser.param_groups:
            group["lr"] = self.peak_rate * self._rate()
        with torch.autocast("cpu", dtype=torch.bfloat16):
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
        varied = (
            vary(queries, size, self.generator)
            if batch.askew
            else augment(queries, size, 1.0, self.generator)
        )
        asked = model.image_tokens(varied)
        products = model.fuse(shown, *self._ids(batch.titles))
        leaning = model.fuse(asked, *self._ids(batch.leaning))
        losses = {
            "leaning": contrast(leaning, products),
            "tower": self.tower_heads.loss(shown.mean(1), labels),
            "product names": self.vector_heads.loss(products * 8, labels),
            "leaning names": self.vector_heads.loss(leaning * 8, labels),
        }
        if batch.requests:
            requests = model.encode_text(*self._ids(batch.requests))
            losses["words"] = contrast(requests, products)
            if batch.texts and self.step % TEXTS_EVERY == 0:
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


@dataclass(frozen=True)
class Lessons:
    """Where batches come from."""

    drawn: Sampler
    undrawn: UndrawnSampler
    shares: dict[str, float]
    rng: Random

    def batch(self, size: int) -> tuple[str, Batch]:
        """The next lesson's name and batch."""
        name = self.rng.choices(list(self.shares), list(self.shares.values()))[0]
        if name == "drawn":
            return name, self.drawn.batch(size)
        if name == "views":
            return name, self.undrawn.views(size)
        if name == "labelled":
            return name, self.undrawn.labelled(size)
        return name, self.undrawn.recolored(size, made_up=name == "objects")


def train_embedder(given: argparse.Namespace) -> None:
    """Draws, trains, measures, and writes the model with its card's figures."""
    start = time.monotonic()
    workers = os.cpu_count() or 1
    drawings = plan(given.seed)
    prints = plan_swatches(given.seed + 1) + plan_scenes(given.seed + 2)
    pixels = draw_all(drawings, given.work / "products", workers=workers, label="products")
    print_pixels = draw_all(prints, given.work / "prints", workers=workers, label="prints")
    rows = [row for row, drawing in enumerate(drawings) if not held_out(drawing.look)]
    paths = training_photos(given.photos) if given.photos else []
    # Clothes come first: they stand alone, so that they can be recolored.
    paths.sort(key=lambda path: (path.parts[-3] != "clothing", path.stem))
    clothes = sum(path.parts[-3] == "clothing" for path in paths)
    photos, objects = read_photos(paths), make_objects(OBJECTS, given.seed)
    tokenizer = make_tokenizer(given.out, sorted(set(photos.labels)), given.seed)
    model = make_model(tokenizer, given.seed)
    if given.start:
        go_on_from(model, tokenizer, given.start)
    rate = PEAK_RATE_LATER if given.start else PEAK_RATE
    trainer = Trainer(model, tokenizer, given.steps, rate)
    checkpoint = given.work / f"embedder-{given.steps}-{given.batch}-{given.seed}.pt"
    if checkpoint.exists():
        trainer.load(checkpoint)
    weights = sum(p.numel() for p in model.parameters())
    say(f"{len(rows)} drawn, {len(photos)} photos, {weights / 1e6:.1f} M weights, "
        f"from step {trainer.step}")  # fmt: skip
    shares = dict(zip(LESSONS, given.shares or LESSONS.values(), strict=True))
    shares = {
        name: share for name, share in shares.items() if paths or name in ("drawn", "objects")
    }
    curve: list[dict[str, object]] = []
    lessons: Lessons | None = None
    while trainer.step < given.steps:
        # Chance starts anew where runs are saved, so that one that goes on sees the same.
        if lessons is None or trainer.step % SAVE_EVERY == 0:
            chance = given.seed + trainer.step
            trainer.generator.manual_seed(chance)
            torch.manual_seed(chance)
            lessons = Lessons(
                Sampler(drawings, pixels, prints, print_pixels, rows, chance),
                UndrawnSampler(photos, clothes, objects, chance),
                shares,
                Random(chance),
            )
        lesson, batch = lessons.batch(given.batch)
        parts = trainer.train_on(batch)
        if trainer.step % 10 == 0:
            shown = {name: round(value, 3) for name, value in parts.items()}
            curve.append({"step": trainer.step, "lesson": lesson, **shown})
            say(f"{time.monotonic() - start:6.0f} s  {json.dumps(curve[-1])}")
        if trainer.step % SAVE_EVERY == 0:
            trainer.save(checkpoint)
    _write(trainer, given, curve, start)


def _write(
    trainer: Trainer, given: argparse.Namespace, curve: list[dict[str, object]], start: float
) -> None:
    trainer.model.config.text.save_pretrained(given.out)
    save_weights(trainer.model, given.out / "model.safetensors")
    trained = load_visualized_bge(given.out / "model.safetensors", given.out, dtype="float32")
    figures = measure(trained)
    card = {
        "sha256": digest(given.out / "model.safetensors"),
        "started_from": digest(given.start / "model.safetensors") if given.start else "",
        "figures": figures,
        "steps": given.steps,
        "batch": given.batch,
        "seed": given.seed,
        "shares": given.shares or list(LESSONS.values()),
        "weights": sum(p.numel() for p in trainer.model.parameters()),
        "seconds": round(time.monotonic() - start),
        "curve": curve,
    }
    (given.out / "training.json").write_text(json.dumps(card, indent=1), encoding="utf-8")
    say(json.dumps(figures, indent=1))


def digest(path: Path) -> str:
    """SHA-256 of a file, as hexadecimal digits."""
    return hashlib.sha256(path.read_bytes()).hexdigest()
