"""What the page needs to know: plain values, read from the settings once."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from ui.chat.branding import Branding
from ui.chat.links import Links


@dataclass(frozen=True, slots=True)
class PageConfig:
    """What the page needs to know before the assistant is open."""

    home: Path
    """POUNCE_HOME."""
    database_url: str = field(default="", repr=False)
    """Address of the PostgreSQL server that replicas share, with its password; "" for none."""
    title: str = "Pounce"
    profile: str = "demo"
    max_photo_mb: float = 10
    max_photos: int = 4
    """In one message."""
    reranks: bool = False
    """Whether a vision model reranks what a search found in this catalogue."""
    results: int = 9
    """Products that a search shows."""
    picture_hosts: tuple[str, ...] = ()
    """Hosts, "host:port", that pictures may come from although their addresses are private."""

    links: Links = field(default_factory=Links)
    """How addresses of the shop's pages and of its cart are shown."""
    branding: Branding = field(default_factory=Branding)
    root: str = ""
    """The path under which browsers reach the chat."""

    @property
    def welcome(self) -> str:
        """The sentence over the message box."""
        if self.branding.greeting:
            return self.branding.greeting
        return "Show me a photo, tell me what you want. I look through the shop for you."

    @property
    def notice(self) -> str:
        """One sentence about how good the answers can be."""
        if self.profile == "demo":
            small = "Demo: the built-in models are small, so some matches will be off"
            order = "" if self.reranks else "; products stand in the order of the search"
            return f"{small}{order}."
        return "Prices and facts come from the shop's catalogue; the order is a model's."
