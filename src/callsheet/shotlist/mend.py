"""A corrected copy of a CSV, with every fix that has only one solution. Everything else stays byte for byte the same."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import unified_diff

from callsheet.domain.errors import Problem, UsageError
from callsheet.shotlist.copies.csv_copy import records, written
from callsheet.shotlist.files.encoding import decode, stored_as
from callsheet.shotlist.files.sheet import delimiter_of
from callsheet.shotlist.files.table import clean, letter
from callsheet.shotlist.no_shot import KINDS


@dataclass(frozen=True, slots=True)
class Mended:
    """The copy's bytes, the number of fixed problems, and the changes as a unified diff."""

    data: bytes
    count: int
    diff: tuple[str, ...]


def mend(data: bytes, file: str, copy: str, encoding: str | None, problems: Iterable[Problem]) -> Mended:
    """Fix the problems that have only one solution. UsageError if the encoding can't be written, InputError if its rows can't be told
    apart.
    """
    stored = stored_as(data, encoding)
    if stored is None:
        raise UsageError("--fix can't write this encoding", help="save the list as UTF-8")
    text, _ = decode(data, file, encoding)
    delimiter, skipped = delimiter_of(text)
    cells = {problem.cell: problem.mended for problem in problems if problem.cell and problem.mended is not None}
    headers = {(problem.row, problem.column): problem.mended for problem in problems if problem.code == "unknown-column" and problem.mended}
    rows = {problem.row for problem in problems if problem.code in KINDS.values()}
    out = [text[:skipped]]
    count = 0
    for number, (record, raw) in enumerate(records(text[skipped:], delimiter, file), start=1):
        if number in rows:
            count += 1
            continue
        made = list(record)
        for index, cell in enumerate(record):
            new = cells.get(f"{letter(index)}{number}", headers.get((number, clean(cell))))
            if new is not None:
                made[index], count = new, count + 1
        out.append(raw if made == record else written(made, raw, delimiter))
    fixed = "".join(out)
    diff = unified_diff(text.splitlines(), fixed.splitlines(), file, copy, lineterm="", n=0)
    return Mended(fixed.encode(stored), count, tuple(diff))
