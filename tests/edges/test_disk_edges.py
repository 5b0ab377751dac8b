"""A disk that is full or may not be written, at the level of the command: a paid clip waits, and is fetched once there is room."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.edges.conftest import Desk

#: the command under a limit of its own on the size of a file: a write beyond it fails, as on a full disk
_LIMITED = """
import resource, signal, sys
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[1]), resource.RLIM_INFINITY))
from callsheet.cli.app import run
sys.exit(run(sys.argv[2:]))
"""


@pytest.mark.slow
def test_a_disk_that_fills_while_a_clip_is_written(desk: Desk) -> None:
    """The clip is larger than what can be written: exit 5 names the disk, nothing more is bought."""
    desk.list(3)
    whole = desk.service.film
    desk.service.film = whole + (8 + (9 << 20)).to_bytes(4, "big") + b"free" + bytes(9 << 20)
    command = ["render", "spot.csv", "--cap", "1", "--yes", "--no-prefect", "--json"]
    done = subprocess.run(
        [sys.executable, "-c", _LIMITED, str(8 << 20), *command],
        cwd=desk.folder,
        env=desk.variables,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 5, done.stderr
    assert "can't be written here" in done.stdout
    desk.service.film = whole
    assert len(desk.service.jobs) == 1
    again = desk.render()
    assert (again.code, len(desk.service.jobs), again.document["money"]["settled"]) == (0, 3, "0.18"), again.stderr


@pytest.mark.parametrize("name", ["clips", pytest.param("parts", marks=[pytest.mark.slow, pytest.mark.nightly])])
def test_a_folder_of_clips_that_may_not_be_written(desk: Desk, name: str) -> None:
    """Seen before anything is bought, or the paid clip waits: exit 5 either way, and nothing is lost."""
    assert desk.render().code == 0
    folder = desk.folder / ".callsheet" / name
    folder.mkdir(exist_ok=True)
    folder.chmod(0o555)
    desk.list(3)
    said = desk.render(bound=True)
    folder.chmod(0o755)
    assert said.code == 5, said.stderr
    again = desk.render()
    assert (again.code, len(desk.service.jobs), again.document["money"]["settled"]) == (0, 3, "0.18"), again.stderr
