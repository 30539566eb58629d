"""Prometheus metrics: turns, their stages, fallbacks. They hold no word of a shopper."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST

CONTENT_TYPE = CONTENT_TYPE_LATEST
_SECONDS = (0.05, 0.1, 0.2, 0.5, 0.7, 1, 2, 3, 5, 10, 20, 30, 60)


class Metrics:
    """The metrics of one process."""

    def __init__(self) -> None:
        # A registry of our own: other libraries register theirs in the default one.
        self._registry = registry = CollectorRegistry()
        self._turns = Counter(
            "pounce_turns", "Turns by how they ended.", ["outcome"], registry=registry
        )
        self._seconds = Histogram(
            "pounce_turn_seconds", "From the message to the end.",
            buckets=_SECONDS, registry=registry,
        )  # fmt: skip
        self._stages = Histogram(
            "pounce_stage_seconds", "Seconds of a turn by stage.",
            ["stage"], buckets=_SECONDS, registry=registry,
        )  # fmt: skip
        self._fallbacks = Counter(
            "pounce_fallbacks", "What did without its model.", ["what"], registry=registry
        )
        self._clicks = Counter(
            "pounce_link_clicks", "Links to the shop that were followed.", ["to"], registry=registry
        )
        self._agents = Counter(
            "pounce_agent_requests", "Requests of other agents by path and status.",
            ["path", "status"], registry=registry,
        )  # fmt: skip
        self._sessions = Gauge("pounce_sessions", "Open pages.", registry=registry)
        for outcome in ("done", "failed", "stopped", "refused"):
            self._turns.labels(outcome)

    def turn(self, outcome: str, seconds: float) -> None:
        """A turn ended."""
        self._turns.labels(outcome).inc()
        if outcome != "refused":
            self._seconds.observe(seconds)

    def stage(self, stage: str, seconds: float) -> None:
        """A stage of a turn took this long."""
        self._stages.labels(stage).observe(seconds)

    def fell_back(self, what: str) -> None:
        """Something fell back: "rerank" kept the search's order."""
        self._fallbacks.labels(what).inc()

    def clicked(self, *, cart: bool) -> None:
        """A link to the shop was followed."""
        self._clicks.labels("cart" if cart else "page").inc()

    def agent(self, path: str, status: int) -> None:
        """A request of another agent was answered. `path` is one of few."""
        self._agents.labels(path, str(status)).inc()

    def text(self, sessions: int) -> bytes:
        """All metrics in Prometheus' text format, with the number of open pages."""
        self._sessions.set(sessions)
        return generate_latest(self._registry)
