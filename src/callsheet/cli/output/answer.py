"""What a command hands back: one document for scripts, lines for people, one exit code. Written to stdout in one place."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from callsheet.domain.errors import Exit, Problem


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A command's whole answer. `problems` are the document's `errors`; in text they go to stderr, after the lines."""

    document: Mapping[str, object]
    lines: Sequence[str] = ()
    exit: Exit = Exit.DONE
    problems: tuple[Problem, ...] = ()
    #: what stderr says of the problems; made of them where it is empty
    notes: Sequence[str] = field(default=())
    #: what failed in a run, each with its place in the list: told where a CI service shows such places
    failed: tuple[Problem, ...] = ()
    #: the ending as Markdown, for a CI service's page
    summary: Sequence[str] = ()


def schema(name: str) -> str:
    """The contract's name of a document: `callsheet.plan/1`."""
    return f"callsheet.{name}/1"


def emit(answer: Answer, *, as_json: bool) -> int:
    """Write the answer and return its exit code. A reader that went away (`| head`) is no error."""
    try:
        _write(answer, as_json=as_json)
        if os.environ.get("GITHUB_ACTIONS") == "true":
            from callsheet.cli.output.github_actions import publish  # noqa: PLC0415  # only there

            publish(answer)
    except BrokenPipeError:
        # the interpreter flushes stdout once more at its end, and would complain there
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return int(answer.exit)


def say(*lines: str) -> None:
    """Notes for people, on stderr."""
    sys.stderr.write("".join(f"{line}\n" for line in lines))
    sys.stderr.flush()


def _write(answer: Answer, *, as_json: bool) -> None:
    if as_json:
        errors = {"errors": [problem.json() for problem in answer.problems]} if answer.problems else {}
        sys.stdout.write(json.dumps({**answer.document, **errors}, ensure_ascii=False, indent=2) + "\n")
    else:
        sys.stdout.write("".join(f"{line}\n" for line in answer.lines))
    sys.stdout.flush()
    if not as_json:
        say(*answer.notes)
