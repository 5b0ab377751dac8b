"""A project in an empty folder, a service that can be bent, and the command as its users type it."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
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
        done = command.run(
            *words,
            "--json",
            folder=self.folder,
            environment=environment,
            timeout=timeout_s,
            before="tests.permissions:obey" if bound else "",
            remembering="CALLSHEET_FFMPEG" not in environment,
        )
        return Said(done.returncode, json.loads(done.stdout) if done.stdout.strip() else None, done.stderr)

    def render(self, cap: str = "1", **how: Any) -> Said:
        return self.run("render", "spot.csv", "--cap", cap, "--yes", "--no-prefect", **how)


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
    with desk_in(tmp_path, film) as made:
        yield made


@contextmanager
def desk_in(place: Path, film: bytes) -> Iterator[Desk]:
    """A project of one shot in a folder of `place`, and a service that sells this film."""
    folder = place / "project"
    folder.mkdir()
    with serving(Hostile(film)) as service:
        variables = {name: value for name, value in os.environ.items() if own(name)}
        mine = {"RUNWARE_API_KEY": "made-up", "RUNWARE_BASE_URL": f"{service.url}/v1", "XDG_CACHE_HOME": str(place / "cache")}
        made = Desk(folder, service, variables | mine)
        (folder / "project.toml").write_text(SETTINGS)
        made.list(1)
        yield made
