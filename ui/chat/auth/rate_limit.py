"""How often a password may be tried."""

from __future__ import annotations

import time
from collections import deque

_ATTEMPTS = 10
_WINDOW_S = 300


class LoginRateLimiter:
    """Counts login attempts by name, so that passwords cannot be guessed at machine speed."""

    def __init__(self) -> None:
        self._times: dict[str, deque[float]] = {}

    def allow(self, name: str) -> bool:
        """Count one more attempt; False when there were ten within five minutes."""
        now = time.monotonic()
        for known in [known for known, at in self._times.items() if at[-1] < now - _WINDOW_S]:
            del self._times[known]
        times = self._times.setdefault(name, deque(maxlen=_ATTEMPTS))
        if len(times) == _ATTEMPTS and times[0] > now - _WINDOW_S:
            return False
        times.append(now)
        return True

    def reset(self, name: str) -> None:
        """Forget the attempts of a name, whose right password came."""
        self._times.pop(name, None)
