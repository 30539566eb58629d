"""One turn: what its tools may ask for, and the events that come out of it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from assistant.agent.model_habits import ModelHabits
from assistant.events import (
    Compared,
    Detailed,
    Event,
    FallbackReason,
    Found,
    Photo,
    Ranked,
    RankingStarted,
    Shortlisted,
    Understood,
)
from assistant.photo_store import PhotoStore
from assistant.records.recorder import Recorder
from tools.agent_tools.context import FoundList, Ranking
from tools.product import Filters, Match, Product, SearchResult
from tools.search.search_context import TurnPhoto, Wishes

if TYPE_CHECKING:
    from PIL.Image import Image

    from assistant.agent.buttons import Call
    from assistant.events import Pick
    from assistant.grounding.facts import KnownFacts
    from tools.rerank.captions import CaptionCache
    from tools.search.comparison import Comparison

_MOST_PHOTOS = 12


@dataclass(eq=False)
class Turn:
    """Fills `tools.agent_tools.context.TurnContext`. Lives on the event loop for one turn."""

    photos: Sequence[TurnPhoto]
    new_photos: int
    """How many of `photos`, from the first on, came with the newest message."""
    catalogue: Mapping[str, Any]
    """The shop in short, as the situation holds it."""
    store: PhotoStore
    publish: Callable[[Event], None]
    record: Recorder
    """Collects what happens, for the record of the turn."""
    captions: CaptionCache | None = None
    """Started for a photo while the search runs, where a vision model will rank the result."""
    wishes: Wishes = field(default_factory=Wishes)
    """See `TurnContext.wishes`."""
    number: int = 1
    """Of the shopper's message in the thread, from 1."""
    said: str = ""
    """What the shopper typed."""
    pick: Pick | None = None
    button_call: Call | None = None
    """What a button asked for; made in place of the model's first answer."""
    button_call_id: str = ""
    """Id of that call once it is made."""
    habits: ModelHabits = field(default_factory=ModelHabits)
    """Of the chat model."""
    searches_anew: bool = False
    """Whether a second search of the turn is asked in place of the first one: so it is with the
    built-in chat model. Others may show several lists."""
    known_facts: KnownFacts | None = None
    """What the chat model was told until its newest call; None where its words need no check."""
    incident: str = ""
    """Set when a tool failed by a bug: the model has nothing to answer with."""
    tool_lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    """Held by the tool that runs, so that lists appear in the order of the calls."""
    asked: set[str] = field(default_factory=set)
    answered: dict[str, tuple[str, str]] = field(default_factory=dict)
    """By tool and arguments: the newest list when it had answered, and what it said."""
    newest: FoundList | None = None
    """See `TurnContext.newest`; with nothing in it while a search runs."""
    began: float = field(default_factory=lambda: asyncio.get_running_loop().time())
    """On the clock of the event loop."""
    model_calls: int = 0
    """Of the chat model, without those of the built-in one that finishes for it; as `tokens`."""
    tokens: int = 0
    tool_calls: int = 0
    fell_back: FallbackReason = ""
    """Why the built-in chat model finishes the turn; "" for as long as it does not."""
    hidden_calls: set[str] = field(default_factory=set)
    """Ids of the tool calls that the built-in model does not see."""
    model_timeout: asyncio.Timeout | None = None
    """Time limit of the running call of the chat model."""
    answer_too_long: bool = False

    @property
    def list_id(self) -> str:
        """Of the newest list of this turn; "" before the first."""
        return self.newest.list_id if self.newest else ""

    def open(self, photo: TurnPhoto) -> Image:
        """The shopper's photo, decoded. Raises PhotoError when it is gone."""
        return self.store.open(photo.ref)

    def first_time(self, name: str) -> bool:
        """True when this turn has not asked about this name before."""
        fresh = name not in self.asked
        self.asked.add(name)
        return fresh

    def fall_back(self, why: FallbackReason) -> None:
        """Note that the built-in chat model finishes the turn."""
        self.fell_back = why
        self.record.fell_back = why

    def stop_model_call(self) -> None:
        """End the running call of the chat model, whose answer is too long."""
        if (
            self.model_timeout is not None
            and not self.model_timeout.expired()
            and not self.fell_back
        ):
            self.answer_too_long = True
            self.model_timeout.reschedule(0)

    def understood(
        self,
        text: str,
        photo: TurnPhoto | None,
        like: Product | None,
        filters: Filters,
        second: TurnPhoto | None = None,
        sees: str = "",
    ) -> None:
        """Publish what a search starts from."""
        if photo is not None and self.captions is not None:
            self.captions.start(photo.ref, lambda: self.open(photo))
        instead = self.searches_anew and bool(self.list_id)
        self.newest = FoundList("", (), text, photo, like)
        self.record.search_started(text, photo, like, filters, second)
        title = like.title if like else None
        turn_id = self.record.turn_id
        shown = _shown(photo), title, filters, turn_id, _shown(second), sees
        self.publish(Understood(text, *shown, instead))

    def found(
        self, list_id: str, result: SearchResult, searched: int, more: tuple[Match, ...] = ()
    ) -> None:
        """Publish what a search found."""
        assert self.newest is not None  # set by `understood`; one tool runs at a time
        self.newest = replace(self.newest, list_id=list_id, matches=result.matches, more=more)
        self.record.search_finished(list_id, result, searched)
        timings = dict(result.timings_ms)
        self.publish(Found(list_id, result.matches, searched, timings, result.unmentioned))

    def looking(self, ranking: Ranking) -> None:
        """Publish that a vision model is about to rank a list."""
        self.record.ranking_started(ranking)
        self.publish(RankingStarted(ranking.list_id))

    def ranked(self, ranking: Ranking) -> None:
        """Publish the order of a list that was ranked."""
        result = ranking.result
        assert result is not None  # called when it is done
        if self.newest is not None and self.newest.list_id == ranking.list_id:
            self.newest = replace(self.newest, matches=ranking.shown, more=ranking.not_shown)
        self.publish(
            Ranked(
                ranking.list_id,
                ranking.shown,
                ranking.moved,
                result.outcome,
                ranking.why,
                ranking.seconds,
                model=ranking.model,
                caption=ranking.caption,
                picture=result.calls[-1].picture if result.calls else None,
                timings_s={**ranking.timings_s, **result.timings_s},
            )
        )

    def detailed(self, number: int, product: Product) -> None:
        """Publish that the facts of a shown product are looked up."""
        self.publish(Detailed(number, product))

    def compared(self, table: Comparison) -> None:
        """Publish a comparison."""
        self.publish(Compared(table))

    def shortlisted(self, list_id: str, matches: tuple[Match, ...]) -> None:
        """Publish the shortlist, which becomes the newest list unless it is empty."""
        if matches:
            self.newest = FoundList(list_id, matches, "", None, None)
        self.publish(Shortlisted(list_id, matches))


def _shown(photo: TurnPhoto | None) -> Photo | None:
    """As the shopper knows it; None for the picture of a product."""
    return Photo(ref=photo.ref, name=photo.name) if photo and photo.ref else None


def photos_of_turn(
    new: Sequence[Photo], state: Mapping[str, Any], like: Product | None
) -> list[TurnPhoto]:
    """The pictures of a turn in the order of their numbers; see `TurnContext.photos`.

    `like` is the product that the newest search started from, if it did and if it is still
    there. At most twelve.
    """
    photos = [TurnPhoto(name=photo.name, ref=photo.ref) for photo in new]
    older = [TurnPhoto(name=row["name"], ref=row["ref"]) for row in state.get("photos") or ()]
    search = state.get("search")
    if like is not None:
        photos.append(TurnPhoto(name=like.title, product_id=like.id))
    elif search and search["photo"]:
        photos += [photo for photo in older if photo.ref == search["photo"]]
    each: dict[tuple[str, str], TurnPhoto] = {}
    for photo in (*photos, *older):
        each.setdefault((photo.ref, photo.product_id), photo)
    return list(each.values())[:_MOST_PHOTOS]
