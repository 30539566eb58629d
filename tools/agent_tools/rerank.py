"""The tool `rerank`: the newest list, put in order by looking at its pictures.

It looks at the shown products and at the candidates behind them, and shows as many as before.
Whatever the vision model does, no shown place stays empty and the chat model hears what happened.
Not covered: lists of earlier turns, whose numbers a shopper may already be speaking of.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any

from langchain.tools import ToolRuntime, tool
from langchain_core.messages import ToolMessage
from langchain_core.tools import BaseTool
from langgraph.types import Command

from tools.agent_tools.context import FoundList, Ranking, TurnContext
from tools.agent_tools.multimodal_search import MOST_SEEN
from tools.errors import PhotoError, RequestError
from tools.media.images import open_product_picture
from tools.product import Match
from tools.rerank.captions import CaptionCache
from tools.rerank.queue import VisionQueue
from tools.rerank.rerank import DEFAULT_TRUST, RerankResult, rerank
from tools.rerank.session import FAILURES, RankingMethod
from tools.rerank.vision_model import VisionModel
from tools.search.arguments import RerankArguments, checked
from tools.search.replies import RankedProduct, RankReply
from tools.search.rows import ListRow, shown_row

if TYPE_CHECKING:
    from PIL.Image import Image

    from tools.rerank.session import RankingSession

log = logging.getLogger(__name__)

NAME = "rerank"
_CROWDED = "Many shoppers are asking at once, so the vision model was left out."
_CAPTION_SHARE = 0.5
"""Of the time, at most; without a caption the order is nearly as good."""


@dataclass(frozen=True, slots=True)
class _Picture:
    """The picture that a search started from, and what stands for its content."""

    key: str
    image: Image


def make_rerank(
    vision: VisionModel,
    captions: CaptionCache,
    *,
    trust: float = DEFAULT_TRUST,
    timeout_s: float = 30,
    way: RankingMethod = "one pass",
    both_orders: bool = False,
    reasons: int = 3,
    queue: VisionQueue | None = None,
) -> BaseTool:
    """The tool over one vision model.

    `queue` says who may look next, where several shoppers share the model.
    The options are those of `tools.rerank.rerank.rerank`; the caption counts in the time.
    Raises RequestError when this turn has no list to put in order, and nothing for a model that
    fails: the order of the search stays, and the result says so.
    """

    # As JSON schema, so that the arguments are checked here, where a wrong one gets a sentence.
    @tool(NAME, args_schema=RerankArguments.model_json_schema())
    async def rerank_newest(
        runtime: ToolRuntime[TurnContext, dict[str, Any]], **arguments: Any
    ) -> Command[Any]:
        """Order this turn's newest list by its pictures. The cards move and get the new numbers."""
        asked = checked(RerankArguments, arguments, "The list cannot be put in order")
        context = runtime.context
        found = context.newest
        candidates = () if found is None else (*found.matches, *found.more)
        if found is None or len(candidates) < 2:
            raise RequestError(
                "There is nothing to put in order. Search first; more than one must be found."
            )
        start = perf_counter()
        instruction = asked.instruction or found.words
        ranking = Ranking(
            list_id=found.list_id,
            candidates=candidates,
            places=len(found.matches),
            model=vision.name,
            fingerprint=vision.fingerprint,
            trust=trust,
            instruction=instruction,
        )
        context.looking(ranking)

        def watch(looking: RankingSession) -> None:
            ranking.looking = looking

        def look() -> RerankResult:
            picture = _picture(found, context)
            if picture is None:
                ranking.words = found.words or asked.instruction
            elif trust:
                _note_caption(ranking, captions, picture, timeout_s * _CAPTION_SHARE)
            return rerank(
                vision,
                picture.image if picture else ranking.words,
                ranking.caption,
                candidates,
                instruction,
                trust=trust,
                timeout_s=max(timeout_s - (perf_counter() - start), 0.0),
                method=way,
                both_orders=both_orders,
                reasons=reasons,
                on_session=watch,
            )

        # A model that is not trusted is not asked, so there is nothing to wait for.
        places = queue if trust else None
        if places is not None and not await places.acquire(timeout_s - (perf_counter() - start)):
            ranking.result = result = _left_out(candidates)
            ranking.why = _CROWDED
        else:
            begun = perf_counter()
            try:
                ranking.result = result = await asyncio.to_thread(look)
            finally:
                if places is not None:
                    places.release(perf_counter() - begun)
            ranking.why = _why(result)
        ranking.seconds = perf_counter() - start
        context.ranked(ranking)
        shown = [match.product.id for match in ranking.shown]
        message = ToolMessage(
            _reply(ranking, result).json(),
            name=NAME,
            tool_call_id=runtime.tool_call_id or "",
            artifact={"list_id": found.list_id, "ids": shown},
        )
        rows = [shown_row(match) for match in ranking.shown]
        # "Back to the first ones" shows them as they were left, not as they were found.
        search = runtime.state.get("search")
        known = search is not None and search.get("list_id") == found.list_id
        anew = [ListRow(rows=rows, search=search)] if known else []
        update: dict[str, Any] = {"messages": [message], "shown": rows, "lists": anew}
        if None in ranking.was:
            seen = [*(runtime.state.get("seen") or ()), *shown]
            update["seen"] = list(dict.fromkeys(seen))[-MOST_SEEN:]
        return Command(update=update)

    return rerank_newest


def _left_out(candidates: tuple[Match, ...]) -> RerankResult:
    """The order of the search, since the look would have come too late."""
    places = tuple(range(len(candidates)))
    return RerankResult(candidates, places, places, "fell back", why=_CROWDED, late=True)


def _picture(found: FoundList, context: TurnContext) -> _Picture | None:
    """What the search started from; None for words, and for a picture that is gone by now."""
    try:
        if found.photo is not None:
            return _Picture(found.photo.ref, context.open(found.photo))
        if found.like is not None and found.like.image:
            data = Path(found.like.image).read_bytes()
            return _Picture(hashlib.sha256(data).hexdigest(), open_product_picture(data))
    except (PhotoError, OSError) as error:
        log.warning("the picture searched from is gone, its words stand for it: %s", error)
    return None


def _note_caption(
    ranking: Ranking, captions: CaptionCache, picture: _Picture, timeout_s: float
) -> None:
    """One sentence about the picture, or why the model has none in time."""
    start = perf_counter()
    try:
        ranking.caption = captions.get(picture.key, lambda: picture.image, timeout_s)
    except FAILURES as error:
        ranking.caption_why = str(error) or f"There was no caption within {timeout_s:g} s."
        log.warning("there is no caption: %s", ranking.caption_why)
    ranking.timings_s["caption"] = perf_counter() - start


def _why(result: RerankResult) -> str:
    """What was not as it should be, for the shopper; the log has the details."""
    if result.outcome == "not asked":
        return "The vision model is not trusted here."
    if result.outcome == "fell back":
        if result.late:
            return "The vision model took too long."
        answered = result.calls and all(look.outcome == "fell back" for look in result.calls)
        return f"The vision model {'gave no order' if answered else 'failed'}."
    if result.outcome == "repaired":
        return "The vision model's order was not whole and was completed."
    return "The vision model gave no reasons." if result.why else ""


def _reply(ranking: Ranking, result: RerankResult) -> RankReply:
    """The shown products in their new order, with what the chat model has not heard of yet."""
    products = (
        RankedProduct(
            match.product.title, was, match.reason, shown_row(match) if was is None else None
        )
        for match, was in zip(ranking.shown, ranking.was, strict=True)
    )
    return RankReply(tuple(products), result.outcome, ranking.why)
