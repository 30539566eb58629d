"""A Python without what only Unix has, as far as that can be had here.

Run first in a process of its own: `PRELUDE` takes `fcntl`, `resource`, `os.fork` and the like away
from all that is imported afterwards. What the standard library and filelock have taken before
stays, since they have other ways on Windows. It says nothing about paths, sockets or processes
there.
"""

from __future__ import annotations

UNIX_MODULES = ("fcntl", "grp", "pwd", "resource", "termios", "tty", "pty", "syslog")
UNIX_NAMES = (
    "fork", "forkpty", "getuid", "geteuid", "getgid", "setsid", "killpg", "getpgid", "fchmod",
    "fchown", "chown", "mkfifo", "nice", "sched_getaffinity", "sched_setaffinity", "wait4",
)  # fmt: skip
"""Of `os`."""

PRELUDE = f"""
import asyncio, multiprocessing.util, os, selectors, subprocess, sys, tempfile
import filelock, uvicorn, torch, pyarrow, grpc  # they look at what there is when they are imported
for name in {UNIX_MODULES!r}:
    sys.modules[name] = None
for name in {UNIX_NAMES!r}:
    if hasattr(os, name):
        delattr(os, name)
os.process_cpu_count = os.cpu_count  # of Python 3.13; it asks for the affinity where there is one
"""
