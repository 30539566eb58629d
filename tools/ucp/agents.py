"""The agent's side of the negotiation: its profile, fetched from the address that it names.

The address is a stranger's: it is called as the addresses of a catalogue's pictures are, so never
on this machine or its network, and no redirect is followed.
"""

from __future__ import annotations

import json
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock
from urllib.parse import urlsplit

from tools.media.http_client import PublicHttpClient, RetryableError, check_address
from tools.media.public_network import FetchError
from tools.ucp.errors import PROFILE_ERROR, TransportError
from tools.ucp.versions import VERSIONS, Version

_LONGEST_ADDRESS = 2048
_MOST_BYTES = 256_000
_FETCH_S = 5.0
_FRESH_S = 300.0
_MOST_PROFILES = 1000


@dataclass(frozen=True, slots=True)
class AgentProfile:
    """What counts of an agent's profile."""

    version: Version
    capabilities: frozenset[str]


Fetch = Callable[[str], bytes]
"""What is at an address. Raises FetchError or RetryableError."""


def fetch_profile(address: str) -> bytes:
    """What is at a public https address; blocking. Raises FetchError or RetryableError."""
    client = PublicHttpClient(accept="application/json", allowed_hosts=(), connections=1)
    client.extend_deadline(_FETCH_S)
    try:
        with client.get(address, silence_s=_FETCH_S, most_redirects=0) as response:
            whole = b""
            for chunk in response.body:
                whole += chunk
                if len(whole) > _MOST_BYTES:
                    raise FetchError(f"it has more than {_MOST_BYTES:,} bytes")
            return whole
    finally:
        client.deadline.at = float("inf")
        client.close()


class AgentProfiles:
    """Checks the profiles of agents, each fetched at most every five minutes. Safe from any
    thread."""

    def __init__(
        self, fetch: Fetch = fetch_profile, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._fetch = fetch
        self._clock = clock
        self._known: OrderedDict[str, tuple[float, AgentProfile]] = OrderedDict()
        self._lock = Lock()

    def profile(self, address: str) -> AgentProfile:
        """The profile at an address. Blocking.

        Raises TransportError for an address that is not accepted, for a profile that cannot be had
        or read, and for a version that is not spoken here.
        """
        check_profile_address(address)
        with self._lock:
            at, profile = self._known.get(address, (float("-inf"), None))
        if profile is None or self._clock() - at > _FRESH_S:
            profile = read_profile(self._fetched(address))
            with self._lock:
                self._known[address] = self._clock(), profile
                self._known.move_to_end(address)
                while len(self._known) > _MOST_PROFILES:
                    self._known.popitem(last=False)
        return profile

    def _fetched(self, address: str) -> bytes:
        try:
            return self._fetch(address)
        except (FetchError, RetryableError) as error:
            # What stands behind the semicolon is advice to the shop.
            why = str(error).partition(";")[0]
            if isinstance(error, RetryableError):
                why = "its host does not answer, or not in time"
            raise _refused(
                f"The agent's profile cannot be fetched: {why}. Publish it at a public https "
                "address without redirects.",
                "profile_unreachable",
                424,
            ) from error


def check_profile_address(address: str) -> None:
    """Raises TransportError for what cannot be the address of a profile."""
    try:
        secure = urlsplit(check_address(address)).scheme == "https"
    except FetchError:
        secure = False
    if not secure or len(address) > _LONGEST_ADDRESS:
        raise _refused(
            "The agent's profile is not named by an https address. Send it as UCP-Agent: "
            'profile="https://…" over REST, or in meta["ucp-agent"].profile over MCP.',
            "invalid_profile_url",
            400,
        )


def read_profile(document: bytes) -> AgentProfile:
    """The profile in a document. Raises TransportError for what is none, and for a version that is
    not spoken here."""
    try:
        given = json.loads(document)["ucp"]
        said, named = given["version"], given.get("capabilities", {})
        capabilities = frozenset(str(name) for name in named) if isinstance(named, dict) else None
    except (ValueError, RecursionError, LookupError, TypeError, AttributeError):
        said, capabilities = None, None
    if not isinstance(said, str) or capabilities is None:
        raise _refused(
            "The agent's profile is no UCP profile: `ucp.version` and `ucp.capabilities` are "
            "needed.",
            "profile_malformed",
            422,
        )
    version = next((each for each in VERSIONS if each == said), None)
    if version is None:
        raise _refused(
            f"The version of the agent's profile is not spoken here. Use {' or '.join(VERSIONS)}.",
            "version_unsupported",
            422,
        )
    return AgentProfile(version, capabilities)


def _refused(sentence: str, code: str, status: int) -> TransportError:
    return TransportError(sentence, code, status, PROFILE_ERROR)
