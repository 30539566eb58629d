"""Phi-3 Vision gives the numbers of the published code, case by case."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
import torch

from tests.golden.phi3_vision import (
    CHECKPOINT,
    META,
    NAMES,
    PUBLISHED_CONFIG,
    TOLERANCE,
    Case,
    arrays,
    case,
)
from tools.phi3_vision.config import parse_config
from tools.phi3_vision.inference import Dtype, Encoded, Phi3Vision, load_phi3_vision
from tools.phi3_vision.kv_cache import CachedPrompt


@pytest.fixture(scope="module")
def model() -> Phi3Vision:
    return load_phi3_vision(CHECKPOINT, device="cpu", dtype="float32")


@pytest.fixture(params=NAMES)
def found(request: pytest.FixtureRequest) -> Case:
    return case(request.param)


@pytest.fixture(autouse=True)
def _no_gradients() -> Iterator[None]:
    with torch.inference_mode():
        yield


def encode(model: Phi3Vision, found: Case) -> Encoded:
    return model.encode(found.prompt, found.pictures, num_crops=found.num_crops)


def assert_close(out: torch.Tensor, expected: np.ndarray, tolerance: float = TOLERANCE) -> None:
    assert tuple(out.shape) == expected.shape
    assert float(np.abs(out.numpy() - expected).max(initial=0)) <= tolerance


def test_prompts_give_the_ids_of_the_published_code(model: Phi3Vision, found: Case) -> None:
    encoded = encode(model, found)
    assert encoded.ids.tolist() == found.ids(model.tokenizer.picture_id).tolist()
    assert encoded.places.tolist() == (found.arrays["input_ids"] < 0).tolist()
    assert [list(size) for size in encoded.sizes] == found.meta.get("image_sizes", [])


def test_logits_and_greedy_tokens_are_those_of_the_published_code(
    model: Phi3Vision, found: Case
) -> None:
    """Behind about 40 tokens, computed without a cache; the greedy tokens with one."""
    encoded = encode(model, found)
    logits = model.logits(encoded)
    assert_close(logits[found.arrays["logit_pos"]], found.arrays["logits"])
    expected = found.meta["greedy_nocache"]
    reading = model.read(encoded)
    assert list(model.generate(reading, max_tokens=len(expected))) == expected
    best = model.next_token_logits(encoded).max()
    assert abs(float(best) - found.meta["greedy_top_logit"][0]) <= TOLERANCE


def test_two_pictures_generate_as_published_with_its_cache(model: Phi3Vision) -> None:
    encoded = encode(model, case("two4"))
    expected = META["generate_two4_cache"]
    assert list(model.generate(encoded, max_tokens=len(expected))) == expected


@pytest.mark.parametrize("name", ["land16", "two4_swapped", "gray1"])
def test_what_lies_between_is_that_of_the_published_code(model: Phi3Vision, name: str) -> None:
    """The tower's second to last layer, the projected rows, and what the text model is given."""
    found = case(name)
    encoded = encode(model, found)
    seen: list[torch.Tensor] = []
    layer = model.model.pictures.clip.encoder.layers[-2]
    hook = layer.register_forward_hook(lambda _module, _args, out: seen.append(out))
    rows = model.model.picture_rows(encoded.pixel_values, encoded.sizes)
    hook.remove()
    expected = found.arrays["clip_m2"]
    assert_close(seen[0][: len(expected), ::53], expected, 1e-5)
    assert_close(rows[::29], found.arrays["proj_rows"], 1e-5)
    embeds = model.model.lm.model.embed_tokens(encoded.ids)
    embeds[encoded.places] = rows
    assert_close(embeds[found.arrays["logit_pos"]], found.arrays["inputs_embeds"], 1e-5)


def test_left_padded_batch(model: Phi3Vision) -> None:
    batch = arrays("leftpad")
    ids, mask = (torch.from_numpy(batch[k]).long() for k in ("input_ids", "attention_mask"))
    assert_close(model.model(ids, mask=mask, last_only=True)[:, -1], batch["last_logits"])
    pairs = zip(ids, mask, strict=True)
    one_by_one = [model.model(row[keep.bool()][None])[0, -1] for row, keep in pairs]
    assert_close(torch.stack(one_by_one), batch["last_logits"])


@pytest.mark.parametrize("name", ["rope_short", "rope_long", "rope_long_131071"])
def test_rotary_tables_of_full_size(name: str) -> None:
    """The length of the whole decides between short and long factors, for every position."""
    from transformers import Phi3ForCausalLM

    config = parse_config(PUBLISHED_CONFIG).text
    config.num_hidden_layers = 0
    with torch.device("meta"):
        kind = type(Phi3ForCausalLM(config).model.rotary_emb)
    expected = arrays(name)
    positions = torch.from_numpy(expected["pos"])[None]
    cos, sin = kind(config)(torch.zeros(1), positions)
    assert_close(cos[0], expected["cos"], 1e-6)
    assert_close(sin[0], expected["sin"], 1e-6)


def test_eager_attention_gives_the_same_logits() -> None:
    eager = load_phi3_vision(CHECKPOINT, device="cpu", dtype="float32", attn_implementation="eager")
    found = case("two4")
    logits = eager.logits(encode(eager, found))
    assert_close(logits[found.arrays["logit_pos"]], found.arrays["logits"])


@pytest.mark.parametrize(("dtype", "off"), [("bfloat16", 0.3), ("float16", 0.05)])
def test_half_precision_stays_near(model: Phi3Vision, dtype: Dtype, off: float) -> None:
    """The largest logit of these is about 7; the rotary table is not rounded."""
    half = load_phi3_vision(CHECKPOINT, device="cpu", dtype=dtype)
    found = case("wide4")
    logits = half.logits(encode(half, found))
    assert logits.dtype == torch.float32
    assert half.model.lm.model.rotary_emb.inv_freq.dtype == torch.float32
    assert_close(logits[found.arrays["logit_pos"]], found.arrays["logits"], off)
    assert half.fingerprint != model.fingerprint


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
def test_cuda_gives_the_same_logits() -> None:
    gpu = load_phi3_vision(CHECKPOINT, device="cuda", dtype="float32")
    found = case("two4")
    logits = gpu.logits(encode(gpu, found))
    assert_close(logits[found.arrays["logit_pos"]], found.arrays["logits"], 1e-3)
    reading = gpu.read(encode(gpu, found))
    assert isinstance(reading, CachedPrompt)
    assert list(gpu.generate(reading, max_tokens=8)) == found.meta["greedy_nocache"]
