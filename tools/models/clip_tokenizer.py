"""CLIP's words: its byte-level vocabulary from a folder, a merges file or the hub."""

from __future__ import annotations

import gzip
import json
import zlib
from pathlib import Path

from transformers import CLIPTokenizer
from transformers.convert_slow_tokenizer import bytes_to_unicode

from tools.errors import ModelError
from tools.models.hub import HUB_ERRORS, HUB_MODEL

START, END = "<|startoftext|>", "<|endoftext|>"
MERGES = 49152 - 256 - 2
"""Merges that CLIP takes from OpenAI's file, which has more."""
WHERE_TO_GET_IT = (
    "Give a folder with CLIP's vocab.json and merges.txt, or bpe_simple_vocab_16e6.txt.gz, which "
    "the PyPI package open_clip_torch holds."
)
_MERGES_NAMES = ("merges.txt", "bpe_simple_vocab_16e6.txt.gz")


def read_clip_tokenizer(reference: str | Path) -> CLIPTokenizer:
    """The tokenizer in a folder, of a merges file (`.txt` or `.txt.gz`), or of a hub name.

    A folder and a file are read without asking the hub for anything. Raises ModelError when it is
    not there or damaged.
    """
    path = Path(reference)
    if path.is_file():
        return _of_merges(path)
    if path.is_dir():
        return _of_folder(path)
    if isinstance(reference, Path) or not HUB_MODEL.fullmatch(reference):
        raise ModelError(f"There is no vocabulary of CLIP at {reference}. {WHERE_TO_GET_IT}")
    return _pretrained(reference, local=False)


def _of_folder(folder: Path) -> CLIPTokenizer:
    if (folder / "vocab.json").is_file() and (folder / "merges.txt").is_file():
        return _of_vocabulary(folder / "vocab.json", _merges(folder / "merges.txt"))
    if (folder / "tokenizer.json").is_file():
        return _pretrained(str(folder), local=True)
    for name in _MERGES_NAMES:
        if (folder / name).is_file():
            return _of_merges(folder / name)
    raise ModelError(f"{folder} holds no vocabulary of CLIP. {WHERE_TO_GET_IT}")


def _pretrained(name: str, *, local: bool) -> CLIPTokenizer:
    try:
        tokenizer: CLIPTokenizer = CLIPTokenizer.from_pretrained(name, local_files_only=local)
        return tokenizer
    except (*HUB_ERRORS, KeyError) as error:
        reason = (str(error).strip() or type(error).__name__).splitlines()[0].rstrip(".")
        raise ModelError(
            f"The vocabulary of {name} cannot be read: {reason}. {WHERE_TO_GET_IT}"
        ) from error


def _of_vocabulary(path: Path, merges: list[tuple[str, str]]) -> CLIPTokenizer:
    try:
        vocabulary = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise ModelError(f"{path} cannot be read ({error}). {WHERE_TO_GET_IT}") from error
    ids = vocabulary.values() if isinstance(vocabulary, dict) else ()
    if not all(type(each) is int for each in ids) or sorted(ids) != list(range(len(ids) or 1)):
        raise ModelError(f"{path} does not number its words from 0 on. {WHERE_TO_GET_IT}")
    return _made(vocabulary, merges, path)


def _of_merges(path: Path) -> CLIPTokenizer:
    """Bytes, bytes at a word's end, merges, start and end: the order of OpenAI's ids."""
    merges = _merges(path)
    letters = list(bytes_to_unicode().values())  # type: ignore[no-untyped-call]  # theirs
    words = [*letters, *(f"{each}</w>" for each in letters), *map("".join, merges), START, END]
    return _made({word: number for number, word in enumerate(words)}, merges, path)


def _merges(path: Path) -> list[tuple[str, str]]:
    """The lines behind the header that CLIP takes. An empty last line is not one."""
    try:
        packed = path.read_bytes()
        text = (gzip.decompress(packed) if packed[:2] == b"\x1f\x8b" else packed).decode("utf-8")
    except (OSError, EOFError, zlib.error, UnicodeDecodeError) as error:
        raise ModelError(f"{path} cannot be read ({error}). {WHERE_TO_GET_IT}") from error
    merges = []
    for number, line in enumerate(text.rstrip("\n").split("\n")[1 : 1 + MERGES], start=2):
        pair = line.rstrip("\r").split(" ")
        if len(pair) != 2 or not all(pair):
            raise ModelError(f"{path}, line {number} is not a pair of pieces. {WHERE_TO_GET_IT}")
        merges.append((pair[0], pair[1]))
    return merges


def _made(words: dict[str, int], merges: list[tuple[str, str]], path: Path) -> CLIPTokenizer:
    pieces = {piece for pair in merges for piece in (*pair, "".join(pair))} | {START, END}
    unknown = pieces - words.keys()
    if unknown:
        raise ModelError(
            f"{path} lacks {len(unknown)} pieces of its merges ({min(unknown)!r}). "
            f"{WHERE_TO_GET_IT}"
        )
    return CLIPTokenizer(vocab=words, merges=merges)  # type: ignore[arg-type]  # takes pairs
