"""`pounce mcp` as a program: the SDK's client over stdio, and what a pipe sees."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from mcp import ClientSession, StdioServerParameters
from mcp.client.stdio import stdio_client

from tests.support.mcp_client import check_every_tool, text_of
from tests.support.mcp_shop import open_mcp_shop
from tests.support.paths import ROOT
from tools.index.local_server import stop_server

ENVIRONMENT = {k: v for k, v in os.environ.items() if not k.startswith("POUNCE_")} | {
    "PYTHONPATH": str(ROOT),
    "POUNCE_SECRET_OF_THE_TEST": "never-said",
}
PROGRAM = (
    "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); "
    "from ui.cli import main; main()"
)
HELLO = {
    "jsonrpc": "2.0", "id": 1, "method": "initialize",
    "params": {
        "protocolVersion": "2025-06-18", "capabilities": {},
        "clientInfo": {"name": "test", "version": "1"},
    },
}  # fmt: skip
READY = {"jsonrpc": "2.0", "method": "notifications/initialized"}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("mcp-cli")
    open_mcp_shop(folder)
    yield folder / "home"
    stop_server(folder / "home" / "milvus")


def arguments(home: Path) -> list[str]:
    return ["-c", PROGRAM, "--home", str(home), "mcp"]


def call(number: int, name: str, given: object) -> dict[str, Any]:
    params = {"name": name, "arguments": given}
    return {"jsonrpc": "2.0", "id": number, "method": "tools/call", "params": params}


async def test_client_runs_every_tool_over_stdio(home: Path, tmp_path: Path) -> None:
    server = StdioServerParameters(
        command=sys.executable, args=arguments(home), env=ENVIRONMENT, cwd=tmp_path
    )
    async with (
        stdio_client(server) as (reading, writing),
        ClientSession(reading, writing) as client,
    ):
        about = await client.initialize()
        assert about.serverInfo.name == "pounce"
        await check_every_tool(client)
        large = await client.call_tool("search_products", {"photo": "A" * 26_700_000})
        assert large.isError
        assert "20 MB" in text_of(large)


def test_standard_output_holds_the_protocol_alone(home: Path) -> None:
    """Broken lines between the messages are survived, and the end of input ends the program."""
    lines = [
        json.dumps(HELLO), json.dumps(READY), "no json", "[" * 5000, "{}", '{"jsonrpc": "2.0"}',
        json.dumps(call(2, "get_product", {"id": "lamp"})),
        json.dumps(call(3, "get_product", ["lamp"])),
        json.dumps({"jsonrpc": "2.0", "id": 4, "method": "tools/none"}),
        json.dumps(call(5, "get_product", {"id": "none"})),
    ]  # fmt: skip
    with subprocess.Popen(
        [sys.executable, *arguments(home)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=ENVIRONMENT,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdin.write("\n".join(lines) + "\n")
        process.stdin.flush()
        answers: dict[int, dict[str, Any]] = {}
        while {1, 2, 3, 4, 5} - answers.keys():
            message = json.loads(process.stdout.readline())
            assert message["jsonrpc"] == "2.0"
            if "id" in message:
                answers[message["id"]] = message
        process.stdin.close()
        for line in process.stdout:
            assert json.loads(line)["jsonrpc"] == "2.0"
        assert process.wait(120) == 0, process.stderr.read()
    assert answers[2]["result"]["structuredContent"]["product"]["id"] == "lamp"
    assert "error" in answers[3]
    assert "error" in answers[4]
    assert answers[5]["result"]["isError"] is True
    whole = json.dumps(list(answers.values()))
    for leak in ("Traceback", str(home), "never-said"):
        assert leak not in whole


def test_what_is_printed_meanwhile_goes_to_standard_error() -> None:
    code = (
        "import os, subprocess, sys\n"
        "from tools.mcp_server.stdio import protocol_output\n"
        "with protocol_output() as output:\n"
        "    print('printed')\n"
        "    os.write(1, b'by a library\\n')\n"
        "    subprocess.run([sys.executable, '-c', 'print(\"by a child\")'], check=True)\n"
        "    output.write('protocol\\n')\n"
        "print('after')\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=ENVIRONMENT, check=True
    )
    assert done.stdout == "protocol\nafter\n"
    assert set(done.stderr.splitlines()) == {"printed", "by a library", "by a child"}


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGINT for another process")
def test_interrupt_ends_the_program_while_it_waits_for_input(home: Path) -> None:
    with subprocess.Popen(
        [sys.executable, *arguments(home)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env=ENVIRONMENT,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(json.dumps(HELLO) + "\n")
        process.stdin.flush()
        assert json.loads(process.stdout.readline())["id"] == 1
        process.send_signal(signal.SIGINT)
        assert process.wait(120) in (130, -signal.SIGINT)


def test_catalogue_that_is_not_there_ends_as_a_sentence(home: Path) -> None:
    done = subprocess.run(
        [sys.executable, *arguments(home), "--catalogue", "none"],
        capture_output=True, text=True, env=ENVIRONMENT, stdin=subprocess.DEVNULL, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.strip().startswith("pounce: There is no catalogue 'none'")
    assert "Traceback" not in done.stderr
