"""Any list survives the way through CSV, XLSX and Parquet."""

from __future__ import annotations

import io
import json
import os
import zipfile
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from callsheet.domain.errors import InputError
from callsheet.domain.shots.foreign_text import fault
from callsheet.domain.shots.shot import Origin, Shot
from callsheet.shotlist.columns.damage import decoded_twice
from callsheet.shotlist.load import bytes_of, load
from callsheet.shotlist.mapping import NO_MAPPING
from callsheet.shotlist.markup import markup
from callsheet.shotlist.proposal.propose import propose
from callsheet.shotlist.read import read
from callsheet.shotlist.write import write
from tests.property.mutated_lists import KINDS, good, mutated


def undamaged(text: str) -> bool:
    """Whether a text can't be taken for UTF-8 that was decoded twice, which is refused."""
    return decoded_twice(text) is None


FILLED = st.text(st.characters(exclude_categories=("Cs", "Cc"), include_characters="\n\t,;\"'="), min_size=1, max_size=40).filter(
    lambda text: (
        any(sign.isalpha() for sign in text.strip(" \n\t\ufeff\u200b\u2060").strip())
        and "\ufffd" not in text
        and fault(text) is None
        and markup(text) is None
        and undamaged(text)
    )
)
SECONDS = st.decimals(min_value="0.001", max_value="3600", places=3).map(str)
#: a comma before three digits could be a thousands mark, and is refused
CENTS = st.decimals(min_value="0.01", max_value="3600", places=2).map(str)
VALUES = st.booleans() | st.integers(-(10**12), 10**12) | st.decimals(-100, 100, places=4).map(float) | FILLED.filter(str.isprintable)
NAMES = st.from_regex(r"[A-Za-z][A-Za-z0-9_]{0,8}(\.[a-z]{1,4})?", fullmatch=True)
PARAMS = st.dictionaries(NAMES, VALUES, max_size=4).map(json.dumps) | st.sampled_from(["steps = 30; safety.mode=fast", "a=1;b=2.50;"])


def rows_of(comma: bool) -> st.SearchStrategy[dict[str, str]]:
    """Rows whose lengths have a decimal comma or point: a table has one of both."""
    return st.fixed_dictionaries(
        {"prompt": FILLED.map("A lamp {}".format).filter(undamaged)},  # a word for nothing alone is refused
        optional={
            "sequence": st.sampled_from(["SQ1", "SQ2", "Nord See"]),
            "model": st.sampled_from(["runware/ltx-2", "runware/ltx-2.3"]),
            "duration_s": CENTS.map(lambda text: text.replace(".", ",")) if comma else SECONDS,
            "resolution": st.sampled_from(["1280x720", "720X1280", "640 x 360"]),
            "fps": st.sampled_from(["24", "23.976", "24000/1001", "12.5", "50"]),
            "seed": st.integers(0, (1 << 63) - 1).map(str),
            "takes": st.integers(1, 8).map(str),
            "sound": st.sampled_from(["on", "off", "FALSE", "yes"]),
            "status": st.sampled_from(["ready", "Hold", "omit"]),
            "max_cost_usd": st.decimals(min_value="0.000001", max_value="9999", places=6).map(str),
            "params": PARAMS,
            "note": FILLED,
            "x_own": FILLED,
        },
    )


def placeless(shots: tuple[Shot, ...]) -> list[Shot]:
    """Shots less where they stand in which file."""
    return [replace(shot, origin=Origin("", 0, None)) for shot in shots]


