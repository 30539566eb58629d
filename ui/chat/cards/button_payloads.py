"""The payloads of the page's buttons, validated.

A page may only name products of the shop: facts come from the catalogue, and the text of the
shopper's message is written here.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from assistant.events import Act, Pick
from ui.chat.cards.filter_chips import LimitsJson, describe

_MOST = 24

ProductId = Annotated[str, Field(min_length=1, max_length=500)]
Number = Annotated[int, Field(ge=1, le=_MOST)]


class PickJson(BaseModel):
    """A button that starts a turn."""

    model_config = ConfigDict(extra="ignore", strict=True)

    name: Literal["pick"]
    act: Act
    listId: Annotated[str, Field(max_length=64)]  # noqa: N815 - as the page writes it
    ids: Annotated[list[ProductId], Field(max_length=_MOST)] = []
    numbers: Annotated[list[Number], Field(max_length=_MOST)] = []
    limits: LimitsJson = LimitsJson()

    def pick(self) -> Pick:
        """The button as the assistant takes it. Raises ValueError for numbers without a card."""
        wanted = {"compare": 2, "more like": 1, "not this": 1}.get(self.act, 0)
        if len(self.numbers) < wanted or any(n > len(self.ids) for n in self.numbers):
            raise ValueError("no such card")
        return Pick(
            self.act, self.listId, tuple(self.ids), tuple(self.numbers), self.limits.filters()
        )


class KeepJson(BaseModel):
    """Put a product on the shortlist."""

    model_config = ConfigDict(extra="ignore", strict=True)

    name: Literal["keep"]
    id: ProductId
    number: Number = 1
    wide: bool = True
    """Whether there is room for the panel beside the chat."""


class LetGoJson(BaseModel):
    """Take a product off the shortlist."""

    model_config = ConfigDict(extra="ignore", strict=True)

    name: Literal["let go"]
    id: ProductId
    wide: bool = True


class OpenListJson(BaseModel):
    """Show the shortlist."""

    model_config = ConfigDict(extra="ignore", strict=True)

    name: Literal["open list"]


class GoneJson(BaseModel):
    """Which of these does the shop no longer have?"""

    model_config = ConfigDict(extra="ignore", strict=True)

    name: Literal["gone"]
    ids: Annotated[list[ProductId], Field(max_length=_MOST)]


class ClickJson(BaseModel):
    """A link to the shop was followed."""

    model_config = ConfigDict(extra="ignore", strict=True)

    name: Literal["click"]
    turn: Annotated[str, Field(max_length=64)] = ""
    listId: Annotated[str, Field(max_length=64)]  # noqa: N815 - as the page writes it
    id: ProductId
    number: Number
    variant: Annotated[str, Field(max_length=500)] = ""
    cart: bool = False


class LookJson(BaseModel):
    """The page of the shop that the chat is on shows a product."""

    model_config = ConfigDict(extra="ignore", strict=True)

    name: Literal["look"]
    ids: Annotated[list[ProductId], Field(min_length=1, max_length=8)]
    """Names of the one product, the best first."""
    greet: bool = True


class AskJson(BaseModel):
    """A question that a link or the page of the shop asks for the shopper."""

    model_config = ConfigDict(extra="ignore", strict=True)

    name: Literal["ask"]
    text: Annotated[str, Field(max_length=4000)] = ""
    like: Annotated[str, Field(max_length=500)] = ""
    files: Annotated[list[Annotated[str, Field(max_length=64)]], Field(max_length=1)] = []


Button = PickJson | KeepJson | LetGoJson | OpenListJson | GoneJson | ClickJson | LookJson | AskJson
_BUTTON: TypeAdapter[Button] = TypeAdapter(Annotated[Button, Field(discriminator="name")])


def parse_button(payload: object) -> Button | None:
    """The button that a page sent; None for any other payload."""
    try:
        return _BUTTON.validate_python(payload)
    except ValidationError:
        return None


def pick_of(metadata: object) -> Pick | None:
    """The button from which a message came; None for a typed message."""
    found = parse_button(metadata.get("pick")) if isinstance(metadata, dict) else None
    return found.pick() if isinstance(found, PickJson) else None


def words_of(pick: Pick, currency: str) -> str:
    """The text of the shopper's message for a button."""
    numbers = " and ".join(map(str, pick.numbers))
    if pick.act == "more like":
        return f"More like {numbers}"
    if pick.act == "compare":
        return f"Compare {numbers}"
    if pick.act == "not this":
        return f"Not number {numbers}"
    if pick.act == "misread":
        return "My photo shows something else"
    limits = describe(pick.limits, currency)
    return limits if pick.act == "refine" else f"Without this limit: {limits}"


def like_of(metadata: object) -> str:
    """The id of the product that a message is about; "" for a typed message."""
    found = metadata.get("like") if isinstance(metadata, dict) else None
    return found if isinstance(found, str) else ""


def as_metadata(found: PickJson) -> dict[str, Any]:
    """The metadata of a message that came from a button."""
    return {"pick": found.model_dump(mode="json", exclude_defaults=False)}
