"""What a command costs: processor seconds of it and all that it started, and the memory that all of them held at once at most."""

from __future__ import annotations

import os
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

#: seldom enough to take next to nothing from what is measured
_EVERY_S = 0.1
#: Python may keep what it compiled, as it does wherever nobody forbids it: else every start of a command compiles 550 modules
_ENV = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
_PAGE = os.sysconf("SC_PAGE_SIZE")


class FailedError(Exception):
    """A command that ended in another way than was wanted, with its last words."""


@dataclass(frozen=True)
class Cost:
    """`mib` is the resident memory of all its processes together, `own_mib` of its largest but for ffmpeg's; both at their highest."""

    cpu_s: float
    wall_s: float
    mib: int
    own_mib: int


def cost(argv: Sequence[str], *, env: Mapping[str, str] | None = None, allowed: Sequence[int] = (0,), limit_s: float = 900) -> Cost:
    """Run a command to its end in a session of its own. FailedError where it fails, or takes longer than `limit_s`."""
    began = time.perf_counter()
    process = subprocess.Popen(
        argv,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        stdin=subprocess.DEVNULL,
        start_new_session=True,
        env={**_ENV, **(env or {})},
    )
    watch = _Watch(process.pid)
    watch.start()
    timer = threading.Timer(limit_s, lambda: os.killpg(process.pid, 9))
    timer.start()
    assert process.stdout is not None
    said = process.stdout.read().decode(errors="replace")
    _, status, used = os.wait4(process.pid, 0)
    timer.cancel()
    watch.over.set()
    watch.join()
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in allowed:
        raise FailedError(f"{argv[0]} ended with {process.returncode}: {' | '.join(said.splitlines()[-6:])[-900:]}")
    return Cost(round(used.ru_utime + used.ru_stime, 2), round(time.perf_counter() - began, 1), watch.highest >> 20, watch.own >> 20)


class _Watch(threading.Thread):
    """Adds up, again and again, what the processes of one session hold."""

    def __init__(self, session: int) -> None:
        super().__init__(daemon=True)
        self.session, self.highest, self.own = session, 0, 0
        self.over = threading.Event()

    def run(self) -> None:
        while not self.over.wait(_EVERY_S):
            held = [
                (name, pages * _PAGE) for name, session, pages in map(_stat, Path("/proc").glob("[0-9]*/stat")) if session == self.session
            ]
            self.highest = max(self.highest, sum(size for _, size in held))
            self.own = max(self.own, max((size for name, size in held if "ffmpeg" not in name), default=0))


def _stat(path: Path) -> tuple[str, int, int]:
    """A process's name, session and resident pages; nothing where it just ended."""
    try:
        said = path.read_text()
    except OSError:
        return "", -1, 0
    name, rest = said[said.index("(") + 1 : said.rindex(")")], said[said.rindex(")") + 2 :].split()
    return name, int(rest[3]), int(rest[21])
