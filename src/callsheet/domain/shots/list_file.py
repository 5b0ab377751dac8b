"""Which files of a folder may be shot lists, by their names alone."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import PurePath

#: what a list's name ends in, the one that counts first where two files have one name; Markdown and plain text are lists only where a person names them
ENDINGS = (".csv", ".tsv", ".xlsx", ".xlsm", ".parquet", ".jsonl", ".ndjson", ".json")
#: cast, props and looks, which prompts name: no list of shots
REFS = "refs.csv"


def may_be_list(path: PurePath) -> bool:
    """Whether the name is a list's: hidden files and the locks of spreadsheet programs (`~$film.xlsx`) are none."""
    return path.suffix.lower() in ENDINGS and path.name[0] not in ".~" and path.name.casefold() != REFS


def by_list(paths: Iterable[PurePath]) -> dict[str, list[str]]:
    """The file names by the list that they are (the name without ending), the one that counts first."""
    found: dict[str, list[str]] = {}
    for path in sorted(paths, key=lambda path: (path.stem, ENDINGS.index(path.suffix.lower()), path.name)):
        found.setdefault(path.stem, []).append(path.name)
    return found
