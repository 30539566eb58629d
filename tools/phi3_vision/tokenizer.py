"""Prompts to token ids and back, as the published processor does it.

A prompt is cut at its picture marks, and every piece is tokenised on its own, with `<s>` in front:
so `<s>` comes again after every picture, and the model was trained on that. The tokenizer is read
by `tokenizers` alone: transformers 5 would read the published files as another tokenizer.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from typing import Literal

from tokenizers import Tokenizer

from tools.errors import ModelError
from tools.phi3_vision.config import WHERE_TO_GET_IT

Role = Literal["system", "user", "assistant"]

PICTURE = re.compile(r"<\|image_(\d+)\|>")
MARK = re.compile(r"<(?=\|\w*\|>|/?s>|unk>)")
STOPS = ("<|end|>", "<|endoftext|>", "<|assistant|>", "</s>")
"""What ends an answer. The published files name `</s>`, which the model never says."""


def picture_mark(number: int) -> str:
    """What stands in a prompt for the picture of this number, counted from 1."""
    return f"<|image_{number}|>"


def chat_prompt(turns: Iterable[tuple[Role, str]], answer_start: str = "") -> str:
    """The published chat template over turns of (role, words), up to the beginning of an answer."""
    said = "".join(f"<|{role}|>\n{words}<|end|>\n" for role, words in turns)
    return f"{said}<|assistant|>\n{answer_start}"


def escape_special_tokens(words: str) -> str:
    """The words with a space inside whatever the tokenizer would take for a mark of its own.

    For words that are data: titles, or what a shopper writes. `<|end|>` becomes `< |end|>`.
    """
    return MARK.sub("< ", words)


@dataclass(frozen=True, slots=True)
class PromptIds:
    """A tokenised prompt."""

    ids: list[int]
    places: list[bool]
    """Where the tokens of pictures stand."""
    order: list[int]
    """Numbers of the pictures, from 0, in the order of the prompt."""


class PromptTokenizer:
    """Words to ids and ids to words. Safe to share between threads."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        """Raises ValueError when the tokenizer is not one of Phi-3 Vision."""
        self.tokenizer = tokenizer
        missing = [m for m in (*STOPS, "<|image|>") if tokenizer.token_to_id(m) is None]
        if missing:
            raise ValueError(f"it lacks {', '.join(missing)}")
        if tokenizer.encode("").tokens != ["<s>"]:
            raise ValueError("it does not put <s> in front, as the published one does")
        self.stop_ids = tuple(self.token_id(mark) for mark in STOPS)
        self.picture_id = self.token_id("<|image|>")

    @property
    def vocab_size(self) -> int:
        """One more than the highest id."""
        return max(self.tokenizer.get_vocab(with_added_tokens=True).values()) + 1

    def token_id(self, token: str) -> int:
        """The id of what is one token, as "3" or "<|end|>". Raises ValueError when it is none."""
        found = self.tokenizer.token_to_id(token)
        if found is None:
            raise ValueError(f"{token!r} is not a single token")
        return int(found)

    def prompt_ids(self, prompt: str, lengths: Sequence[int]) -> PromptIds:
        """A prompt with marks for pictures, each mark replaced by the tokens of its picture.

        `lengths` is the number of tokens of each picture. A picture stands where its own mark is,
        whatever the order. Raises ValueError unless every picture has exactly one mark.
        """
        pieces = PICTURE.split(prompt)  # words, number, words, number, ..., words
        order = [int(number) - 1 for number in pieces[1::2]]
        if sorted(order) != list(range(len(lengths))):
            raise ValueError(
                f"{len(lengths)} pictures need the marks {picture_mark(1)}, {picture_mark(2)}, ... "
                f"once each in the prompt; it has {[number + 1 for number in order]}"
            )
        ids: list[int] = []
        places: list[bool] = []
        for words, number in zip_longest(pieces[::2], order):
            found = self.tokenizer.encode(words).ids
            length = 0 if number is None else lengths[number]
            ids += found + [self.picture_id] * length
            places += [False] * len(found) + [True] * length
        return PromptIds(ids, places, order)

    def decode(self, ids: Sequence[int]) -> str:
        """The words of an answer from its beginning, without marks."""
        return str(self.tokenizer.decode(list(ids), skip_special_tokens=True))


def read_tokenizer(path: Path) -> PromptTokenizer:
    """The tokenizer in a `tokenizer.json`. Raises ModelError when it is not there or damaged."""
    if not path.is_file():
        raise ModelError(f"There is no {path.name} in {path.parent}. {WHERE_TO_GET_IT}")
    try:
        tokenizer = Tokenizer.from_file(str(path))
        tokenizer.no_truncation()
        tokenizer.no_padding()
        return PromptTokenizer(tokenizer)
    except Exception as error:  # tokenizers raises nothing narrower
        raise ModelError(f"{path} cannot be used ({error}). {WHERE_TO_GET_IT}") from error
