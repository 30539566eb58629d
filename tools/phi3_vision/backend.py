"""Phi-3 Vision as a `VisionModel`: in process, from any thread."""

from __future__ import annotations

import hashlib
import math
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Lock

import numpy as np
import torch
from PIL.Image import Image

from tools.embedding.base import FloatArray
from tools.phi3_vision.inference import Phi3Vision
from tools.phi3_vision.kv_cache import CachedPrompt
from tools.phi3_vision.tokenizer import chat_prompt, escape_special_tokens, picture_mark
from tools.rerank.token_vocabulary import TokenVocabulary
from tools.rerank.vision_model import Constraint, VisionModel


@dataclass(frozen=True, slots=True)
class _CachedCall:
    """The last prompt with its keys and values, and the picture that it begins with."""

    shown: object
    """Equal for pictures of the same pixels in the same crops."""
    lengths: list[int]
    """Tokens of the picture; [] for none."""
    prompt: CachedPrompt


class InProcessVision(VisionModel):
    """A loaded Phi-3 Vision that captions, scores labels and answers; threads take turns.

    The last prompt stays cached: a call on the same picture and prompt computes only what is new.
    At the deadline a pass stops between two layers.
    """

    def __init__(self, model: Phi3Vision, *, name: str = "") -> None:
        self.name = name or model.name
        self.fingerprint = model.fingerprint
        self.crop_side = model.model.config.tile.side
        self._model = model
        # The likeliest end first: it is what a constraint ends an answer with.
        self._vocabulary = TokenVocabulary(
            model.tokenizer.tokenizer,
            size=model.model.config.text.vocab_size,
            stop=model.tokenizer.stop_ids,
        )
        self._one_at_a_time = Lock()
        self._cached: _CachedCall | None = None

    def _label_scores(
        self,
        picture: Image,
        prompt: str,
        answer_start: str,
        labels: Sequence[str],
        crops: int,
        timeout_s: float | None,
    ) -> FloatArray:
        tokens = [self._vocabulary.label_token(label) for label in labels]
        with self._turn(timeout_s) as deadline:
            reading = self._cached_prompt(picture, prompt, answer_start, crops, deadline)
            logits = self._model.next_token_logits(reading, deadline=deadline)
        return np.asarray(logits.log_softmax(dim=-1)[tokens].numpy(), dtype=np.float32)

    def _generate(
        self,
        picture: Image | None,
        prompt: str,
        answer_start: str,
        crops: int,
        max_tokens: int,
        allow: Constraint | None,
        timeout_s: float | None,
    ) -> str:
        rule = allow.rule(self._vocabulary) if allow is not None else None
        with self._turn(timeout_s) as deadline:
            reading = self._cached_prompt(picture, prompt, answer_start, crops, deadline)
            start, said = self._answer_ids(reading), list[int]()
            for token in self._model.generate(
                reading,
                max_tokens=max_tokens,
                processors=[rule] if rule is not None else [],
                forced=rule.forced if rule is not None else None,
                deadline=deadline,
            ):
                said.append(token)
                if rule is not None and rule.finished(said):
                    break  # another pass would only give the stop token
            whole = [*start, *said]
        decode = self._model.tokenizer.decode
        # Decoded with its beginning, because a first token loses its space.
        return answer_start + decode(whole)[len(decode(start)) :]

    def _answer_ids(self, prompt: CachedPrompt) -> list[int]:
        """The tokens behind the mark of the assistant's turn."""
        ids, mark = prompt.ids, self._model.tokenizer.token_id("<|assistant|>")
        return ids[len(ids) - ids[::-1].index(mark) :]

    def _cached_prompt(
        self, picture: Image | None, prompt: str, answer_start: str, crops: int, deadline: float
    ) -> CachedPrompt:
        """The prompt with its cache, continued from the last one as far as both are the same."""
        words = escape_special_tokens(prompt)
        if picture is not None:
            words = f"{picture_mark(1)}\n{words}"
        asked = chat_prompt([("user", words)], escape_special_tokens(answer_start))
        shown = None if picture is None else _picture_key(picture, crops)
        if self._cached is not None and self._cached.shown == shown:
            # Known by its pixels, the picture is not cut into crops again.
            found = self._model.tokenizer.prompt_ids(asked, self._cached.lengths)
            places = torch.tensor(found.places)
            if self._cached.prompt.continue_as(torch.tensor(found.ids), places):
                return self._cached.prompt
        self._cached = None  # frees its keys and values before new ones are computed
        encoded = self._model.encode(asked, [] if picture is None else [picture], num_crops=crops)
        reading = self._model.read(encoded, deadline=deadline)
        lengths = [] if picture is None else [int(encoded.places.sum())]
        self._cached = _CachedCall(shown, lengths, reading)
        return reading

    @contextmanager
    def _turn(self, timeout_s: float | None) -> Iterator[float]:
        """One caller at a time; gives the deadline, the wait included."""
        deadline = math.inf if timeout_s is None else time.monotonic() + timeout_s
        if not self._one_at_a_time.acquire(timeout=-1 if timeout_s is None else timeout_s):
            raise TimeoutError("the vision model was busy with something else")
        try:
            yield deadline
        finally:
            self._one_at_a_time.release()


def _picture_key(picture: Image, crops: int) -> object:
    pixels = picture.convert("RGB")
    return pixels.size, crops, hashlib.sha256(pixels.tobytes()).digest()
