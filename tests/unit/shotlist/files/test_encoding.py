"""The encoding is known, or named, or the list is refused; it is never guessed."""

from __future__ import annotations

import codecs
from pathlib import Path

import pytest

from callsheet.domain.errors import InputError, UsageError
from callsheet.shotlist.mapping import keep_encoding, load_mapping, mapping_file
from callsheet.shotlist.read import read
from tests.unit.shotlist.lists import faults, put, shots

CHINESE = "shot_id,prompt\nS1,黄昏时的灯塔，镜头缓缓推进\n"


def test_an_unknown_encoding_is_refused_with_samples(tmp_path: Path) -> None:
    """What it could be is shown with the list's own words, and the option that settles it."""
    [problem] = faults(tmp_path, CHINESE.encode("gbk"))
    assert (problem.code, problem.file) == ("encoding", "film.csv")
    assert "offset 18" in problem.message
    assert any("--encoding gb" in line and "黄昏时的灯塔" in line for line in problem.help.splitlines())
    assert "CSV UTF-8" in problem.help


def test_the_named_encoding_is_kept(tmp_path: Path) -> None:
    """Named once, it is in the list's mapping, read from there and said with a sample; other keys of the mapping stay."""
    path = put(tmp_path, CHINESE.encode("gbk"))
    mapping_file(path).write_text("# mine\nheader_row = 1\n")
    keep_encoding(path, "film.csv", "GBK")
    assert mapping_file(path).read_text() == '# mine\nheader_row = 1\nencoding = "gbk"\n'
    found = read(path, "film.csv")
    assert found.shots[0].prompt == "黄昏时的灯塔，镜头缓缓推进"
    assert "read as gbk" in found.notes[0]
    assert "黄昏" in found.notes[0]


@pytest.mark.parametrize("name", ["klingon", "base64", "utf-7", "", "idna"])
def test_what_is_no_encoding_is_a_slip(tmp_path: Path, name: str) -> None:
    """A name that no text is stored in is refused, and nothing is kept."""
    path = put(tmp_path, CHINESE.encode("gbk"))
    with pytest.raises(UsageError, match="is not an encoding"):
        keep_encoding(path, "film.csv", name)
    assert load_mapping(path).encoding is None


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (CHINESE.encode("gbk"), "ascii"),
        ("shot_id,prompt\nS1,It\u2019s\n".encode("cp1252"), "latin-1"),
    ],
)
def test_a_named_encoding_that_does_not_fit_is_refused(tmp_path: Path, data: bytes, name: str) -> None:
    """Bytes that the encoding doesn't have, or that are control characters in it, are no text in it."""
    path = put(tmp_path, data)
    with pytest.raises(InputError):
        keep_encoding(path, "film.csv", name)
    assert load_mapping(path).encoding is None


def test_a_list_in_utf8_takes_no_other_name(tmp_path: Path) -> None:
    """A mapping that is older than the list's last save doesn't spoil it: the contradiction is told."""
    path = put(tmp_path, CHINESE)
    with pytest.raises(InputError, match="is UTF-8"):
        keep_encoding(path, "film.csv", "gbk")
    mapping_file(path).write_text('encoding = "gbk"\n')
    with pytest.raises(InputError, match="is UTF-8"):
        read(path, "film.csv")


def test_a_mapping_that_is_broken_is_told(tmp_path: Path) -> None:
    """Neither a wrong name in it nor a wrong form is passed over."""
    path = put(tmp_path, CHINESE)
    for text in ('encoding = "klingon"', "encoding = "):
        mapping_file(path).write_text(text)
        with pytest.raises(InputError, match=r"film\.mapping\.toml"):
            read(path, "film.csv")


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"PK\x03\x04....xl/workbook.xml", "an Excel workbook"),
        (b"PK\x03\x04....word/document.xml", "a Word document"),
        (b"\x1f\x8b\x08\0", "gzip"),
        (b"PAR1....", "a Parquet file"),
        (b"%PDF-1.7", "a PDF"),
        (b'{"OTIO_SCHEMA": "Timeline.1"}', "an OTIO timeline"),
        (b'{"boards": []}', "a Storyboarder file"),
        (b'{"schema": "callsheet.plan/1"}', "a saved plan"),
        (b'{"shot_id": "S1", "prompt": "x"}\n', "JSON"),
        (b"TITLE: cut\nFCM: NON-DROP FRAME\n", "an EDL"),
        (b"INT. LAMP ROOM - NIGHT\n\nThe lamp turns.\n", "a screenplay"),
        (b"| shot_id | prompt |\n|---|---|\n| S1 | x |\n", "a Markdown table"),
        (b'<?xml version="1.0"?><xmeml/>', "XML"),
    ],
)
def test_what_is_no_list_is_called_by_its_name(tmp_path: Path, data: bytes, says: str) -> None:
    """What it is and what to do about it, in one problem."""
    [problem] = faults(tmp_path, data)
    assert problem.code == "not-a-list"
    assert says in problem.message
    assert problem.help


@pytest.mark.parametrize("data", [b"shot_id,prompt\nS1,a\0b\n", codecs.BOM_UTF8 + b"shot_id\xff"])
def test_what_is_no_text_is_refused(tmp_path: Path, data: bytes) -> None:
    """Zero bytes that make no UTF-16, and bytes that contradict the mark before them."""
    [problem] = faults(tmp_path, data)
    assert problem.code == "encoding"
    assert "CSV UTF-8" in problem.help


def test_a_mark_alone_makes_no_text(tmp_path: Path) -> None:
    """UTF-32's mark isn't taken for UTF-16's, which it begins with."""
    assert shots(tmp_path, CHINESE.encode("utf-32")).shots[0].prompt == "黄昏时的灯塔，镜头缓缓推进"
