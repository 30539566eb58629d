"""HTML pages of our own, made from the Jinja2 templates in `templates/`. Values are escaped."""

from __future__ import annotations

from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined


def render(name: str, **values: object) -> str:
    """The page of a template. Raises UndefinedError for a missing value."""
    return _environment().get_template(name).render(values)


@cache
def _environment() -> Environment:
    loader = PackageLoader("ui.chat.web", "templates")
    return Environment(loader=loader, autoescape=True, undefined=StrictUndefined)
