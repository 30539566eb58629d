"""What the published code computes on a small random checkpoint in the published layout.

Made by microsoft/Phi-3-vision-128k-instruct's own code on transformers 4.40.2 (outputs only).
`golden_meta.json` holds prompts, pictures, sizes and greedy tokens of every case, `golden.npz` the
arrays, and `real_tokenizer_ids.json` what the published tokenizer of 32,000 pieces gives, as runs
of (id, times). In both, the tokens of picture n are -n.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

HERE = Path(__file__).parent
CHECKPOINT = HERE / "tiny_phi3v"
TOLERANCE = 1e-4
"""On logits, absolute, in float32. A mistake in what is computed shows as 0.3 or more."""

META: dict[str, Any] = json.loads((HERE / "golden_meta.json").read_text(encoding="utf-8"))
NAMES: tuple[str, ...] = tuple(META["cases"])

# The published factors, 48 each; the long ones are float32 written out, and the last digits count.
# fmt: off
SHORT_FACTOR = [
    *[1.05] * 3, *[1.1] * 3, *[1.25] * 2, 1.4, 1.45, 1.55, 1.85, 1.9, *[2.0] * 19, 2.1, 2.1, 2.2,
    *[2.35] * 4, 2.4, 2.4, 2.65, 2.7, 2.9, 2.95, 3.05, 3.05, 3.05,
]
LONG_FACTOR = [
    1.0299999713897705, 1.0499999523162842, 1.0499999523162842, 1.0799999237060547,
    1.2299998998641968, 1.2299998998641968, 1.2999999523162842, 1.4499999284744263,
    1.5999999046325684, 1.649999976158142, 1.8999998569488525, 2.859999895095825,
    3.68999981880188, 5.419999599456787, 5.489999771118164, 5.489999771118164,
    9.09000015258789, 11.579999923706055, 15.65999984741211, 15.769999504089355,
    15.789999961853027, 18.360000610351562, 21.989999771118164, 23.079999923706055,
    30.009998321533203, 32.35000228881836, 32.590003967285156, 35.56000518798828,
    39.95000076293945, 53.840003967285156, 56.20000457763672, 57.95000457763672,
    59.290000915527344, 59.77000045776367, 59.92000198364258, 61.189998626708984,
    61.96000671386719, 62.50000762939453, 63.3700065612793, 63.47999954223633,
    63.480003356933594, 63.660003662109375, 63.85000228881836, 64.08000946044922,
    64.760009765625, 64.80001068115234, 64.81001281738281, 64.81001281738281,
]
# fmt: on

PUBLISHED_CONFIG: dict[str, Any] = {
    "model_type": "phi3_v",
    "vocab_size": 32064,
    "hidden_size": 3072,
    "intermediate_size": 8192,
    "num_hidden_layers": 32,
    "num_attention_heads": 32,
    "num_key_value_heads": 32,
    "hidden_act": "silu",
    "rms_norm_eps": 1e-5,
    "rope_theta": 10000.0,
    "rope_scaling": {
        "type": "su",
        "short_factor": SHORT_FACTOR,
        "long_factor": LONG_FACTOR,
    },
    "max_position_embeddings": 131072,
    "original_max_position_embeddings": 4096,
    "sliding_window": 131072,
    "tie_word_embeddings": False,
    "eos_token_id": 2,
    "embd_layer": {
        "embedding_cls": "image",
        "hd_transform_order": "sub_glb",
        "projection_cls": "mlp",
        "use_hd_transform": True,
        "with_learnable_separator": True,
    },
    "img_processor": {
        "image_dim_out": 1024,
        "model_name": "openai/clip-vit-large-patch14-336",
        "name": "clip_vision_model",
        "num_img_tokens": 144,
    },
}


@dataclass(frozen=True)
class Case:
    """One prompt with its pictures, and what it must give."""

    name: str
    prompt: str
    num_crops: int
    pictures: Sequence[Image.Image]
    """As `encode` takes them: number n of the prompt is picture n - 1."""
    meta: dict[str, Any]
    arrays: dict[str, np.ndarray]

    def ids(self, picture_id: int) -> np.ndarray:
        """Input ids, with this id for the tokens of pictures."""
        found = self.arrays["input_ids"]
        return np.where(found < 0, picture_id, found)


def arrays(prefix: str) -> dict[str, np.ndarray]:
    """The arrays whose name begins with this, by the rest of it."""
    with np.load(HERE / "golden.npz") as found:
        names = [name for name in found if name.startswith(f"{prefix}__")]
        return {name.removeprefix(f"{prefix}__"): found[name] for name in names}


def hd_table() -> np.ndarray:
    """(400, 6): width, height, crops, then width and height padded, and tokens."""
    with np.load(HERE / "golden.npz") as found:
        table: np.ndarray = found["hd_table"]
        return table


def case(name: str) -> Case:
    """A case of the published code.

    The published code puts its first picture where the first mark stands, whatever the mark's
    number; here the number counts. So pictures of a prompt out of order are given in its order.
    """
    meta = META["cases"][name]
    opened = [Image.open(HERE / "images" / f"{image}.png") for image in meta["images"]]
    numbers = [int(number) for number in re.findall(r"<\|image_(\d+)\|>", meta["prompt"])]
    pictures = [opened[numbers.index(number)] for number in sorted(numbers)]
    return Case(name, meta["prompt"], meta["num_crops"], pictures, meta, arrays(name))


def published_shapes() -> dict[str, tuple[int, ...]]:
    """Keys and shapes of the published checkpoint, as its index and configuration give them."""
    width, inner, words, tower, tower_inner = 3072, 8192, 32064, 1024, 4096
    shapes: dict[str, tuple[int, ...]] = {
        "model.embed_tokens.weight": (words, width),
        "lm_head.weight": (words, width),
        "model.norm.weight": (width,),
    }
    for layer in range(32):
        shapes |= {
            f"model.layers.{layer}.{key}.weight": shape
            for key, shape in {
                "self_attn.qkv_proj": (3 * width, width),
                "self_attn.o_proj": (width, width),
                "mlp.gate_up_proj": (2 * inner, width),
                "mlp.down_proj": (width, inner),
                "input_layernorm": (width,),
                "post_attention_layernorm": (width,),
            }.items()
        }
    pictures = "model.vision_embed_tokens"
    clip = f"{pictures}.img_processor.vision_model"
    shapes |= {
        f"{pictures}.glb_GN": (1, 1, 4 * tower),
        f"{pictures}.sub_GN": (1, 1, 1, 4 * tower),
        f"{pictures}.img_projection.0.weight": (width, 4 * tower),
        f"{pictures}.img_projection.0.bias": (width,),
        f"{pictures}.img_projection.2.weight": (width, width),
        f"{pictures}.img_projection.2.bias": (width,),
        f"{clip}.embeddings.class_embedding": (tower,),
        f"{clip}.embeddings.patch_embedding.weight": (tower, 3, 14, 14),
        f"{clip}.embeddings.position_embedding.weight": (577, tower),
    }
    norms = [f"{clip}.pre_layrnorm", f"{clip}.post_layernorm"]
    maps: dict[str, tuple[int, int]] = {}
    for layer in range(24):
        here = f"{clip}.encoder.layers.{layer}"
        norms += [f"{here}.layer_norm1", f"{here}.layer_norm2"]
        maps |= {f"{here}.self_attn.{part}_proj": (tower, tower) for part in ("q", "k", "v", "out")}
        maps |= {f"{here}.mlp.fc1": (tower_inner, tower), f"{here}.mlp.fc2": (tower, tower_inner)}
    for key in norms:
        shapes |= {f"{key}.weight": (tower,), f"{key}.bias": (tower,)}
    for key, (out, into) in maps.items():
        shapes |= {f"{key}.weight": (out, into), f"{key}.bias": (out,)}
    return shapes
