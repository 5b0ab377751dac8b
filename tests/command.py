"""The command as a process of its own, without the second that a start's imports take: a fork of a parent that has them. What is about the start itself uses
`subprocess`."""

from __future__ import annotations

import atexit
import contextlib
import functools
import json
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import IO, Any

from tests.runners import remembered

ROOT = Path(__file__).resolve().parents[1]


class Command:
    """A running command, as `subprocess.Popen` has it, its streams text."""

    def __init__(self, pid: int, end: int, stdout: IO[str] | None, stderr: IO[str] | None) -> None:
        self.pid = pid
        self.stdout = stdout
        self.stderr = stderr
        self.returncode: int | None = None
        self._end = end

    def wait(self, timeout: float | None = None) -> int:
        """Its code, once it has ended. `subprocess.TimeoutExpired` after `timeout` seconds."""
        if self.returncode is None:
            if not select.select([self._end], [], [], timeout)[0]:
                raise subprocess.TimeoutExpired(["callsheet"], timeout or 0)
            told = os.read(self._end, 4)
            assert told, "the parent of the commands has ended"
            self.returncode = int.from_bytes(told, "little", signed=True)
            os.close(self._end)
        return self.returncode

    def poll(self) -> int | None:
        """Its code; None while it runs."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.wait(0)
        return self.returncode

    def send_signal(self, number: int) -> None:
        """Send it a signal, unless it has ended."""
        if self.poll() is None:
            with contextlib.suppress(ProcessLookupError):  # it has ended at this moment
                os.kill(self.pid, number)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def __enter__(self) -> Command:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if error is not None:
            self.kill()
        self.wait()
        for stream in (self.stdout, self.stderr):
            if stream is not None:
                stream.close()


def start(
    *words: str,
    folder: Path | None = None,
    environment: Mapping[str, str] | None = None,
    stdin: int = subprocess.DEVNULL,
    stdout: int = subprocess.DEVNULL,
    stderr: int = subprocess.DEVNULL,
    session: bool = False,
    deaf: bool = False,
    before: str = "",
    remembering: bool = False,
) -> Command:
    """Start `callsheet` with `words` in `folder`. Streams: a descriptor, `subprocess.PIPE` or `subprocess.DEVNULL`. `session`: a group of its own; `deaf`: Ctrl-C is ignored;
    `before`: a function, as `module:name`, that is called in it before it begins; `remembering`: what ffmpeg made of the same bytes is given again."""
    order = {
        "words": words,
        "folder": str(folder or Path.cwd()),
        "environment": dict(os.environ if environment is None else environment),
        "session": session,
        "deaf": deaf,
        "before": before,
        "remembered": str(remembered()) if remembering else "",
    }
    with contextlib.ExitStack() as theirs:
        streams = [_stream(asked, theirs) for asked in (stdin, stdout, stderr)]
        end, told = os.pipe()
        theirs.callback(os.close, told)
        pid = _parent().order(json.dumps(order).encode(), [*(fd for fd, _ in streams), told])
    return Command(pid, end, streams[1][1], streams[2][1])


def _stream(asked: int, theirs: contextlib.ExitStack) -> tuple[int, IO[str] | None]:
    """A descriptor for the command, and what it is read by here."""
    if asked == subprocess.PIPE:
        read, write = os.pipe()
        theirs.callback(os.close, write)
        return write, os.fdopen(read, encoding="utf-8")
    if asked == subprocess.DEVNULL:
        nothing = os.open(os.devnull, os.O_RDWR)
        theirs.callback(os.close, nothing)
        return nothing, None
    return asked, None


def run(*words: str, timeout: float = 120, **how: Any) -> subprocess.CompletedProcess[str]:
    """Run `callsheet` with `words` to its end, or kill it after `timeout` seconds and raise `subprocess.TimeoutExpired`. `how`: see `start`."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        with start(*words, stdout=out.fileno(), stderr=err.fileno(), **how) as command:
            command.wait(timeout)
        said = []
        for file in (out, err):
            file.seek(0)
            said.append(file.read().decode())
    assert command.returncode is not None
    return subprocess.CompletedProcess(list(words), command.returncode, *said)


class _Parent:
    """The process that commands are forks of, one for each worker of these tests."""

    def __init__(self) -> None:
        self._door, theirs = socket.socketpair()
        # of the machine's environment only what is needed to import: each command gets its own
        known = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}
        known |= {
            "OPENBLAS_NUM_THREADS": "1",
            "RUNWARE_API_KEY": "made-up",
        }  # with a key the plan that it makes asks no keyring, whose answer is kept
        with theirs:
            argv = [sys.executable, "-m", "tests.command_parent", str(theirs.fileno())]
            self._child = subprocess.Popen(argv, cwd=ROOT, env=known, stdin=subprocess.DEVNULL, pass_fds=[theirs.fileno()])
        atexit.register(self.end)

    def order(self, said: bytes, fds: list[int]) -> int:
        """Have a child made; its process id."""
        socket.send_fds(self._door, [len(said).to_bytes(4, "little")], fds)
        self._door.sendall(said)
        return int.from_bytes(self._door.recv(4), "little")

    def end(self) -> None:
        self._door.close()
        self._child.wait()


_parent = functools.cache(_Parent)
