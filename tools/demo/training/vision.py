"""Trains the built-in vision model: Phi-3 Vision's own classes, small, in the product's prompts.

First the picture tower, taught by the embedder and by names; then the text model above it, on
captions and on lists to be put in order: the label behind the answer's beginning (one pass), and
whole answers with reasons.

A killed run goes on from its last checkpoint in `--work`.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path
from random import Random

import numpy as np
import torch
from tokenizers import Tokenizer

from tools.demo.drawing import COLORS, KINDS
from tools.demo.training import captions as speech
from tools.demo.training import phrases
from tools.demo.training.embedder import digest
from tools.demo.training.line_number_head import TELL_AT, say_numbers
from tools.demo.training.lists import ListSampler
from tools.demo.training.material import (
    NAMED_STEPS,
    TAUGHT_STEPS,
    Material,
    gather,
    train_tower,
)
from tools.demo.training.progress import say
from tools.demo.training.prompt_examples import Tutor
from tools.demo.training.text_lessons import SpeechTrainer
from tools.demo.training.vision_parts import make_config, make_model, make_tokenizer
from tools.files import atomic_file
from tools.phi3_vision.export import write_checkpoint
from tools.phi3_vision.image_processor import PictureProcessor
from tools.phi3_vision.tokenizer import PromptTokenizer
from tools.rerank.answer_schema import RankingAnswer
from tools.rerank.prompt import ranking_prompt
from tools.rerank.vision_model import CAPTION_PROMPT, PICTURE_CROPS

LISTS, CAPTIONS = 8, 24
"""In a batch."""
CAPTION_EVERY = 4
WRITTEN_EVERY = 8
SAVE_EVERY = 100


def lines_to_spell(material: Material, seed: int) -> list[str]:
    """What the tokenizer is made from: prompts, titles, requests, captions and answers."""
    rng = Random(seed)
    looks = [material.drawings[row].look for row in material.rows]
    lines = [CAPTION_PROMPT, ranking_prompt(["a", "b"]), ranking_prompt(["a"] * 9)] * 200
    lines += [make(look, rng) for look in looks for make in (phrases.request, phrases.title)]
    lines += [speech.caption(look) for look in looks]
    lines += [phrases.pattern_request(kind, rng) for kind in KINDS for _ in range(20)]
    lines += [phrases.recolor_request(color, rng) for color in COLORS for _ in range(40)]
    shape = RankingAnswer(9, 3, tuple(range(1, 10)))
    first, last = (shape.text_after_reason(shape.ranked, given) for given in (1, 3))
    lines += [f"{shape.start}as in your photo; as you asked{first}{last}"] * 300
    return lines


def train_vision(given: argparse.Namespace) -> None:
    """Draws, trains, and writes the model with its card."""
    start = time.monotonic()
    if given.start is None:
        raise SystemExit("--start: the folder of the embedder that teaches the picture tower")
    material = gather(given.work, given.photos, given.seed)
    words: Tokenizer = make_tokenizer(lines_to_spell(material, given.seed))
    tokenizer = PromptTokenizer(words)
    config = make_config(tokenizer.vocab_size)
    model = make_model(config, given.seed)
    processor = PictureProcessor(PICTURE_CROPS, tile=config.tile)
    tower = given.work / f"tower-{TAUGHT_STEPS}-{NAMED_STEPS}-{given.seed}.pt"
    if tower.exists():
        model.pictures.clip.load_state_dict(torch.load(tower, weights_only=True))
    else:
        train_tower(model, material, given.start)
        torch.save(model.pictures.clip.state_dict(), tower)
    trainer = SpeechTrainer(model, given.steps)
    checkpoint = given.work / f"vision-{given.steps}-{given.seed}.pt"
    curve: list[dict[str, float]] = []
    if checkpoint.exists():
        curve = _load(trainer, checkpoint)
    say(f"{sum(w.numel() for w in model.parameters()) / 1e6:.1f} M weights, "
        f"{len(words.get_vocab())} tokens, from step {trainer.step}")  # fmt: skip
    seen: list[dict[str, float]] = []
    sampler: ListSampler | None = None
    while trainer.step < trainer.steps:
        if sampler is None or trainer.step % SAVE_EVERY == 0:
            chance = given.seed + trainer.step
            torch.manual_seed(chance)
            rng = Random(chance)
            sampler = ListSampler(
                material.drawings, material.pixels, material.prints, material.print_pixels,
                material.rows, material.photos, material.objects, chance,
            )  # fmt: skip
            tutor = Tutor(tokenizer, processor, rng)
        if trainer.step == TELL_AT:
            lists = [[tutor.ranking(sampler.draw(), written=False) for _ in range(LISTS)]
                     for _ in range(30)]  # fmt: skip
            say_numbers(trainer, lists)
        if trainer.step % CAPTION_EVERY == 0:
            shown = [sampler.captioned() for _ in range(CAPTIONS)]
            batch = [tutor.caption(picture, said) for picture, said, _ in shown]
        else:
            written = trainer.step % WRITTEN_EVERY == 1
            batch = [tutor.ranking(sampler.draw(), written=written) for _ in range(LISTS)]
        seen.append(trainer.train_on(batch))
        if trainer.step % 40 == 0:
            names = {name for parts in seen for name in parts}
            means = {
                name: round(float(np.mean([p[name] for p in seen if name in p])), 3)
                for name in sorted(names)
            }
            curve.append({"step": trainer.step, **means})
            say(f"{time.monotonic() - start:6.0f} s  {json.dumps(curve[-1])}")
            seen = []
        if trainer.step % SAVE_EVERY == 0:
            _save(trainer, checkpoint, curve)
    write_checkpoint(given.out, model, words, num_crops=PICTURE_CROPS)
    card = {
        "sha256": digest(given.out / "model.safetensors"),
        "taught_by": digest(given.start / "model.safetensors"),
        "steps": given.steps,
        "seed": given.seed,
        "weights": sum(w.numel() for w in model.parameters()),
        "seconds": round(time.monotonic() - start),
        "curve": curve,
    }
    (given.out / "training.json").write_text(json.dumps(card, indent=1), encoding="utf-8")


def _save(trainer: SpeechTrainer, path: Path, curve: list[dict[str, float]]) -> None:
    state = {
        "model": trainer.model.state_dict(),
        "heads": trainer.heads.state_dict(),
        "optimiser": trainer.optimiser.state_dict(),
        "schedule": trainer.schedule.state_dict(),
        "step": trainer.step,
        "curve": curve,
    }
    with atomic_file(path) as unfinished:
        torch.save(state, unfinished)


def _load(trainer: SpeechTrainer, path: Path) -> list[dict[str, float]]:
    state = torch.load(path, weights_only=True)
    trainer.model.load_state_dict(state["model"])
    trainer.heads.load_state_dict(state["heads"])
    trainer.optimiser.load_state_dict(state["optimiser"])
    trainer.schedule.load_state_dict(state["schedule"])
    trainer.step = state["step"]
    curve: list[dict[str, float]] = state["curve"]
    return curve
