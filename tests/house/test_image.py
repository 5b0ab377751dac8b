"""What can get into the image, and how its server is guarded."""

from __future__ import annotations

from fnmatch import fnmatch
from pathlib import PurePosixPath

import pytest
import yaml

from tests.house.sources import ROOT

_RULES = [line for line in (ROOT / ".dockerignore").read_text().splitlines() if line and not line.startswith("#")]


def _included(path: str) -> bool:
    """As Docker decides: the last rule that matches a file, or a folder above it, holds."""
    included = True
    above = [str(one) for one in (PurePosixPath(path), *PurePosixPath(path).parents) if str(one) != "."]
    for rule in _RULES:
        pattern = rule.removeprefix("!")
        names = [pattern, pattern.removeprefix("**/")] if pattern.startswith("**/") else [pattern]
        if any(
            fnmatch(one, name) or (pattern.startswith("**/") and fnmatch(PurePosixPath(one).name, name)) for one in above for name in names
        ):
            included = rule.startswith("!")
    return included


@pytest.mark.parametrize(
    "path",
    [
        ".git/config",
        ".venv/bin/python",
        ".env",
        "deployments/keys.env",
        "deployments/.env.local",
        "films/lighthouse/shots.csv",
        "lighthouse/.callsheet/ledger.db",
        "manifests/.callsheet/ledger.db",
        "out/film.mp4",
        "film.mp4",
        "keys.txt",
        "src/callsheet/__pycache__/app.cpython-311.pyc",
    ],
)
def test_no_key_film_or_history_gets_into_the_image(path: str) -> None:
    """The list names what goes in; everything else stays out, wherever it lies."""
    assert not _included(path)


@pytest.mark.parametrize(
    "path",
    [
        "src/callsheet/cli/app.py",
        "flows/render.py",
        "tasks/policy.py",
        "configs/defaults.toml",
        "deployments/prefect.yaml",
        "uv.lock",
        "LICENSE",
        "THIRD_PARTY_NOTICES.md",
    ],
)
def test_what_the_image_needs_gets_in(path: str) -> None:
    """The house, the lock, and what the build reads."""
    assert _included(path)
    assert (ROOT / path).is_file()


def test_the_image_is_pinned_and_has_postgres() -> None:
    """A base image of one version, and the ledger's driver for machines that share one."""
    lines = (ROOT / "deployments/Dockerfile").read_text().splitlines()
    base = next(line for line in lines if line.startswith("FROM "))
    assert base.count(".") == 2, f"{base} may be another image tomorrow"
    assert any("--extra postgres" in line for line in lines)


def test_the_server_of_compose_asks_for_a_password() -> None:
    """Without one compose refuses to start; no origin but its own page is let in, and the port is the loopback's."""
    services = yaml.safe_load((ROOT / "deployments/compose.yaml").read_text())["services"]
    server, worker = services["server"], services["worker"]
    assert server["environment"]["PREFECT_SERVER_API_AUTH_STRING"].startswith("callsheet:${PREFECT_PASSWORD:?")
    assert worker["environment"]["PREFECT_API_AUTH_STRING"].startswith("callsheet:${PREFECT_PASSWORD:?")
    assert server["environment"]["PREFECT_SERVER_CORS_ALLOWED_ORIGINS"] == "http://127.0.0.1:4200"
    assert server["ports"] == ["127.0.0.1:4200:4200"]


def test_security_md_says_how_to_report_and_what_is_at_stake() -> None:
    """The page that people look for."""
    page = (ROOT / "SECURITY.md").read_text()
    for word in ("Report a vulnerability", "What is protected", "What is not protected"):
        assert f"## {word}" in page
