"""A project in an empty folder, a service that can be bent, and the command as its users type it."""

from __future__ import annotations

import ctypes
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests import command
from tests.hostile_runware import Hostile, serving
from tests.runners import ffmpeg

SETTINGS = """
[lanes.runware]
poll_first_s = 0.05
poll_max_s = 0.2
submit_timeout_s = 3.0
read_timeout_s = 3.0
outage_s = 3.0
[attempts]
unavailable_wait_s = 0.2
settle_s = 4.0
"""


def slow(*values: object) -> object:
    """A case of a kind of which another one is quick."""
    return pytest.param(*values, marks=[pytest.mark.slow, pytest.mark.nightly])


@dataclass
class Said:
    """What a command came to."""

    code: int
    document: Any
    stderr: str

    @property
    def errors(self) -> str:
        return " | ".join(f"{error['message']}; {error.get('help', '')}" for error in self.document["errors"])


@dataclass
class Desk:
    """The folder, and the environment of its commands."""

    folder: Path
    service: Hostile
    variables: dict[str, str] = field(default_factory=dict[str, str])

    def list(self, shots: int, *, prompt: str = "a lighthouse", model: str = "runware/ltx-2") -> None:
        rows = "".join(f"S{n},SQ,{prompt} {n},{model},2,320x192,24\n" for n in range(shots))
        (self.folder / "spot.csv").write_text("shot_id,sequence,prompt,model,duration_s,resolution,fps\n" + rows, encoding="utf-8")

    def run(self, *words: str, variables: Mapping[str, str] | None = None, timeout_s: float = 120, bound: bool = False) -> Said:
        """A command, its document and what it told. `bound`: also root may only write what permissions allow."""
        environment = {**self.variables, **(variables or {})}
        if bound:
            done = subprocess.run(
                [sys.executable, "-m", "callsheet", *words, "--json"],
                cwd=self.folder,
                env=environment,
                capture_output=True,
                text=True,
                timeout=timeout_s,
                check=False,
                preexec_fn=bound_by_permissions,  # no thread of ours holds a lock that it needs
            )
        else:
            done = command.run(*words, "--json", folder=self.folder, environment=environment, timeout=timeout_s)
        return Said(done.returncode, json.loads(done.stdout) if done.stdout.strip() else None, done.stderr)

    def render(self, cap: str = "1", **how: Any) -> Said:
        return self.run("render", "spot.csv", "--cap", cap, "--yes", "--no-prefect", **how)


def bound_by_permissions() -> None:
    """Root, too, may only write what permissions allow, from the next program on."""
    if os.geteuid() == 0:
        library = ctypes.CDLL(None)
        for capability in (1, 2):  # CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH
            assert library.prctl(24, capability, 0, 0, 0) == 0  # PR_CAPBSET_DROP


def own(name: str) -> bool:
    """Whether a variable of this machine may have its say in a test."""
    return not name.casefold().startswith(("prefect_", "callsheet_", "runware_", "ssl_cert")) and not name.casefold().endswith("_proxy")


@pytest.fixture(scope="session")
def film(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """Two seconds of 320x192 at 24 frames a second, with sound."""
    path = tmp_path_factory.mktemp("film") / "film.mp4"
    source = ["-f", "lavfi", "-i", "testsrc2=s=320x192:r=24:d=2", "-f", "lavfi", "-i", "sine=f=440:r=48000:d=2"]
    ffmpeg([*source, "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-c:a", "aac", "-shortest", str(path)])
    return path.read_bytes()


@pytest.fixture
def desk(tmp_path: Path, film: bytes) -> Iterator[Desk]:
    """A project of one shot."""
    folder = tmp_path / "project"
    folder.mkdir()
    with serving(Hostile(film)) as service:
        variables = {name: value for name, value in os.environ.items() if own(name)}
        mine = {"RUNWARE_API_KEY": "made-up", "RUNWARE_BASE_URL": f"{service.url}/v1", "XDG_CACHE_HOME": str(tmp_path / "cache")}
        made = Desk(folder, service, variables | mine)
        (folder / "project.toml").write_text(SETTINGS)
        made.list(1)
        yield made
