"""Phi-3 Vision as a `VisionModel`: on a server, with the same prompts.

The server is vLLM, or another one with OpenAI's chat completions. vLLM can continue a begun answer,
so the order takes one pass there; other servers write it out.
"""

from __future__ import annotations

import base64
import hashlib
import io
import logging
import re
from asyncio import AbstractEventLoop, new_event_loop
from collections.abc import Callable, Mapping, Sequence
from pathlib import PurePosixPath
from time import monotonic
from typing import Any, Literal

from langchain_core.messages import AIMessage, BaseMessage, HumanMessage
from PIL import Image

from tools.circuit_breaker import CircuitBreaker
from tools.embedding.base import FloatArray
from tools.media.images import to_rgb
from tools.phi3_vision.tokenizer import escape_special_tokens
from tools.rerank.answer_constraint import RankingConstraint
from tools.rerank.answer_schema import RankingAnswer
from tools.rerank.vision_model import Constraint, VisionModel
from tools.served_vision.client import ChatServer
from tools.served_vision.scores import TOP_LOGPROBS, scores_from_logprobs, scores_from_ranking

log = logging.getLogger(__name__)

ServerKind = Literal["vllm", "openai"]
"""Which fields a request may have: vLLM's own too, or only those of OpenAI's."""
Structure = Literal["response_format", "structured_outputs"]
"""How a server is told the shape of an answer: OpenAI's field, or vLLM's own, which also keeps a
weak model from writing blanks without end and is there from vLLM 0.11 on."""

_STOP_TOKEN_IDS = (32007, 32000, 32001)
"""<|end|>, <|endoftext|> and <|assistant|>. The published files name </s> alone, which the model
never says, so that vLLM by itself would go on behind the answer."""

_FIRST_KEY = re.compile(r'\{\s*"[^"]*"\s*:\s*[\[{]?\s*')
"""A beginning of an answer that its schema implies anyway."""


