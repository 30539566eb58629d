"""Nothing of ours needs what only Unix has. Not covered: a real Windows or macOS."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.chat_client import scripted_chat, shopper
from tests.support.paths import ROOT
from tests.support.portable import PRELUDE, UNIX_MODULES, UNIX_NAMES

OURS = [path for part in ("assistant", "tools", "ui") for path in (ROOT / part).rglob("*.py")]


def unix_alone(path: Path) -> Iterator[str]:
    """What a file imports or names that only Unix has."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        match node:
            case ast.Import(names=names):
                yield from (each.name for each in names if each.name in UNIX_MODULES)
            case ast.ImportFrom(module=str(module)) if module in UNIX_MODULES:
                yield module
            case ast.Attribute(value=ast.Name(id="os"), attr=name) if name in UNIX_NAMES:
                yield f"os.{name}"
            case ast.Attribute(value=ast.Name(id="signal"), attr="SIGKILL" | "SIGHUP" | "SIGUSR1"):
                yield f"signal.{node.attr}"


def test_no_file_names_what_only_unix_has() -> None:
    assert {str(path): [*unix_alone(path)] for path in OURS if [*unix_alone(path)]} == {}


LOCKED = """
import sys
from pathlib import Path
from tools.index.local_server import ensure_server, stop_server
from tools.files import keep_private, make_private
from ui.chat.auth.secret import secret_of

home = Path(sys.argv[1])
keep_private()
make_private(home)
assert secret_of(home) == secret_of(home)
folder = home / "milvus"
address = ensure_server(folder, idle_s=30)
assert ensure_server(folder) == address
stop_server(folder)
print(address)
"""


def test_embedded_milvus_and_secret_come_without_what_only_unix_has(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", PRELUDE + LOCKED, str(tmp_path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("http://127.0.0.1:")


CHAT = "from tests.support.scripted_chat import main; main()"


async def test_chat_is_served_without_what_only_unix_has(tmp_path: Path) -> None:
    with scripted_chat(tmp_path, ("-c", PRELUDE + CHAT)) as chat:
        async with shopper(chat) as someone:
            await someone.ask("a case")
            assert len(someone.galleries()[-1]["cards"]) == 9
    assert "Traceback" not in chat.log_text()


def test_system_without_an_embedded_milvus_is_told_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = """
import importlib.util, sys
find = importlib.util.find_spec
importlib.util.find_spec = lambda name, *rest: None if name == "milvus_lite" else find(name, *rest)
sys.argv = ["pounce", "doctor"]
from ui.cli import main
main()
"""
    monkeypatch.setenv("POUNCE_HOME", str(tmp_path))
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 1
    assert "The embedded Milvus is not installed" in done.stdout
    assert "POUNCE_MILVUS_URI" in done.stdout
    assert "Traceback" not in done.stderr
