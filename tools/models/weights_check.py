"""Whether a file's weights are those that a model needs: one check for every model here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from tools.errors import ModelError

if TYPE_CHECKING:
    from torch import Size, Tensor


def check_fit(
    found: Mapping[str, Tensor],
    shapes: Mapping[str, Size],
    *,
    unused: Callable[[str], bool],
    parts: str,
    advice: str,
    source: str,
) -> None:
    """Raises ModelError naming the keys and shapes that do not fit, and weights of whole numbers.

    `shapes` are those the model needs; keys that are `unused` may be there besides. `parts` says
    what is held against each other, `advice` what to do where it differs, `source` where
    unquantised weights are.
    """
    missing = [key for key in shapes if key not in found]
    unexpected = [key for key in found if key not in shapes and not unused(key)]
    if missing or unexpected:
        raise ModelError(
            f"{parts} do not fit: {some(missing)} missing, {some(unexpected)} unexpected. {advice}"
        )
    wrong = [
        f"{key} is {tuple(found[key].shape)} instead of {tuple(shape)}"
        for key, shape in shapes.items()
        if found[key].shape != shape
    ]
    if wrong:
        raise ModelError(f"{parts} do not fit: {some(wrong)}. {advice}")
    odd = [key for key in shapes if not found[key].is_floating_point()]
    if odd:
        raise ModelError(
            f"Weights that are no floating-point numbers: {some(odd)}. Quantised files are not "
            f"read. {source}"
        )


def some(names: list[str]) -> str:
    """The count, and the first three names."""
    if not names:
        return "none"
    return f"{len(names)} ({', '.join(names[:3])}{', ...' if len(names) > 3 else ''})"
