from __future__ import annotations

import socket

import pytest

from ui.chat.server import _names

OWN = {"localhost", "127.0.0.1", "::1"}


@pytest.mark.parametrize(
    ("address", "more", "expected"),
    [
        ("127.0.0.1", set(), OWN),
        ("127.0.0.1", {"shop.example"}, OWN | {"shop.example"}),
        ("0.0.0.0", set(), None),
        ("0.0.0.0", {"shop.example"}, {"shop.example"}),
    ],
)
def test_names_that_browsers_may_call_the_chat_by(
    address: str, more: set[str], expected: set[str] | None
) -> None:
    with socket.socket() as listener:
        listener.bind((address, 0))
        assert _names(listener, "localhost", more) == expected
