"""The only place that turns an error into text, JSON and an exit code."""

from __future__ import annotations

import os
import time
import traceback
from collections.abc import Iterable, Sequence
from itertools import groupby
from pathlib import Path

from callsheet.cli.output.answer import Answer, schema
from callsheet.domain.errors import CallsheetError, Exit, Problem
from callsheet.domain.typed import typed
from callsheet.domain.wording import counted, listed
from callsheet.shotlist.explain import CODES

#: problems shown in text; JSON has them all
SHOWN = 50
_UNDERLINE = "      "
#: how many similar problems are shown in full; the others are counted, with their rows
ALIKE = 3


def failed(error: CallsheetError, command: str) -> Answer:
    """The answer to an error that callsheet can explain."""
    lines = grouped_lines(error.problems)
    if error.exit == Exit.INPUT and len(error.problems) > 1:
        lines += ["", error_count(error.problems)]
    return Answer(document={"schema": schema(command), "errors": []}, exit=error.exit, problems=error.problems, notes=lines)


def interrupted(command: str) -> Answer:
    """The answer to Ctrl-C: everything written so far is kept."""
    problem = Problem(code="interrupted", message="interrupted; state saved", help="run the same command again to continue")
    return Answer(
        document={"schema": schema(command)}, exit=Exit.INTERRUPTED, problems=(problem,), notes=[f"{problem.message}; {problem.help}"]
    )


def defect(error: BaseException, command: str, folder: Path) -> Answer:
    """The answer to any other exception: a defect of callsheet. Its traceback goes to a log file, never to stdout."""
    trace = "".join(traceback.format_exception(error))  # without values of variables, so without keys
    logs = folder / ".callsheet" / "logs"
    log = logs / f"defect-{time.strftime('%Y%m%dT%H%M%SZ', time.gmtime())}-{os.getpid()}.log"
    try:
        logs.mkdir(parents=True, exist_ok=True)
        log.write_text(trace, encoding="utf-8")
        where = f"its traceback is in {log}"
    except OSError:
        where = f"the traceback could not be written:\n{trace}"
    problem = Problem(
        code="defect",
        message=f"a defect in callsheet: {type(error).__name__}: {error}",
        help=f"please report it; {where}. The ledger has every purchase, so you can run the same command again",
    )
    return Answer(document={"schema": schema(command)}, exit=Exit.DEFECT, problems=(problem,), notes=problem_lines((problem,)))


def problem_lines(problems: Sequence[Problem], shown: int = SHOWN) -> list[str]:
    """Problems for people: where (up to three locations), what, and what to do. At most `shown` of them, then how many more."""
    lines: list[str] = []
    for problem in problems[:shown]:
        where = " ".join(_where(problem))
        first = f"{where}\n{_UNDERLINE}{problem.message}" if where else f"callsheet: {problem.message}"
        lines += first.split("\n")
        if problem.help:
            lines.append(f"{_UNDERLINE}help: {problem.help}")
    more = len(problems) - shown
    return [*lines, f"... {more} more; --json has them all"] if more > 0 else lines


def grouped_lines(problems: Sequence[Problem], *, explained: bool = False) -> list[str]:
    """Each problem with its location, message and fix. Of many similar problems, the first few are shown; of identical ones, only the
    first; then how many more, and where. `explained` adds the command that explains each kind.
    """
    order = {(problem.code, problem.column): index for index, problem in reversed([*enumerate(problems)])}
    alike = sorted(problems, key=lambda problem: order[problem.code, problem.column])
    lines: list[str] = []
    for (code, _), group in groupby(alike, key=lambda problem: (problem.code, problem.column)):
        found = list(group)
        most = 1 if len({(problem.file, problem.message, problem.help) for problem in found}) == 1 else ALIKE
        few = len(found) <= most + 1  # a line that counts one more is as long as the problem itself
        shown = found if few else found[:most]
        lines += problem_lines(shown, len(shown))
        if not few:
            cells = listed([problem.cell or f"row {problem.row}" for problem in found[most:] if problem.cell or problem.row], 12)
            lines.append(f"... and {len(found) - most} more of these{f': {cells}' if cells else ''}")
        if explained and code in CODES:
            lines.append(f"{_UNDERLINE}`{typed('explain', code)}`")
    return lines


def _where(problem: Problem) -> Iterable[str]:
    if problem.file:
        yield problem.file
    column = f"{problem.column or ''}{f' ({problem.header!r} in the list)' if problem.header else ''}".strip()
    named = "key" if (problem.file or "").endswith(".toml") else "column"
    at = [
        f"{word} {value}"
        for word, value in (("cell", problem.cell), ("row", problem.row), ("line", problem.line), (named, column))
        if value
    ]
    if at:
        yield ", ".join(at)
    if problem.take or problem.shot:
        yield f"({problem.take or problem.shot})"


def error_count(problems: Sequence[Problem]) -> str:
    """The number of problems, and of the rows that they are in."""
    rows = len({(problem.file, problem.row) for problem in problems if problem.row})
    where = f" in {counted(rows, 'row')}" if rows else ""
    return f"{counted(len(problems), 'error')}{where}. Nothing was spent."
