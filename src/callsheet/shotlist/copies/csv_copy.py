"""A copy of a CSV with columns added at its end, in its own dialect: encoding, separator, quotes and line ends. Existing cells keep their
bytes.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from difflib import unified_diff

from callsheet.domain.errors import InputError, UsageError
from callsheet.shotlist.copies.copied import Copied
from callsheet.shotlist.files.encoding import decode, stored_as
from callsheet.shotlist.files.sheet import delimiter_of

#: characters that a spreadsheet takes for the beginning of a formula
_FORMULA = ("=", "+", "-", "@", "\t")


def csv_copy(
    data: bytes,
    file: str,
    copy: str,
    encoding: str | None,
    names: Sequence[str],
    header_row: int,
    cells: Mapping[int, Sequence[str]],
    *,
    header_cells: bool = False,
) -> Copied:
    """The copy: `names` in row `header_row` (0: nowhere), and `cells` by row number, one for each name; with `header_cells`, the header's
    cells follow its names. An existing column of the same name gets the new cells. UsageError if the encoding can't be written,
    InputError if its rows can't be told apart.
    """
    stored = stored_as(data, encoding)
    if stored is None:
        raise UsageError("this encoding can't be written", help="save the list as UTF-8")
    text, _ = decode(data, file, encoding)
    delimiter, skipped = delimiter_of(text)
    rows = records(text[skipped:], delimiter, file)
    width = max((len(record) for record, _ in rows), default=0)
    header = rows[header_row - 1][0] if 0 < header_row <= len(rows) else []
    at = {name: header.index(name) if name in header else None for name in names}
    out = [text[:skipped]]
    for number, (record, raw) in enumerate(rows, start=1):
        added = names if number == header_row else cells.get(number)
        if number == header_row and header_cells and number in cells:
            added = [f"{name}: {text}" for name, text in zip(names, cells[number], strict=True)]
        if added is None and not any(record):
            out.append(raw)
        else:
            out.append(_with(record, raw, delimiter, width, list(zip(at.values(), added or [""] * len(names), strict=True)), stored))
    made = "".join(out)
    diff = tuple(unified_diff(text.splitlines(), made.splitlines(), file, copy, lineterm="", n=0))
    return Copied(made.encode(stored), diff)


def records(text: str, delimiter: str, file: str) -> list[tuple[list[str], str]]:
    """Each record with its exact text in the file. InputError if they can't be told apart."""
    try:
        return list(_records(text, delimiter))
    except csv.Error as error:
        raise InputError(
            f"{file}: its quotation marks don't match ({error}), so no copy of it can be made",
            help='correct the quotes first: in a cell between quotes each mark is doubled, "a 5"" lens"',
        ) from None


def _records(text: str, delimiter: str) -> Iterator[tuple[list[str], str]]:
    taken: list[str] = []

    def lines() -> Iterator[str]:
        for line in io.StringIO(text, newline=""):
            taken.append(line)
            yield line

    for record in csv.reader(lines(), delimiter=delimiter, strict=True):
        yield record, "".join(taken)
        taken.clear()


def written(record: Sequence[str], raw: str, delimiter: str) -> str:
    """A record in the file's own style: all cells quoted if all are, the same line end."""
    end = raw[len(raw.rstrip("\r\n")) :]
    quoting = csv.QUOTE_ALL if raw.lstrip().startswith('"') and raw.rstrip().endswith('"') else csv.QUOTE_MINIMAL
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=delimiter, lineterminator=end, quoting=quoting).writerow(record)
    return out.getvalue()


def _with(record: list[str], raw: str, delimiter: str, width: int, added: list[tuple[int | None, str]], stored: str) -> str:
    """A record with added cells, or with new values in existing columns."""
    added = [(index, _safe(text, stored)) for index, text in added]
    new = [text for index, text in added if index is None]
    there = {index: text for index, text in added if index is not None}
    end = raw[len(raw.rstrip("\r\n")) :]
    if there:
        padded = [*record, *[""] * (width - len(record))]
        raw = written([there.get(index, cell) for index, cell in enumerate(padded)], raw, delimiter)
        record = padded
    if not new:
        return raw
    kept = raw[: len(raw) - len(end)] if end else raw
    behind = written(["", *new], f'""{end}' if _quoted(raw) else end, delimiter).removeprefix('""')  # a single empty cell would get quotes
    return kept + delimiter * (width - len(record)) + behind


def _quoted(raw: str) -> bool:
    return raw.lstrip().startswith('"') and raw.rstrip().endswith('"')


def _safe(text: str, stored: str) -> str:
    """A text on one line that no spreadsheet takes for a formula, without characters that the file's encoding lacks."""
    plain = " ".join(text.split())
    plain = f"'{plain}" if plain.startswith(_FORMULA) else plain
    return plain.encode(stored, "replace").decode(stored)
