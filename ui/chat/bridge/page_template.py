"""The page's HTML: without links to other hosts, under the root path, with escaped names."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from html import escape

from ui.chat.bridge.internals import config, replace_page_template
from ui.chat.web.headers import strip_outside_links


def install_page_template(root: str, embed_origins: Sequence[str] = ()) -> None:
    """Have Chainlit serve its page so. `root` is the path that browsers have the chat under.

    `embed_origins` are the origins whose pages may show it in a frame.
    """
    first = _embedding(root, embed_origins) if embed_origins else ""

    def wrap(template: Callable[[str], str]) -> Callable[[str], str]:
        def page(_: str) -> str:
            ui = config.ui
            # Chainlit's template inserts these into the HTML without escaping them.
            config.ui = ui.model_copy(
                update={"name": escape(ui.name), "description": escape(ui.description)}
            )
            try:
                return strip_outside_links(template(root)).replace("<head>", f"<head>{first}", 1)
            finally:
                config.ui = ui

        return page

    replace_page_template(wrap)


def _embedding(root: str, origins: Sequence[str]) -> str:
    """What the page in a frame needs before every other script."""
    return (
        f'\n    <meta name="pounce-embed" content="{escape(" ".join(origins))}" />'
        f'\n    <script src="{root}/public/embed.js"></script>'
    )
