"""`ChatPhi3Vision`: a loaded Phi-3 Vision behind LangChain's interface of chat models.

Words stream token by token. Tools and structured answers are written under a grammar, so that
whatever the weights are, an answer is words or one valid call, and JSON fits its schema. One call
an answer; several at once are not covered, and neither is training.
"""

from __future__ import annotations

import math
import secrets
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from operator import itemgetter
from threading import Lock
from typing import Any

from langchain_core.callbacks import AsyncCallbackManagerForLLMRun, CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel, LanguageModelInput
from langchain_core.language_models.chat_models import agenerate_from_stream, generate_from_stream
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage
from langchain_core.outputs import ChatGenerationChunk, ChatResult
from langchain_core.runnables import Runnable, RunnableMap, RunnablePassthrough
from langchain_core.runnables.config import run_in_executor
from langchain_core.tools import BaseTool
from langchain_core.utils.function_calling import convert_to_openai_tool
from pydantic import Field, PrivateAttr

from assistant.models.phi3.answer_shape import Choice, Schema, Shape, chosen, json_shape, shape_of
from assistant.models.phi3.grammar import GrammarRule, Grammars
from assistant.models.phi3.prefix_cache import PrefixCache
from assistant.models.phi3.prompt_text import read_conversation
from assistant.models.phi3.streamed_answer import ToolAnswer, Writing, last_piece
from assistant.models.phi3.structured_output import schema_and_parser
from assistant.models.phi3.text_stream import AnswerText, StopWords, token_bytes
from tools.errors import RequestError
from tools.phi3_vision.inference import Encoded, Phi3Vision
from tools.phi3_vision.sampling import Sampling

Tool = dict[str, Any] | type | Callable[..., Any] | BaseTool

_OPTIONS = ("max_tokens", "temperature", "top_p", "seed")
_IGNORED_OPTIONS = ("strict", "parallel_tool_calls")
"""Options of other models, accepted without effect: calls are always valid, one at a time."""


