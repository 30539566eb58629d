"""The pretrained towers as they are shipped: sizes, padding, storage, words."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from PIL import Image

from tools.embedding.registry import BUILTIN
from tools.embedding.towers.efficientnet import POOLED, EfficientNetLite0, fold
from tools.embedding.towers.features import SIZE, pixels, see
from tools.embedding.towers.files import (
    TEXT_TOWER,
    open_picture_tower,
    open_words,
    read_class_names,
)
from tools.embedding.towers.minilm import Words
from tools.embedding.towers.storage import load, save_half, save_int8
from tools.errors import ModelError


@pytest.fixture(scope="module")
def tower() -> EfficientNetLite0:
    return open_picture_tower(BUILTIN)


@pytest.fixture(scope="module")
def words() -> Words:
    return open_words(BUILTIN)


@pytest.mark.parametrize("size", [96, 129, 192])
def test_maps_halve_five_times_rounded_up(tower: EfficientNetLite0, size: int) -> None:
    with torch.inference_mode():
        maps = tower(torch.zeros(1, 3, size, size))
    side, expected = size, []
    for _ in range(5):
        side = -(-side // 2)
        expected.append(side)
    sides = [stage.shape[-1] for stage in maps.stages]
    assert sides == [expected[n] for n in (0, 1, 2, 3, 3, 4, 4)]
    assert maps.pooled.shape == (1, POOLED)


def test_folded_batch_norm_gives_what_the_two_gave() -> None:
    weight, norm = torch.randn(32, 3, 3, 3), torch.nn.BatchNorm2d(32, eps=1e-3)
    norm.weight.data.uniform_(0.5, 2)
    norm.bias.data.normal_()
    norm.running_mean, norm.running_var = torch.randn(32), torch.rand(32) + 0.1
    published = {name: value.clone() for name, value in _published().items()}
    published["_conv_stem.weight"] = weight
    published |= {f"_bn0.{name}": value for name, value in norm.state_dict().items()}
    network = EfficientNetLite0()
    network.load_state_dict(fold(published))
    x = torch.randn(2, 3, 8, 8)
    norm.eval()
    padded = torch.nn.functional.pad(x, (0, 1, 0, 1))  # SAME: the odd pixel goes behind
    expected = norm(torch.nn.functional.conv2d(padded, weight, stride=2)).clamp(0, 6)
    assert torch.allclose(network.stem(x), expected, atol=1e-5)


def _published() -> dict[str, torch.Tensor]:
    """Weights of the port's shapes, all ones: made from the shapes of this network."""
    from tools.embedding.towers.efficientnet import convolutions

    shapes = {name: value.shape for name, value in EfficientNetLite0().state_dict().items()}
    found = {"_fc.weight": torch.ones(1000, POOLED), "_fc.bias": torch.zeros(1000)}
    for ours, conv, norm in convolutions():
        found[f"{conv}.weight"] = torch.ones(shapes[f"{ours}.weight"])
        for part in ("weight", "bias", "running_mean", "running_var"):
            found[f"{norm}.{part}"] = torch.ones(shapes[f"{ours}.weight"][0])
    return found


def test_same_picture_in_a_batch_and_alone_is_seen_the_same(tower: EfficientNetLite0) -> None:
    pictures = [Image.radial_gradient("L").convert("RGB"), Image.new("RGB", (40, 90), "red")]
    together = see(tower, pixels(pictures))
    for row, picture in enumerate(pictures):
        alone = see(tower, pixels([picture]))
        for name, part in alone.parts().items():
            assert torch.allclose(part[0], together.parts()[name][row], atol=1e-4), name


def test_every_class_has_a_name() -> None:
    names = read_class_names(BUILTIN)
    assert len(names) == 1000
    assert all(names)


def test_transparent_picture_is_seen_on_white() -> None:
    clear = Image.new("RGBA", (10, 10), (0, 0, 0, 0))
    assert float(pixels([clear]).min()) == 1.0
    assert pixels([clear]).shape == (1, 3, SIZE, SIZE)


def test_words_in_a_batch_and_alone_are_read_the_same(words: Words) -> None:
    texts = ["mug", "a pair of running shoes for wet days", ""]
    together = words(texts)
    for row, text in enumerate(texts):
        assert torch.allclose(words([text])[0], together[row], atol=1e-5)


def test_words_of_like_meaning_are_near(words: Words) -> None:
    sofa, couch, banana = words(["a sofa", "a couch", "a banana"])
    assert float(sofa @ couch) > float(sofa @ banana) + 0.3


def test_no_texts_give_no_rows(words: Words) -> None:
    assert words([]).shape == (0, 384)


def test_long_text_is_cut(words: Words) -> None:
    long = "a red mug " * 2000
    assert torch.isfinite(words([long])).all()


def test_int8_keeps_a_row_to_a_hundredth_of_its_largest_value(tmp_path: Path) -> None:
    weights = {"matrix": torch.randn(20, 30) * torch.logspace(-3, 2, 20)[:, None]}
    weights["vector"] = torch.randn(20)
    save_int8(weights, tmp_path / "int8.safetensors")
    found = load(tmp_path / "int8.safetensors")
    assert sorted(found) == ["matrix", "vector"]
    apart = (found["matrix"] - weights["matrix"]).abs() / weights["matrix"].abs().amax(1)[:, None]
    assert float(apart.max()) < 0.01
    assert torch.allclose(found["vector"], weights["vector"], atol=1e-2)


def test_half_precision_is_read_as_float32(tmp_path: Path) -> None:
    save_half({"matrix": torch.randn(3, 4)}, tmp_path / "half.safetensors")
    assert load(tmp_path / "half.safetensors")["matrix"].dtype == torch.float32


def test_missing_and_damaged_weights_say_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="Install Pounce again"):
        open_words(tmp_path)
    (tmp_path / TEXT_TOWER).write_bytes(b"no weights")
    with pytest.raises(ModelError, match="Install Pounce again"):
        open_words(tmp_path)
