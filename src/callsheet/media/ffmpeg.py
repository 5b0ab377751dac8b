"""The runner: the only place that starts ffmpeg, and the limited child in which bought files are opened.

The bundled ffmpeg is pinned with the package, so the same clips give the same bytes on the same platform. `CALLSHEET_FFMPEG` names another (5.1 or later).
"""

from __future__ import annotations

import os
import re
import resource
import signal
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from callsheet.domain.errors import MediaError

#: 8K with a margin: the largest picture that anything here has to open, pixels
MAX_PIXELS = 35_389_440
_TAIL = 12


@dataclass(frozen=True, slots=True)
class Limits:
    """What a child may use: processor seconds, address space and output in bytes, wall-clock seconds."""

    cpu_s: int = 3600
    memory: int = 6 << 30
    output: int = 64 << 30
    wall_s: float = 3600.0


#: for a file that came from outside and has not been looked at yet
SUSPECT = Limits(cpu_s=120, memory=4 << 30, output=1 << 30, wall_s=180.0)

#: before `-i` of a file that came from outside: nothing but the file itself may be read
GUARD = ("-protocol_whitelist", "file,pipe,fd", "-max_pixels", str(MAX_PIXELS))


@dataclass(frozen=True, slots=True)
class Ran:
    """What a child said: its standard output as bytes, its standard error as text."""

    stdout: bytes
    stderr: str


@lru_cache(maxsize=1)
def executable() -> str:
    """The ffmpeg in use: `CALLSHEET_FFMPEG`, else the bundled one."""
    own = os.environ.get("CALLSHEET_FFMPEG")
    if own:
        return own
    import imageio_ffmpeg  # its import looks for the binary: only where one is started

    os.environ.pop("IMAGEIO_FFMPEG_EXE", None)
    return str(imageio_ffmpeg.get_ffmpeg_exe())


@lru_cache(maxsize=1)
def version() -> str:
    """ffmpeg's own version line; part of every content key, since another build gives other bytes."""
    first = run(["-version"]).stdout.decode(errors="replace").splitlines()[0]
    found = re.match(r"ffmpeg version (\S+)", first)
    return found[1] if found else first


def font() -> Path:
    """The text font that travels with the package (the bundled ffmpeg has none)."""
    return Path(__file__).parent / "fonts" / "callsheet-mono.ttf"


def run(args: Sequence[str], *, limits: Limits | None = None, stdin: bytes | None = None, what: str = "ffmpeg") -> Ran:
    """Run ffmpeg with `args` and wait. MediaError with its last words where it fails, is killed, or takes too long."""
    argv = [executable(), "-nostdin", "-hide_banner", "-y", *args] if stdin is None else [executable(), "-hide_banner", "-y", *args]
    return _run(argv, limits or Limits(), stdin, what)


def run_python(module: str, args: Sequence[str], *, limits: Limits = SUSPECT, what: str) -> Ran:
    """Run one of our own modules in a limited child: how a file that came from outside is opened."""
    return _run([sys.executable, "-m", module, *args], limits, None, what)


def _run(argv: Sequence[str], limits: Limits, stdin: bytes | None, what: str) -> Ran:
    child = subprocess.Popen(
        argv,
        stdin=subprocess.DEVNULL if stdin is None else subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        preexec_fn=lambda: _confine(limits),
    )
    try:
        out, err = child.communicate(stdin, timeout=limits.wall_s)
    except subprocess.TimeoutExpired:
        child.kill()
        child.communicate()
        raise MediaError(f"{what} took longer than {limits.wall_s:.0f} s", help="the file may be damaged; see the log") from None
    except BaseException:
        child.kill()
        child.communicate()
        raise
    said = err.decode(errors="replace")
    if child.returncode != 0:
        raise MediaError(f"{what} failed ({_ended(child.returncode)}): {_last_words(said)}", help="see `callsheet doctor` for ffmpeg's state")
    return Ran(out, said)


def _confine(limits: Limits) -> None:
    """In the child, before it starts: limits, and an end with its parent (Linux)."""
    resource.setrlimit(resource.RLIMIT_CPU, (limits.cpu_s, limits.cpu_s + 5))
    resource.setrlimit(resource.RLIMIT_AS, (limits.memory, limits.memory))
    resource.setrlimit(resource.RLIMIT_FSIZE, (limits.output, limits.output))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        import ctypes

        ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG: no encoder outlives a killed run


def _ended(code: int) -> str:
    return f"signal {-code}" if code < 0 else f"exit {code}"


def _last_words(said: str) -> str:
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    return " | ".join(lines[-_TAIL:])[-2000:] or "it said nothing"
