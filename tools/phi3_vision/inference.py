"""Phi-3 Vision, ready to use: prompts with pictures in, logits and answers out, from any thread."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Lock
from typing import Literal, TypeVar

import torch
from PIL.Image import Image
from torch import Tensor

from tools.errors import ModelError
from tools.models.hub import Device, torch_device, torch_dtype
from tools.models.weights import weights_digest
from tools.phi3_vision import checkpoint
from tools.phi3_vision.config import read_config
from tools.phi3_vision.image_processor import (
    PictureProcessor,
    picture_tokens,
    read_picture_processor,
)
from tools.phi3_vision.kv_cache import CachedPrompt
from tools.phi3_vision.model import Phi3VisionModel
from tools.phi3_vision.sampling import ForcedTokens, LogitsProcessor, Sampling, TokenSampler
from tools.phi3_vision.tokenizer import PromptTokenizer, read_tokenizer

Dtype = Literal["auto", "float32", "bfloat16", "float16"]
T = TypeVar("T")


@dataclass(frozen=True, slots=True, eq=False)
class Encoded:
    """A prompt with its pictures, as the model takes it."""

    ids: Tensor
    """(tokens,) int64; the tokens of pictures are those of `<|image|>`."""
    places: Tensor
    """(tokens,) bool: where the tokens of pictures stand."""
    pixel_values: Tensor
    """(pictures, num_crops + 1, 3, side, side) float32, in the order of the prompt."""
    sizes: list[tuple[int, int]]
    """Padded height and width of every picture, pixels, in the order of the prompt."""


def load_phi3_vision(
    folder_or_name: str | Path,
    *,
    device: Device = "auto",
    dtype: Dtype = "auto",
    attn_implementation: str = "sdpa",
    num_crops: int | None = None,
) -> Phi3Vision:
    """Phi-3 Vision with published (or own) weights, ready to use.

    `folder_or_name`: a folder with config.json, preprocessor_config.json, tokenizer.json and
    safetensors, or a hub name as "microsoft/Phi-3.5-vision-instruct". "auto" is bfloat16 where the
    hardware has it, else float32. `attn_implementation` is one that transformers knows: "sdpa",
    "eager", or "flash_attention_2" with its package. `num_crops` overrides the published number.
    Raises ModelError for whatever cannot be loaded.
    """
    place = torch_device(device)
    kind = torch.float16 if dtype == "float16" else torch_dtype(dtype, place)
    folder = checkpoint.model_folder(folder_or_name)
    # What is small is read first, so that a folder that lacks it says so at once.
    config = read_config(folder / "config.json")
    tokenizer = read_tokenizer(folder / "tokenizer.json")
    pictures = read_picture_processor(folder / "preprocessor_config.json", num_crops, config.tile)
    if tokenizer.vocab_size > config.text.vocab_size:
        raise ModelError(
            f"The tokenizer in {folder} knows {tokenizer.vocab_size} tokens, config.json "
            f"{config.text.vocab_size}. Download the folder again."
        )
    files = checkpoint.read_files(folder)
    try:
        model = checkpoint.build(
            files, config, device=place, dtype=kind, attn_implementation=attn_implementation
        )
    except torch.OutOfMemoryError as error:
        raise ModelError(
            f"{folder} does not fit in the GPU's memory. Free some, or set the device to cpu."
        ) from error
    except ModelError as error:
        raise ModelError(f"{folder}: {error}") from error
    # A folder in the hub's cache has a hash for a name.
    name = Path(folder_or_name).name or folder.resolve().name
    return Phi3Vision(model, tokenizer, pictures, name=name)


class Phi3Vision:
    """A model with its tokenizer and picture processor. Threads take turns, pass by pass."""

    def __init__(
        self,
        model: Phi3VisionModel,
        tokenizer: PromptTokenizer,
        pictures: PictureProcessor,
        *,
        name: str = "phi3-vision",
    ) -> None:
        self.model = model
        self.tokenizer = tokenizer
        self.pictures = pictures
        self.name = name
        self._held = next(model.parameters())  # tells device and dtype
        # transformers keeps the rotary factors of the last pass in the model.
        self._one_at_a_time = Lock()

    @property
    def fingerprint(self) -> str:
        """Changes whenever the same prompt could get other logits: weights as held, crops."""
        config = self.model.config
        parts = (
            weights_digest(self.model),
            (config.text.num_attention_heads, config.text.rms_norm_eps, config.text.hidden_act),
            config.text.rope_parameters,
            (config.clip.num_attention_heads, config.clip.hidden_act, config.clip_layers),
            hashlib.sha256(self.tokenizer.tokenizer.to_str().encode()).hexdigest(),
            self.pictures,
        )
        dtype = str(self._held.dtype).removeprefix("torch.")
        return f"phi3-vision {dtype} {hashlib.sha256(repr(parts).encode()).hexdigest()[:16]}"

    def encode(
        self, prompt: str, pictures: Sequence[Image] = (), *, num_crops: int | None = None
    ) -> Encoded:
        """A prompt with `<|image_1|>`, `<|image_2|>`, ... where the pictures stand.

        The prompt is taken as it is: `prompt.chat_prompt` makes one of turns. `num_crops` is for
        these pictures alone. Raises ValueError unless every picture has exactly one mark, and
        PhotoError for a picture without pixels.
        """
        processor = self.pictures
        if num_crops is not None:
            processor = replace(processor, num_crops=num_crops)
        values, sizes = processor(pictures)
        found = self.tokenizer.prompt_ids(
            prompt, [picture_tokens(size, processor.tile) for size in sizes]
        )
        return Encoded(
            ids=torch.tensor(found.ids),
            places=torch.tensor(found.places),
            pixel_values=values[found.order],
            sizes=[sizes[number] for number in found.order],
        )

    def logits(self, encoded: Encoded) -> Tensor:
        """Logits of the next token behind every token, (tokens, vocabulary) float32, on the CPU.

        Nothing is kept. Of real weights this is 128 kB a token: `next_token_logits` is for the end.
        """

        def run() -> Tensor:
            rows = self.model.picture_rows(encoded.pixel_values, encoded.sizes)
            ids = encoded.ids.to(self._held.device)[None]
            places = encoded.places.to(self._held.device)[None]
            out: Tensor = self.model(ids, rows=rows, places=places)[0].cpu()
            return out

        return self._run(run)

    def read(self, encoded: Encoded, *, deadline: float = math.inf) -> CachedPrompt:
        """A reading of this prompt, to be continued from. Pictures are computed, words not yet."""
        rows = self._run(
            lambda: self.model.picture_rows(encoded.pixel_values, encoded.sizes), deadline
        )
        return CachedPrompt(encoded.ids, encoded.places, rows)

    def next_token_logits(
        self, given: Encoded | CachedPrompt, *, deadline: float = math.inf
    ) -> Tensor:
        """Logits of the token that follows, (vocabulary,) float32 on the CPU, the caller's own.

        Raises RequestError when there are more tokens than the model can read, and TimeoutError
        when they are not there by `deadline` on `time.monotonic()`; a reading is not harmed by it.
        """
        reading = given if isinstance(given, CachedPrompt) else self.read(given, deadline=deadline)
        # Copied out here, because tensors of inference mode must not be written into.
        return self._run(lambda: reading.next_logits(self.model), deadline).clone()

    def generate(
        self,
        given: Encoded | CachedPrompt,
        *,
        max_tokens: int,
        processors: Sequence[LogitsProcessor] = (),
        forced: ForcedTokens | None = None,
        sampling: Sampling | None = None,
        stop_ids: Collection[int] | None = None,
        deadline: float = math.inf,
    ) -> Iterator[int]:
        """The tokens of an answer as they come; greedy without `sampling`.

        A reading that is given grows by these tokens and can be continued from. Ends behind
        `max_tokens`, or before a token of `stop_ids` (those of the tokenizer if not given), which
        is neither yielded nor read. Tokens that `forced` names are taken without a pass each.
        Raises ValueError when the processors forbid every token, and what `next_token_logits`
        raises.
        """
        reading = given if isinstance(given, CachedPrompt) else self.read(given, deadline=deadline)
        stops = self.tokenizer.stop_ids if stop_ids is None else stop_ids
        chooser = TokenSampler(processors, sampling)
        answer: list[int] = []
        while len(answer) < max_tokens:
            tokens = list(forced(answer)) if forced is not None else []
            if not tokens:
                logits = self.next_token_logits(reading, deadline=deadline)
                tokens = [chooser.choose(answer, logits)]
            for token in tokens[: max_tokens - len(answer)]:
                if token in stops:
                    return
                reading.append([token])
                answer.append(token)
                yield token

    def _run(self, compute: Callable[[], T], deadline: float = math.inf) -> T:
        try:
            with self._one_at_a_time, torch.inference_mode():
                self.model.deadline = deadline
                return compute()
        except torch.OutOfMemoryError as error:
            raise ModelError(
                "The GPU's memory is full. Free some, use fewer crops, or set the device to cpu."
            ) from error
