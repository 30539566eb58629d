"""How often a password may be tried."""

from __future__ import annotations

from ui.chat.auth.rate_limit import LoginRateLimiter


def test_eleventh_attempt_within_five_minutes_is_refused_and_a_right_one_resets() -> None:
    limiter = LoginRateLimiter()
    assert [limiter.allow("anna") for _ in range(11)] == [True] * 10 + [False]
    assert limiter.allow("ben")
    limiter.reset("anna")
    assert limiter.allow("anna")
