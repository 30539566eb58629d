"""Where the pictures of a catalogue may be, and where each of them is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, unquote, urljoin

from tools.catalogue.cells import short, texts_of
from tools.catalogue.source import Source

MAX_PICTURES = 20
_MOST_PLACE_BYTES = 20_000
_ADDRESS = re.compile(r"https?://", re.IGNORECASE)
_SCHEME = re.compile(r"([a-z][a-z0-9+.-]+):(//)?", re.IGNORECASE)
_ENDING = r"\.(?:jpe?g|png|webp|gif|bmp|tiff?|avif|hei[cf]|jp2)"
_FILES = re.compile(rf"({_ENDING})\s*[,;|\n]\s*(?=\S)", re.IGNORECASE)
"""Between the names of two files in one cell: only behind the ending of a picture, since a name
may hold such a mark itself."""
_WITH_MARK = "\\1\0"


SHOPPERS_PICTURES = ("photos", "turns", "chat")
"""Folders in a home that hold shoppers' photos, as attached, as a model saw them, and as served:
no picture in them is a catalogue's, wherever its file lies."""


@dataclass(frozen=True, slots=True)
class Places:
    """Where the pictures of a catalogue may be."""

    base: Path | str
    """The folder where relative paths begin, or the address of the catalogue: a remote catalogue
    cannot name files of this machine."""
    roots: tuple[Path, ...]
    """The folders that all files must lie in, links followed."""
    home: Path | None
    by_id: Path | None = None
    """The folder in which a file or folder named as a product's id is its picture."""

    def allow(self, place: Path) -> bool:
        """Whether a resolved path may be a picture of the catalogue."""
        if not any(place.is_relative_to(root) for root in self.roots):
            return False
        home = self.home
        return home is None or not any(
            place.is_relative_to(home / name) for name in SHOPPERS_PICTURES
        )


def pictures_in(value: object) -> list[str]:
    """The pictures as they are written, the first first; several may share a cell."""
    images = [each for text in texts_of(value) for each in _split(text)]
    return list(dict.fromkeys(filter(None, images)))


def _split(text: str) -> list[str]:
    if _ADDRESS.match(text):
        parts = re.split(r"(?:\s*[,|;]\s*|\s+)(?=(?:https?:)?//)", text, flags=re.IGNORECASE)
        # What marks at the end of an address leave.
        return [part.strip(" ,;|") if len(parts) > 1 else part for part in parts]
    return [part.strip() for part in _FILES.sub(_WITH_MARK, text).rstrip(" ,;|").split("\0")]


def pictures_by_id(identity: str, places: Places) -> list[str]:
    """The pictures of a product that names none, in the folder of pictures: "123.jpg", "123/"."""
    if places.by_id is None or not re.fullmatch(r"[\w.-]+", identity) or identity.strip(".") == "":
        return []
    names = [f"{identity}{ending}" for ending in (".jpg", ".jpeg", ".png", ".webp", "")]
    return [name for name in names if (places.by_id / name).exists()][:1]


def keepable(places: list[str]) -> tuple[str, ...]:
    """The first of them, as many as fit into one column of the index."""
    kept: list[str] = []
    for place in places:
        if sum(len(each.encode()) for each in (*kept, place)) > _MOST_PLACE_BYTES:
            break
        kept.append(place)
    return tuple(kept)


def places_of(source: Source, pictures: Path | None, home_folder: Path | None) -> Places:
    """Of a catalogue, with the folder of its pictures where one is named."""
    folders = [pictures, None if source.download else source.folder]
    roots = tuple(folder.resolve() for folder in folders if folder is not None)
    home = home_folder.resolve() if home_folder else None
    return Places(roots[0] if roots else source.name, roots, home, pictures)


def place_of(image: str, places: Places) -> tuple[str, str]:
    """Where the picture is (a path or an address) and "", or "" and why there is none."""
    base = places.base
    if image.startswith("//"):
        image = f"https:{image}"  # as the pages of a shop write it
    if isinstance(base, str) and not _SCHEME.match(image):
        with suppress(ValueError):  # said where it is looked at as an address
            image = urljoin(base, quote(image, safe="/%:@!$&'()*+,;=~-._?"))
    if _ADDRESS.match(image):
        return _address(image)
    scheme = _SCHEME.match(image)
    if scheme and (scheme[2] or scheme[1].lower() in {"data", "file"}):
        return "", f"{short(image)} is no address that is fetched: only http and https are"
    try:
        outside = False
        for spelling in _spellings(image):
            place = (Path(base) / Path(spelling).expanduser()).resolve()
            str(place).encode()  # what cannot be written down cannot be kept
            if not places.allow(place):
                outside = True
            elif place.is_file():
                return str(place), ""
            elif (found := _in_folder(place)) and places.allow(found):
                return str(found), ""
        if outside:
            return "", f"{short(image)} lies outside of the catalogue's folder and of --pictures"
        return "", f"no file {short(image)}"
    # Too long, NULs, half characters, a loop of links, a home of nobody, a closed folder.
    except (OSError, ValueError, RuntimeError) as error:
        reason = getattr(error, "strerror", None) or "no path that a file can have"
        return "", f"{short(image)} cannot be used ({reason})"


def _spellings(path: str) -> Iterator[str]:
    """A path as it is written, then as Windows and as pages write such a path."""
    yield path
    if path[:1] in "/\\":
        # As pages write it: from the root of the shop, which the folder of pictures stands for.
        yield path.lstrip("/\\")
    if "\\" in path:
        path = path.replace("\\", "/")
        yield path
    if "%" in path:
        yield unquote(path)


def _in_folder(folder: Path) -> Path | None:
    """The first picture in a folder, by its name; None where there is no such folder."""
    if not folder.is_dir():
        return None
    files = sorted(p for p in folder.iterdir() if re.search(f"{_ENDING}$", p.name, re.IGNORECASE))
    return files[0].resolve() if files else None


def _address(image: str) -> tuple[str, str]:
    image = image.replace(" ", "%20")  # as people paste the name of a file
    if len(image) > 2_000 or re.search(r"[\x00-\x20\x7f-\x9f\ud800-\udfff]", image):
        return "", f"{short(image)} is no address: it holds blanks or controls, or is too long"
    return image, ""
