"""Columns named beside the file: `products.yaml` next to `products.csv`, for a file as it is."""

from __future__ import annotations

from pathlib import Path

from tools.catalogue.source import plain_stem
from tools.errors import CatalogueError

_LARGEST = 65_536


def mapping_beside(path: Path) -> dict[str, str]:
    """Field → column, from the YAML of the same name; empty when there is none.

    Raises CatalogueError for one that is not plain lines of `field: column`.
    """
    path = path.absolute()
    if not path.name:  # the root has nothing beside it
        return {}
    for ending in (".yaml", ".yml"):
        beside = path.with_name(plain_stem(path) + ending)
        # A feed may be called products.yml itself, as Yandex' are.
        if beside != path and beside.is_file():
            return _read(beside)
    return {}


def _read(beside: Path) -> dict[str, str]:
    import yaml

    wanted = "Write one line a field, such as `title: Product name`."
    try:
        if beside.stat().st_size > _LARGEST:
            raise CatalogueError(f"{beside} is too large to name columns. {wanted}")
        data = yaml.safe_load(beside.read_text(encoding="utf-8"))
    except OSError as error:
        raise CatalogueError(
            f"{beside} cannot be read ({error.strerror}). Let it be read, or move it away."
        ) from error
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        reason = " ".join(str(error).split())[:200]
        raise CatalogueError(f"{beside} is not YAML ({reason}). {wanted}") from error
    if data is None:
        return {}
    if not isinstance(data, dict) or not all(
        isinstance(item, str) and item.strip() for pair in data.items() for item in pair
    ):
        raise CatalogueError(f"{beside} does not name columns. {wanted}")
    return {field.strip(): column.strip() for field, column in data.items()}
