"""The requests of other agents: host, origin, key, limits and size, before an endpoint is asked.

They pass neither the cookies nor the list of the page's paths, and no shopper's conversation is
within reach of them.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Mapping, Set
from contextlib import suppress
from dataclasses import dataclass, field

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tools.asgi import replayed
from ui.chat.agent_api.keys import given_key, name_of_key
from ui.chat.agent_api.limits import CallerLimits, NotCountedError, TooManyRequestsError
from ui.chat.auth.rate_limit import network_of
from ui.chat.web.request_checks import (
    address_problem,
    host_name,
    limited,
    read_body,
    same_host,
)

logger = logging.getLogger("pounce.agents")

_AT_ONCE = 4
"""Requests of all agents that are answered at a time: the threads are those of shoppers as well."""

_UNAVAILABLE_S = 5
"""When to try again where the database does not answer."""


class RefusedError(Exception):
    """A request that no endpoint is asked about."""

    def __init__(self, status: int, code: str, sentence: str, wait_s: int = 0) -> None:
        super().__init__(sentence)
        self.status = status
        self.code = code
        """A word for programs."""
        self.wait_s = wait_s
        """Seconds until a further try may be answered; 0 where waiting does not help."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One path for agents."""

    app: ASGIApp
    refuse: Callable[[RefusedError], Response]
    """The refusal in the protocol of the endpoint."""
    method: str = "POST"
    keyed: bool = True
    """Whether a key is needed; without one a caller is known by address."""


@dataclass(slots=True)
class _LogEntry:
    """The line in the log about one request: no word of it, no key, no address."""

    path: str
    caller: str = ""
    status: int = 0
    began: float = field(default_factory=time.perf_counter)

    def noting(self, send: Send) -> Send:
        """A send that notes the status."""

        async def send_noted(message: Message) -> None:
            if message["type"] == "http.response.start":
                self.status = message["status"]
            await send(message)

        return send_noted

    def write(self) -> None:
        """Log it."""
        kind, _, name = self.caller.partition(":")
        fields = {
            "path": self.path,
            "agent": name if kind == "key" else "",
            "status": self.status,
            "ms": round((time.perf_counter() - self.began) * 1000),
        }
        logger.info("an agent asked", extra={"fields": fields})


class AgentApiMiddleware:
    """ASGI middleware: answers the paths of `endpoints`, and passes on all others.

    `hosts` are the allowed names in the Host header; None for any. `keys` are names with hashes.
    `answered` hears the path and status of each request that an endpoint or a refusal answered.
    """

    def __init__(
        self,
        app: ASGIApp,
        endpoints: Mapping[str, Endpoint],
        hosts: Set[str] | None,
        keys: Mapping[str, str],
        limits: CallerLimits,
        most_bytes: int,
        answered: Callable[[str, int], None],
    ) -> None:
        self._app = app
        self._endpoints = endpoints
        self._hosts = hosts
        self._keys = keys
        self._limits = limits
        self._most_bytes = most_bytes
        self._answered = answered
        self._slots = asyncio.Semaphore(_AT_ONCE)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope.get("path", "")
        endpoint = self._endpoints.get(path.rstrip("/") or path)
        if scope["type"] != "http" or endpoint is None:
            await self._app(scope, receive, send)
            return
        entry = _LogEntry(path)
        try:
            await self._answer(endpoint, scope, receive, entry.noting(send), entry)
        except RefusedError as error:
            if error.status != 413:  # else it is read already
                await self._drain(receive)
            response = endpoint.refuse(error)
            if error.wait_s:
                response.headers["retry-after"] = str(error.wait_s)
            await response(scope, receive, entry.noting(send))
        entry.write()
        self._answered(path.rstrip("/"), entry.status)

    async def _answer(
        self, endpoint: Endpoint, scope: Scope, receive: Receive, send: Send, entry: _LogEntry
    ) -> None:
        self._check(endpoint, scope)
        caller = self._caller(endpoint, scope)
        entry.caller = caller
        try:
            async with self._limits.admitted(caller):
                body = await read_body(receive, self._most_bytes, self._too_large())
                async with self._slots:
                    await endpoint.app(scope, replayed(body, receive), send)
        except TooManyRequestsError as error:
            raise RefusedError(429, "rate_limited", str(error), error.wait_s) from error
        except NotCountedError as error:
            raise RefusedError(503, "unavailable", str(error), _UNAVAILABLE_S) from error
        except HTTPException as error:
            code = "request_too_large" if error.status_code == 413 else "too_slow"
            raise RefusedError(error.status_code, code, error.detail) from error

    def _check(self, endpoint: Endpoint, scope: Scope) -> None:
        """Raises RefusedError for a host, origin, address or method that is not accepted."""
        headers = Headers(scope=scope)
        name = host_name(headers)
        if name is None:
            raise RefusedError(400, "invalid_request", "The Host header is malformed.")
        if self._hosts is not None and name not in self._hosts:
            raise RefusedError(403, "forbidden", "The shop is not known by this host name.")
        if problem := address_problem(scope):
            raise RefusedError(400, "invalid_request", problem)
        origin = headers.get("origin")
        foreign = origin is not None and not same_host(origin, headers)
        if foreign or headers.get("sec-fetch-site", "none") not in ("same-origin", "none"):
            raise RefusedError(
                403, "forbidden", "Pages of other sites may not ask here. Ask from a program."
            )
        if scope["method"] != endpoint.method:
            raise RefusedError(405, "invalid_request", f"Use {endpoint.method} at this address.")

    def _caller(self, endpoint: Endpoint, scope: Scope) -> str:
        """Who asks: the name of a key, or an address where none is needed."""
        headers = Headers(scope=scope)
        key = given_key(headers)
        if key and (name := name_of_key(key, self._keys)):
            return f"key:{name}"
        if endpoint.keyed:
            raise RefusedError(
                401,
                "unauthorized",
                "A key is needed: send it as `Authorization: Bearer KEY` or `X-API-Key: KEY`. "
                "Whoever runs the shop gives one out."
                if not key
                else "This key is not valid. Ask whoever runs the shop for another one.",
            )
        client = scope.get("client") or ("", 0)
        return f"address:{network_of(client[0])}"

    async def _drain(self, receive: Receive) -> None:
        """Reads what a client that is refused still sends: cut off, it would hear nothing."""
        counted = limited(receive, self._most_bytes, "")
        with suppress(HTTPException):
            while (await counted()).get("more_body", False):
                pass

    def _too_large(self) -> str:
        return (
            f"This request has more than {self._most_bytes / 1e6:g} MB. Send a smaller photo: "
            "1,024 pixels on the longer side are enough."
        )
