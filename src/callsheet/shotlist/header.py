"""Which column of the file is which of ours."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from difflib import SequenceMatcher

from callsheet.domain.errors import Problem
from callsheet.shotlist.columns import BY_NAME, COLUMNS, OWN_PREFIX, Column, is_name, is_open, key, meant_by, own
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
    problems: list[Problem] = _rivals(header, claims)
    notes: list[str] = []
    columns = tuple(_column(text, index, claims, problems, notes) for index, text in enumerate(header.cells))
    problems.extend(_missing(header, claims, problems))
    return Header(columns, tuple(problem.at(row=header.number, line=header.line) for problem in problems), tuple(notes))


def _claims(header: Row) -> dict[str, list[int]]:
    """For each name the columns that stand for it; those that bear the name itself drive out the aliases."""
    claims: dict[str, list[int]] = defaultdict(list)
    for index, text in enumerate(header.cells):
        name = text.casefold() if is_open(text) else meant_by(text)
        if name:
            claims[name].append(index)
    for name, indexes in claims.items():
        named = [index for index in indexes if is_name(header.cells[index]) or is_open(header.cells[index])]
        claims[name] = named or indexes
    return dict(claims)


def _column(text: str, index: int, claims: dict[str, list[int]], problems: list[Problem], notes: list[str]) -> Column | None:
    if is_open(text):
        return own(text.casefold())
    name = meant_by(text)
    if name is None:
        _unknown(text, problems, notes)
        return None
    if index not in claims[name]:
        notes.append(f"column '{text}' is not read: there is a column {name}")
        return None
    if text != name:
        notes.append(f"column '{text}' read as {name}")
    return BY_NAME[name]


def _unknown(text: str, problems: list[Problem], notes: list[str]) -> None:
    if key(text) == "size":
        problems.append(
            Problem(
                code="ambiguous-column",
                message="'size' could be the picture's resolution or the framing",
                help="name it resolution (1280x720) or shot_size (wide, close)",
                column=text,
            )
        )
        return
    near = max(COLUMNS, key=lambda column: _similar(text, column))
    if _similar(text, near) >= SIMILAR:
        fix = f"did you mean {near.name}? If it is your own, name it {OWN_PREFIX}{key(text)}"
        problems.append(Problem(code="unknown-column", message=f"there is no column '{text}'", help=fix, column=text))
    else:
        notes.append(f"column '{text}' is not read" if text else "a column without a name is not read")


def _similar(text: str, column: Column) -> float:
    return SequenceMatcher(None, key(text), key(column.name)).ratio()


def _rivals(header: Row, claims: dict[str, list[int]]) -> list[Problem]:
    """Names that several columns claim with equal right."""
    return [
        Problem(
            code="duplicate-column",
            message=f"{' and '.join(repr(header.cells[index]) for index in indexes)} both stand for {name}",
            help=f"name one of them {name}, the other {OWN_PREFIX}{name}",
            column=header.cells[indexes[1]],
        )
        for name, indexes in claims.items()
        if len(indexes) > 1
    ]


def _missing(header: Row, claims: dict[str, list[int]], problems: list[Problem]) -> list[Problem]:
    """Required columns that nothing stands for, and that no slip of the pen explains."""
    have = ", ".join(text for text in header.cells if text)
    explained = " ".join(problem.help for problem in problems)
    return [
        Problem(
            code="missing-column",
            message=f"there is no column {column.name}",
            help=f"add it; the file has {have}",
            column=column.name,
        )
        for column in COLUMNS
        if column.required and column.name not in claims and f"mean {column.name}?" not in explained
    ]
