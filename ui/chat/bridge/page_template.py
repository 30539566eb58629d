"""The page's HTML: without links to other hosts, under the root path, with escaped names."""

from __future__ import annotations

from collections.abc import Callable
from html import escape

from ui.chat.bridge.internals import config, replace_page_template
from ui.chat.web.headers import strip_outside_links


def install_page_template(root: str) -> None:
    """Have Chainlit serve its page so. `root` is the path that browsers have the chat under."""

    def wrap(template: Callable[[str], str]) -> Callable[[str], str]:
        def page(_: str) -> str:
            ui = config.ui
            # Chainlit's template inserts these into the HTML without escaping them.
            config.ui = ui.model_copy(
                update={"name": escape(ui.name), "description": escape(ui.description)}
            )
            try:
                return strip_outside_links(template(root))
            finally:
                config.ui = ui

        return page

    replace_page_template(wrap)
