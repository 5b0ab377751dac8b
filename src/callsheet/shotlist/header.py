"""Which column of the file is which of ours."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from difflib import SequenceMatcher

from callsheet.domain.errors import Problem
from callsheet.shotlist.columns import BY_NAME, COLUMNS, OWN_PREFIX, Column, is_open, key, meant_by, own
from callsheet.shotlist.table import Row

#: from here on, an unknown header is taken for a slip of the pen
SIMILAR = 0.75


@dataclass(frozen=True, slots=True)
class Header:
    """For each of the file's columns what it is; None where it isn't read. With all that is wrong or worth saying."""

    columns: tuple[Column | None, ...]
    problems: tuple[Problem, ...]
    notes: tuple[str, ...]

    @property
    def names(self) -> frozenset[str]:
        """The canonical names that the file has."""
        return frozenset(column.name for column in self.columns if column)


def match(header: Row) -> Header:
    """Match the header's cells to columns: by name first; by alias only where no column has the name."""
    claims = _claims(header)
    problems: list[Problem] = []
    for name, indexes in claims.items():
        if len(indexes) > 1:
            message = f"{' and '.join(repr(header.cells[index]) for index in indexes)} both stand for {name}"
            help = f"name one of them {name}, the other {OWN_PREFIX}{name}"
            problems.append(Problem(code="duplicate-column", message=message, help=help, column=header.cells[indexes[1]]))
    notes: list[str] = []
    columns: list[Column | None] = []
    for index, text in enumerate(header.cells):
        name = text.casefold() if is_open(text) else meant_by(text)
        read = name is not None and index in claims[name]
        columns.append((own(name) if is_open(text) else BY_NAME[name]) if name is not None and read else None)
        if name is None:
            _unknown(text, problems, notes)
        elif not read:
            notes.append(f"column '{text}' is not read: there is a column {name}")
        elif text != name and not is_open(text):
            notes.append(f"column '{text}' read as {name}")
    problems.extend(_missing(header, claims, problems))
    return Header(tuple(columns), tuple(problem.at(row=header.number, line=header.line) for problem in problems), tuple(notes))


def _claims(header: Row) -> dict[str, list[int]]:
    """For each name the columns that stand for it; those that bear the name itself drive out the aliases."""
    claims: dict[str, list[int]] = defaultdict(list)
    for index, text in enumerate(header.cells):
        name = text.casefold() if is_open(text) else meant_by(text)
        if name:
            claims[name].append(index)
    for name, indexes in claims.items():
        claims[name] = [index for index in indexes if key(header.cells[index]) == key(name)] or indexes
    return dict(claims)


def _unknown(text: str, problems: list[Problem], notes: list[str]) -> None:
    """A header that is none of ours: an error where it could be one, else a note."""
    if key(text) == "size":
        message, help = (
            "'size' could be the picture's resolution or the framing",
            "name it resolution (1280x720) or shot_size (wide, close)",
        )
        problems.append(Problem(code="ambiguous-column", message=message, help=help, column=text))
        return
    similar = {column.name: SequenceMatcher(None, key(text), key(column.name)).ratio() for column in COLUMNS}
    near = max(similar, key=similar.__getitem__)
    if similar[near] >= SIMILAR:
        fix = f"did you mean {near}? If it is your own, name it {OWN_PREFIX}{key(text)}"
        problems.append(Problem(code="unknown-column", message=f"there is no column '{text}'", help=fix, column=text))
    else:
        notes.append(f"column '{text}' is not read" if text else "a column without a name is not read")


def _missing(header: Row, claims: dict[str, list[int]], problems: list[Problem]) -> list[Problem]:
    """Required columns that nothing stands for, and that no slip of the pen explains."""
    have = ", ".join(text for text in header.cells if text)
    explained = " ".join(problem.help for problem in problems)
    missing = [name.name for name in COLUMNS if name.required and name.name not in claims and f"mean {name.name}?" not in explained]
    help = f"add it; the file has {have}"
    return [Problem(code="missing-column", message=f"there is no column {name}", help=help, column=name) for name in missing]
