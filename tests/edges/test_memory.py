"""What a hostile answer or clip costs this machine: the memory of the command and all of its children, measured while it runs."""

from __future__ import annotations

import gzip
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from tests.edges.conftest import Desk
from tests.hostile_runware import Handler
from tests.runners import ffmpeg

#: for the whole tree of processes, bytes
_MOST = 1 << 30


def peak_of(desk: Desk) -> tuple[int, int]:
    """A render: its exit code, and the most memory that its tree of processes had at once (what is shared is counted once for each)."""
    command = [sys.executable, "-m", "callsheet", "render", "spot.csv", "--cap", "1", "--yes", "--no-prefect"]
    with subprocess.Popen(command, cwd=desk.folder, env=desk.variables, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as run:
        tree, most, over = psutil.Process(run.pid), 0, threading.Event()

        def measured() -> int:
            used = 0
            for process in [tree, *tree.children(recursive=True)]:
                with suppress(psutil.Error):
                    used += process.memory_info().rss
            return used

        while run.poll() is None:
            with suppress(psutil.Error):
                most = max(most, measured())
            over.wait(0.02)
        return run.returncode, most


@pytest.mark.slow
def test_an_answer_packed_in_three_layers(desk: Desk) -> None:
    """Some hundred bytes that unpack to three gigabytes: no answer, and no memory. What was bought is found by its key."""
    bomb = bytes(3 << 30)
    for _ in range(3):
        bomb = gzip.compress(bomb, 9)
    said = list[int]()

    def bombing(handler: Handler) -> bool:
        said.append(len(bomb))
        if len(said) > 3:
            return False
        handler.say(bomb, Content_Encoding="gzip, gzip, gzip")
        return True

    desk.service.look = bombing
    code, most = peak_of(desk)
    assert (code, len(said) > 3) == (0, True)
    assert most < _MOST, f"{most >> 20} MB"


@pytest.mark.parametrize("frames", [20_000, pytest.param(100_000, marks=[pytest.mark.slow, pytest.mark.nightly])])
def test_a_clip_of_many_thousand_frames(frames: int, desk: Desk, tmp_path: Path) -> None:
    """Where 48 were asked for: refused before it is decoded, as a finding, in little memory."""
    path = tmp_path / "long.mp4"
    source = ["-f", "lavfi", "-i", "color=black:s=16x16:r=24", "-frames:v", str(frames)]
    ffmpeg([*source, "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", str(path)])
    desk.service.film = path.read_bytes()
    code, most = peak_of(desk)
    assert code in (0, 1, 6, 7)
    assert most < _MOST, f"{most >> 20} MB"
    status = desk.run("status")
    assert "clip-huge" in str(status.document)
