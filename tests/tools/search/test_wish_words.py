"""Words that grew over several messages."""

from __future__ import annotations

from tools.search.wish_words import parts_of, single_words, with_newer, words_without


def test_newest_part_comes_first() -> None:
    grown = with_newer("waterproof", with_newer("black", "hiking boots"))
    assert grown == "waterproof; black; hiking boots"
    assert parts_of(grown) == ["waterproof", "black", "hiking boots"]
    assert single_words(grown) == ["waterproof", "black", "hiking", "boots"]


def test_empty_parts_leave_nothing() -> None:
    assert with_newer("", "boots") == "boots"
    assert with_newer("boots", "") == "boots"
    assert parts_of(" ; ;") == []


def test_words_are_taken_out_of_every_part() -> None:
    assert words_without("black; boots in black", {"black"}) == "boots in"
