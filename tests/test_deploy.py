"""The files in `.github/deploy`: what they name is there. The images themselves are not built."""

from __future__ import annotations

import re
from typing import Any

import pytest
import yaml

from assistant.settings import Settings
from tests.support.paths import ROOT

FOLDER = ROOT / ".github" / "deploy"
DOCKERFILE = (FOLDER / "Dockerfile").read_text("utf-8")
COMPOSE: dict[str, Any] = yaml.safe_load((FOLDER / "compose.yaml").read_text("utf-8"))
MANIFESTS: dict[str, Any] = {
    each["kind"]: each
    for each in yaml.safe_load_all((FOLDER / "kubernetes.yaml").read_text("utf-8"))
}
POD = MANIFESTS["Deployment"]["spec"]["template"]["spec"]


@pytest.mark.parametrize("file", ["Dockerfile", "compose.yaml", "kubernetes.yaml", "README.md"])
def test_settings_that_are_named_exist(file: str) -> None:
    named = set(re.findall(r"\bPOUNCE_[A-Z_]+\b", (FOLDER / file).read_text("utf-8")))
    own = {f"POUNCE_{name.upper()}" for name in Settings.model_fields} | {"POUNCE_CATALOGUE"}
    assert named
    assert named <= own


def test_image_copies_files_that_are_there_and_no_others_reach_the_build() -> None:
    copied = [
        path
        for line in re.findall(r"^COPY (?!--from)(.+) \S+$", DOCKERFILE, re.MULTILINE)
        for path in line.split()
    ]
    assert {"tools", "assistant", "ui", "pyproject.toml"} <= set(copied)
    ignore = (FOLDER / "Dockerfile.dockerignore").read_text("utf-8").splitlines()
    assert ignore[0] == "*"
    for path in copied:
        assert (ROOT / path).exists(), path
        assert any(line.removeprefix("!").startswith(path.rstrip("/")) for line in ignore), path


def test_image_has_the_torch_of_the_makefile() -> None:
    (pinned,) = set(re.findall(r"torch==[\d.]+", (ROOT / "Makefile").read_text("utf-8")))
    assert pinned in DOCKERFILE


def test_image_runs_as_a_user_without_rights_and_ends_on_sigterm() -> None:
    user = re.findall(r"^USER (\S+)$", DOCKERFILE, re.MULTILINE)
    assert user == ["10001:10001"]
    assert "STOPSIGNAL SIGTERM" in DOCKERFILE
    assert re.search(r'^ENTRYPOINT \["pounce"\]$', DOCKERFILE, re.MULTILINE)


def test_both_examples_have_a_read_only_root_and_no_rights() -> None:
    chat = COMPOSE["services"]["chat"]
    assert chat["read_only"] is True
    assert chat["cap_drop"] == ["ALL"]
    assert chat["tmpfs"] == ["/tmp"]
    (container,) = POD["containers"]
    security = container["securityContext"]
    assert security["readOnlyRootFilesystem"] is True
    assert security["allowPrivilegeEscalation"] is False
    assert security["capabilities"] == {"drop": ["ALL"]}
    assert POD["securityContext"]["runAsUser"] == 10001
    assert {each["mountPath"] for each in container["volumeMounts"]} == {"/data", "/tmp"}


def test_grace_is_longer_than_the_chat_takes_to_end() -> None:
    from ui.chat.server import STOP_SECONDS

    assert POD["terminationGracePeriodSeconds"] > 2 * STOP_SECONDS
    assert COMPOSE["services"]["chat"]["stop_grace_period"] == "30s"


def test_probes_ask_addresses_of_the_chat() -> None:
    (container,) = POD["containers"]
    paths = {
        name: container[f"{name}Probe"]["httpGet"]["path"]
        for name in ("startup", "liveness", "readiness")
    }
    assert paths == {"startup": "/healthz", "liveness": "/healthz", "readiness": "/readyz"}
    assert "/healthz" in DOCKERFILE


def test_selectors_and_names_meet() -> None:
    labels = MANIFESTS["Deployment"]["spec"]["template"]["metadata"]["labels"]
    assert MANIFESTS["Deployment"]["spec"]["selector"]["matchLabels"] == labels
    assert MANIFESTS["Service"]["spec"]["selector"] == labels
    (claim,) = [each for each in POD["volumes"] if "persistentVolumeClaim" in each]
    named = claim["persistentVolumeClaim"]["claimName"]
    assert named == MANIFESTS["PersistentVolumeClaim"]["metadata"]["name"]
