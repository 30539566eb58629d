"""Logins by name and password, checked a few at a time and not too often."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor

from ui.chat.auth.passwords import dearest, matches
from ui.chat.auth.rate_limit import LoginThrottle, TooManyLoginsError

logger = logging.getLogger("pounce.chat")

_AT_ONCE = 2
"""Passwords that are hashed at a time; each takes 134 MB and a core."""
_MOST_WAITING = 40
_LONGEST_NAME = 64


class PasswordLogin:
    """Checks passwords against the hashes of `users`. Lives on one event loop."""

    def __init__(self, users: Mapping[str, str], throttle: LoginThrottle | None = None) -> None:
        self._users = users
        self._throttle = throttle or LoginThrottle()
        self._unknown = dearest(users.values())
        # Threads of its own: passwords that wait to be checked hold up nothing else.
        self._threads = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="passwords")
        self._waiting = 0

    async def check(self, name: str, password: str, address: str) -> bool:
        """Whether this is the password of a user, who asks from an IP address.

        After several failures an attempt takes longer. Raises TooManyLoginsError for one that
        would take long, and ConnectionError where attempts cannot be counted.
        """
        if not self._users:
            return False
        name = name[: _LONGEST_NAME + 1]  # longer than any user's
        if self._waiting >= _MOST_WAITING:
            raise TooManyLoginsError(_MOST_WAITING / _AT_ONCE)
        self._waiting += 1
        try:
            attempt = await self._throttle.attempt(name, address)
            if attempt.many:
                logger.warning("too many wrong passwords for one name; it waits some seconds")
            await asyncio.sleep(attempt.wait_s)
            right = await asyncio.get_running_loop().run_in_executor(
                self._threads, matches, password, self._users.get(name), self._unknown
            )
        finally:
            self._waiting -= 1
        if right:
            await self._throttle.succeeded(name, address)
        return right
