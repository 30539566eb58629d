"""Stop words: the words of a sentence that do not name the product."""

from __future__ import annotations

from collections.abc import Collection

from assistant.models.rules.lexicon.text import word_set
from tools.text import singular

GRAMMAR = word_set(
    "a an the some any all every each this that these those it its them they he she we us i me my "
    "mine our ours your yours you his her their who which what where when why how much many "
    "i'd i'm i've i'll we'd we're we've we'll you'd you're you've it's that's there's what's who's "
    "she'd he'd they'd she's he's they've she'll he'll they'll it'd it'll "
    "how's where's let's they're don't doesn't didn't can't won't isn't aren't wasn't couldn't "
    "wouldn't shouldn't haven't hasn't am is are was were be been being do does did done have has "
    "had having can could will would shall should may might must to of in on at by for with from "
    "into onto as than then there here and or but nor so if too also either both not no yes about "
    "around over under up down out off one ones's"
)
CHATTER = word_set(
    "please thanks thank hi hello hey hiya ok okay well oh ah hmm hm um umm uh er erm eh so now "
    "then maybe perhaps possibly actually really just only simply ideally preferably probably "
    "rather instead same quite very pretty bit little lot sorry wait lol haha tbh btw idk honestly "
    "basically anyway though tho right again still yet already even else asap today tonight "
    "tomorrow currently finally first-off sure great cool good nice lovely decent fine better best "
    "evening morning "
    "afternoon yeah yep yup nope nah mate love dear folks guys there ago soon "
    "ooh oooh aww obviously excuse soo sooo duh aand aaand hurry "
    "ugh argh meh ew eww yikes wow ha hah haha gosh oops phew yay omg damn bah grr pricey steep "
    "kind kinds sort sorts type types bunch couple few"
)
SHOPPING = word_set(
    "show find give get got search searching look looking looks browse browsing want wants wanted "
    "wanting need needs needed like likes liked love loves prefer prefers see seen view buy buying "
    "purchase order shop shopping sell sells stock carry offer offers offered list try trying help "
    "let lets go going come comes coming make makes made change changed mind switch swap put take "
    "keep stay stays wish hope think thinking guess mean meant know tell say said says suggest "
    "recommend fancy interested hunting hunt market after seek seeking require available option "
    "options choice choices product products item items thing things stuff something anything "
    "everything someone pair ones one color colors colour colours colored coloured price prices "
    "priced cost costs costing budget spend pay afford money preference favourite favorite version "
    "versions brand brands rated rating ratings reviews would-be place new possible "
    "exist exists more possibly pls way help possible ask asking treat start version"
)
FILLERS = GRAMMAR | CHATTER | SHOPPING | {"|"}
_GLUED = word_set("for with in on of to and or from that who which by at than as without")
"""Words that hold a phrase together where they stand between two others."""


def content(words: list[str], pairs: Collection[tuple[str, ...]] = ()) -> str:
    """The words that name the product, without the stop words around them.

    Stop words inside the name stay: "case for my phone", "mug with a handle"; so does the first of
    one of these `pairs`: "down jacket".
    """
    kept: list[str] = []
    waiting: list[str] = []
    for word, behind in zip(words, [*words[1:], "|"], strict=False):
        if word == "|":
            waiting = []
        elif word in FILLERS and (word, singular(behind)) not in pairs:
            waiting.append(word)
        else:
            # What joins two words is kept where it is grammar alone, and no longer than a phrase.
            joins = 0 < len(waiting) <= 3 and waiting[0] in _GLUED
            if kept and joins and all(each in GRAMMAR for each in waiting):
                kept += waiting
            kept.append(word)
            waiting = []
    return " ".join(kept)