class ServedVision(VisionModel):
    """A vision model on a server, asked for captions, scores and answers from any thread.

    Where the server reports no log-probabilities of labels, it is asked to write the order, whose
    ranks stand for scores; this is remembered. The shop keeps its reranking at the price of some
    tokens, and the log says how to save them. Every other failure is raised.
    """

    def __init__(
        self,
        address: str,
        model: str,
        *,
        key: str = "",
        kind: ServerKind = "vllm",
        structure: Structure = "response_format",
        attempts: int = 4,
        backoff_s: float = 0.5,
        breaker: CircuitBreaker | None = None,
        new_loop: Callable[[], AbstractEventLoop] = new_event_loop,
    ) -> None:
        """`model` is its name on the server. The rest as `ChatServer`; nothing is asked yet."""
        self._server = ChatServer(
            address,
            model,
            key=key,
            attempts=attempts,
            backoff_s=backoff_s,
            breaker=breaker,
            new_loop=new_loop,
        )
        # As in process: what is learned about a model holds wherever it runs.
        self.name = PurePosixPath(model).name or model
        seed = f"{self._server.address}\n{model}".encode()
        self.fingerprint = f"served {hashlib.sha256(seed).hexdigest()[:16]}"
        self._vllm, self._structure = kind == "vllm", structure
        self._one_pass = self._vllm

    @property
    def one_pass(self) -> bool:
        """Whether scores are the model's own, as far as is known; else they stand for ranks."""
        return self._one_pass

    def _label_scores(
        self,
        picture: Image.Image,
        prompt: str,
        answer_start: str,
        labels: Sequence[str],
        crops: int,
        timeout_s: float | None,
    ) -> FloatArray:
        start = monotonic()
        if self._one_pass:
            reply = self._ask(
                picture, prompt, crops, 1, timeout_s,
                begun=answer_start, logprobs=True, top_logprobs=TOP_LOGPROBS,
            )  # fmt: skip
            scores = scores_from_logprobs(reply.response_metadata.get("logprobs"), labels)
            if scores is not None:
                return scores
            self._one_pass = False
            log.warning(
                "%s tells no log-probabilities of the labels, so the order is written out from "
                "now on. With POUNCE_RERANK_WAY=generated the reasons come in the same answer.",
                self._server,
            )
        wanted = RankingAnswer(len(labels), reasons=0)
        left = None if timeout_s is None else timeout_s - (monotonic() - start)
        answer = self._generate(
            picture, prompt, wanted.start, crops, wanted.max_tokens, RankingConstraint(wanted), left
        )
        return scores_from_ranking(answer, labels)

    def _generate(
        self,
        picture: Image.Image | None,
        prompt: str,
        answer_start: str,
        crops: int,
        max_tokens: int,
        allow: Constraint | None,
        timeout_s: float | None,
    ) -> str:
        # A schema holds from the first character on, so an answer cannot be begun and have one.
        # Where the beginning decides something, the list that reasons are about, it counts more.
        shaped = allow is not None and not (self._vllm and not _FIRST_KEY.fullmatch(answer_start))
        begun = answer_start if self._vllm and not shaped else ""
        if not begun:
            max_tokens += len(answer_start)  # is written as well, a token a character at most
        reply = self._ask(
            picture, prompt, crops, max_tokens, timeout_s,
            begun=begun, fields=self._shape(allow) if allow is not None and shaped else {},
        )  # fmt: skip
        said = str(reply.text)
        # What begins anew, in place of going on, is an answer of its own.
        anew = begun.startswith("{") and said.lstrip().startswith("{")
        return said if anew else begun + said

    def _shape(self, allow: Constraint) -> Mapping[str, object]:
        schema = allow.json_schema()
        if self._vllm and self._structure == "structured_outputs":
            return {"structured_outputs": {"json": schema, "disable_any_whitespace": True}}
        # Not "strict", which would want every number's reason.
        shape = {"type": "json_schema", "json_schema": {"name": "answer", "schema": schema}}
        return {"response_format": shape}

    def _ask(
        self,
        picture: Image.Image | None,
        prompt: str,
        crops: int,
        max_tokens: int,
        timeout_s: float | None,
        *,
        begun: str = "",
        fields: Mapping[str, object] | None = None,
        **options: Any,
    ) -> AIMessage:
        """The server's reply, as a continuation of `begun`.

        `fields` go into the body as they are: handed to ChatOpenAI, a response format would have
        it throw away every answer that was cut off.
        """
        start = monotonic()
        content: list[str | dict[str, Any]] = [
            {"type": "text", "text": escape_special_tokens(prompt)}
        ]
        if picture is not None:
            shown = _png(picture, self.crop_side * crops)
            content.insert(0, {"type": "image", "base64": shown, "mime_type": "image/png"})
        messages: list[BaseMessage] = [HumanMessage(content)]
        body = dict(fields or {})
        if self._vllm:
            body["stop_token_ids"] = list(_STOP_TOKEN_IDS)
            if picture is not None:
                body["mm_processor_kwargs"] = {"num_crops": crops}
        if begun:
            messages.append(AIMessage(escape_special_tokens(begun)))
            body |= {"continue_final_message": True, "add_generation_prompt": False}
        left = None if timeout_s is None else timeout_s - (monotonic() - start)
        return self._server.ask(
            messages, max_tokens=max_tokens, timeout_s=left, fields=body, **options
        )


def _png(picture: Image.Image, most: int) -> str:
    """The picture as base64. A side of more than twice `most` pixels, which is all that the model
    sees of it, is halved and more; the grid is sent as it was drawn."""
    shown = to_rgb(picture)
    if max(shown.size) > 2 * most:
        shown = shown.copy()
        shown.thumbnail((2 * most, 2 * most))
    buffer = io.BytesIO()
    shown.save(buffer, "PNG", compress_level=1)
    return base64.b64encode(buffer.getvalue()).decode()
