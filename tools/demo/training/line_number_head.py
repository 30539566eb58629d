"""Initialises the head that attends to the best line so that it names that line's number.

What was seen without it: after 2,400 steps the late head looked at a best line in 83 of 100 lists,
and the label named behind the answer's beginning was still one by chance. Between the two lies one
linear map, from where a line keeps its number to the number's token. It is found here from the
lines themselves, in seconds, and training goes on from there.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional as F  # noqa: N812 - the name that torch's own texts use

from tools.demo.training.lists import MOST
from tools.demo.training.prompt_examples import Example
from tools.demo.training.text_lessons import LATE, SpeechTrainer
from tools.demo.training.vision_parts import mixed_precision

TELL_AT = 2400
"""The step before which this is done once."""
LOUDNESS = 20.0
"""How far a number's direction moves the hidden state, in root mean squares of that state.

Of 1, 2, 4, 8, 12, 20 and 32 the one after which the best line was named most often (0.70).
"""
PROBE_STEPS = 600


def say_numbers(trainer: SpeechTrainer, batches: Sequence[Sequence[Example]]) -> None:
    """Sets values and output of the late layer's first head. A list of nine must be there."""
    model = trainer.model
    layer, head = model.lm.model.layers[LATE], model.lm.lm_head
    lines, numbers, size = _lines(trainer, batches)
    probe = _probe(lines, numbers)
    labels = max((example.labels for batch in batches for example in batch), key=len)
    spoken = head.weight.detach()[list(labels)]
    # The last norm weighs what the output head reads.
    ways = F.normalize((spoken - spoken.mean(0)) * model.lm.model.norm.weight.detach(), dim=1)
    width = model.config.text.hidden_size
    room = width // model.config.text.num_attention_heads
    values, out = layer.self_attn.qkv_proj.weight, layer.self_attn.o_proj.weight
    with torch.no_grad():
        values[2 * width : 2 * width + room] = 0
        values[2 * width : 2 * width + len(probe)] = probe
        out[:, :room] = 0
        out[:, : len(ways)] = LOUDNESS * size * ways.T


@torch.no_grad()
def _lines(
    trainer: SpeechTrainer, batches: Sequence[Sequence[Example]]
) -> tuple[Tensor, Tensor, float]:
    """What the late layer reads at the title lines, (n, width), their numbers, and its size."""
    layer = trainer.model.lm.model.layers[LATE]
    found, numbers, size = [], [], 0.0
    for batch in batches:
        with mixed_precision():
            layers, _ = trainer.layers(batch)
        for row, example in enumerate(batch):
            found.append(layer.input_layernorm(layers[LATE][row, list(example.lines[1:])].float()))
            numbers.append(torch.arange(len(example.grades)))
        size = float(layers[LATE + 1].float().pow(2).mean().sqrt())
    return torch.cat(found).float(), torch.cat(numbers), size


def _probe(lines: Tensor, numbers: Tensor) -> Tensor:
    """(9, width): gives about 1 more for a line's own number than for the mean of all."""
    with torch.enable_grad():
        probe = torch.nn.Linear(lines.shape[1], MOST)
        optimiser = torch.optim.AdamW(probe.parameters(), lr=3e-3, weight_decay=0.1)
        generator = torch.Generator().manual_seed(6)
        for _ in range(PROBE_STEPS):
            some = torch.randint(len(lines), (256,), generator=generator)
            loss = F.cross_entropy(probe(lines[some]), numbers[some])
            optimiser.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            optimiser.step()
    weight = probe.weight.detach() - probe.weight.detach().mean(0)
    told = lines @ weight.T
    told = told - told.mean(1, keepdim=True)
    return weight / told[torch.arange(len(numbers)), numbers].mean()
