"""ffmpeg in tests: started with words of a test's own, watched, forbidden, or put off by what it made of the same files before."""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from collections.abc import Generator, Iterable, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from callsheet.media.ffmpeg import runner
from callsheet.media.ffmpeg.child_process import Limits
from callsheet.media.ffmpeg.command import Command
from callsheet.media.ffmpeg.runner import Ran, Runner

Fed = bytes | Iterable[bytes] | None


def ffmpeg(words: Sequence[str], *, limits: Limits | None = None, stdin: Fed = None, what: str = "ffmpeg") -> Ran:
    """ffmpeg itself with these words, whatever runner is in use: for the odd files that tests are about."""
    return runner.run_child(Command(tuple(words)), limits=limits or Limits(), stdin=stdin, what=what)


@contextmanager
def noted() -> Generator[list[str]]:
    """What is started meanwhile, in words and in order."""
    started: list[str] = []

    def run(command: Command, *, limits: Limits, stdin: Fed, what: str) -> Ran:
        started.append(what)
        return runner.run_child(command, limits=limits, stdin=stdin, what=what)

    with runner.using(run):
        yield started


def forbidden(_command: Command, *, limits: Limits, stdin: Fed, what: str) -> Ran:  # a runner's names
    """A runner where nothing may be started."""
    pytest.fail(f"ffmpeg was started for {what}")


@dataclass(frozen=True)
class Remembered:
    """A runner that starts no second child for the same words, the same content of every file that is read, and the same standard input.

    The files that the first one wrote are written again. A child that fails is never remembered. All workers of a session share one folder.
    """

    folder: Path
    really: Runner = runner.run_child

    def __call__(self, command: Command, *, limits: Limits, stdin: Fed, what: str) -> Ran:
        """What the first child gave; see `Runner`."""
        fed = stdin if isinstance(stdin, bytes | None) else b"".join(stdin)
        if not all(path.is_file() for path in command.reads):
            return self.really(command, limits=limits, stdin=fed, what=what)
        kept = self.folder / _key(command, fed)
        if not kept.exists():
            ran = self.really(command, limits=limits, stdin=fed, what=what)
            self._keep(kept, ran, command.writes)
            return ran
        for n, path in enumerate(command.writes):
            shutil.copyfile(kept / str(n), path)
        return Ran((kept / "stdout").read_bytes(), (kept / "stderr").read_text())

    def _keep(self, kept: Path, ran: Ran, written: Sequence[Path]) -> None:
        """All at once; where another worker was first, its copy stays."""
        self.folder.mkdir(exist_ok=True)
        part = Path(tempfile.mkdtemp(dir=self.folder))
        (part / "stdout").write_bytes(ran.stdout)
        (part / "stderr").write_text(ran.stderr)
        for n, path in enumerate(written):
            shutil.copyfile(path, part / str(n))
        try:
            part.rename(kept)
        except OSError:
            shutil.rmtree(part)


def _key(command: Command, fed: bytes | None) -> str:
    """Words and content. A file's name is left out where it stands as it is, so that another folder's command is the same one."""
    line = "\0".join((*command.flags, *command.words))
    for n, path in enumerate(command.writes):
        line = line.replace(str(path), f"written {n}{path.suffix}")
    for n, path in enumerate(command.reads):
        line = line.replace(str(path), f"read {n}{path.suffix}")
    contents = [
        None if fed is None else hashlib.sha256(fed).hexdigest(),
        *(hashlib.sha256(_played(path.read_bytes())).hexdigest() for path in command.reads),
    ]
    return hashlib.sha256(f"{line}\0{contents}".encode()).hexdigest()


def _played(data: bytes) -> bytes:
    """A film without a last box that players skip: the scripted services put one there, so that each job's film has its own bytes."""
    at = data.rfind(b"free") - 4
    return data[:at] if at > 0 and int.from_bytes(data[at : at + 4], "big") == len(data) - at else data


@contextmanager
def remembering() -> Generator[None]:
    """For tests of what is done with films, where the films themselves are always the same few; those of films (tests/media, tests/unit/media) go without."""
    with runner.using(Remembered(remembered())):
        yield


@cache
def remembered() -> Path:
    """Where all workers of a session keep what ffmpeg made. Asked once at the start: a stand-in in use keeps the variable that names it from its own environment."""
    return Path(os.environ["CALLSHEET_TEST_HOME"]) / "remembered"
