"""refs.csv: cast, props and looks."""

from __future__ import annotations

from pathlib import Path

import pytest

from callsheet.domain.errors import InputError
from callsheet.shotlist.refs import read_refs


def refs(folder: Path, text: str) -> Path:
    (folder / "refs.csv").write_text(text, encoding="utf-8")
    return folder


def test_refs_are_read_as_lists_are(tmp_path: Path) -> None:
    """Any separator, names with or without their sign, own columns carried along, pictures that are there."""
    (tmp_path / "mia.png").write_bytes(b"")
    found = read_refs(refs(tmp_path, 'Name;Text;Pictures;x_who\n@Mia;"a woman, 60";mia.png;us\nlamp;a brass lamp;;\n'))
    assert found.texts == {"mia": "a woman, 60", "lamp": "a brass lamp"}
    assert found.by_name["mia"].pictures == ("mia.png",)


def test_without_the_file_there_are_none(tmp_path: Path) -> None:
    """And nothing is read into prompts."""
    assert not read_refs(tmp_path).there


def test_all_that_is_wrong_is_told_at_its_cell(tmp_path: Path) -> None:
    """Names that can't be called, empty and bare texts, names twice, refs within refs, pictures that aren't there or lie elsewhere."""
    rows = ("2 b,x,", "mia,,", "Lamp,None,", "coat,red,no.png", "COAT,blue,../secret.png", "hat,like @coat,", "hat,x,")
    with pytest.raises(InputError) as refused:
        read_refs(refs(tmp_path, "name,text,pictures\n" + "\n".join(rows)))
    assert [problem.cell for problem in refused.value.problems] == ["A2", "B3", "B4", "C5", "C6", "B7"]
    assert {(problem.code, problem.file) for problem in refused.value.problems} == {("bad-ref", "refs.csv")}


def test_a_name_twice_is_refused(tmp_path: Path) -> None:
    """Whatever the case; the second one's cell, with the row of the first."""
    with pytest.raises(InputError, match="Coat is already in row 2"):
        read_refs(refs(tmp_path, "name,text\ncoat,red\nCoat,blue\n"))


def test_a_header_with_another_column_is_refused(tmp_path: Path) -> None:
    """With the near one; a file without the two columns is no file of refs."""
    with pytest.raises(InputError) as refused:
        read_refs(refs(tmp_path, "name,txt\nmia,x\n"))
    assert [problem.help for problem in refused.value.problems] == ["did you mean text?", "add it"]
