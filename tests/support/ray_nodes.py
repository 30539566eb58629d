"""A Ray cluster of two nodes on this machine, of which one may be killed.

Ray's files lie in a folder of their own, which is removed at the end.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from unittest.mock import patch

_STORE_BYTES = 80 * 1024 * 1024
"""The least that Ray takes."""
_STARTS = 3
_NODE: dict[str, Any] = {"include_dashboard": False, "object_store_memory": _STORE_BYTES}
_PATIENT = {
    "health_check_initial_delay_ms": 0,
    "health_check_period_ms": 2_000,
    "worker_register_timeout_seconds": 600,
    "worker_niceness": 0,
}
"""A killed node is missed after five looks. Workers are as nice as the tests are: Ray's own
15 leaves them next to nothing on a busy machine."""


@dataclass(frozen=True)
class RayNodes:
    """A head that can do all of the work alone, and a second node for one worker."""

    cluster: Any
    second: Any

    @property
    def address(self) -> str:
        """What drivers connect to."""
        return str(self.cluster.address)

    def kill_second(self) -> None:
        """Kill the second node with its workers, as a machine that loses its power."""
        self.cluster.remove_node(self.second, allow_graceful=False)


@contextmanager
def ray_nodes() -> Iterator[RayNodes]:
    """The cluster, until the block ends."""
    # Sockets lie in there, whose paths are short.
    with tempfile.TemporaryDirectory(prefix="ray-", dir="/tmp") as folder:
        env = {
            "RAY_TMPDIR": folder,
            "RAY_USAGE_STATS_ENABLED": "0",
            "RAY_ADDRESS": "",
            "RAY_AUTH_MODE": "disabled",
            "RAY_gcs_server_port_wait_time_s": "60",  # 30 s are short beside a busy disk
        }
        with patch.dict(os.environ, env):
            cluster, second = _started_again_if_needed()
            try:
                yield RayNodes(cluster, second)
            finally:
                cluster.shutdown()


def _started_again_if_needed() -> tuple[Any, Any]:
    """The cluster and its second node. Now and then Ray's server hangs before it has a port
    (RuntimeError), or a node is not known in time (a plain Exception)."""
    for _ in range(_STARTS - 1):
        try:
            return _started()
        except Exception:  # noqa: BLE001 - Ray has no class for it
            continue
    return _started()


def _started() -> tuple[Any, Any]:
    from ray.cluster_utils import Cluster

    head = {**_NODE, "num_cpus": 2, "_system_config": _PATIENT}
    cluster = Cluster(initialize_head=True, head_node_args=head)
    try:
        second = cluster.add_node(num_cpus=1, **_NODE)
        cluster.wait_for_nodes()
    except BaseException:
        cluster.shutdown()
        raise
    return cluster, second
