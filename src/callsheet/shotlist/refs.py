"""refs.csv: cast, props and looks, each with a name that prompts use as `@name` and the text that replaces it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from callsheet.domain.errors import InputError, Problem
from callsheet.domain.shots.list_file import REFS
from callsheet.domain.shots.prompt_text import NAME, names
from callsheet.domain.wording import did_you_mean
from callsheet.shotlist.columns import cells
from callsheet.shotlist.columns.columns import OWN_PREFIX, key
from callsheet.shotlist.files import sheet
from callsheet.shotlist.files.table import Row, Table, letter, table_of
from callsheet.shotlist.load import bytes_of
from callsheet.shotlist.mapping import load_mapping
from callsheet.shotlist.row import shown

#: the columns, and whether every row has to fill each
COLUMNS = {"name": True, "text": True, "kind": False, "pictures": False, "note": False}


@dataclass(frozen=True, slots=True)
class Ref:
    """A member of the cast, a prop or a look: `@name` in a prompt is replaced by `text`. `pictures` are paths relative to the project's
    folder, for people: they aren't sent.
    """

    name: str
    text: str
    row: int
    pictures: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Refs:
    """All refs by name, ignoring case. `there`: whether the project has such a file; without one, an `@` in a prompt has no meaning."""

    there: bool = False
    by_name: Mapping[str, Ref] = field(default_factory=dict[str, Ref])

    @property
    def texts(self) -> dict[str, str]:
        """The text of each name."""
        return {name: ref.text for name, ref in self.by_name.items()}


NO_REFS = Refs()


def read_refs(folder: Path) -> Refs:
    """The project's refs; none if it has no such file. InputError with everything that is wrong, each at its cell."""
    path = folder / REFS
    if not path.exists():
        return NO_REFS
    table = table_of(sheet.load(bytes_of(path, REFS), REFS, load_mapping(path).encoding), None, REFS)
    at, problems = _columns(table)
    found: dict[str, Ref] = {}
    for row in table.rows if not problems else ():
        ref, wrong = _ref(row, at, folder)
        problems += wrong
        if ref and (earlier := found.setdefault(ref.name.casefold(), ref)) is not ref:
            problems.append(_problem(row, at, "name", f"{ref.name} is already in row {earlier.row}", "give it another name"))
    if problems := [*table.problems, *(problem.at(file=REFS) for problem in problems)]:
        raise InputError.of(problems)
    return Refs(there=True, by_name=found)


def _columns(table: Table) -> tuple[dict[str, int], list[Problem]]:
    """The position of each column; and what is wrong with the header."""
    at: dict[str, int] = {}
    problems: list[Problem] = []
    place = {"row": table.header.number, "line": table.header.line}
    for index, header in enumerate(table.header.cells):
        name = key(header)
        if name in at:
            problems.append(
                Problem(code="bad-ref", message=f"there are two columns {name}", help="keep one of them", column=name).at(**place)
            )
        elif name in COLUMNS:
            at[name] = index
        elif header and not header.casefold().startswith(OWN_PREFIX):
            help = did_you_mean(name, COLUMNS, f"use {', '.join(COLUMNS)}; start your own with {OWN_PREFIX}")
            problems.append(Problem(code="bad-ref", message=f"no column {header!r} in {REFS}", help=help, column=header).at(**place))
    missing = [name for name, required in COLUMNS.items() if required and name not in at]
    problems += [Problem(code="bad-ref", message=f"no column {name}", help="add it", column=name).at(**place) for name in missing]
    return at, problems


def _ref(row: Row, at: Mapping[str, int], folder: Path) -> tuple[Ref | None, list[Problem]]:
    """A row's ref, or all its problems."""
    said = {name: row.cells[index] for name, index in at.items()}
    problems: list[Problem] = []
    name = said["name"].removeprefix("@")
    if not NAME.fullmatch(name):
        why = f"{shown(said['name'])} can't be used with @" if name else "the cell is empty; every ref needs a name"
        problems.append(_problem(row, at, "name", why, "write a letter, then letters, digits or _, such as keeper"))
    text = ""
    try:
        text = cells.prompt(said["text"]) if said["text"] else ""
        if not text:
            problems.append(
                _problem(row, at, "text", "the cell is empty; every ref needs a text", "write the text that replaces it in prompts")
            )
    except cells.CellError as error:
        problems.append(_problem(row, at, "text", f"{shown(said['text'])} {error.why}", error.fix))
    if inner := next(names(text), None):
        help = f"write it out; for a literal @, write @@{inner}"
        problems.append(_problem(row, at, "text", f"it uses @{inner}, but refs can't use each other", help))
    pictures = tuple(part.strip() for part in said.get("pictures", "").split(";") if part.strip())
    problems += [
        _problem(row, at, "pictures", f"{shown(one)} {why}", "correct the path, which is relative to the project's folder")
        for one, why in _lost(pictures, folder)
    ]
    return (Ref(name, text, row.number, pictures) if not problems else None), problems


def _lost(pictures: Sequence[str], folder: Path) -> Iterator[tuple[str, str]]:
    """The pictures that can't be shown, and why."""
    for picture in pictures:
        try:
            real = (folder / picture).resolve()
            if not real.is_relative_to(folder.resolve()):
                yield picture, "is outside the project's folder"
            elif not real.is_file():
                yield picture, "is not there"
        except (OSError, ValueError):
            yield picture, "is no path"


def _problem(row: Row, at: Mapping[str, int], column: str, message: str, help: str) -> Problem:
    index = at[column]
    return Problem(
        code="bad-ref",
        message=message,
        help=help,
        row=row.number,
        line=row.line_of(index),
        column=column,
        cell=f"{letter(index)}{row.number}",
    )
