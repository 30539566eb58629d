from __future__ import annotations

from importlib.metadata import files, packages_distributions

import pytest

from tests.support.paths import ROOT


@pytest.mark.parametrize("name", ["assistant", "tools", "ui"])
def test_no_dependency_ships_one_of_our_names(name: str) -> None:
    owners = set(packages_distributions().get(name, [])) - {"pounce"}
    assert not owners, f"{owners} install a package {name!r} too: ours or theirs would be hidden"


def test_every_folder_of_ours_is_a_package() -> None:
    for package in ("assistant", "tools", "ui"):
        for module in (ROOT / package).rglob("*.py"):
            assert (module.parent / "__init__.py").exists(), module


def test_tests_are_not_installed() -> None:
    installed = [str(file) for file in files("pounce") or ()]
    assert not [file for file in installed if file.startswith("tests")]
