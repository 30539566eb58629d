"""How the tests are laid out: what a module of theirs may import, and where it stands."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from contextlib import suppress

import pytest

from tests.support.paths import ROOT

TESTS = ROOT / "tests"
MODULES = sorted(TESTS.rglob("*.py"))
OURS = ("assistant", "tools", "ui")


def imported(source: str) -> Iterator[str]:
    """The dotted names that a module imports, at any depth; also of programs in its strings."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Constant) and "\n" in str(node.value):
            with suppress(SyntaxError):  # prose, mostly
                yield from imported(str(node.value))


def forbidden(name: str) -> bool:
    """Whether a name is of another test module, or a private one of our packages."""
    package, *parts = name.split(".")
    if package == "tests":
        return any(part.startswith("test_") or part == "conftest" for part in parts)
    return package in OURS and any(part.startswith("_") for part in parts)


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("from tests.ui.cli.test_cli import run", ["tests.ui.cli.test_cli.run"]),
        ("import tests.browser.conftest", ["tests.browser.conftest"]),
        ("def f(): from ui.chat.server import _names", ["ui.chat.server._names"]),
        ("RUN = 'import sys\\nfrom tests.test_x import go'", ["tests.test_x.go"]),
        ("from tests.support.clock import Clock\nfrom tools.shop import Shop", []),
    ],
)
def test_forbidden_imports_are_found(source: str, names: list[str]) -> None:
    assert [name for name in imported(source) if forbidden(name)] == names


def test_no_module_imports_a_test_module_or_a_private_name() -> None:
    found = {
        f"{path.relative_to(ROOT)} imports {name}"
        for path in MODULES
        for name in imported(path.read_text("utf-8"))
        if forbidden(name)
    }
    assert not found, "Move what tests share to tests/support."


def test_every_folder_of_tests_is_a_package() -> None:
    """Otherwise two test files of one name would be one module."""
    assert not [path for path in MODULES if not (path.parent / "__init__.py").exists()]


def test_tests_stand_where_the_package_does() -> None:
    for package in OURS:
        for folder in (TESTS / package).rglob("*/"):
            mirrored = ROOT / folder.relative_to(TESTS)
            assert folder.name == "__pycache__" or mirrored.is_dir(), folder
