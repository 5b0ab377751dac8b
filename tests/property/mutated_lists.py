"""Byte strings that are nearly a list: real lists of every format that the reader takes, with bytes cut out, doubled, overwritten, put in or packed."""

from __future__ import annotations

import bz2
import functools
import gzip
import io
import lzma
import zipfile
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import strategies as st

from callsheet.shotlist.read import read
from callsheet.shotlist.write import write

#: every ending that decides how a file is read; .dat is read as CSV
KINDS = ("csv", "tsv", "txt", "dat", "parquet", "xlsx", "jsonl", "json", "md")
_LISTS = Path(__file__).parents[1] / "lists"
_PLAIN = "shot_id,prompt,duration_s,seed\nS1,A pier,3.5,1\nS2,A lamp,4,2\n"
_MARKDOWN = b"# Shots\n\n| shot_id | prompt | Duration |\n|---|:-:|--:|\n| S1 | A pier | 3.5 s |\n| S2 | A \\| lamp<br>at night | 4 s |\n"
_JSON = (
    b'[{"shot_id": "S1", "prompt": "A pier", "duration_s": 3.5, "params": {"steps": 30}}, {"shot_id": "S2", "prompt": "A lamp", "seed": 7}]'
)
_JSONL = b'{"shot_id": "S1", "prompt": "A pier", "duration_s": 3.5}\n{"shot_id": "S2", "prompt": "Une jet\\u00e9e", "seed": null}\n'
_STORY = b'{"title": "Film", "scenes": [{"shot_id": "S1", "prompt": "A pier"}, {"shot_id": "S2", "prompt": "A lamp", "duration": "3s"}]}'
#: bytes on which readers stumble
_TELLING = (
    *(b"\0", b'"', b'""', b"'", b",", b";", b"\t", b"|", b"\r", b"\n", b"\r\n", b"\\", b"{", b"}", b"[", b"]", b"<", b"&", b"#", b"=", b"@", b"sep=;\n"),
    *(b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff", b"\xc3", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xff", b"\x1b", b"\xc2\x85", b"\xe2\x80\xa8"),
    *(b"NaN", b"1e999", b"-0", b"1_000", b"9" * 400, b"\xd9\xa3", b"\xef\xbc\x93", b"00:00:01:00", b"=1+1", b"&amp;", b"<br>", b"|---|", b"\\ud800"),
    *(b"PK\x03\x04", b"PAR1", b"\x1f\x8b", b"%PDF", b"<!DOCTYPE x>"),
)  # fmt: skip


@functools.cache
def good(kind: str) -> bytes:
    """A small list in a format that callsheet writes."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "film.csv").write_text(_PLAIN)
        write(read(folder / "film.csv", "film.csv").shots, folder / f"film.{kind}")
        return (folder / f"film.{kind}").read_bytes()


@functools.cache
def lists() -> tuple[tuple[str, bytes], ...]:
    """Real lists: the ending of each, and its bytes. Those of tests/lists as other tools write them, and one or more of every format."""
    cases = [(path.suffix[1:], path.read_bytes()) for path in sorted(_LISTS.rglob("*.*"))]
    plain = [("csv", _PLAIN.encode()), ("tsv", _PLAIN.replace(",", "\t").encode("utf-16")), ("txt", b"A pier, at dusk\nA lamp\n")]
    plain += [("md", _MARKDOWN), ("json", _JSON), ("json", _STORY), ("jsonl", _JSONL), ("xlsx", good("xlsx")), ("parquet", good("parquet"))]
    packed = [(kind, pack(_PLAIN.encode())) for kind in ("csv", "xlsx") for pack in (gzip.compress, bz2.compress, lzma.compress)]
    return (*plain, *cases, *packed)


def _put_in(data: bytes, at: int, _length: int, new: bytes) -> bytes:
    return data[:at] + new + data[at:]


def _overwritten(data: bytes, at: int, _length: int, new: bytes) -> bytes:
    return data[:at] + new + data[at + len(new) :]


def _cut_out(data: bytes, at: int, length: int, _new: bytes) -> bytes:
    return data[:at] + data[at + length :]


def _doubled(data: bytes, at: int, length: int, _new: bytes) -> bytes:
    return data[: at + length] + data[at:]


def _cut_off(data: bytes, at: int, _length: int, _new: bytes) -> bytes:
    return data[:at]


#: what is done, where in the file, to how many bytes, with which new ones
Change = tuple[Callable[[bytes, int, int, bytes], bytes], int, int, bytes]
_CHANGES = st.lists(
    st.tuples(
        st.sampled_from((_put_in, _overwritten, _cut_out, _doubled, _cut_off)),
        st.integers(0, 1 << 17),
        st.integers(1, 64),
        st.sampled_from(_TELLING) | st.binary(min_size=1, max_size=12),
    ),
    min_size=1,
    max_size=4,
)


def mutated() -> st.SearchStrategy[tuple[str, bytes]]:
    """The ending and the bytes of a list with one to four changes; in half of the workbooks these are within one of its parts, the archive
    around it being whole. One in ten lists has another format's ending.
    """
    endings = st.sampled_from((None,) * 9 * len(KINDS) + KINDS)
    return st.builds(_mutated, st.integers(0, 1 << 16), _CHANGES, st.integers(0, 40), endings)


def _mutated(which: int, changes: list[Change], part: int, ending: str | None) -> tuple[str, bytes]:
    kind, data = lists()[which % len(lists())]
    within = kind == "xlsx" and part % 2 == 0 and zipfile.is_zipfile(io.BytesIO(data))
    return ending or kind, _within(data, changes, part // 2) if within else _changed(data, changes)


def _within(data: bytes, changes: list[Change], part: int) -> bytes:
    """A workbook with one of its parts changed."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    name = sorted(parts)[part % len(parts)]
    parts[name] = _changed(parts[name], changes)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for member, text in parts.items():
            archive.writestr(member, text)
    return out.getvalue()


def _changed(data: bytes, changes: list[Change]) -> bytes:
    for change, at, length, new in changes:
        data = change(data, at % (len(data) + 1), length, new)
    return data
