"""The children that read files: each is kept for the next question, and what one can't bear hurts no other."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from callsheet.domain.errors import MediaError
from callsheet.media.ffmpeg.worker_pool import WorkerPool

_CHILD = """
import os, sys, time
from callsheet.media.ffmpeg import worker
from callsheet.media.ffmpeg.child_process import Limits

def read(word, *more):
    if word == "die":
        os.abort()
    if word == "compute":
        while True:
            pass
    if word == "sleep":
        time.sleep(60)
    if word == "fill":
        bytearray(8 << 30)
    return f"{os.getpid()} {word}"

worker.answer(read, Limits(cpu_s=1, wall_s=1))
"""


@pytest.fixture
def readers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[WorkerPool]:
    """Children that do as they are told."""
    (tmp_path / "obedient.py").write_text(_CHILD)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    found = WorkerPool("obedient")
    yield found
    found.close()


def test_one_child_answers_one_question_after_the_other(readers: WorkerPool) -> None:
    """It is started once."""
    first, second = (readers.ask(word, what="reading").split() for word in ("a", "b"))
    assert (first[1], second[1]) == ("a", "b")
    assert first[0] == second[0]


@pytest.mark.parametrize("word", ["die", "compute", "sleep", "fill"])
def test_what_a_child_can_not_bear_is_refused_and_the_next_question_is_answered(readers: WorkerPool, word: str) -> None:
    """A crash, endless computing, endless waiting, too much memory: each ends its child, with the reason, and only that question fails."""
    before = readers.ask("a", what="reading").split()[0]
    with pytest.raises(MediaError, match=r"reading x failed \((signal|exit) \d+\)"):
        readers.ask(word, what="reading x")
    after = readers.ask("b", what="reading").split()
    assert after[1] == "b"
    assert after[0] != before


def test_a_child_that_was_killed_meanwhile_is_replaced(readers: WorkerPool) -> None:
    """Its end is no fault of the next file."""
    pid = int(readers.ask("a", what="reading").split()[0])
    os.kill(pid, signal.SIGKILL)
    os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
    assert readers.ask("b", what="reading").endswith("b\n")


def test_time_between_questions_does_not_count(readers: WorkerPool) -> None:
    """The limits are one question's, and a kept child may wait for longer."""
    first = readers.ask("a", what="reading").split()[0]
    with pytest.raises(MediaError):
        readers.ask("sleep", what="waiting for longer than a question may take")
    second = readers.ask("b", what="reading").split()[0]
    time.sleep(1.2)
    assert readers.ask("c", what="reading").split()[0] == second != first


def test_many_threads_each_have_a_child(readers: WorkerPool) -> None:
    """Each gets the answer to its own question."""
    told: dict[str, str] = {}
    threads = [threading.Thread(target=lambda n=n: told.update({n: readers.ask(n, what="reading")})) for n in map(str, range(12))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert {n: said.split()[1] for n, said in told.items()} == {n: n for n in map(str, range(12))}


def test_children_end_with_whoever_asked(tmp_path: Path) -> None:
    """Also where that was killed."""
    (tmp_path / "obedient.py").write_text(_CHILD)
    code = "from callsheet.media.ffmpeg.worker_pool import WorkerPool; print(WorkerPool('obedient').ask('a', what=''), flush=True); input()"
    env = {**os.environ, "PYTHONPATH": str(tmp_path)}
    parent = subprocess.Popen([sys.executable, "-c", code], env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert parent.stdout is not None
    child = int(parent.stdout.readline().split()[0])
    with parent:
        parent.kill()
    until = time.monotonic() + 15
    while Path(f"/proc/{child}").exists():
        assert time.monotonic() < until, "the child is still there"
        time.sleep(0.01)
