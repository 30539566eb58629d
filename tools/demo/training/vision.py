"""Trains the built-in vision model: Phi-3 Vision's own classes, small, in the product's prompts.

First the picture tower, taught by the embedder; then the text model above it, on captions and on
lists to be put in order: the label behind the answer's beginning (one pass), and whole answers with
reasons. A model of this size finds out too slowly by itself where to look, so it is shown. Heads
beside it, which are not kept, say half-way up what is asked for and, at the end of every title
line, what that candidate is and its number. One attention head of an early layer is to look from
there into the candidate's cell; three of a middle layer from there back to what is asked for,
where kind, pattern or color agree, and nowhere else; one of a late layer from the answer's
beginning to the lines that fit.

A killed run goes on from its last checkpoint in `--work`.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

import numpy as np
import torch
from PIL import Image
from tokenizers import Tokenizer
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812 - the name that torch's own texts use

from tools.demo.drawing import COLORS, KINDS
from tools.demo.training import phrases, speech
from tools.demo.training.batches import UNKNOWN, label, unknown_labels
from tools.demo.training.embedder import OBJECTS, Heads, digest, say
from tools.demo.training.lists import MOST, ListSampler, RankedList
from tools.demo.training.objects import make_objects
from tools.demo.training.pictures import (
    Drawing,
    Pixels,
    draw_all,
    held_out,
    plan,
    plan_scenes,
    plan_swatches,
)
from tools.demo.training.sources import Sources, read_photos, training_photos
from tools.demo.training.tones import pick_tones, recolor
from tools.demo.training.tower import Lesson, TowerTrainer, embed_all
from tools.demo.training.vision_parts import make_config, make_model, make_tokenizer
from tools.phi3_vision.model import Phi3VisionModel
from tools.phi3_vision.picture import PictureProcessor, picture_tokens
from tools.phi3_vision.prompt import PromptTokenizer, chat_prompt, picture_mark, without_marks
from tools.phi3_vision.writing import write_checkpoint
from tools.rerank.answer import ANSWER_START, RankingAnswer
from tools.rerank.grid import draw_grid
from tools.rerank.prompt import ranking_prompt
from tools.rerank.vision_model import CAPTION_PROMPT, PICTURE_CROPS

LISTS, CAPTIONS = 8, 24
"""In a batch."""
CAPTION_EVERY = 4
WRITTEN_EVERY = 8
TOWER_STEPS = 1800
"""Steps in which the tower alone is trained, before those that are asked for."""
EARLY, MIDDLE, LATE = 1, 3, 4
"""Layers, from 0, whose first heads are shown where to look."""
SHARPNESS = 2.0
"""How much more a grade counts than the one below it, as a logarithm."""
PEAK_RATE = 1.5e-3
SAVE_EVERY = 100


@dataclass(frozen=True)
class Example:
    """A prompt with an answer, in tokens."""

    ids: list[int]
    places: list[bool]
    answer: int
    """Where the answer begins; all before it is the prompt."""
    tiles: Tensor
    """(1 + tiles, 3, side, side)."""
    size: tuple[int, int]
    labels: tuple[int, ...] = ()
    """Tokens of the candidates' numbers, for a list."""
    lines: tuple[int, ...] = ()
    """Where the line ends that says what is asked for, then each candidate's title line."""
    grades: tuple[float, ...] = ()
    names: np.ndarray | None = None
    """(1 + candidates, 3): what is asked for, then what each candidate is."""


