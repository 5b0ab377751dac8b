"""An ffmpeg that remembers: what one child said and made of the same bytes, with the same words, is given again without starting another.

For tests of what is done with films, where the films themselves are always the same few. What is remembered came from a real child of this very
session; a child that fails is never remembered. Tests of films (tests/media, tests/unit/media) go without.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import tempfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from callsheet.media.ffmpeg import runner
from callsheet.media.ffmpeg.runner import Ran

#: a list that names other files: equal words don't mean equal bytes
_LIST = "concat"
#: a path within a filter, where it needs no escape
_PATH = re.compile(re.escape(tempfile.gettempdir()) + r"/[\w./-]+")


def remember(patch: pytest.MonkeyPatch) -> None:
    """Let `ffmpeg.run` remember, for as long as `patch` holds. All workers of a session share what is known."""
    run = runner.run
    memory = _Memory(Path(os.environ["CALLSHEET_TEST_HOME"]) / "known")

    def films(args: Sequence[str], stdin: bytes | Iterable[bytes] | None = None, **how: Any) -> Ran:
        fed = stdin if isinstance(stdin, bytes | None) else b"".join(stdin)
        if _LIST in args:
            return run(args, stdin=fed, **how)
        return memory.told(["ffmpeg", hashlib.sha256(fed or b"").hexdigest()], args, lambda: run(args, stdin=fed, **how))

    patch.setattr(runner, "run", films)


@dataclass(frozen=True)
class _Memory:
    folder: Path

    def told(self, said: list[str], args: Sequence[str], really: Callable[[], Ran]) -> Ran:
        """What is known of a command line, or what it `really` does."""
        read = {arg for option, arg in pairwise(args) if option == "-i"}
        made = [Path(arg) for arg in args if arg.startswith("/") and arg not in read]
        words = [*said, *(_word(arg, made) for arg in args)]
        if None in words:
            return really()
        kept = self.folder / hashlib.sha256("\0".join(map(str, words)).encode()).hexdigest()
        if not kept.exists():
            ran = really()
            self._keep(kept, ran, made)
            return ran
        for n, path in enumerate(made):
            shutil.copyfile(kept / str(n), path)
        return Ran((kept / "stdout").read_bytes(), (kept / "stderr").read_text())

    def _keep(self, kept: Path, ran: Ran, made: Sequence[Path]) -> None:
        """All at once, if all was made; where another worker was first, its copy stays."""
        if not all(path.is_file() for path in made):
            return
        self.folder.mkdir(exist_ok=True)
        beside = Path(tempfile.mkdtemp(dir=self.folder))
        (beside / "stdout").write_bytes(ran.stdout)
        (beside / "stderr").write_text(ran.stderr)
        for n, path in enumerate(made):
            shutil.copyfile(path, beside / str(n))
        try:
            beside.rename(kept)
        except OSError:
            shutil.rmtree(beside)


def _word(arg: str, made: Sequence[Path]) -> str | None:
    """A word of a command line: a file that is made as its ordinal and its ending, one that is read, also within a filter, as its content.

    None where it names something that can't be read like that.
    """
    path = Path(arg)
    if path in made:
        return f"{made.index(path)}{path.suffix}"
    if arg.startswith("/") and path.is_file():
        return _digest(arg)
    if not all(Path(name).is_file() for name in _PATH.findall(arg)):
        return None
    return _PATH.sub(lambda found: _digest(found[0]), arg)


def _digest(name: str) -> str:
    return hashlib.sha256(Path(name).read_bytes()).hexdigest()
