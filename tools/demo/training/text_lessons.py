"""One lesson of the text model above the picture tower: a batch of examples, one step.

A model of this size finds out too slowly by itself where to look, so it is shown. Heads beside it,
which are not kept, say half-way up what is asked for and, at the end of every title line, what
that candidate is and its number. One attention head of an early layer is to look from there into
the candidate's cell; three of a middle layer from there back to what is asked for, where kind,
pattern or color agree, and nowhere else; one of a late layer from the answer's beginning to the
lines that fit.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812 - the name that torch's own texts use

from tools.demo.training.batches import UNKNOWN
from tools.demo.training.embedder import Heads
from tools.demo.training.lists import MOST
from tools.demo.training.prompt_examples import Example
from tools.demo.training.vision_parts import mixed_precision
from tools.phi3_vision.model import Phi3VisionModel

EARLY, MIDDLE, LATE = 1, 3, 4
"""Layers, from 0, whose first heads are shown where to look."""
SHARPNESS = 2.0
"""How much more a grade counts than the one below it, as a logarithm."""
PEAK_RATE = 1.5e-3


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
        with mixed_precision():
            layers, ids = self.layers(examples)
            losses, first = self._losses(examples, layers, ids)
        self.optimiser.zero_grad(set_to_none=True)
        torch.stack(list(losses.values())).sum().backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(self._weights, 1.0)
        self.optimiser.step()
        self.schedule.step()
        self.step += 1
        told = {name: float(loss.detach()) for name, loss in losses.items()}
        return told | first

    def layers(self, examples: Sequence[Example]) -> tuple[tuple[Tensor, ...], Tensor]:
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
