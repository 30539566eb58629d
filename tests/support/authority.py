"""One certificate authority in place of all: no test speaks TLS with another machine.

Each httpx client reads every authority that it is told of, 60 ms of processor time (measured); the
tests open some thousand clients.
"""

from __future__ import annotations

import certifi

from tests.support.paths import ROOT
from tools.files import write_atomic

_END = "-----END CERTIFICATE-----\n"


def authority_file() -> str:
    """The path of a file with the first of certifi's authorities, for SSL_CERT_FILE."""
    path = ROOT / ".pytest_cache" / "d" / "authority.pem"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        every = certifi.contents()
        write_atomic(path, every[: every.index(_END) + len(_END)])
    return str(path)
