"""The table of settings in `assistant/README.md`, made from the docstrings of `Settings`.

`python -m assistant.settings_table` writes it between the file's two markers; a test fails when it
is stale.
"""

from __future__ import annotations

import re
from pathlib import Path

from pydantic import SecretStr
from pydantic.fields import FieldInfo

from assistant.settings import PROFILES, Settings

README = Path(__file__).with_name("README.md")
START, END = "<!-- settings -->", "<!-- /settings -->"


def settings_table() -> str:
    """All settings as a Markdown table: name, default, meaning."""
    fields = Settings.model_fields
    rows = [
        f"| `{_variable(name)}` | {_default(name, field)} | {_meaning(field)} |"
        for name, field in fields.items()
    ]
    return "\n".join(["| setting | default | meaning |", "| --- | --- | --- |", *rows])


def with_table(text: str) -> str:
    """The text with the table between its markers. Raises ValueError where they are missing."""
    before, start, rest = text.partition(START)
    _, end, after = rest.partition(END)
    if not start or not end:
        raise ValueError(f"The text has no {START} followed by {END}.")
    return f"{before}{START}\n{settings_table()}\n{END}{after}"


def _variable(name: str) -> str:
    return f"POUNCE_{name.upper()}"


def _default(name: str, field: FieldInfo) -> str:
    by_profile: dict[str, list[str]] = {}
    for profile, values in PROFILES.items():
        value = values.get(name, _spelled(field.default))
        by_profile.setdefault(value, []).append(profile)
    if len(by_profile) == 1:
        (value,) = by_profile
        return f"`{value}`" if value else ""
    return "; ".join(
        f"{', '.join(profiles)}: {f'`{value}`' if value else 'none'}"
        for value, profiles in by_profile.items()
    )


def _spelled(value: object) -> str:
    """The default as it would be written in the environment; "" where there is none."""
    match value:
        case None | () | "":
            return ""
        case SecretStr():
            return value.get_secret_value()
        case bool():
            return str(value).lower()
        case float():
            return f"{value:g}"
        case "one pass":
            return "one-pass"
    return str(value)


def _meaning(field: FieldInfo) -> str:
    text = " ".join((field.description or "").split()).replace("|", "\\|")
    return re.sub(
        r"`(\w+)`",
        lambda m: f"`{_variable(m[1])}`" if m[1] in Settings.model_fields else m[0],
        text,
    )


def main() -> None:
    """Write the table into the README."""
    README.write_text(with_table(README.read_text("utf-8")), "utf-8")


if __name__ == "__main__":
    main()
