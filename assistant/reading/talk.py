"""What is no request for products: greetings, thanks, and questions for someone else."""

from __future__ import annotations

import re
from typing import Literal

Talk = Literal["hello", "thanks", "bye", "help", "undone", "elsewhere"]

_END = (
    r"(?: \|| there| again| everyone| pounce| assistant| all| so much| a lot| very much| you| too|"
    r" lovely| great| perfect| cool| nice| that helps)*"
    r"\s*$"
)
_TALK: tuple[tuple[Talk, re.Pattern[str]], ...] = (
    ("hello", re.compile(r"^(?:hi+|hello|hey+|hiya|yo|good (?:morning|afternoon|evening|day)|"
                         r"greetings|howdy|what's up|sup|how are you(?: doing| today)?)" + _END)),
    ("thanks", re.compile(r"^(?:ok |okay |great |perfect |cool |nice |\| )*(?:thanks|thank you|thx|"
                          r"ty|cheers|much appreciated|great|perfect|cool|awesome|nice|ok|okay|"
                          r"lovely|wonderful)" + _END)),
    ("bye", re.compile(r"^(?:bye+|goodbye|bye bye|see you|good night|that's all|that is all)"
                       r"(?: later| soon)?" + _END)),
    ("help", re.compile(r"^(?:help|help me|what can you do|what do you do|who are you|what are you|"
                        r"how does this work|how do you work|are you (?:a |an )?(?:bot|robot|ai|"
                        r"human|person|real)|what is this|what do you sell|what can i (?:ask|do))"
                        + _END)),
    ("undone", re.compile(
        r"\b(?:add|put|place)\b.*\b(?:cart|basket|bag|wish ?list)\s*$|\bcheck ?out\b|"
        r"\b(?:buy|order) (?:it|this|that|number \d+|the (?:first|second|third))\b|^compare\b|"
        r"^(?:keep|save|remember) (?:number |#)?\d|^start (?:over|again)\b")),
    ("elsewhere", re.compile(
        r"\b(?:weather|forecast|joke|poem|song lyrics|capital of|president|prime minister|"
        r"translate|stock price|bitcoin|crypto|news|football score|who won|recipe|write (?:me )?"
        r"(?:a|an|some) (?:essay|story|poem|code|email|letter|python)|python (?:code|script)|"
        r"solve|meaning of life|what time is it|what day is it|tell me (?:a|about) (?:joke|story|"
        r"yourself|your)|ignore (?:all|your|previous)|system prompt|your instructions|"
        r"where is my (?:order|parcel|package)|track my|refund|return policy|cancel my order)\b"
        r"|^(?:(?:what is |what's |calculate )\d+\s*[-+*/x]|\d+\s*[+*/])\s*\d+(?: \|| =)*$")),
)  # fmt: skip


def read_talk(text: str) -> Talk | None:
    """What kind of talk a tidied text is, or None when it may be about products."""
    return next((talk for talk, pattern in _TALK if pattern.search(text)), None)
