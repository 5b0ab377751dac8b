"""Limited children: what they may use, what reaches them, and that none outlives us."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from callsheet.media.ffmpeg import child_process
from callsheet.media.ffmpeg.child_process import Limits
from tests.runners import ffmpeg

_linux = pytest.mark.skipif(sys.platform != "linux", reason="it looks into /proc")


def _told(code: str, *words: str, limits: Limits | None = None) -> str:
    """What a line of Python says in a child."""
    started = child_process.start([sys.executable, "-c", code, *words], limits or Limits(), piped=False)
    out, err = child_process.communicate(started, (), 60)
    assert started.returncode == 0, err
    return out.decode()


def test_words_reach_it_as_they_are() -> None:
    """The shell in front reads none of them."""
    words = ["$(id)", "`id`", "a b", "'", '"', "\\", "*", "", "-x", "new\nline", "; exit 3", "ä"]
    assert _told("import sys; print(sys.argv[1:])", *words) == f"{words}\n"


def test_limits_hold_before_it_begins() -> None:
    """Processor seconds with a grace, address space, output, and no core file."""
    names = ("RLIMIT_CPU", "RLIMIT_AS", "RLIMIT_FSIZE", "RLIMIT_CORE")
    said = _told(
        "import resource, sys; print([resource.getrlimit(getattr(resource, name)) for name in sys.argv[1:]])",
        *names,
        limits=Limits(cpu_s=7, memory=1 << 30, output=1 << 20),
    )
    assert said == f"{[(7, 12), (1 << 30, 1 << 30), (1 << 20, 1 << 20), (0, 0)]}\n"


def test_a_tighter_limit_of_ours_stays(tmp_path: Path) -> None:
    """What is in force already can't be widened, and stops nothing."""
    code = (
        "import resource, sys; from callsheet.media.ffmpeg import child_process as child; from tests.unit.media.ffmpeg.test_child_process import _told; "
        "resource.setrlimit(resource.RLIMIT_FSIZE, (1024, 1024)); "
        "print(_told('import resource; print(resource.getrlimit(resource.RLIMIT_FSIZE), resource.getrlimit(resource.RLIMIT_CORE))'))"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60).stdout
    assert said.strip() == "(1024, 1024) (0, 0)"


def test_many_threads_start_children_at_once() -> None:
    """None waits for a lock that another thread holds."""
    done: list[int] = []
    threads = [threading.Thread(target=lambda: [done.append(len(ffmpeg(["-version"]).stdout)) for _ in range(5)]) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(done) == 30


_ENCODES = """
import os, signal, sys, threading
from callsheet.media.ffmpeg import child_process as child
from tests.runners import ffmpeg

for file in sys.argv[2:]:
    if sys.argv[1] == "unwatched":
        watcher = child._group.number()
        os.kill(watcher, signal.SIGKILL)
        os.waitid(os.P_PID, watcher, os.WEXITED | os.WNOWAIT)
    words = ["-re", "-f", "lavfi", "-i", "anullsrc", "-flush_packets", "1", file]
    threading.Thread(target=ffmpeg, args=[words]).start()
"""


@_linux
@pytest.mark.parametrize("how", ["watched", "unwatched"])
def test_no_child_outlives_a_killed_parent(tmp_path: Path, how: str) -> None:
    """kill -9 of us ends each encoder, too; also where somebody killed the watcher before it began."""
    files = [tmp_path / "one.wav", tmp_path / "other.wav"][: 2 if how == "watched" else 1]
    parent = subprocess.Popen([sys.executable, "-c", _ENCODES, how, *map(str, files)])
    _wait_for(lambda: all(file.exists() for file in files))
    encoders = [pid for pid in _children(parent.pid) if "ffmpeg" in Path(f"/proc/{pid}/cmdline").read_text()]
    parent.kill()
    parent.wait(10)
    assert len(encoders) == len(files)
    _wait_for(lambda: not any(map(_alive, encoders)))


@_linux
def test_nothing_is_left_of_a_run_that_ends() -> None:
    """The watcher ends with it."""
    code = "from callsheet.media.ffmpeg import child_process as child, runner; runner.listing('version'); print(child._group.number())"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60).stdout
    assert not _alive(int(said))


def _children(parent: int) -> list[int]:
    return [int(stat.parent.name) for stat in Path("/proc").glob("[0-9]*/stat") if _fields(stat)[1:2] == [str(parent)]]


def _alive(pid: int) -> bool:
    return _fields(Path(f"/proc/{pid}/stat"))[:1] not in ([], ["Z"])


def _fields(stat: Path) -> list[str]:
    """A process's state, its parent's number and more; nothing where it is gone."""
    try:
        return stat.read_text().rsplit(")", 1)[1].split()
    except (FileNotFoundError, ProcessLookupError):
        return []


def _wait_for(look: Callable[[], bool], patience_s: float = 15) -> None:
    until = time.monotonic() + patience_s
    while not look():
        assert time.monotonic() < until, "it never came"
        time.sleep(0.02)


_INTERRUPTED = """
import os, signal
from tests.runners import ffmpeg

def sound():
    yield bytes(100_000)
    os.killpg(0, signal.SIGINT)
    yield bytes(100_000)

signal.signal(signal.SIGINT, lambda *_: None)
print(len(ffmpeg(["-f", "u8", "-ar", "48000", "-ac", "1", "-i", "pipe:0", "-f", "u8", "-"], stdin=sound()).stdout))
"""


def test_an_interrupt_from_the_terminal_is_not_the_childs() -> None:
    """Ctrl-C reaches the whole group in front; an encoder that it ended would leave a clip that looks damaged."""
    code = [sys.executable, "-c", _INTERRUPTED]
    said = subprocess.run(code, capture_output=True, text=True, check=True, start_new_session=True, timeout=60).stdout
    assert int(said) == 200_000
