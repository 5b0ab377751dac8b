"""Limited children: how ffmpeg is started, and those of our own modules that open files from outside.

A child has its limits before its program begins: a shell sets them, and becomes the program. Nothing of ours is forked, since a fork of a process of
a hundred MB costs more than ffmpeg's whole start, most of it afterwards, in pages that are copied as they are written to.
All children are in one process group with a watcher, which kills the group when we end, in whatever way: it reads a pipe that only we hold.
"""

from __future__ import annotations

import atexit
import subprocess
import threading
from collections.abc import Generator, Iterable, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from callsheet.media.ffmpeg.child_environment import child_environment

#: `ulimit` counts output in blocks of 512 bytes and memory in KiB. Where it can't set one, a tighter one is in force, or the system has none of the kind (macOS: memory)
_LIMITED = 'ulimit -c 0; ulimit -f "$1"; ulimit -v "$2"; ulimit -S -t "$3"; ulimit -H -t "$4"'
_BECOME = f'{{ {_LIMITED}; }} 2>/dev/null; shift 4; exec "$@"'
_WATCH = "read -r _; kill -KILL 0"
#: processor seconds between the signal that a child may handle and the one that it can't
_GRACE_S = 5

Child = subprocess.Popen[bytes]


@dataclass(frozen=True, slots=True)
class Limits:
    """A child's limits: processor seconds, address space and output in bytes, wall-clock seconds (enforced by the caller)."""

    cpu_s: int = 3600
    memory: int = 6 << 30
    output: int = 64 << 30
    wall_s: float = 3600.0


#: for a file from outside that has not been inspected yet
SUSPECT = Limits(cpu_s=120, memory=4 << 30, output=1 << 30, wall_s=180.0)


class _Group:
    """The process group of all children, and its watcher."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._watcher: Child | None = None
        atexit.register(self.end)

    def number(self) -> int:
        """The group in which to start a child; created anew if there is none, or its watcher was killed."""
        with self._lock:
            if self._watcher is None or self._watcher.poll() is not None:
                self._watcher = subprocess.Popen(
                    ["/bin/sh", "-c", _WATCH],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                    env=child_environment(),
                    process_group=0,
                )
            return self._watcher.pid

    def end(self) -> None:
        """End every process in it."""
        with self._lock:
            if self._watcher is not None:
                with self._watcher:
                    pass


_group = _Group()


def start(argv: Sequence[str], limits: Limits, *, piped: bool, errors: bool = True) -> Child:
    """Start a program whose standard output is a pipe; its standard input is another if `piped`, its standard error if `errors`."""
    bounds = (limits.output // 512, limits.memory // 1024, limits.cpu_s, limits.cpu_s + _GRACE_S)
    return subprocess.Popen(
        ["/bin/sh", "-c", _BECOME, "sh", *map(str, bounds), *argv],
        stdin=subprocess.PIPE if piped else subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE if errors else subprocess.DEVNULL,
        env=child_environment(),
        process_group=_group.number(),  # Ctrl-C is for callsheet, which finishes or ends its children itself
    )


def communicate(child: Child, chunks: Iterable[bytes], wall_s: float) -> tuple[bytes, bytes]:
    """Write `chunks` to a child as they are requested, and wait for its end: its standard output and error. TimeoutError after `wall_s`
    seconds.
    """
    with _fed(child, chunks):
        try:
            return child.communicate(timeout=wall_s)
        except subprocess.TimeoutExpired:
            raise TimeoutError from None
        finally:
            _end(child)


@contextmanager
def _fed(child: Child, chunks: Iterable[bytes]) -> Generator[None]:
    """Within the block, write `chunks` to the child's standard input. An error in making them is raised here."""
    pipe, child.stdin = child.stdin, None  # otherwise communicate() would close it
    if pipe is None:
        yield
        return
    wrong: list[BaseException] = []

    def feed() -> None:
        try:
            with suppress(BrokenPipeError), pipe:  # a child that stopped reading reports why itself
                for chunk in chunks:
                    pipe.write(chunk)
        except BaseException as error:  # noqa: BLE001 # any error is raised in the caller's thread
            wrong.append(error)
            child.kill()

    feeder = threading.Thread(target=feed, name="ffmpeg-stdin", daemon=True)
    feeder.start()
    try:
        yield
    finally:
        feeder.join()
    if wrong:
        raise wrong[0]


def _end(child: Child) -> None:
    """No child outlives its call, however the call ended."""
    if child.poll() is None:
        child.kill()
        child.communicate()


def exit_reason(code: int) -> str:
    """How a child ended, in words."""
    return f"signal {-code}" if code < 0 else f"exit {code}"
