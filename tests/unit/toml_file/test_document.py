"""A TOML file: its lines, its places in words, and what is wrong with it as a file."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from callsheet.toml_file.document import Document, Location, place_of, read, unclean

TEXT = '''# crf = 1
[project]
name = """
crf = 2
[deliver.web]
"""
note.crf = 3

[[cap]]
usd = "1"
[[cap]]
usd = [
  "2",
]
[deliver."my web"]
crf = 4
lanes = { runware = { slots = 0 } }
'''


@pytest.mark.parametrize(
    ("at", "line"),
    [
        (("project",), 2),
        (("project", "name"), 3),
        (("project", "note", "crf"), 7),
        (("cap", 1), 11),
        (("cap", 1, "usd"), 12),
        (("deliver", "my web", "crf"), 16),
        (("deliver", "my web", "lanes", "runware", "slots"), 17),
        (("deliver", "my web", "gop_s"), 15),
        (("deliver", "web"), 15),
        (("nothing",), None),
    ],
)
def test_a_key_is_found_in_its_line(at: Location, line: int | None) -> None:
    """As TOML reads it: not in a comment, nor in a text; what isn't written is looked for in the table above it."""
    assert Document(file="x.toml", tables=tomllib.loads(TEXT), text=TEXT).line(at) == line


@pytest.mark.parametrize(
    ("table", "says"),
    [
        ((), ""),
        (("project",), "[project]"),
        (("lanes", "runware"), "[lanes.runware]"),
        (("cap", 1), "[[cap]] number 2"),
        (("params", "a/b"), '[params."a/b"]'),
    ],
)
def test_a_table_is_named_as_its_header_has_it(table: Location, says: str) -> None:
    """Tables of a list by their number, from 1."""
    assert place_of(table) == says


@pytest.mark.parametrize(
    ("content", "says"),
    [(b"[project\n", "is not TOML"), (b"\xff", "is not TOML"), (b'name = "a\\u0007b"\n', "holds the control character U+0007")],
)
def test_a_file_that_is_no_clean_toml_is_a_problem(tmp_path: Path, content: bytes, says: str) -> None:
    """With the file and what to do; a character that nobody sees is named with its line."""
    path = tmp_path / "x.toml"
    path.write_bytes(content)
    document, problems = read(path, "settings")
    [problem] = [*problems, *unclean(document)]
    assert (problem.file, problem.code, says in problem.message, bool(problem.help)) == ("x.toml", "settings", True, True)
    assert bool(document.tables) == ("holds" in says)


def test_what_is_no_file_is_not_read(tmp_path: Path) -> None:
    """A folder is a problem; no file at all is for the caller to judge."""
    assert "can't be read" in read(tmp_path, "settings")[1][0].message
    with pytest.raises(FileNotFoundError):
        read(tmp_path / "none.toml", "settings")


@pytest.mark.parametrize(
    ("line", "meant"),
    [
        ("resolution = 768x448", 'resolution = "768x448"'),
        ("fps = 24000/1001", 'fps = "24000/1001"'),
        ("also = 9:16  # upright", 'also = "9:16"'),
        ("model = “runware/ltx-2”", 'model = "runware/ltx-2"'),
        ("usd = 5,50", "usd = 5.50"),
        ("timezone: Europe/Berlin", 'timezone = "Europe/Berlin"'),
        ("usd = 12,000", None),
        ("[project", None),
        ("shots = [S010=2]", None),
        ('name = "half', None),
    ],
)
def test_a_line_that_is_no_toml_is_given_as_it_should_be(tmp_path: Path, line: str, meant: str | None) -> None:
    """The problem has the line's number. Written as the help says, the file is read; where that can't be known, nothing is suggested."""
    path, above = tmp_path / "x.toml", "# a film\n\n"
    path.write_text(f"{above}{line}\n", encoding="utf-8")
    document, [problem] = read(path, "settings")
    assert (document.tables, problem.line) == ({}, 3)
    assert problem.help == (f"write {meant}" if meant else "correct that line")
    if meant:
        path.write_text(above + meant)
        assert read(path, "settings")[1] == []


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_a_byte_order_mark_is_no_part_of_the_first_line(tmp_path: Path, encoding: str) -> None:
    """An editor put it there; keys keep their lines."""
    path = tmp_path / "x.toml"
    path.write_text("[project]\nfps = 24\n", encoding=encoding)
    document, problems = read(path, "settings")
    assert (problems, document.tables, document.line(("project", "fps"))) == ([], {"project": {"fps": 24}}, 2)
