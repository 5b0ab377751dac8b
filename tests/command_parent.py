"""The parent of the commands that tests start: it has imported what they need, and each is a fork of it. See tests/command.py.

A command started afresh spends a second on imports; a fork of one that has them is there at once. It is a process of its own all the same, with its own
arguments, environment, folder, descriptors and end: it can be killed, and what it leaves is what a command leaves.
"""

from __future__ import annotations

import array
import atexit
import contextlib
import gc
import importlib
import io
import json
import os
import select
import signal
import socket
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any, NoReturn

from callsheet.budget.ledger.store import open_ledger
from callsheet.cli import main
from callsheet.cli.app import COMMANDS, run
from callsheet.media.ffmpeg import runner
from callsheet.store.project_folder import Project
from tests.runners import Remembered

#: what a run imports when it comes to need it
_LATER = ("anyio._backends._asyncio", "callsheet.budget.ledger.standing", "filelock", "imageio_ffmpeg", "numpy.ma")
#: standard input, output and error, and the pipe that a command's end is told through
_FDS = 4


def serve(door: socket.socket) -> dict[str, Any] | None:
    """Fork a child for each order that comes through `door`, and tell how each ended. Returns in a child with its order, and in the parent where the door is closed."""
    wake, woken = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
    signal.set_wakeup_fd(woken)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    ends: dict[int, int] = {}
    while True:
        ready, _, _ = select.select([door, wake], [], [])
        if wake in ready:
            os.read(wake, 4096)
            _reap(ends)
        if door not in ready:
            continue
        said, fds = _received(door)
        if not said:
            return None
        *streams, end = fds
        if not (pid := os.fork()):
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            for fd in (wake, woken, end, *ends.values()):
                os.close(fd)
            door.close()
            order = json.loads(said)
            _become(order, streams)
            return order
        ends[pid] = end
        for fd in streams:
            os.close(fd)
        door.sendall(pid.to_bytes(4, "little"))


def _received(door: socket.socket) -> tuple[bytes, list[int]]:
    fds = array.array("i")
    head, ancillary, _, _ = door.recvmsg(4, socket.CMSG_SPACE(_FDS * fds.itemsize))
    for _, _, content in ancillary:
        fds.frombytes(content)
    left, said = int.from_bytes(head, "little"), b""
    while left > len(said):
        said += door.recv(left - len(said))
    return said, list(fds)


def _reap(ends: dict[int, int]) -> None:
    """Tell of each child that has ended: its code as `subprocess` has it."""
    while ends:
        pid, status = os.waitpid(-1, os.WNOHANG)
        if not pid:
            return
        end = ends.pop(pid)
        os.write(end, os.waitstatus_to_exitcode(status).to_bytes(4, "little", signed=True))
        os.close(end)


def _become(order: dict[str, Any], streams: list[int]) -> None:
    """This process is the command now: its folder, environment, descriptors and signals."""
    for n, fd in enumerate(streams):
        os.dup2(fd, n)
        os.close(fd)
    sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115  # a descriptor, for as long as the process lasts
    sys.stdout = open(1, "w", encoding="utf-8", closefd=False, buffering=1 if os.isatty(1) else -1)  # noqa: SIM115
    sys.stderr = open(2, "w", encoding="utf-8", errors="backslashreplace", closefd=False, buffering=1)  # noqa: SIM115
    if order["session"]:
        os.setsid()
    signal.signal(signal.SIGINT, signal.SIG_IGN if order["deaf"] else signal.default_int_handler)
    signal.signal(signal.SIGHUP, signal.SIG_DFL)  # whoever runs the tests may have been started by nohup
    os.environ.clear()
    os.environ.update(order["environment"])
    time.tzset()
    os.chdir(order["folder"])
    if order["before"]:
        module, _, name = order["before"].partition(":")
        getattr(importlib.import_module(module), name)()
    sys.argv[:] = ["callsheet", *order["words"]]


def ready() -> None:
    """Import every command, and what tests have done before one; and plan a list, so that models, cards and statements are compiled here and not in each fork."""
    for name in ("tests.crash.selfkill", *_LATER, *sorted({target.partition(":")[0] for _, target, _ in COMMANDS})):
        importlib.import_module(name)
    with tempfile.TemporaryDirectory() as folder:
        project = Project(Path(folder))
        open_ledger(project.ledger_file).close()
        (project.folder / "spot.csv").write_text("shot_id,prompt\nS1,a pier\n")
        for words in (("plan", "spot.csv"), ("render", "spot.csv", "--no-prefect"), ("status",)):
            with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
                run((*words, "-C", folder, "--json"))
    runner.executable.cache_clear()  # each command's environment may name another
    runner.listing.cache_clear()
    gc.collect()
    gc.freeze()  # else a collection in a fork touches, and so copies, all of this memory


def end(code: int) -> NoReturn:
    """End as the interpreter does, but for taking its modules apart one by one: that costs a fork, whose memory is its parent's until it is touched, more than all it did."""
    threading._shutdown()
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


if __name__ == "__main__":
    ready()
    order = serve(socket.socket(fileno=int(sys.argv[1])))
    if order is not None:
        try:
            with runner.using(Remembered(Path(order["remembered"]))) if order["remembered"] else contextlib.nullcontext():
                main()
        except SystemExit as ended:
            end(int(ended.code or 0))
