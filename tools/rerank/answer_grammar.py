"""Decoding that can only write a whole ranking: the answer's shape bound to a model's tokens.

A permutation is beyond JSON schema, and its grammar has 2^n states; as a state machine it is a
tuple of what is ranked. What a state allows is a mask that is computed once and kept. Covered is
the ranking alone; general schemas are for a grammar engine behind the same two methods.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from tools.rerank.answer_schema import REASON_LENGTH, RankingAnswer
from tools.rerank.token_vocabulary import TokenVocabulary

_Choice = Literal["number", "reason", "confidence", "end"]


@dataclass(frozen=True, slots=True)
class _State:
    """Tokens that must come, then a choice."""

    choice: _Choice
    forced: tuple[int, ...] = ()
    ranked: tuple[int, ...] = ()
    given: int = 0
    """Reasons begun, the one being written included."""
    left: int = REASON_LENGTH
    """Characters that the reason being written may still have."""


class RankingRule:
    """A `LogitsRule` for one `RankingAnswer`; any number of rows, any order of calls.

    Takes what was generated behind the answer's `start`: with `generate(inputs_embeds=…)` that is
    what transformers hands to a LogitsProcessor. Raises ValueError for tokens that it would not
    have allowed, and ModelError for a vocabulary that cannot write the structure.
    """

    def __init__(self, answer: RankingAnswer, vocabulary: TokenVocabulary) -> None:
        self._answer, self._vocabulary = answer, vocabulary
        self._labels = {n: vocabulary.label_token(str(n)) for n in range(1, answer.count + 1)}
        self._digits = tuple(vocabulary.label_token(str(digit)) for digit in range(10))
        self._known: dict[tuple[int, ...], _State] = {(): self._first()}
        self._masks: dict[tuple[object, ...], Tensor] = {}

    def __call__(self, input_ids: Tensor, scores: Tensor) -> Tensor:
        """Scores of (rows, vocabulary), with -inf for every token that may not come next."""
        rows = [self._state(tuple(row)) for row in input_ids.tolist()]
        banned = [self._banned(state, scores.device) for state in rows]
        # A stack of one is a copy that costs as much as the rest.
        return scores.masked_fill(
            banned[0] if len(banned) == 1 else torch.stack(banned), -torch.inf
        )

    def forced(self, generated: Sequence[int]) -> tuple[int, ...]:
        """The tokens that must come next; () where there is a choice, and at the end."""
        return self._state(tuple(generated)).forced

    def finished(self, generated: Sequence[int]) -> bool:
        """Whether the answer is whole: only a stop token may come."""
        state = self._state(tuple(generated))
        return state.choice == "end" and not state.forced

    def _first(self) -> _State:
        answer = self._answer
        if answer.ranked:
            choice: _Choice = "reason" if answer.reasons else "confidence"
            return _State(choice, ranked=answer.ranked, given=min(answer.reasons, 1))
        if answer.count == 1:
            return self._ranked((), 1, alone=True)
        return _State("number")

    def _state(self, generated: tuple[int, ...]) -> _State:
        known = len(generated)
        while generated[:known] not in self._known:
            known -= 1
        state = self._known[generated[:known]]
        for place in range(known, len(generated)):
            state = self._next(state, generated[place])
            self._known[generated[: place + 1]] = state
        return state

    def _next(self, state: _State, token: int) -> _State:
        if state.forced:
            if token != state.forced[0]:
                raise ValueError(f"token {token} came where {state.forced[0]} had to")
            return replace(state, forced=state.forced[1:])
        if state.choice == "end":
            return state  # a stop token, or the padding of a row that is done
        if not self._allowed(state)[token]:
            raise ValueError(f"token {token} came where it was not allowed")
        text = self._vocabulary.texts[token]
        if state.choice == "number":
            return self._ranked(state.ranked, int(text))
        if state.choice == "confidence":
            return _State("end", self._vocabulary.encode("}", text))
        return self._reason(state, text)

    def _ranked(self, ranked: tuple[int, ...], number: int, alone: bool = False) -> _State:
        """Behind a number: a choice among the others, or, with one left, all up to the reasons."""
        answer, ranked = self._answer, (*ranked, number)
        rest = set(self._labels) - set(ranked)
        text = "1" if alone else ""
        if len(rest) > 1:
            return _State("number", self._vocabulary.encode(", ", str(number)), ranked)
        if rest:
            ranked = (*ranked, *rest)
            text = f", {ranked[-1]}"
        tokens = self._vocabulary.encode(
            text + answer.text_after_ranking(ranked), "[" if alone else str(number)
        )
        choice: _Choice = "reason" if answer.reasons else "confidence"
        return _State(choice, tokens, ranked, given=min(answer.reasons, 1))

    def _reason(self, state: _State, text: str) -> _State:
        inside, quote, behind = text.partition('"')
        left = state.left - len(inside)
        if quote or not left:
            tail = self._answer.text_after_reason(state.ranked, state.given)
            rest = tail[len(behind) :] if quote else f'"{tail}'
            tokens = self._vocabulary.encode(rest, text) if rest else ()
            if state.given < min(self._answer.reasons, len(state.ranked)):
                return _State("reason", tokens, state.ranked, state.given + 1)
            return _State("confidence", tokens, state.ranked, state.given)
        return replace(state, left=left)

    def _banned(self, state: _State, device: torch.device) -> Tensor:
        key = (*self._key(state), device)
        if key not in self._masks:
            self._masks[key] = torch.from_numpy(~self._allowed(state)).to(device)
        return self._masks[key]

    def _key(self, state: _State) -> tuple[object, ...]:
        """States of one key allow the same tokens."""
        if state.forced:
            return ("forced", state.forced[0])
        if state.choice == "number":
            return ("number", frozenset(state.ranked))
        if state.choice == "reason":
            tail = self._answer.text_after_reason(state.ranked, state.given)
            fits = min(state.left, self._vocabulary.longest)
            return ("reason", tail, fits, state.left == REASON_LENGTH)
        return (state.choice,)

    def _allowed(self, state: _State) -> NDArray[np.bool_]:
        """(vocabulary,), True for the tokens that may come next."""
        if not state.forced and state.choice == "reason":
            return self._allowed_in_reason(state)
        tokens: Sequence[int] = self._vocabulary.stop
        if state.forced:
            tokens = state.forced[:1]
        elif state.choice == "number":
            tokens = [label for n, label in self._labels.items() if n not in state.ranked]
        elif state.choice == "confidence":
            tokens = self._digits
        allowed = np.zeros(self._vocabulary.size, dtype=np.bool_)
        allowed[list(tokens)] = True
        return allowed

    def _allowed_in_reason(self, state: _State) -> NDArray[np.bool_]:
        """Text that still fits, or what ends the reason; it does not begin blank or empty."""
        strings, begins = self._vocabulary.string_tokens, state.left == REASON_LENGTH
        allowed: NDArray[np.bool_] = (strings.lengths > 0) & (strings.lengths <= state.left)
        if begins:
            allowed &= ~strings.blank
        tail = self._answer.text_after_reason(state.ranked, state.given)
        for token, inside, behind in strings.closing:
            if len(inside) > state.left or not tail.startswith(behind):
                continue
            if not begins or (inside and not inside.startswith(" ")):
                allowed[token] = True
        return allowed
