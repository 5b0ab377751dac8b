"""Vendors' own clients and a checker of pages, each unmodified and in a folder of its own: installed from its registry once, pinned by its version, and kept between sessions."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

#: what is installed, by the folder's name
VERSIONS = {"sdk-js": "@runware/sdk-js@1.3.2", "runware": "runware==0.5.24", "axe": "axe-core@4.14.1"}
_INSTALL_S = 300


def sdk_js() -> Path:
    """A folder in whose scripts `@runware/sdk-js` can be imported."""
    return _from_npm("sdk-js")


def axe() -> str:
    """The script of axe-core, which finds what keeps people from using a page."""
    return (_from_npm("axe") / "node_modules" / "axe-core" / "axe.min.js").read_text(encoding="utf-8")


def old_python() -> Path:
    """A folder for PYTHONPATH from which the older `runware` is imported. It stands apart: `runware-sdk` installs a module of the same name."""
    uv = _found("uv", "install uv")
    return _kept(
        "runware",
        lambda folder: [uv, "pip", "install", "--quiet", "--python", sys.executable, "--target", str(folder), VERSIONS["runware"]],
    )


def node() -> str:
    """Node.js."""
    return _found("node", "install Node.js 18 or later")


def _from_npm(name: str) -> Path:
    npm = _found("npm", "install Node.js 18 or later, with npm")
    return _kept(
        name, lambda folder: [npm, "install", "--prefix", str(folder), "--no-audit", "--no-fund", "--ignore-scripts", VERSIONS[name]]
    )


def _found(program: str, help: str) -> str:
    path = shutil.which(program)
    if path is None:
        pytest.fail(f"{program} is not on the PATH, and what comes from a registry needs it: {help}")
    return path


def _kept(name: str, command: Callable[[Path], list[str]]) -> Path:
    """The client's folder, installed by whoever comes first; others wait for it."""
    version = "".join(sign if sign.isalnum() else "-" for sign in VERSIONS[name]).strip("-")
    home = Path(os.environ.get("CALLSHEET_TEST_CLIENTS") or Path(tempfile.gettempdir()) / "callsheet-vendor-clients")
    home.mkdir(parents=True, exist_ok=True)
    folder = home / version
    with (home / f"{version}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.is_dir():
            part = Path(tempfile.mkdtemp(dir=home))
            _run(command(part))
            part.rename(folder)
    return folder


def _run(command: Sequence[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, timeout=_INSTALL_S, check=False)
    if done.returncode:
        pytest.fail(f"{' '.join(command[:3])} failed: {done.stderr[-2000:]}")
