"""Pages of a shop that show the chat by its launcher, under a strict policy, on an origin of their
own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import urlsplit

_PAGE = """<!doctype html>
<html lang="en"{attributes}>
<head>
<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Shop</title><link rel="stylesheet" href="/shop.css">{head}
<script src="{chat}/widget.js"{data} defer></script>
</head>
<body>
<main><h1>{title}</h1><p>{text}</p><p><a href="/other">Another page</a></p></main>
</body>
</html>"""
_STYLE = """body{margin:0;font:16px/1.6 system-ui,sans-serif;color:#222;background:#fafafa}
main{max-width:46rem;margin:0 auto;padding:2rem}body>:last-child{margin-bottom:3rem}"""
_TEXT = "A fine thing, made to be looked at and to be used every day. " * 12


@dataclass
class ShopPages:
    """The shop's server. `pages` are the parts of a page by its path; any other path is plain."""

    url: str
    chat: str
    """Origin of the chat."""
    pages: dict[str, dict[str, str]] = field(default_factory=dict)

    def html(self, path: str) -> str:
        """The page at a path: "attributes" of its root, "head" in it, "data" of the launcher."""
        given = self.pages.get(path, {})
        parts = {"title": "Red mug", "text": _TEXT, "attributes": "", "head": "", "data": ""}
        return _PAGE.format(chat=self.chat, **{**parts, **given})

    @property
    def policy(self) -> str:
        """No inline script or style, and of other origins the chat's script and frame alone."""
        return (
            f"default-src 'none'; script-src {self.chat}; frame-src {self.chat}; style-src 'self'; "
            "require-trusted-types-for 'script'; base-uri 'none'; form-action 'none'"
        )


@contextmanager
def shop_pages(chat: str, host: str = "127.0.0.1") -> Iterator[ShopPages]:
    """A shop at `http://HOST:PORT` on a free port of this machine, until the block ends."""
    shop = ShopPages("", chat)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path = urlsplit(self.path).path
            style = path == "/shop.css"
            body = (_STYLE if style else shop.html(path)).encode()
            self.send_response(200)
            self.send_header("content-type", "text/css" if style else "text/html; charset=utf-8")
            self.send_header("content-length", str(len(body)))
            self.send_header("content-security-policy", shop.policy)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    shop.url = f"http://{host}:{server.server_port}"
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield shop
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