class ChatPhi3Vision(BaseChatModel):
    """Conversation, pictures, tools and structured answers on one loaded model.

    Safe from any thread: callers of the same `Phi3Vision` alternate pass by pass. The prefix that a
    prompt shares with the one before is not read again. An answer stops when its time is over, or
    when the caller of an async method is cancelled.
    """

    phi3: Phi3Vision = Field(exclude=True, repr=False)
    max_tokens: int = Field(512, ge=1)
    """Tokens of one answer. JSON is completed within them; words are cut off."""
    temperature: float = Field(0.0, ge=0)
    """At 0 the likeliest token is always taken."""
    top_p: float = Field(1.0, gt=0, le=1)
    seed: int | None = None
    """Seed of the sampling above temperature 0; None draws a new seed for each answer."""
    num_crops: int = Field(4, ge=1)
    """Most crops of one picture; each is 144 tokens."""
    max_crops: int = Field(16, ge=1)
    """Most crops of all pictures of a prompt together, which share them. More pictures than crops
    are refused."""
    max_photo_mb: float = Field(10, gt=0)
    timeout_s: float | None = None
    """Seconds for one answer, including the wait for other callers; then a TimeoutError, even
    during a pass."""

    _written: tuple[bytes, ...] = PrivateAttr(())
    _grammars: Grammars | None = PrivateAttr(None)
    _prefix_cache: PrefixCache = PrivateAttr(default_factory=PrefixCache)
    _lock: Any = PrivateAttr(default_factory=Lock)

    def model_post_init(self, context: Any, /) -> None:
        """Compute the bytes of every token once."""
        super().model_post_init(context)
        size = self.phi3.model.config.text.vocab_size
        self._written = token_bytes(self.phi3.tokenizer.tokenizer, size)

    @property
    def _llm_type(self) -> str:
        return "phi3-vision"

    @property
    def model_name(self) -> str:
        """Name of the weights."""
        return self.phi3.name

    @property
    def _identifying_params(self) -> dict[str, Any]:
        names = (*_OPTIONS, "num_crops", "max_crops")
        return {"model_name": self.model_name, **{name: getattr(self, name) for name in names}}

    def bind_tools(
        self,
        tools: Sequence[Tool],
        *,
        tool_choice: Choice = None,
        **kwargs: Any,
    ) -> Runnable[LanguageModelInput, AIMessage]:
        """The model with these tools: its answer is words or one call, valid by construction.

        `tool_choice`: "auto" for either, "any" for a call, a tool's name for a call of it, "none".
        Raises SetupError without llguidance, and ValueError for a choice or arguments that no
        grammar can hold.
        """
        if not tools:
            return self.bind(**kwargs)
        bound = [convert_to_openai_tool(tool) for tool in tools]
        shape = shape_of(bound, tool_choice)
        self._rule(shape)  # refused here rather than in the middle of a conversation
        return self.bind(tools=bound, tool_choice=chosen(tool_choice), **kwargs)

    def with_structured_output(
        self, schema: dict[str, Any] | type, *, include_raw: bool = False, **kwargs: Any
    ) -> Runnable[LanguageModelInput, Any]:
        """Answers as instances of a pydantic class, or as dicts of a TypedDict or JSON schema.

        With `include_raw` a dict of "raw", "parsed" and "parsing_error", as everywhere in
        LangChain. Only what a schema cannot say, such as a validator in Python, can fail. Raises
        SetupError without llguidance, and ValueError for a schema that no grammar can hold.
        """
        unknown = kwargs.keys() - {"method", "strict"}
        if unknown:
            raise ValueError(f"Received unsupported arguments {sorted(unknown)}")
        wanted, parser = schema_and_parser(schema)
        self._rule(json_shape(wanted))
        llm = self.bind(
            response_schema=wanted,
            ls_structured_output_format={"kwargs": {"method": "json_schema"}, "schema": wanted},
        )
        if not include_raw:
            return llm | parser
        parsed = RunnablePassthrough.assign(
            parsed=itemgetter("raw") | parser, parsing_error=lambda _: None
        )
        unparsed = RunnablePassthrough.assign(parsed=lambda _: None)
        return RunnableMap(raw=llm) | parsed.with_fallbacks(
            [unparsed], exception_key="parsing_error"
        )

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,  # noqa: ARG002 - tokens are not told
        **kwargs: Any,
    ) -> ChatResult:
        return generate_from_stream(self._stream(messages, stop, None, **kwargs))

    async def _agenerate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,  # noqa: ARG002 - as above
        **kwargs: Any,
    ) -> ChatResult:
        return await agenerate_from_stream(self._astream(messages, stop, None, **kwargs))

    def _stream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> Iterator[ChatGenerationChunk]:
        for message in self._answer(messages, stop or [], **kwargs):
            if message is None:
                continue
            chunk = ChatGenerationChunk(message=message)
            if run_manager is not None:
                run_manager.on_llm_new_token(str(message.text), chunk=chunk)
            yield chunk

    async def _astream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> AsyncIterator[ChatGenerationChunk]:
        # Token by token, so that a cancelled call ends with the pass that runs: LangChain's own
        # waits for the next piece of text, and a call of a tool is one piece.
        answer = self._answer(messages, stop or [], **kwargs)
        end = object()
        while (message := await run_in_executor(None, next, answer, end)) is not end:
            if not isinstance(message, AIMessageChunk):
                continue
            chunk = ChatGenerationChunk(message=message)
            if run_manager is not None:
                await run_manager.on_llm_new_token(str(message.text), chunk=chunk)
            yield chunk

    def _answer(
        self,
        messages: Sequence[BaseMessage],
        stop: Sequence[str],
        *,
        tools: Sequence[Tool] = (),
        tool_choice: Choice = None,
        response_schema: Schema | None = None,
        **options: Any,
    ) -> Iterator[AIMessageChunk | None]:
        """Text as it is generated, then one last chunk with the tool call and the token counts.

        None for a token that completes no text: inside a character or a call. Stop words end text,
        never a call or a structured answer.
        """
        deadline = math.inf if self.timeout_s is None else time.monotonic() + self.timeout_s
        if response_schema is not None:
            shape = json_shape(response_schema)
        else:
            shape = shape_of([convert_to_openai_tool(tool) for tool in tools], tool_choice)
        max_tokens, sampling = self._writing_options(options)
        encoded = self._encoded(messages, shape, max_tokens)
        text = AnswerText(self._written)
        said = ToolAnswer() if shape.kind == "tools" else None
        until = StopWords(stop if shape.kind != "json" else ())
        with self._prefix_cache.reading(self.phi3, encoded, deadline) as (reading, known):
            passes = reading.passes
            writing = Writing(self.phi3, reading, max_tokens, self._rule(shape), sampling, deadline)
            for token in writing:
                piece = text.feed(token)
                piece = until.feed(said.feed(piece) if said is not None else piece)
                yield AIMessageChunk(content=piece) if piece else None
                if until.found:
                    break
            passes = reading.passes - passes
        rest = "" if said is not None else until.feed(text.end())
        call = said.call() if said is not None and not until.found else None
        yield last_piece(
            rest + until.end(),
            call,
            read=len(encoded.ids),
            known=known,
            wrote=len(writing.tokens),
            metadata={
                "model_name": self.model_name,
                # A call is whole even where the tokens ended: it is brought to its end within them.
                "finish_reason": "tool_calls" if call else "length" if writing.cut else "stop",
                "passes": passes,
            },
        )

    def _encoded(self, messages: Sequence[BaseMessage], shape: Shape, max_tokens: int) -> Encoded:
        """The prompt in tokens. Raises RequestError for more than the model can read."""
        found = read_conversation(
            messages,
            shape.instructions,
            as_json=shape.kind == "tools",
            max_mb=self.max_photo_mb,
        )
        count = len(found.pictures)
        if count > self.max_crops:
            raise RequestError(
                f"These are {count} pictures; up to {self.max_crops} can be looked at together. "
                "Please send fewer."
            )
        crops = min(self.num_crops, self.max_crops // max(count, 1))
        encoded = self.phi3.encode(found.prompt, found.pictures, num_crops=crops)
        most, long = self.phi3.model.config.max_tokens, len(encoded.ids)
        if long + max_tokens > most:
            raise RequestError(
                f"This is more than the model can read and answer at once ({long} tokens and "
                f"{max_tokens} for the answer, of {most}). Please send fewer pictures or words."
            )
        return encoded

    def _writing_options(self, options: Mapping[str, Any]) -> tuple[int, Sampling | None]:
        """Tokens of the answer and how to draw them, from this call or else from the model."""
        unknown = options.keys() - {*_OPTIONS, *_IGNORED_OPTIONS}
        if unknown:
            raise ValueError(f"Phi-3 Vision knows no option {', '.join(sorted(unknown))}.")
        given = {name: getattr(self, name) for name in _OPTIONS}
        given |= {name: options[name] for name in _OPTIONS if options.get(name) is not None}
        if given["max_tokens"] < 1:
            raise ValueError("max_tokens must be at least 1")
        if not given["temperature"]:
            return given["max_tokens"], None
        seed = secrets.randbits(32) if given["seed"] is None else given["seed"]
        return given["max_tokens"], Sampling(given["temperature"], given["top_p"], seed)

    def _rule(self, shape: Shape) -> GrammarRule | None:
        if shape.schema is None:
            return None
        with self._lock:
            if self._grammars is None:
                self._grammars = Grammars(self.phi3.tokenizer, self._written)
        return self._grammars.rule(shape.schema)