class Tutor:
    """Turns lists and pictures into examples, in exactly the prompts that the product sends."""

    def __init__(self, tokenizer: PromptTokenizer, processor: PictureProcessor, rng: Random):
        self._tokenizer, self._processor, self._rng = tokenizer, processor, rng

    def caption(self, picture: Image.Image, words: str) -> Example:
        """The prompt of a caption, answered."""
        cropped = PictureProcessor(1, self._processor.mean, self._processor.std,
                                   self._processor.tile)  # fmt: skip
        return self._example(picture, cropped, CAPTION_PROMPT, "", words, ())

    def ranking(self, given: RankedList, *, written: bool) -> Example:
        """The prompt of a ranking; `written` with the whole answer, else up to its first number."""
        count = len(given.pictures)
        grid = draw_grid(given.query, given.pictures, cell=self._processor.tile.side)
        reasons = 3 if written or self._rng.random() < 0.7 else 0
        prompt = ranking_prompt(
            given.titles, instruction=given.instruction, caption=given.caption, reasons=reasons
        )
        order = sorted(range(count), key=lambda n: (-given.grades[n], self._rng.random()))
        rest = ""
        if written:
            shape = RankingAnswer(count, reasons, tuple(n + 1 for n in order))
            told = [given.reasons[n].replace('"', "'") for n in order[: min(reasons, count)]]
            best = given.grades[order[0]]
            rest = shape.start.removeprefix(ANSWER_START)
            for place, reason in enumerate(told, start=1):
                rest += f'{reason}"{shape.behind_reason(shape.ranked, place)}'
            rest += f"{round(3 * best)}}}"
        return self._example(
            grid,
            self._processor,
            prompt,
            ANSWER_START,
            rest,
            tuple(map(float, given.grades)),
            np.concatenate([[given.wanted], given.labels]),
        )

    def _example(
        self,
        picture: Image.Image,
        processor: PictureProcessor,
        prompt: str,
        start: str,
        rest: str,
        grades: tuple[float, ...],
        names: np.ndarray | None = None,
    ) -> Example:
        values, sizes = processor([picture])
        words = f"{picture_mark(1)}\n{without_marks(prompt)}"
        whole = chat_prompt([("user", words)], start)
        found = self._tokenizer.prompt_ids(whole, [picture_tokens(sizes[0], processor.tile)])
        ids, places = list(found.ids), list(found.places)
        answer = len(ids)
        if rest or not grades:
            # Numbers and signs are tokens of their own, so that the pieces are those of the whole.
            ids += self._tokenizer.prompt_ids(start + rest, []).ids[
                len(self._tokenizer.prompt_ids(start, []).ids) :
            ]
            ids.append(self._tokenizer.stop_ids[0])
            places += [False] * (len(ids) - len(places))
        labels = tuple(self._tokenizer.token_id(str(n + 1)) for n in range(len(grades)))
        lines = self._line_ends(whole, len(grades), answer) if grades else ()
        return Example(ids, places, answer, values[0], sizes[0], labels, lines, grades, names)

    def _line_ends(self, whole: str, count: int, answer: int) -> tuple[int, ...]:
        """Tokens that end what is asked for and the title lines, from the prompt's beginning."""
        behind = whole.split(picture_mark(1), 1)[1]
        offsets = self._tokenizer.tokenizer.encode(behind).offsets
        first = answer - len(offsets)
        ends, at = [behind.index("\nTitles")], behind.index("\n1: ") + 1
        for _ in range(count):
            ends.append(behind.index("\n", at))
            at = ends[-1] + 1
        return tuple(
            first + next(n for n, (start, stop) in enumerate(offsets) if start <= end < stop)
            for end in ends
        )


