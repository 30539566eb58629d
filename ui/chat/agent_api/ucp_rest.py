"""The catalogue of the Universal Commerce Protocol over REST."""

from __future__ import annotations

import asyncio
import json
import logging
import re
import uuid
from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from tools.ucp.errors import TransportError, error_document
from tools.ucp.service import UcpService
from tools.ucp.versions import Document, Operation, Version
from ui.chat.agent_api.middleware import RefusedError

logger = logging.getLogger("pounce.ucp")

_PROFILE = re.compile(r'(?:^|[,;]\s*|\s)profile="([^"\\]{1,2048})"')
"""In the header UCP-Agent, a dictionary of RFC 8941."""
_PROFILE_AGE_S = 300


def operation_endpoint(
    service: Callable[[], UcpService], operation: Operation, version: Version
) -> ASGIApp:
    """Answers the POST of one operation. `service` is asked at each request."""

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        body = await request.body()
        agent = _PROFILE.search(request.headers.get("ucp-agent", ""))
        named = agent[1] if agent else ""
        response = await asyncio.to_thread(_answer, service(), operation, version, body, named)
        if (identity := request.headers.get("request-id", "")) and identity.isascii():
            response.headers["request-id"] = identity[:100]
        await response(scope, receive, send)

    return answer


def document_endpoint(document: Document) -> ASGIApp:
    """Answers the GET of a document that is published, and may be kept for minutes."""

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        headers = {"cache-control": f"public, max-age={_PROFILE_AGE_S}"}
        await JSONResponse(document, headers=headers)(scope, receive, send)

    return answer


def refused_over_rest(version: Version) -> Callable[[RefusedError], Response]:
    """A refusal as the protocol's error response."""

    def refuse(error: RefusedError) -> Response:
        headers = {"www-authenticate": "Bearer"} if error.status == 401 else None
        severity = "recoverable" if error.wait_s else "unrecoverable"
        document = error_document(version, error.code, str(error), severity)
        return JSONResponse(document, error.status, headers)

    return refuse


def _answer(
    service: UcpService, operation: Operation, version: Version, body: bytes, agent: str
) -> Response:
    """The answer to one request. Blocking."""
    try:
        return JSONResponse(service.answer(operation, _json(body), agent, version))
    except TransportError as error:
        return JSONResponse(error_document(version, error.code, str(error)), error.status)
    except Exception:  # whatever it is, its text is not for a stranger
        incident = uuid.uuid4().hex[:12]
        logger.exception("incident %s: a request of UCP failed", incident)
        sentence = (
            "The shop cannot answer this at the moment. Try again later; whoever runs the shop "
            f"finds the reason in its log under {incident}."
        )
        return JSONResponse(error_document(version, "internal_error", sentence), 500)


def _json(body: bytes) -> object:
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as error:
        raise TransportError("The body is no JSON. Send the request as a JSON object.") from error
