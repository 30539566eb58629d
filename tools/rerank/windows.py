"""Windows over more candidates than one picture holds, from the back to the front.

The sliding windows of RankGPT (Sun et al. 2023, arXiv 2304.09542): the best of one window are
seen again in the next, so that the very last candidate can come out first. The first `overlap`
places are the same as if all had been compared; behind them the order is approximate.
"""

from __future__ import annotations

from collections.abc import Sequence


def plan_windows(count: int, size: int = 9, overlap: int = 4) -> tuple[range, ...]:
    """Places to be ranked together, the last ones first; () for no candidates.

    Every window but one of fewer than `size` candidates in all is full. Neighbors share at least
    `overlap` places. Raises ValueError unless 0 <= overlap < size.
    """
    if not 0 <= overlap < size:
        raise ValueError(f"windows of {size} cannot share {overlap} places")
    if count <= 0:
        return ()
    starts = [*range(max(count - size, 0), 0, overlap - size), 0]
    return tuple(range(start, min(start + size, count)) for start in starts)


def merge_window(order: Sequence[int], window: range, ranked: Sequence[int]) -> tuple[int, ...]:
    """The whole order with one window's places ranked anew; all else keeps its place.

    `ranked` holds the candidates that stand in the window, best first. Raises ValueError when it
    does not hold each of them once.
    """
    seen = [order[place] for place in window]
    if sorted(seen) != sorted(ranked):
        raise ValueError(f"the window holds {seen}, not {list(ranked)}")
    return (*order[: window.start], *ranked, *order[window.stop :])
