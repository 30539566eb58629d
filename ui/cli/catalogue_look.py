"""What `pounce ingest` says of a file before it is read: its kind, its columns, first products."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import typer

from tools.catalogue.facts import as_json
from tools.money import format_price

if TYPE_CHECKING:
    from tools.catalogue.understanding import Understood
    from tools.ingest.look import Look
    from tools.product import Product

_SHOWN = 12


def print_understood(understood: Understood) -> None:
    """The kind of a file, and which column goes where."""
    typer.echo(f"Read as {understood.kind}.")
    sure = [f"{fact} ← {c.name}" for fact, c in understood.columns.items() if not c.guessed]
    guessed = [f"{fact} ← {c.name}" for fact, c in understood.columns.items() if c.guessed]
    if sure:
        typer.echo(f"  Columns: {', '.join(sure)}.")
    if guessed:
        typer.echo(f"  Guessed by their names (--map corrects them): {', '.join(guessed)}.")
    if understood.left:
        more = len(understood.left) - _SHOWN
        rest = f" and {more} more" if more > 0 else ""
        typer.echo(f"  Not read: {', '.join(understood.left[:_SHOWN])}{rest}.")


def print_look(look: Look) -> None:
    """What a dry run saw."""
    print_understood(look.understood)
    for product in look.products:
        typer.echo(f"- {_line(product)}")
    for problem in look.problems:
        typer.echo(f"  line {problem.line}, {problem.field}: {problem.reason}. {problem.todo}")
    for why, count in look.reading.switched_off.items():
        typer.echo(f"  {count:,} left out: {why} in the shop.")
    typer.echo("This was a dry run: nothing was taken in.")


def look_json(look: Look) -> dict[str, Any]:
    """The same as one object."""
    return {
        **look.understood.as_json(),
        "dry_run": True,
        "products": [
            {**as_json(product), "variants": len(product.variants)} for product in look.products
        ],
        "problems": [
            {"line": each.line, "field": each.field, "reason": each.reason, "used": each.used}
            for each in look.problems
        ],
        "switched_off": sum(look.reading.switched_off.values()),
        "without_picture": sum(not product.image for product in look.products),
        "variants": look.reading.variants,
    }


def _line(product: Product) -> str:
    price = product.price_minor
    said = ["no price" if price is None else format_price(price, product.currency)]
    if product.was is not None:
        said[0] += f" (was {format_price(product.was, product.currency)})"
    said += [text for text in (product.availability, product.color) if text]
    if product.variants:
        said.append(f"{len(product.variants)} variants")
    if not product.image:
        said.append("no picture")
    return f"{product.title[:60]} [{product.id[:40]}]: {', '.join(said)}"
