"""The buttons of shown products: what the page may send, and what it means.

What comes from a page is only believed as far as it names products of the shop: facts come from
the catalogue, and the words of the shopper's message are written here.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from assistant.events import Act, Pick
from ui.chat.cards.filter_chips import LimitsJson, said

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
        """The same as the assistant takes it. Raises ValueError for cards that are not there."""
        wanted = {"compare": 2, "more like": 1, "not this": 1}.get(self.act, 0)
        if len(self.numbers) < wanted or any(n > len(self.ids) for n in self.numbers):
            raise ValueError("no such card")
        return Pick(
            self.act, self.listId, tuple(self.ids), tuple(self.numbers), self.limits.filters()
        )


class KeepJson(BaseModel):
    """A product is put on the shortlist."""

    model_config = ConfigDict(extra="ignore", strict=True)

    name: Literal["keep"]
    id: ProductId
    number: Number = 1
    wide: bool = True
    """Whether there is room for the panel beside the chat."""


class LetGoJson(BaseModel):
    """A product is taken off the shortlist."""

    model_config = ConfigDict(extra="ignore", strict=True)

    name: Literal["let go"]
    id: ProductId
    wide: bool = True


class OpenListJson(BaseModel):
    """The shortlist is to be shown."""

    model_config = ConfigDict(extra="ignore", strict=True)

    name: Literal["open list"]


class GoneJson(BaseModel):
    """Which of these does the shop no longer have?"""

    model_config = ConfigDict(extra="ignore", strict=True)

    name: Literal["gone"]
    ids: Annotated[list[ProductId], Field(max_length=_MOST)]


Button = PickJson | KeepJson | LetGoJson | OpenListJson | GoneJson
_BUTTON: TypeAdapter[Button] = TypeAdapter(Annotated[Button, Field(discriminator="name")])


def parse_button(payload: object) -> Button | None:
    """What a page sent; None for what no page of ours sends."""
    try:
        return _BUTTON.validate_python(payload)
    except ValidationError:
        return None


def pick_of(metadata: object) -> Pick | None:
    """The button that a message came from; None for a typed one."""
    found = parse_button(metadata.get("pick")) if isinstance(metadata, dict) else None
    return found.pick() if isinstance(found, PickJson) else None


def words_of(pick: Pick, currency: str) -> str:
    """The button in the shopper's words, for the conversation."""
    numbers = " and ".join(map(str, pick.numbers))
    if pick.act == "more like":
        return f"More like {numbers}"
    if pick.act == "compare":
        return f"Compare {numbers}"
    if pick.act == "not this":
        return f"Not number {numbers}"
    limits = said(pick.limits, currency)
    return limits if pick.act == "refine" else f"Without this limit: {limits}"


def as_metadata(found: PickJson) -> dict[str, Any]:
    """What a message keeps of the button that it came from."""
    return {"pick": found.model_dump(mode="json", exclude_defaults=False)}
