"""`pounce search`: a search without any conversation."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tools.errors import RequestError
from ui.cli.options import settings_of, workspace_of
from ui.cli.output import print_json, print_table, progress_bars, result_json

if TYPE_CHECKING:
    from tools.catalogue.vocabulary import Vocabulary
    from tools.product import Filters

Names = Annotated[list[str] | None, typer.Option(help="May be given several times.")]


def search(
    context: typer.Context,
    words: Annotated[str, typer.Argument(help="What to look for.")] = "",
    photo: Annotated[Path | None, typer.Option(help="A photo that the words lean on.")] = None,
    like: Annotated[str | None, typer.Option(help="Id of a product whose picture to use.")] = None,
    min_price: Annotated[str | None, typer.Option(help="Lowest price, such as 10.")] = None,
    max_price: Annotated[str | None, typer.Option(help="Highest price, such as 29.99.")] = None,
    category: Names = None,
    color: Names = None,
    brand: Names = None,
    min_rating: Annotated[float | None, typer.Option(min=0, max=5, help="Stars.")] = None,
    option: Annotated[
        list[str] | None,
        typer.Option(
            help="NAME=VALUE, such as size=M or gender=female. May be given several times."
        ),
    ] = None,
    in_stock: Annotated[
        bool, typer.Option("--in-stock", help="Only what can be bought now.")
    ] = False,
    on_sale: Annotated[bool, typer.Option("--on-sale", help="Only what cost more before.")] = False,
    limit: Annotated[int | None, typer.Option(min=1, max=100, help="How many products.")] = None,
    catalogue: Annotated[str, typer.Option(help="Instead of the active one.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Find products by words, by a photo, or by both leaning on each other."""
    from tools.catalogue.vocabulary import Vocabulary
    from tools.media.images import open_photo
    from tools.product import Filters, Query
    from tools.search.shop import check

    settings, home = settings_of(context), workspace_of(context)
    limit = limit or settings.results
    if photo is not None and not photo.is_file():
        raise RequestError(f"There is no picture {photo}. Check the path.")
    picture = open_photo(photo, max_mb=settings.max_photo_mb) if photo else None
    # What is wrong with the request is said before the seconds that loading takes.
    entry = home.entry(catalogue)
    vocabulary = entry.vocabulary if entry else Vocabulary()
    filters = Filters(
        min_price=_minor(min_price, "--min-price", vocabulary),
        max_price=_minor(max_price, "--max-price", vocabulary),
        categories=_given(category),
        colors=_given(color),
        brands=_given(brand),
        min_rating=min_rating,
        options=_options(option),
        in_stock=in_stock,
        on_sale=on_sale,
    )
    check(Query(words, picture, like, filters), limit)
    if entry:
        filters = _known(filters, vocabulary)
    with progress_bars() as bars:
        shop = home.open_shop(catalogue, drawn=bars.drawing, progress=bars.ingesting)
    query = Query(words, picture, like, _known(filters, shop.vocabulary))
    result = shop.search(query, limit)
    if as_json:
        print_json(result_json(result, shop.vocabulary.currency))
    else:
        print_table(result)


def _given(names: list[str] | None) -> tuple[str, ...]:
    """The names that say something: a script's empty `--color "$COLOR"` limits nothing."""
    return tuple(name for name in names or () if name.strip(" >"))


def _options(options: list[str] | None) -> tuple[str, ...]:
    """The options that say something. Raises RequestError for one without a name or a value."""
    given = _given(options)
    for option in given:
        name, _, value = option.partition("=")
        if not name.strip() or not value.strip():
            raise RequestError(f"--option takes NAME=VALUE such as size=M, not {option!r}.")
    return given


def _minor(amount: str | None, flag: str, vocabulary: Vocabulary) -> int | None:
    from tools.money import to_minor

    if amount is None:
        return None
    try:
        return to_minor(Decimal(amount.strip().lstrip("$€£")), vocabulary.currency)
    except (ValueError, ArithmeticError) as error:
        raise RequestError(f"{flag} takes an amount such as 29.99, not {amount!r}.") from error


def _known(filters: Filters, vocabulary: Vocabulary) -> Filters:
    """The filters in the catalogue's own names; raises RequestError for a name it has not."""
    from tools.catalogue.vocabulary import resolve

    for lacks, asked, flag in (
        ("availability", filters.in_stock, "--in-stock"),
        ("sale prices", filters.on_sale, "--on-sale"),
    ):
        if asked and lacks in vocabulary.lacking:
            raise RequestError(f"This catalogue lists no {lacks}. Leave {flag} out.")
    resolved, unknown = resolve(filters, vocabulary)
    if unknown:
        raise RequestError(" ".join(name.sentence() for name in unknown))
    return resolved
