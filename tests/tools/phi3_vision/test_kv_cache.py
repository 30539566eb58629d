"""What is kept changes nothing: readings that go on give what computing all anew gives."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest
import torch

from tests.golden.phi3_vision import CHECKPOINT, TOLERANCE, case
from tools.errors import ModelError, RequestError
from tools.phi3_vision.inference import Encoded, Phi3Vision, load_phi3_vision
from tools.phi3_vision.kv_cache import CachedPrompt
from tools.phi3_vision.sampling import Sampling

SHORT = 4096
"""Longest sequence with the short rotary factors."""


@pytest.fixture(scope="module")
def model() -> Phi3Vision:
    return load_phi3_vision(CHECKPOINT, device="cpu", dtype="float32")


@pytest.fixture(scope="module")
def wide(model: Phi3Vision) -> Encoded:
    """759 tokens with a picture."""
    found = case("wide4")
    return model.encode(found.prompt, found.pictures, num_crops=found.num_crops)


def filled(encoded: Encoded, model: Phi3Vision, length: int) -> CachedPrompt:
    """A reading of this prompt and of words up to a length."""
    reading = model.read(encoded)
    reading.append(3 + n % 600 for n in range(length - len(reading)))
    return reading


def anew(encoded: Encoded, reading: CachedPrompt, model: Phi3Vision) -> torch.Tensor:
    """Logits behind all that was read, computed at once without a cache."""
    more = len(reading) - len(encoded.ids)
    whole = Encoded(
        ids=torch.tensor(reading.ids),
        places=torch.cat((encoded.places, torch.zeros(more, dtype=torch.bool)))[: len(reading)],
        pixel_values=encoded.pixel_values,
        sizes=encoded.sizes,
    )
    return model.logits(whole)[-1]


def assert_same(encoded: Encoded, reading: CachedPrompt, model: Phi3Vision) -> None:
    kept = model.next_token_logits(reading)
    assert float((kept - anew(encoded, reading, model)).abs().max()) <= TOLERANCE


@pytest.mark.parametrize("start", [800, SHORT - 2, SHORT])
def test_generating_with_a_cache_is_generating_without(
    model: Phi3Vision, wide: Encoded, start: int
) -> None:
    """Also across 4,096 tokens, where the rotary factors of everything switch."""
    reading = filled(wide, model, start)
    tokens = model.generate(reading, max_tokens=5, stop_ids=())
    for _ in range(5):
        expected = anew(wide, reading, model)
        kept = model.next_token_logits(reading)
        assert float((kept - expected).abs().max()) <= TOLERANCE
        assert next(tokens) == int(expected.argmax())
    assert len(reading) == start + 5


def test_keeping_keys_across_the_switch_would_be_seen(model: Phi3Vision, wide: Encoded) -> None:
    """The test above has teeth: with the keys of short factors the logits are others."""
    reading = filled(wide, model, SHORT)
    model.next_token_logits(reading)
    reading.append([5])
    reading._cached_long = True  # as if they had been computed with the long ones
    wrong = model.next_token_logits(reading)
    assert float((wrong - anew(wide, reading, model)).abs().max()) > 100 * TOLERANCE


def test_rewinding_is_never_having_read_on(model: Phi3Vision, wide: Encoded) -> None:
    """Within words, into the picture, and back over the switch, which computes all anew again."""
    reading = filled(wide, model, SHORT + 3)
    assert_same(wide, reading, model)
    for length in (SHORT - 1, len(wide.ids), 300):
        reading.rewind(length)
        assert len(reading) == length
        if length >= len(wide.ids):
            assert_same(wide, reading, model)
    reading.append([7, 8])
    assert model.next_token_logits(reading).isfinite().all()
    reading = filled(wide, model, SHORT - 2)
    before = model.next_token_logits(reading)
    reading.append([5] * 6)
    model.next_token_logits(reading)
    reading.rewind(SHORT - 2)
    assert float((model.next_token_logits(reading) - before).abs().max()) <= TOLERANCE


def test_rewinding_beyond_what_was_read_is_an_error(model: Phi3Vision, wide: Encoded) -> None:
    reading = model.read(wide)
    for length in (0, len(reading) + 1):
        with pytest.raises(ValueError, match="is not from 1 to"):
            reading.rewind(length)


def test_one_pass_ranks_and_reasons_go_on_from_it(model: Phi3Vision, wide: Encoded) -> None:
    """A prompt is read once; several tokens that follow are read in one pass."""
    reading = model.read(wide)
    first = model.next_token_logits(reading)
    assert torch.equal(model.next_token_logits(reading), first)
    assert reading.passes == 1
    reading.append([10, 11, 12, 13, 14])
    assert_same(wide, reading, model)
    assert reading.passes == 2
    mark = len(reading)
    one = list(model.generate(reading, max_tokens=4, stop_ids=()))
    reading.rewind(mark)
    assert list(model.generate(reading, max_tokens=4, stop_ids=())) == one


def test_forced_tokens_cost_no_pass(model: Phi3Vision, wide: Encoded) -> None:
    def forced(answer: Sequence[int]) -> Sequence[int]:
        return {0: [20, 21, 22], 4: [23, 24, 25, 26, 27]}.get(len(answer), [])

    reading = model.read(wide)
    answer = list(model.generate(reading, max_tokens=10, forced=forced, stop_ids=()))
    assert len(answer) == 10
    assert (answer[:3], answer[4:9]) == ([20, 21, 22], [23, 24, 25, 26, 27])
    assert reading.passes == 2
    assert_same(wide, reading, model)


def test_answers_end_before_a_stop_token(model: Phi3Vision, wide: Encoded) -> None:
    end = model.tokenizer.token_id("<|end|>")

    def ends(ids: torch.Tensor, scores: torch.Tensor) -> torch.Tensor:
        if ids.shape[1] == 3:
            scores[:, end] = 1000
        return scores

    reading = model.read(wide)
    assert len(list(model.generate(reading, max_tokens=8, processors=[ends]))) == 3
    assert end not in reading.ids[len(wide.ids) :]
    forced = list(model.generate(wide, max_tokens=8, forced=lambda _: [9, end]))
    assert forced == [9]


def test_processors_see_the_answer_alone_and_leave_the_logits(
    model: Phi3Vision, wide: Encoded
) -> None:
    seen = []

    def only_even(ids: torch.Tensor, scores: torch.Tensor) -> torch.Tensor:
        seen.append(ids.tolist())
        scores[:, 1::2] = -math.inf
        return scores

    reading = model.read(wide)
    before = model.next_token_logits(reading).clone()
    answer = list(model.generate(reading, max_tokens=3, processors=[only_even], stop_ids=()))
    assert all(token % 2 == 0 for token in answer)
    assert seen == [[[]], [answer[:1]], [answer[:2]]]
    reading.rewind(len(wide.ids))
    assert torch.allclose(model.next_token_logits(reading), before, atol=TOLERANCE)


def test_forbidding_every_token_is_an_error(model: Phi3Vision, wide: Encoded) -> None:
    with pytest.raises(ValueError, match="forbid every token"):
        list(
            model.generate(
                wide, max_tokens=1, processors=[lambda _, scores: scores.fill_(-math.inf)]
            )
        )


def test_logits_that_are_no_numbers_are_an_error_that_says_so(wide: Encoded) -> None:
    damaged = load_phi3_vision(CHECKPOINT, device="cpu", dtype="float32")
    damaged.model.lm.lm_head.weight.fill_(math.nan)
    with pytest.raises(ModelError, match="compute in float32"):
        next(damaged.generate(wide, max_tokens=1))


def test_sampling_repeats_by_its_seed_and_follows_the_chances(
    model: Phi3Vision, wide: Encoded
) -> None:
    reading = model.read(wide)

    def draw(sampling: Sampling) -> list[int]:
        reading.rewind(len(wide.ids))
        return list(model.generate(reading, max_tokens=6, sampling=sampling, stop_ids=()))

    hot = [draw(Sampling(temperature=1.5, seed=seed)) for seed in range(6)]
    assert draw(Sampling(temperature=1.5, seed=3)) == hot[3]
    assert len({tuple(answer) for answer in hot}) == 6
    greedy = list(model.generate(wide, max_tokens=6, stop_ids=()))
    assert draw(Sampling(temperature=1e-4)) == greedy
    assert draw(Sampling(top_p=1e-9)) == greedy


def test_top_p_draws_among_the_likeliest_alone(model: Phi3Vision, wide: Encoded) -> None:
    reading = model.read(wide)
    chances, tokens = model.next_token_logits(reading).softmax(-1).sort(descending=True)
    kept = int((chances.cumsum(0) < 0.3).sum()) + 1
    drawn = set()
    for seed in range(60):
        reading.rewind(len(wide.ids))
        drawn |= set(
            model.generate(
                reading, max_tokens=1, sampling=Sampling(top_p=0.3, seed=seed), stop_ids=()
            )
        )
    assert len(drawn) > 1
    assert drawn <= set(tokens[:kept].tolist())
    with pytest.raises(ValueError, match="temperature"):
        Sampling(temperature=0)


def test_threads_with_short_and_long_prompts_do_not_mix_their_factors(
    model: Phi3Vision, wide: Encoded
) -> None:
    """transformers keeps the factors of the last pass in the model."""
    lengths = (SHORT + 2, 900) * 2

    def last(length: int) -> torch.Tensor:
        reading = filled(wide, model, length)
        for _ in range(3):
            model.next_token_logits(reading)
            reading.append([5])
        return model.next_token_logits(reading)

    alone = [last(length) for length in lengths]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(last, lengths))
    for one, other in zip(alone, together, strict=True):
        assert torch.equal(one, other)


def test_a_pass_stops_at_its_deadline_and_the_reading_goes_on(
    model: Phi3Vision, wide: Encoded
) -> None:
    reading = model.read(wide)
    with pytest.raises(TimeoutError, match="not done in time"):
        model.next_token_logits(reading, deadline=time.monotonic() - 1)
    with pytest.raises(TimeoutError, match="not done in time"):
        model.read(wide, deadline=time.monotonic() - 1)
    assert_same(wide, reading, model)


def test_more_than_the_model_can_read_is_an_error(model: Phi3Vision, wide: Encoded) -> None:
    reading = filled(wide, model, 131_073)
    with pytest.raises(RequestError, match="131073 of 131072 tokens"):
        model.next_token_logits(reading)
