"""What a command returns: one document for scripts, lines for people, one exit code."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from typing import TextIO

from callsheet.cli.output.glyphs import shown
from callsheet.domain.errors import Exit, Problem


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A command's whole answer. `problems` are the document's `errors`; in text they go to stderr, after the lines."""

    document: Mapping[str, object]
    lines: Sequence[str] = ()
    exit: Exit = Exit.DONE
    problems: tuple[Problem, ...] = ()
    #: the problems as stderr shows them; built from them if empty
    notes: Sequence[str] = field(default=())
    #: what failed in a run, each with its row in the list: shown by CI services that annotate files
    failed: tuple[Problem, ...] = ()
    #: the outcome as Markdown, for a CI service's page
    summary: Sequence[str] = ()


class WhenRead(Mapping[str, object]):
    """A document that is made when it is read: with a long list most of a plan's work is its document, and in text nobody asks for that."""

    def __init__(self, make: Callable[[], Mapping[str, object]]) -> None:
        self._make = make

    @cached_property
    def _made(self) -> Mapping[str, object]:
        return self._make()

    def __getitem__(self, key: str) -> object:
        return self._made[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._made)

    def __len__(self) -> int:
        return len(self._made)


def schema(name: str) -> str:
    """The contract's name of a document: `callsheet.plan/1`."""
    return f"callsheet.{name}/1"


def to_nowhere(stream: TextIO) -> None:
    """Point stdout at the null device: the interpreter flushes its streams once more at exit, and would complain there."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def say(*lines: str) -> None:
    """Print notes for people on stderr. If stderr can't be written, the command continues."""
    try:
        sys.stderr.write(shown("".join(f"{line}\n" for line in lines), sys.stderr))
        sys.stderr.flush()
    except BrokenPipeError:
        to_nowhere(sys.stderr)
    except (OSError, ValueError):  # a full disk, or a closed stream
        return
