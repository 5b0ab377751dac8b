"""A TOML file that a person wrote, and the lines of its keys."""

from __future__ import annotations

import errno
import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast

from callsheet.domain.errors import Problem
from callsheet.domain.shots.foreign_text import faults
from callsheet.regular_file import read_regular
from callsheet.toml_file.syntax_error import syntax_problem

#: keys, and indexes of tables in a list, from 0
Location = tuple[str | int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A file, by its name in messages, and its tables. `text` is "" if only the tables are available; then no line is given. `code` is the
    code of its problems, `key_code` that of an unknown key.
    """

    file: str
    tables: Mapping[str, Any]
    text: str = ""
    code: str = "settings"
    key_code: str = ""
    #: whether problems name keys with their tables: `size.default`
    dotted: bool = False
    #: the fix for a key without an example
    fallback: str = ""

    def coded(self, code: str, key_code: str = "") -> Document:
        """The same file, with other codes for its problems."""
        return replace(self, code=code, key_code=key_code)

    def problem(self, at: Location, message: str, help: str, *, unknown: bool = False) -> Problem:
        """A problem at a key, or at a table of a list: file, line and key; the message is what follows the file and the table."""
        own = bool(at) and isinstance(at[-1], str)
        where = " ".join(filter(None, (self.file, place_of(at[:-1] if own else at))))
        return Problem(
            code=(unknown and self.key_code) or self.code,
            message=f"{where} {message}",
            help=help,
            file=self.file,
            line=self.line(at),
            column=(".".join(map(str, at)) if self.dotted else str(at[-1])) if own else None,
        )

    def line(self, at: Location) -> int | None:
        """The line, from 1, of a key, otherwise of the nearest table above it; None if neither exists."""
        lines = self.text.splitlines(keepends=True)
        for depth in range(len(at), 0, -1):
            if _has(self.tables, at[:depth]):
                return _line(lines, at[:depth])
        return None


def read(path: Path, code: str, shown: str = "") -> tuple[Document, list[Problem]]:
    """The file and its errors as TOML; no tables if it isn't valid TOML. FileNotFoundError if it doesn't exist."""
    name = shown or path.name
    nothing = Document(file=name, tables={}, code=code)
    try:
        text = read_regular(path).decode("utf-8-sig")  # some editors begin a file with a byte order mark
    except FileNotFoundError:
        raise
    except UnicodeDecodeError as error:
        return nothing, [Problem(code=code, message=f"{name} is not TOML: {error}", help="save it as UTF-8", file=name)]
    except OSError as error:
        if error.errno == errno.ENAMETOOLONG:  # no file has a name that its disk can't store
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(path)) from None
        return nothing, [Problem(code=code, message=f"{name} can't be read: {error.strerror}", help="correct or delete it", file=name)]
    try:
        return replace(nothing, tables=tomllib.loads(text), text=text), []
    except tomllib.TOMLDecodeError as error:
        return nothing, [syntax_problem(text, error, name, code)]


def unclean(document: Document) -> list[Problem]:
    """A problem for each key and text with an invisible character or one that changes the direction of writing."""
    return [
        document.problem(tuple(key.split(".")), f"{key} holds {what}", "delete the character, or type the text again")
        for key, what in faults(document.tables)
    ]


def place_of(table: Location) -> str:
    """A table as in its header: `[deliver.web]`, `[[cap]] number 2`; "" for the top of a file."""
    if not table:
        return ""
    names = [_bare(part) for part in table if isinstance(part, str)]
    numbers = [part + 1 for part in table if isinstance(part, int)]
    return f"[[{'.'.join(names)}]] number {numbers[-1]}" if numbers else f"[{'.'.join(names)}]"


def _bare(name: str) -> str:
    return name if name.replace("-", "").replace("_", "").isalnum() else f'"{name}"'


def _has(tables: object, at: Location) -> bool:
    for part in at:
        if isinstance(tables, Mapping) and part in tables:
            tables = cast("Mapping[object, object]", tables)[part]
        elif isinstance(tables, list) and isinstance(part, int) and part < len(cast("list[object]", tables)):
            tables = cast("list[object]", tables)[part]
        else:
            return False
    return True


def _line(lines: list[str], at: Location) -> int | None:
    """The line at which the location begins: the file up to the line before is valid TOML without it, and with this line contains it."""
    name = next((part for part in reversed(at) if isinstance(part, str)), "")
    for number, line in enumerate(lines):
        if name not in line or _has(_loads(lines[:number]), at):
            continue
        ends = (_loads(lines[number : number + more], lines[:number]) for more in range(1, len(lines) - number + 1))
        if _has(next((found for found in ends if found is not None), None), at):
            return number + 1
    return None


def _loads(lines: list[str], above: list[str] | None = None) -> dict[str, Any] | None:
    try:
        return tomllib.loads("".join([*(above or []), *lines]))
    except tomllib.TOMLDecodeError:
        return None
