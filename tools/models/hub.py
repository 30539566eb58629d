"""Where models come from: a file, a folder, or a name on the Hugging Face hub."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import httpx
import torch
from transformers import (
    AutoConfig,
    AutoTokenizer,
    BertConfig,
    PreTrainedTokenizerBase,
    XLMRobertaConfig,
)

from tools.errors import ModelError

Device = Literal["auto", "cpu", "cuda"]
Dtype = Literal["auto", "float32", "bfloat16"]

HUB_FILE = re.compile(r"(?P<repo>[\w-][\w.-]*/[\w-][\w.-]*):(?P<file>[\w./-]+\.(pth|safetensors))")
HUB_MODEL = re.compile(r"[\w-][\w.-]*/[\w-][\w.-]*")
TOKENIZER_FILES = ("tokenizer.json", "vocab.txt", "sentencepiece.bpe.model")
HUB_ERRORS = (OSError, ValueError, httpx.HTTPError)
"""What asking the hub raises: no network, no such name, no permission, a full disk."""


def weights_file(reference: str | Path) -> Path:
    """The file of weights: a path, or a hub file as "BAAI/bge-visualized:Visualized_m3.pth".

    A hub file is fetched once, with a progress bar, and kept in the hub's cache. Raises ModelError
    when there is no such file.
    """
    path = Path(reference)
    if path.exists() or isinstance(reference, Path):
        return path
    named = HUB_FILE.fullmatch(reference)
    if named is None:
        raise ModelError(
            f"There is no file of weights at {reference}. Check the path, or name a file of the "
            'hub as "BAAI/bge-visualized:Visualized_base_en_v1.5.pth".'
        )
    from huggingface_hub import hf_hub_download
    from huggingface_hub.errors import EntryNotFoundError

    try:
        return Path(hf_hub_download(named["repo"], named["file"]))
    except (*HUB_ERRORS, EntryNotFoundError) as error:
        raise ModelError(
            f"{named['file']} of {named['repo']} could not be fetched: {_first_line(error)} "
            "Check the name and the network, or download the file and give its path."
        ) from error


@dataclass(frozen=True)
class TextModel:
    """A text model without its weights: its sizes and its tokenizer."""

    config: BertConfig | XLMRobertaConfig
    tokenizer: PreTrainedTokenizerBase

    @property
    def empty_text(self) -> tuple[int, int]:
        """Ids of no words: the first and the last token."""
        first, last = self.tokenizer("")["input_ids"]
        return int(first), int(last)


def read_text_model(reference: str | Path) -> TextModel:
    """The text model in a folder, or of a hub name as "BAAI/bge-base-en-v1.5".

    A folder is read without asking the hub for anything. Raises ModelError when it is not there,
    is incomplete, or is of another kind than BERT and XLM-RoBERTa.
    """
    name, folder = str(reference), Path(reference).is_dir()
    if not folder and (isinstance(reference, Path) or not HUB_MODEL.fullmatch(name)):
        raise ModelError(
            f"There is no folder {name} with a text model. Check the path, or give a name of the "
            'hub as "BAAI/bge-base-en-v1.5".'
        )
    if folder and not any((Path(name) / file).is_file() for file in TOKENIZER_FILES):
        # transformers would make an empty tokenizer of this without a word.
        raise ModelError(f"{name} holds no tokenizer. Put the text model's tokenizer.json there.")
    try:
        config = AutoConfig.from_pretrained(name, local_files_only=folder)
        tokenizer = AutoTokenizer.from_pretrained(name, local_files_only=folder)
    except (*HUB_ERRORS, KeyError) as error:
        advice = (
            "Download the folder again."
            if folder
            else "Check the name and the network, or download the model and give its folder."
        )
        raise ModelError(
            f"The text model {name} cannot be read: {_first_line(error)} {advice}"
        ) from error
    if not isinstance(config, BertConfig | XLMRobertaConfig):
        raise ModelError(
            f"The text model {name} is of the kind {config.model_type}; Visualized BGE is made on "
            "bge-base-en-v1.5 (BERT) and bge-m3 (XLM-RoBERTa). Give one of these."
        )
    if len(tokenizer) > config.vocab_size:
        raise ModelError(
            f"The tokenizer in {name} knows {len(tokenizer)} tokens, its model "
            f"{config.vocab_size}. Download the text model again."
        )
    return TextModel(config, tokenizer)


def torch_device(device: Device) -> torch.device:
    """The device to compute on; "auto" is the first CUDA device, else the CPU."""
    if device == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    if device == "cuda" and not torch.cuda.is_available():
        raise ModelError('No CUDA device is usable here. Set the device to "cpu" or "auto".')
    return torch.device(device)


def torch_dtype(dtype: Dtype, device: torch.device) -> torch.dtype:
    """The type to compute in; "auto" is bfloat16 where the hardware has it, else float32.

    On a CPU bfloat16 halves the time where it is native (AVX-512 BF16, AMX, Arm), and is slower
    than float32 where it is emulated.
    """
    if dtype != "auto":
        return {"float32": torch.float32, "bfloat16": torch.bfloat16}[dtype]
    if device.type == "cuda":
        native = torch.cuda.is_bf16_supported(including_emulation=False)
    else:
        # Older torch has no such list; there, float32 is the safe answer.
        listed: Callable[[], Mapping[str, object]] = getattr(torch.cpu, "get_capabilities", dict)
        capabilities = listed()
        native = any(capabilities.get(name) for name in ("avx512_bf16", "amx_bf16", "bf16"))
    return torch.bfloat16 if native else torch.float32


def _first_line(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0].rstrip(".") + "."
