"""The small Phi-3 Vision before it has learnt anything: its sizes, its tokens, its weights."""

from __future__ import annotations

import string
from collections.abc import Iterable
from copy import deepcopy

import torch
from tokenizers import AddedToken, Regex, Tokenizer
from tokenizers.decoders import ByteFallback, Fuse, Replace, Strip
from tokenizers.decoders import Sequence as Decoders
from tokenizers.models import BPE
from tokenizers.normalizers import Prepend
from tokenizers.normalizers import Replace as ReplaceIn
from tokenizers.normalizers import Sequence as Normalizers
from tokenizers.pre_tokenizers import Split
from tokenizers.processors import TemplateProcessing
from tokenizers.trainers import BpeTrainer
from transformers import CLIPVisionConfig, Phi3Config

from tools.phi3_vision.checkpoint import compute_tables
from tools.phi3_vision.config import Phi3VisionConfig
from tools.phi3_vision.model import Phi3VisionModel

TILE, PATCH, WIDTH = 96, 16, 192
TOWER_LAYERS, TEXT_LAYERS = 4, 6
HEADS = 6
TURNING = 6
"""Of a head's 16 pairs, those that turn with a token's place."""
LONGEST = 4096
WORDS = 1500
MARKS = ("<|endoftext|>", "<|assistant|>", "<|system|>", "<|end|>", "<|user|>", "<|image|>")


def make_tokenizer(lines: Iterable[str]) -> Tokenizer:
    """A tokenizer of the published kind (byte-pair, bytes for what is unknown) over these lines.

    Digits and the signs of JSON are tokens of their own, so that a label behind `[` is one.
    """
    tokenizer = Tokenizer(BPE(unk_token="<unk>", byte_fallback=True, fuse_unk=True))
    tokenizer.normalizer = Normalizers([Prepend("▁"), ReplaceIn(" ", "▁")])
    # Within words only: a token never holds more than one word. A digit never holds the space
    # before it, as in the published tokenizer: behind ", " the numbers of a ranking are labels.
    tokenizer.pre_tokenizer = Split(Regex(r"▁?\p{L}+|\p{N}|▁?[^\p{L}\p{N}▁]|▁"), "isolated")
    trainer = BpeTrainer(
        vocab_size=WORDS,
        min_frequency=3,
        special_tokens=["<unk>", "<s>", "</s>", *(f"<0x{byte:02X}>" for byte in range(256))],
        initial_alphabet=[*string.printable.strip(), "▁", "‹", "›", "¦", "…", "’", "é", "ö", "ü"],
        show_progress=False,
    )
    tokenizer.train_from_iterator(lines, trainer)
    tokenizer.add_special_tokens(
        [AddedToken(mark, special=True, normalized=False, rstrip=True) for mark in MARKS]
    )
    start = tokenizer.token_to_id("<s>")
    tokenizer.post_processor = TemplateProcessing(single="<s> $A", special_tokens=[("<s>", start)])
    tokenizer.decoder = Decoders([Replace("▁", " "), ByteFallback(), Fuse(), Strip(" ", 1, 0)])
    return tokenizer


def make_config(vocabulary: int) -> Phi3VisionConfig:
    """Sizes at which a grid of ten costs 109 tokens, and all weights some nine megabytes."""
    # The faster angles tell places apart; the others stand still, so that what is alike is found at
    # any distance: a title line looks back to what is asked for over 20 tokens or over 200.
    factors = [1.0 if n < TURNING else 1e6 for n in range(WIDTH // HEADS // 2)]
    text = Phi3Config(
        vocab_size=vocabulary,
        hidden_size=WIDTH,
        intermediate_size=512,
        num_hidden_layers=TEXT_LAYERS,
        num_attention_heads=HEADS,
        num_key_value_heads=HEADS,
        max_position_embeddings=LONGEST,
        original_max_position_embeddings=LONGEST,
        rope_parameters={
            "rope_type": "longrope",
            "short_factor": factors,
            "long_factor": factors,
            "original_max_position_embeddings": LONGEST,
            "factor": 1.0,
            "rope_theta": 10_000.0,
        },
        sliding_window=None,
        bos_token_id=None,
        eos_token_id=None,
        pad_token_id=None,
    )
    clip = CLIPVisionConfig(
        hidden_size=WIDTH,
        intermediate_size=2 * WIDTH,
        num_hidden_layers=TOWER_LAYERS,
        num_attention_heads=3,
        image_size=TILE,
        patch_size=PATCH,
        projection_dim=WIDTH,
        hidden_act="gelu",
    )
    return Phi3VisionConfig(text, clip, TOWER_LAYERS)


def make_model(config: Phi3VisionConfig, seed: int) -> Phi3VisionModel:
    """The model with random weights, to be trained."""
    torch.manual_seed(seed)
    # Copied, since training changes how this model computes attention.
    model = Phi3VisionModel(deepcopy(config))
    for weight in (model.pictures.row_ends, model.pictures.whole_follows):
        torch.nn.init.normal_(weight, std=0.02)
    compute_tables(model, torch.device("cpu"))
    return model.train()


def mixed_precision() -> torch.autocast:
    """bfloat16 where the processor computes in it.

    Elsewhere it is emulated, and a step takes six times as long as in float32 (with AVX2 alone).
    """
    supported = torch.ops.mkldnn._is_mkldnn_bf16_supported()
    return torch.autocast("cpu", dtype=torch.bfloat16, enabled=supported)
