"""One request to an OpenAI-compatible server, answered or failed within its time.

The client is asynchronous because a deadline can then cancel a request at any byte: the connection
to a server that drips, or goes silent after its headers, is closed, and a server that computes
notices the disconnect. Not covered: a reply too large for the memory.
"""

from __future__ import annotations

import asyncio
import logging
import ssl
from collections.abc import Callable, Coroutine, Mapping, Sequence
from functools import cache
from typing import Any, TypeVar

import httpx
import openai
from langchain_core.messages import AIMessage, BaseMessage
from langchain_openai import ChatOpenAI
from pydantic import SecretStr
from tenacity import (
    AsyncRetrying,
    RetryCallState,
    retry_if_exception,
    wait_exponential,
    wait_random,
)

from tools.circuit_breaker import CircuitBreaker
from tools.errors import PounceError, SetupError
from tools.served_vision.error_mapping import CLIENT_ERRORS, is_transient, map_error, retry_after_s

log = logging.getLogger(__name__)

T = TypeVar("T")

_NO_KEY = "none"
"""For a server that wants no key; the client library does not go without one."""
_LONGEST_WAIT_S = 8.0
_PAUSES = 0.8
"""Of the time, at most, before the last request; that needs some as well."""


class ChatServer:
    """A server and its model. Safe from any thread that runs no event loop."""

    def __init__(
        self,
        address: str,
        model: str,
        *,
        key: str = "",
        attempts: int = 4,
        backoff_s: float = 0.5,
        breaker: CircuitBreaker | None = None,
        new_loop: Callable[[], asyncio.AbstractEventLoop] = asyncio.new_event_loop,
    ) -> None:
        """`address` is the base of the API; one without a path gets vLLM's, /v1.

        `attempts` requests are made for a question at most, with pauses of `backoff_s`, twice
        that and so on in between. Each question runs on a loop of its own, by whose clock
        timeouts and pauses go. Raises SetupError for what is no address.
        """
        self.address, self.model = _checked(address), model
        self._key = key or _NO_KEY
        self._attempts, self._backoff_s = attempts, backoff_s
        self._breaker = breaker or CircuitBreaker()
        self._new_loop = new_loop

    def __str__(self) -> str:
        return f"The vision server at {self.address}"

    def ask(
        self,
        messages: Sequence[BaseMessage],
        *,
        max_tokens: int,
        timeout_s: float | None,
        fields: Mapping[str, object],
        **options: Any,
    ) -> AIMessage:
        """The greedy answer to a chat; `fields` go into the request's body as they are.

        `options` are ChatOpenAI's. Asked again after lost connections and statuses that pass, for
        as long as `timeout_s` allows. Raises TimeoutError, SetupError and ModelError.
        """
        if timeout_s is not None and timeout_s <= 0:
            raise TimeoutError(f"There was no time left to ask {self.address}.")
        with self._breaker.call(str(self)):
            passed: list[Exception] = []
            try:
                work = self._ask(messages, max_tokens, timeout_s, fields, options, passed)
                return _run(work, self._new_loop())
            except TimeoutError as error:
                before = f" Before that: {self._explained(passed[-1])}" if passed else ""
                late = f"{self} did not answer within {timeout_s or 0:.1f} s.{before}"
                raise TimeoutError(late) from error
            except CLIENT_ERRORS as error:
                # Without its cause, which may quote the key.
                raise self._explained(error) from None

    async def _ask(
        self,
        messages: Sequence[BaseMessage],
        max_tokens: int,
        timeout_s: float | None,
        fields: Mapping[str, object],
        options: Mapping[str, Any],
        passed: list[Exception],
    ) -> AIMessage:
        """The reply; failures that were not the last go into `passed`."""

        def note(state: RetryCallState) -> None:
            error = _failure(state)
            passed.append(error)
            what = getattr(error, "status_code", None) or type(error).__name__
            log.info("%s: %s, asked again in %.1f s", self, what, state.upcoming_sleep)

        loop = asyncio.get_running_loop()
        begun = loop.time()

        def enough(state: RetryCallState) -> bool:
            until = loop.time() - begun + state.upcoming_sleep
            # A pause that takes nearly all the time helps nobody: better to fail at once.
            late = timeout_s is not None and until >= _PAUSES * timeout_s
            return late or state.attempt_number >= self._attempts

        retrying = AsyncRetrying(
            stop=enough,
            wait=self._pause,
            retry=retry_if_exception(is_transient),
            before_sleep=note,
            reraise=True,
        )
        # A client of its own for each question: no connection is kept that may be dead by the next,
        # and none is shared between the loops of several threads.
        async with (
            asyncio.timeout(timeout_s),
            openai.DefaultAsyncHttpxClient(timeout=None, verify=_certificates()) as client,
        ):
            chat = ChatOpenAI(
                model=self.model,
                base_url=self.address,
                api_key=SecretStr(self._key),
                http_async_client=client,
                openai_proxy="",
                timeout=None,
                max_retries=0,
                temperature=0,
                max_tokens=max_tokens,
                use_responses_api=False,
                disable_streaming=True,
                extra_body=fields,
                **options,
            )
            return await retrying(chat.ainvoke, list(messages))

    def _pause(self, state: RetryCallState) -> float:
        asked = retry_after_s(_failure(state))
        if asked is not None:
            return asked
        grows = wait_exponential(multiplier=self._backoff_s, max=_LONGEST_WAIT_S)
        return (grows + wait_random(0, self._backoff_s))(state)

    def _explained(self, error: Exception) -> PounceError:
        return map_error(error, str(self), self.model, self._key)


def _failure(state: RetryCallState) -> Exception:
    error = state.outcome.exception() if state.outcome else None
    assert isinstance(error, Exception)  # asked only between two tries
    return error


@cache
def _certificates() -> ssl.SSLContext:
    """Reading them takes longer than all else that a client is made of."""
    return httpx.create_ssl_context()


def _checked(address: str) -> str:
    try:
        url = httpx.URL(address.strip())
    except httpx.InvalidURL as error:
        raise SetupError(f"The address of the vision server cannot be read: {error}.") from error
    if url.scheme not in ("http", "https") or not url.host:
        raise SetupError(f"The vision server's address {address!r} needs http:// or https://.")
    if url.userinfo:
        raise SetupError("The vision server's address holds a password. Set POUNCE_VISION_KEY.")
    return str(url if url.path.strip("/") else url.copy_with(path="/v1")).rstrip("/")


def _run(work: Coroutine[Any, Any, T], loop: asyncio.AbstractEventLoop) -> T:
    try:
        return loop.run_until_complete(work)
    finally:
        # asyncio.run would wait here for the look-up of a name that hangs.
        loop.close()