@settings(max_examples=150, deadline=None, print_blob=True)
@given(
    rows=st.booleans().flatmap(lambda comma: st.lists(rows_of(comma), min_size=1, max_size=6)),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
)
def test_csv_to_xlsx_to_parquet_and_back(rows: list[dict[str, str]], encoding: str) -> None:
    """CSV, XLSX, Parquet, CSV, each read and written: the same shots at every stop, and the second CSV is the first in plain form."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        path = folder / "film.csv"
        path.write_bytes(as_csv(rows).encode(encoding))
        first = read(path, "film.csv").shots
        write(first, folder / "film.xlsx")
        seen = read(folder / "film.xlsx", "film.xlsx").shots
        write(seen, folder / "film.parquet")
        stored = read(folder / "film.parquet", "film.parquet").shots
        write(stored, path)
        plain = path.read_bytes()
        again = read(path, "film.csv").shots
        write(again, path)
        assert placeless(first) == placeless(seen) == placeless(stored) == placeless(again)
        assert [shot.shot_id for shot in first] == [f"S{n}" for n in range(len(rows))]
        assert path.read_bytes() == plain


#: pure noise, and real lists that were changed: noise alone rarely gets past a format's first bytes
FILES = st.tuples(st.sampled_from(KINDS), st.binary(max_size=300) | st.text(max_size=300).map(str.encode)) | mutated()
#: how many byte strings the long run tries; every night 1000000
MANY = int(os.environ.get("CALLSHEET_EXAMPLES", "10000"))


def refused_or_read(data: bytes, kind: str) -> None:
    """Whatever the bytes, they are read, or refused with problems that have a place to look and something to do; the same for an import."""
    with TemporaryDirectory() as name:
        path = Path(name) / f"film.{kind}"
        path.write_bytes(data)
        for reader in (read, proposed):
            try:
                reader(path, path.name)
            except InputError as error:
                assert error.problems
                assert all(problem.file == path.name and problem.message and problem.help for problem in error.problems)


def proposed(path: Path, file: str) -> None:
    """Ask what mapping a list seems to need."""
    propose(load(path, bytes_of(path, file), file, NO_MAPPING), file, {}, {})


@settings(max_examples=200, deadline=None, print_blob=True)
@example(file=("csv", b'"'))
@given(file=FILES)
def test_no_file_is_a_surprise(file: tuple[str, bytes]) -> None:
    """No byte string makes the reader raise anything but its own error."""
    refused_or_read(file[1], file[0])


@pytest.mark.slow
@pytest.mark.timeout(36_000)
@settings(max_examples=MANY, deadline=None, print_blob=True)
@given(file=FILES)
def test_no_file_is_a_surprise_ten_thousand_times(file: tuple[str, bytes]) -> None:
    """The same, at length."""
    refused_or_read(file[1], file[0])


def spoiled(data: bytes, at: int, new: bytes) -> bytes:
    """The bytes with some of them overwritten."""
    at %= len(data)
    return data[:at] + new + data[at + len(new) :]


@settings(max_examples=150, deadline=None, print_blob=True)
@given(at=st.integers(0, 1 << 16), new=st.binary(min_size=1, max_size=12), member=st.integers(0, 20))
def test_a_spoiled_workbook_is_no_surprise(at: int, new: bytes, member: int) -> None:
    """A workbook whose parts were damaged, the archive around them being whole."""
    with zipfile.ZipFile(io.BytesIO(good("xlsx"))) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    name = sorted(parts)[member % len(parts)]
    parts[name] = spoiled(parts[name], at, new)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for part, data in parts.items():
            archive.writestr(part, data)
    refused_or_read(out.getvalue(), "xlsx")


@settings(max_examples=150, deadline=None, print_blob=True)
@given(at=st.integers(0, 1 << 16), new=st.binary(min_size=1, max_size=12))
def test_a_spoiled_parquet_file_is_no_surprise(at: int, new: bytes) -> None:
    """A Parquet file of which some bytes were overwritten."""
    refused_or_read(spoiled(good("parquet"), at, new), "parquet")


def as_csv(rows: list[dict[str, str]]) -> str:
    """CSV as someone else's program writes it: every cell in quotes."""
    names = ["shot_id", *sorted({name for row in rows for name in row})]
    lines = [names, *([f"S{n}", *(row.get(name, "") for name in names[1:])] for n, row in enumerate(rows))]
    return "".join(",".join('"' + cell.replace('"', '""') + '"' for cell in line) + "\r\n" for line in lines)
