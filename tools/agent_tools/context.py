"""What a tool of the conversation needs of its turn, and what it tells the turn.

The conversation fills `TurnContext`; the tools never import it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from tools.product import Filters, Match, Product, SearchResult
from tools.search.search_context import SearchContext, TurnPhoto, Wishes

if TYPE_CHECKING:
    from PIL.Image import Image

    from tools.rerank.rerank import RerankResult
    from tools.rerank.session import RankingSession
    from tools.search.comparison import Comparison


@dataclass(frozen=True, slots=True)
class FoundList:
    """A list that a search of this turn found."""

    list_id: str
    matches: tuple[Match, ...]
    """In the order that the shopper sees now."""
    words: str
    photo: TurnPhoto | None
    """The shopper's photo that the search started from."""
    like: Product | None
    """The product whose picture stood for the photo."""
    more: tuple[Match, ...] = ()
    """Candidates behind those, best first, which are not shown: a reranker looks at them too."""


@dataclass(eq=False)
class Ranking:
    """A list that a vision model looks at: what it is asked, and what has come of it so far.

    Filled from the thread that looks, and read by whoever waits for it or has given up waiting.
    """

    list_id: str
    candidates: tuple[Match, ...]
    """The shown products in the order that the shopper sees until it is done, then the others."""
    model: str
    fingerprint: str
    """Of the vision model, as its name."""
    trust: float
    instruction: str
    places: int = 0
    """How many of the candidates are shown, before and after; 0 for all."""
    words: str = ""
    """What stood in the cell of the query; "" where a picture did."""
    caption: str = ""
    caption_why: str = ""
    """Why there is no caption, as a sentence; "" where there is one or none was asked for."""
    timings_s: dict[str, float] = field(default_factory=dict)
    """Seconds of the stages before the looks: caption."""
    looking: RankingSession | None = None
    """The looks, from before the first one on."""
    result: RerankResult | None = None
    """None for as long as it is not done."""
    why: str = ""
    """What went wrong, as a sentence for the shopper; "" when nothing did."""
    seconds: float = 0.0

    @property
    def shown(self) -> tuple[Match, ...]:
        """The first candidates of the new order, as many as were shown before; () until then."""
        return self.result.matches[: self._places] if self.result else ()

    @property
    def not_shown(self) -> tuple[Match, ...]:
        """The candidates behind those; () until it is done."""
        return self.result.matches[self._places :] if self.result else ()

    @property
    def was(self) -> tuple[int | None, ...]:
        """By new place of `shown`: the number before, from 1; None where it was not shown."""
        order = self.result.order[: self._places] if self.result else ()
        return tuple(place + 1 if place < self._places else None for place in order)

    @property
    def moved(self) -> tuple[int | None, ...]:
        """By new place of `shown`: how many places up, below 0 for down; None as in `was`."""
        return tuple(
            None if was is None else was - number for number, was in enumerate(self.was, start=1)
        )

    @property
    def _places(self) -> int:
        return self.places or len(self.candidates)


class TurnContext(Protocol):
    """What the conversation tells a tool, and hears from it while the turn runs."""

    @property
    def photos(self) -> Sequence[TurnPhoto]:
        """The pictures of this turn; the model names them by their place, from 1.

        First the photos of the newest message in their order, then the picture that the newest
        search started from, then older photos of the thread, the newest first. Fixed for the
        turn.
        """

    def open(self, photo: TurnPhoto) -> Image:
        """The shopper's photo, decoded; reads a file. Raises PhotoError when it is gone."""

    @property
    def newest(self) -> FoundList | None:
        """The newest list of this turn, which may be empty; None before the first search."""

    @property
    def wishes(self) -> Wishes:
        """What the shopper has set for all turns."""

    def first_time(self, name: str) -> bool:
        """True when this turn has not asked about this name before."""

    def understood(
        self,
        text: str,
        photo: TurnPhoto | None,
        like: Product | None,
        filters: Filters,
        second: TurnPhoto | None = None,
        sees: str = "",
    ) -> None:
        """A search is about to run; `sees` is what the photo shows, "" where that is not sure."""

    def found(
        self, list_id: str, result: SearchResult, searched: int, more: tuple[Match, ...] = ()
    ) -> None:
        """A search is done, out of `searched` products; called before any model hears of it.

        The result is what is shown; `more` are candidates behind it, for a reranker.
        """

    def looking(self, ranking: Ranking) -> None:
        """A found list is about to be looked at, which takes a while."""

    def ranked(self, ranking: Ranking) -> None:
        """It was looked at, whatever came of it; called before any model hears of it."""

    def detailed(self, number: int, product: Product) -> None:
        """The facts of one shown product are asked for."""

    def compared(self, table: Comparison) -> None:
        """Shown products stand side by side."""

    def shortlisted(self, list_id: str, matches: tuple[Match, ...]) -> None:
        """What the shopper keeps is shown as a list, numbered from 1; may be empty."""


def search_context(turn: TurnContext, state: Mapping[str, Any]) -> SearchContext:
    """What a search of this turn may refer to, with the thread's state."""
    last = state.get("search")
    messages = (str(m.text) for m in reversed(state.get("messages") or ()) if m.type == "human")
    said, before = next(messages, ""), next(messages, "")
    return SearchContext(
        photos=turn.photos,
        open=turn.open,
        shown=state.get("shown") or (),
        seen=state.get("seen") or (),
        wishes=turn.wishes,
        last_words=last["words"] if last else "",
        said=said,
        said_before=before,
        first_time=turn.first_time,
    )
