"""The runner: the only place that runs ffmpeg, and the limited child in which bought files are opened. The bundled ffmpeg is pinned with
the package, so the same clips give the same bytes on the same platform. `CALLSHEET_FFMPEG` names another (5.1 or later).
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import signal
import sys
from collections.abc import Generator, Iterable
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Protocol

from callsheet.domain.errors import MediaError, MediaFault
from callsheet.media.ffmpeg.child_process import SUSPECT, Child, Limits, communicate, exit_reason, start
from callsheet.media.ffmpeg.command import Command

_TAIL = 12
#: signals that end a child: from outside, by its limits, or by a crash; ffmpeg's own codes are different
_SIGNALS = frozenset(
    {
        signal.SIGILL,
        signal.SIGABRT,
        signal.SIGBUS,
        signal.SIGFPE,
        signal.SIGKILL,
        signal.SIGSEGV,
        signal.SIGTERM,
        signal.SIGXCPU,
        signal.SIGXFSZ,
    }
)
#: ffmpeg's messages about a lack of resources
_SHORT_OF = {
    "Cannot allocate memory": "end other programs, or use a machine with more memory, and run the command again",
    "No space left on device": "free space on the project's disk, and run the command again",
    "Disk quota exceeded": "free space within your quota, and run the command again",
    "Resource temporarily unavailable": "end other programs, and run the command again",
}
_BUNDLED = re.compile(r"ffmpeg-\S+-v[\d.]+(\.exe)?")
#: total processor seconds of a reused child; for each file, SUSPECT's limits apply
_KEPT_S = 24 * 3600


@dataclass(frozen=True, slots=True)
class Ran:
    """A child's output: its standard output as bytes, its standard error as text."""

    stdout: bytes
    stderr: str


@lru_cache(maxsize=1)
def executable() -> str:
    """The ffmpeg in use: `CALLSHEET_FFMPEG`, otherwise the bundled one."""
    own = os.environ.get("CALLSHEET_FFMPEG")
    if own:
        return own
    import imageio_ffmpeg  # noqa: PLC0415  # plans know where films are made, and most make none

    carried = sorted((Path(imageio_ffmpeg.__file__).parent / "binaries").glob("ffmpeg-*"))
    if carried:  # the package's own function would start it, with the whole environment, to see whether it runs
        return str(carried[0])
    os.environ.pop("IMAGEIO_FFMPEG_EXE", None)
    return str(imageio_ffmpeg.get_ffmpeg_exe())


def version() -> str:
    """ffmpeg's own version line; part of every content key, because another build gives other bytes."""
    first = listing("version").splitlines()[0]
    found = re.match(r"ffmpeg version (\S+)", first)
    return found[1] if found else first


def build() -> str:
    """Which build makes the bytes, told without starting anything where the bundled binary is in use: its file's name carries the version."""
    name = Path(executable()).name
    return name if _BUNDLED.fullmatch(name) else f"{name} {version()}"


@lru_cache(maxsize=4)
def listing(of: str) -> str:
    """ffmpeg's own output on its `version`, `filters` or `encoders`."""
    return run(Command().flagged({of: None})).stdout.decode(errors="replace")


def has_filter(name: str) -> bool:
    """Whether the ffmpeg in use was built with a filter."""
    return re.search(rf"^\s*\S+\s+{re.escape(name)}\s+\S*->", listing("filters"), re.MULTILINE) is not None


def font() -> Path:
    """The package's small font (the bundled ffmpeg has none): Latin-1, monospaced, for the stand-in's films."""
    return Path(__file__).parent / "fonts" / "callsheet-mono.ttf"


def letters() -> Path:
    """The font of burnt-in text: DejaVu Sans, which covers Latin, Greek, Cyrillic, Arabic, Hebrew, Armenian, Georgian and more."""
    return Path(__file__).parent / "fonts" / "DejaVuSans.ttf"


def table_letters() -> Path:
    """The font of cards, whose rows stand in columns: DejaVu Sans Mono."""
    return Path(__file__).parent / "fonts" / "DejaVuSansMono.ttf"


@lru_cache(maxsize=1)
def letters_digest() -> str:
    """The content of both: part of the key of everything with text in it."""
    return hashlib.sha256(letters().read_bytes() + table_letters().read_bytes()).hexdigest()


class Runner(Protocol):
    """What has ffmpeg carry out a command and waits: `run_child`, or one that stands before it."""

    def __call__(self, command: Command, *, limits: Limits, stdin: bytes | Iterable[bytes] | None, what: str) -> Ran: ...


def run(command: Command, *, limits: Limits | None = None, stdin: bytes | Iterable[bytes] | None = None, what: str = "ffmpeg") -> Ran:
    """Have ffmpeg carry out a command, by the runner in use, and wait. MediaError with its last words where it fails, is killed, or takes too long.

    `stdin` may be chunks made as they are asked for: a film's sound never stands in memory as a whole.
    """
    return _runners[-1](command, limits=limits or Limits(), stdin=stdin, what=what)


@contextmanager
def using(runner: Runner) -> Generator[None]:
    """Within the block, every command of this process is run by another runner, from any thread."""
    _runners.append(runner)
    try:
        yield
    finally:
        _runners.remove(runner)


def run_child(command: Command, *, limits: Limits, stdin: bytes | Iterable[bytes] | None, what: str) -> Ran:
    """The runner that starts ffmpeg itself, in a limited child."""
    program = executable()
    if shutil.which(program) is None:
        raise MediaFault(
            f"{program} can't be started: it doesn't exist, or isn't executable",
            help="unset CALLSHEET_FFMPEG, or name an ffmpeg 5.1 or later",
        )
    child = start([program, *command.argv(fed=stdin is not None)], limits, piped=stdin is not None)
    try:
        out, err = communicate(child, () if stdin is None else (stdin,) if isinstance(stdin, bytes) else stdin, limits.wall_s)
    except TimeoutError:
        raise MediaFault(f"{what} took longer than {limits.wall_s:.0f} s", help="the file may be damaged; see the log") from None
    messages = err.decode(errors="replace")
    if child.returncode != 0:
        lines = [line.strip() for line in messages.splitlines() if line.strip()]
        last = " | ".join(lines[-_TAIL:])[-2000:] or "it said nothing"
        # by its own signal, or by that of its child, which a shell reports as 128 plus the signal
        killed = child.returncode < 0 or child.returncode - 128 in _SIGNALS
        short_of = next((help for sign, help in _SHORT_OF.items() if sign in messages), None)
        kind = MediaFault if killed or short_of else MediaError
        raise kind(f"{what} failed ({exit_reason(child.returncode)}): {last}", help=short_of or "see `callsheet doctor` for ffmpeg's state")
    return Ran(out, messages)


_runners: list[Runner] = [run_child]


def open_python(module: str) -> Child:
    """One of our own modules in a limited child that reads its standard input: how files that came from outside are opened. See `worker_pool`.

    It limits its own time, and ends when its input does.
    """
    return start([sys.executable, "-P", "-m", module], replace(SUSPECT, cpu_s=_KEPT_S), piped=True, errors=False)