class SpeechTrainer:
    """Trains everything above the tower, which stays as it is."""

    def __init__(self, model: Phi3VisionModel, steps: int) -> None:
        self.model, self.steps, self.step = model, steps, 0
        # Only this way of computing attention tells where it looked.
        model.lm.config._attn_implementation = "eager"
        self._looks: tuple[Tensor, ...] = ()
        width = model.config.text.hidden_size
        self.judge = nn.Sequential(nn.LayerNorm(width), nn.Linear(width, 1))
        # The same names for what is asked for and for what is there, so that the two come to lie
        # in one space, where attention finds what is alike.
        self.names, self.number = Heads(width), nn.Linear(width, MOST)
        model.pictures.clip.requires_grad_(False)
        weights = [w for w in model.parameters() if w.requires_grad]
        self.heads = nn.ModuleList([self.judge, self.names, self.number])
        self._weights = [*weights, *self.heads.parameters()]
        self.optimiser = torch.optim.AdamW(
            self._weights, lr=PEAK_RATE, weight_decay=0.05, betas=(0.9, 0.98), fused=True
        )
        self.schedule = torch.optim.lr_scheduler.OneCycleLR(
            self.optimiser, PEAK_RATE, total_steps=steps + 1, pct_start=0.05
        )

    def train_on(self, examples: Sequence[Example]) -> dict[str, float]:
        """One step; gives the parts of its loss and how often the best was named first."""
        with torch.autocast("cpu", dtype=torch.bfloat16):
            layers, ids = self._layers(examples)
            losses, first = self._losses(examples, layers, ids)
        self.optimiser.zero_grad(set_to_none=True)
        torch.stack(list(losses.values())).sum().backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(self._weights, 1.0)
        self.optimiser.step()
        self.schedule.step()
        self.step += 1
        told = {name: float(loss.detach()) for name, loss in losses.items()}
        return told | first

    def _layers(self, examples: Sequence[Example]) -> tuple[tuple[Tensor, ...], Tensor]:
        """(n, tokens, width) behind every layer, padded on the right; and the ids."""
        pictures, lm = self.model.pictures, self.model.lm
        counts = [1 + (e.size[0] // e.tiles.shape[-1]) * (e.size[1] // e.tiles.shape[-1])
                  for e in examples]  # fmt: skip
        with torch.no_grad():
            tiles = torch.cat([e.tiles[:n] for e, n in zip(examples, counts, strict=True)])
            found = torch.split(pictures.features(tiles).float(), counts)
        rows = [pictures.tokens(f, e.size) for f, e in zip(found, examples, strict=True)]
        longest = max(len(e.ids) for e in examples)
        ids = torch.zeros((len(examples), longest), dtype=torch.long)
        places = torch.zeros_like(ids, dtype=torch.bool)
        for row, example in enumerate(examples):
            ids[row, : len(example.ids)] = torch.tensor(example.ids)
            places[row, : len(example.ids)] = torch.tensor(example.places)
        embeds = lm.model.embed_tokens(ids)
        embeds = embeds.masked_scatter(places.unsqueeze(-1), torch.cat(rows).to(embeds.dtype))
        # What is padded stands behind, where nothing before it can look.
        found_layers = lm.model(
            inputs_embeds=embeds,
            use_cache=False,
            output_hidden_states=True,
            output_attentions=True,
        )
        self._looks = found_layers.attentions  # (n, heads, tokens, tokens) of every layer
        return found_layers.hidden_states, ids

    def _losses(
        self, examples: Sequence[Example], layers: Sequence[Tensor], ids: Tensor
    ) -> tuple[dict[str, Tensor], dict[str, float]]:
        head, hidden = self.model.lm.lm_head, layers[-1]
        half, below = layers[len(layers) // 2], layers[-2]
        losses: dict[str, Tensor] = {}
        said = [(row, place) for row, e in enumerate(examples)
                for place in range(e.answer, len(e.ids))]  # fmt: skip
        if said:
            rows, at = (torch.tensor(part) for part in zip(*said, strict=True))
            losses["words"] = F.cross_entropy(head(hidden[rows, at - 1]).float(), ids[rows, at])
        ranked, judged, hits = [], [], 0
        asked, seen, names = [], [], []
        into_cells, to_lines, agreed, agree = [], [], [], []
        for row, example in enumerate(examples):
            if not example.grades:
                continue
            grades = torch.tensor(example.grades)
            wanted = (SHARPNESS * grades).softmax(-1)
            logits = head(hidden[row, example.answer - 1]).float()
            named = logits[list(example.labels)]
            ranked.append(-(wanted * named.log_softmax(-1)).sum())
            fit = self.judge(below[row, list(example.lines[1:])]).float().squeeze(-1)
            asked.append(half[row, [example.lines[0], example.answer - 1]])
            seen.append(half[row, list(example.lines[1:])])
            names.append(torch.from_numpy(example.names))
            early, late = (self._looks[layer][row, 0].float() for layer in (EARLY, LATE))
            cells = _cell_tokens(example, len(example.lines))
            into_cells += [
                early[place, cell].sum()
                for place, cell in zip(
                    (*example.lines, example.answer - 1), (*cells, cells[0]), strict=True
                )
            ]
            middle = self._looks[MIDDLE][row, :3, list(example.lines[1:]), example.lines[0]].float()
            wish, there = names[-1][:1], names[-1][1:]  # (1, 3) and (candidates, 3)
            known = (wish != UNKNOWN) & (there != UNKNOWN)
            agreed.append(middle.T[known])
            agree.append((wish == there)[known].float())
            lines = late[example.answer - 1, list(example.lines[1:])].clamp(min=1e-6)
            to_lines.append(-(wanted * (lines / lines.sum()).log()).sum() - lines.sum().log())
            judged.append(-(wanted * fit.log_softmax(-1)).sum())
            hits += int(grades[named.argmax()] == grades.max())
        if not ranked:
            return losses, {}
        losses["ranking"] = torch.stack(ranked).mean()
        losses["judge"] = torch.stack(judged).mean()
        losses["asked"] = self.names.loss(
            _even(torch.cat(asked)), torch.cat([n[:1].expand(2, -1) for n in names])
        )
        losses["cells"] = -0.3 * torch.stack(into_cells).clamp(min=1e-6).log().mean()
        with torch.autocast("cpu", enabled=False):
            found = torch.cat(agreed).clamp(1e-5, 1 - 1e-5)
            losses["agree"] = 2 * F.binary_cross_entropy(found, torch.cat(agree))
        losses["lines"] = torch.stack(to_lines).mean()
        ends = _even(torch.cat(seen))
        losses["seen"] = self.names.loss(ends, torch.cat([n[1:] for n in names]))
        numbers = torch.cat([torch.arange(len(part)) for part in seen])
        losses["number"] = 0.5 * F.cross_entropy(self.number(ends).float(), numbers)
        return losses, {"first": hits / len(ranked)}


def _cell_tokens(example: Example, cells: int) -> list[list[int]]:
    """By cell of the grid, the query's first, the places of its tokens in the prompt."""
    side = example.tiles.shape[-1]
    rows, columns = example.size[0] // side, example.size[1] // side
    first, count = example.places.index(True), sum(example.places)
    # Tiles and the whole take rows * columns + 1 squares, (rows + 1) ends of rows, and one token.
    across = next(
        n for n in range(1, 99) if (rows * columns + 1) * n * n + (rows + 1) * n + 1 == count
    )
    line = columns * across + 1
    return [
        [
            first + (cell // columns * across + y) * line + cell % columns * across + x
            for y in range(across)
            for x in range(across)
        ]
        for cell in range(cells)
    ]


def _even(hidden: Tensor) -> Tensor:
    """Rows of one size, so that a head need not learn how a layer's values grow."""
    return F.layer_norm(hidden.float(), hidden.shape[-1:])


@dataclass(frozen=True)
class Material:
    """All pictures to train on."""

    drawings: list[Drawing]
    pixels: Pixels
    prints: list[Drawing]
    print_pixels: Pixels
    rows: list[int]
    photos: Sources
    objects: Sources


def gather(work: Path, photos: Path | None, seed: int) -> Material:
    """Draws what is not drawn yet, and reads the photos."""
    workers = os.cpu_count() or 1
    drawings = plan(seed)
    prints = plan_swatches(seed + 1) + plan_scenes(seed + 2)
    paths = [p for p in training_photos(photos) if p.parts[-3] == "clothing"] if photos else []
    return Material(
        drawings=drawings,
        pixels=draw_all(drawings, work / "products", workers=workers, label="products"),
        prints=prints,
        print_pixels=draw_all(prints, work / "prints", workers=workers, label="prints"),
        rows=[row for row, drawing in enumerate(drawings) if not held_out(drawing.look)],
        photos=read_photos(paths),
        objects=make_objects(OBJECTS, seed),
    )


def train_tower(model: Phi3VisionModel, material: Material, start: Path, steps: int) -> None:
    """The first lesson: `start` is the folder of the embedder that teaches."""
    from tools.embedding.visualized_bge import load_visualized_bge

    embedder = load_visualized_bge(start / "model.safetensors", start, dtype="float32")
    rng = Random(3)
    tones = [pick_tones(1, rng)[0] for _ in range(len(material.objects))]
    things = [
        recolor(torch.from_numpy(material.objects.pixels[at : at + 100]),
                torch.from_numpy(material.objects.masks[at : at + 100]), tones[at : at + 100])
        for at in range(0, len(tones), 100)
    ]  # fmt: skip
    drawn = [material.drawings[row].look for row in material.rows]
    pools = [
        (material.pixels[material.rows], np.array([label(look) for look in drawn])),
        (np.asarray(material.print_pixels), unknown_labels(len(material.prints))),
        (material.photos.pixels, unknown_labels(len(material.photos))),
        (torch.cat(things).numpy(), unknown_labels(len(tones))),
    ]
    taught = [embed_all(embedder.model, pixels) for pixels, _ in pools]
    say("the embedder has seen all pictures")
    trainer = TowerTrainer(model.pictures, taught[0].shape[1], steps)
    shares = (40, 4, 12, 8)
    for step in range(steps):
        picked = [[rng.randrange(len(seen)) for _ in range(n)]
                  for n, seen in zip(shares, taught, strict=True) if len(seen)]  # fmt: skip
        used = [pool for pool, seen in zip(pools, taught, strict=True) if len(seen)]
        told = [seen for seen in taught if len(seen)]
        lesson = Lesson(
            np.concatenate([pool[0][at] for pool, at in zip(used, picked, strict=True)]),
            torch.cat([seen[at] for seen, at in zip(told, picked, strict=True)]),
            np.concatenate([pool[1][at] for pool, at in zip(used, picked, strict=True)]),
        )
        parts = trainer.step(lesson)
        if step % 20 == 0:
            say(f"tower {step} {json.dumps(parts)}")


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
    lines += [shape.start + "as in your photo; as you asked" + shape.behind_reason(shape.ranked, 1)
              + shape.behind_reason(shape.ranked, 3)] * 300  # fmt: skip
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
    tower = given.work / f"tower-{TOWER_STEPS}-{given.seed}.pt"
    if tower.exists():
        model.pictures.clip.load_state_dict(torch.load(tower, weights_only=True))
    else:
        train_tower(model, material, given.start, TOWER_STEPS)
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
    torch.save(state, path.with_suffix(".partial"))
    path.with_suffix(".partial").replace(path)


def _load(trainer: SpeechTrainer, path: Path) -> list[dict[str, float]]:
    state = torch.load(path, weights_only=True)
    trainer.model.load_state_dict(state["model"])
    trainer.heads.load_state_dict(state["heads"])
    trainer.optimiser.load_state_dict(state["optimiser"])
    trainer.schedule.load_state_dict(state["schedule"])
    trainer.step = state["step"]
    curve: list[dict[str, float]] = state["curve"]
    return curve
