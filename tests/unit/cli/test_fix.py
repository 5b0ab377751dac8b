"""`check --fix`: a copy in the list's own form, with what can be mended in one way only."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.cli.calling import call, project

WRONG = (
    "shot_id;promt;takes;negative_prompt;duration_s\r\n"
    'SC1;"INT. LAMP ROOM - NIGHT";;;\r\n'
    'A 1;"A pier; at dusk";1.0;None;3,5\r\n'
    'A2;"A ""lamp""";2;;3-5\r\n'
    "A3; cafÃ© at night ;;;4\r\n"
    "TOTAL;;;;11\r\n"
)
FIXED = (
    "shot_id;prompt;takes;negative_prompt;duration_s\r\nA-1;A pier; at dusk;1;;3,5\r\n".replace("A pier; at dusk", '"A pier; at dusk"')
    + 'A2;"A ""lamp""";2;;3-5\r\n'
    + "A3;café at night;;;4\r\n"
)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_what_has_one_way_is_mended(tmp_path: Path, encoding: str) -> None:
    """Separator, line ends, quotes, mark and every other byte stay; what needs a choice is left, and told; the list itself isn't touched."""
    folder = project(tmp_path)
    data = WRONG.encode(encoding)
    (folder / "film.csv").write_bytes(data)
    first = call("check", "film.csv", "--fix", "-C", str(folder))
    second = call("check", "film.fixed.csv", "--fix", "-C", str(folder))  # with the header right, its cells are seen
    last = folder / "film.fixed.fixed.csv"
    assert (first.code, second.code) == (3, 3)
    assert "-shot_id;promt;takes" in first.out
    assert "+shot_id;prompt;takes" in first.out
    found = (last if last.exists() else folder / "film.fixed.csv").read_bytes().decode(encoding)
    assert found == FIXED
    assert (folder / "film.csv").read_bytes() == data
    assert "range" in second.err
    assert call("check", "film.csv", "--fix", "--json", "-C", str(folder)).json["fixed"] == "film.fixed.csv"


def test_quotes_that_dont_match_are_told(tmp_path: Path) -> None:
    """Its rows can't be told apart, so no copy is made."""
    folder = project(tmp_path)
    (folder / "film.csv").write_text('shot_id,prompt\nS1,"A pier\nS2,Gulls\n')
    said = call("check", "film.csv", "--fix", "-C", str(folder))
    assert (said.code, "quotation marks" in said.err) == (3, True)


def test_nothing_to_mend(tmp_path: Path) -> None:
    """A list that is right, or wrong in a way that needs a choice, gets no copy."""
    folder = project(tmp_path)
    said = call("check", "spot.csv", "--fix", "-C", str(folder))
    assert said.code == 0
    assert not (folder / "spot.fixed.csv").exists()


def test_only_a_csv(tmp_path: Path) -> None:
    """Another file is refused."""
    (tmp_path / "a.md").write_text("| shot_id | prompt |\n|---|---|\n| S1 | A pier |\n")
    assert call("check", "a.md", "--fix", "-C", str(tmp_path)).code == 2
