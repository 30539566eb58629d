"""The command line in the process of the tests."""

from __future__ import annotations

import io
import sys
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from ui.cli import run as run_cli


def run(*words: str, home: Path, stdin: str = "") -> CompletedProcess[str]:
    """The command line in this process, so that its imports are paid for once."""
    out, err = io.StringIO(), io.StringIO()
    code = 0
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(err):
        patch.setattr(sys, "argv", ["pounce", "--home", str(home), *words])
        patch.setattr(sys, "stdin", io.StringIO(stdin))
        try:
            run_cli()
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else int(end.code is not None)
    return CompletedProcess(words, code, out.getvalue(), err.getvalue())
