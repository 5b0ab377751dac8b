"""A list's problems for whoever reads them."""

from __future__ import annotations

import json
import re
from pathlib import Path

from callsheet.cli.output.errors import failed
from callsheet.cli.output.problem_formats import formatted
from callsheet.domain.errors import InputError, Problem
from callsheet.shotlist.explain import CODES, page
from tests.unit.cli.calling import LIST, call, project

ROOT = Path(__file__).parents[3]
WRONG = "shot_id,prompt,Dur\nS1,A pier,3-5\nS2,A lamp,fast\n"


def test_people_see_cell_and_header(tmp_path: Path) -> None:
    """The cell's address, the row, the line, our name and the user's own; what was read, the fix, and how to learn more."""
    folder = project(tmp_path, WRONG)
    said = call("check", "spot.csv", "-C", str(folder))
    assert said.code == 3
    assert "spot.csv cell C2, row 2, line 2, column duration_s ('Dur' in the list)" in said.out
    assert "help: write only the length that you want: 3 or 5" in said.out
    assert "`callsheet explain range`" in said.out
    assert "2 errors in 2 rows. Nothing was spent." in said.out


def test_what_is_alike_is_grouped(tmp_path: Path) -> None:
    """Of hundreds of the same kind three are shown, the others are counted with their cells; another kind isn't lost among them."""
    rows = "".join(f"S{n},A pier,fast{n}\n" for n in range(200))
    folder = project(tmp_path, f"shot_id,prompt,duration_s\n{rows}S200,None,3\n")
    said = call("check", "spot.csv", "-C", str(folder))
    assert said.out.count("is not seconds") == 3
    assert "... and 197 more of these: C5, C6, C7, " in said.out
    assert "'None' is a placeholder for nothing" in said.out
    assert len(call("check", "spot.csv", "--json", "-C", str(folder)).json["errors"]) == 201


def test_a_line_each(tmp_path: Path) -> None:
    """Editors make links of file, line and cell."""
    folder = project(tmp_path, WRONG)
    lines = call("check", "spot.csv", "--format", "concise", "-C", str(folder)).out.splitlines()
    assert lines[0].startswith("spot.csv:2:C2: range: '3-5' is a range")
    assert len(lines) == 2


def test_github_annotations(tmp_path: Path) -> None:
    """One workflow command for each problem, its signs escaped."""
    folder = project(tmp_path, WRONG)
    lines = call("check", "spot.csv", "--format", "github", "-C", str(folder)).out.splitlines()
    assert lines[0].startswith("::error file=spot.csv,line=2,title=range::C2: '3-5' is a range, but only one length can be bought%0Ahelp: ")
    [escaped] = formatted([Problem(code="x", message="100%\nno", help="h", file="a,b:c.csv", row=2)], "github")
    assert escaped == "::error file=a%2Cb%3Ac.csv,line=2,title=x::100%25%0Ano%0Ahelp: h"


def test_sarif(tmp_path: Path) -> None:
    """Rules and results with their place; a list without problems has a run without results."""
    folder = project(tmp_path, WRONG)
    document = json.loads(call("check", "spot.csv", "--format", "sarif", "-C", str(folder)).out)
    [run] = document["runs"]
    assert [rule["id"] for rule in run["tool"]["driver"]["rules"]] == ["not-a-number", "range"]
    place = run["results"][0]["locations"][0]
    assert place["physicalLocation"] == {"artifactLocation": {"uri": "spot.csv"}, "region": {"startLine": 2}}
    assert place["logicalLocations"] == [{"name": "C2"}]
    project(tmp_path, LIST)
    said = call("check", "spot.csv", "--format", "sarif", "-C", str(folder))
    assert (said.code, json.loads(said.out)["runs"][0]["results"]) == (0, [])


def test_json_is_the_document(tmp_path: Path) -> None:
    """`--format json` is `--json`."""
    folder = project(tmp_path, WRONG)
    assert (
        json.loads(call("check", "spot.csv", "--format", "json", "-C", str(folder)).out)
        == call("check", "spot.csv", "--json", "-C", str(folder)).json
    )


def test_two_alike_are_both_shown() -> None:
    """Nothing is hidden where it would save no line."""
    problems = [Problem(code="range", message=f"m{n}", help="h", row=n) for n in range(4)]
    assert "more of these" not in "\n".join(formatted(problems, "full"))


def codes_of(folder: str) -> set[str]:
    """The problems that the modules of a folder tell of."""
    source = "\n".join(path.read_text(encoding="utf-8") for path in sorted((ROOT / folder).rglob("*.py")) if path.name != "explain.py")
    words = r"[a-z]+(?:-[a-z]+)+|encoding|formula|json|mapping|markdown|question|range|timecode|unwritten|workbook"
    return set(re.findall(rf'(?:CellError\(\s*|code=|wrong\(\s*[^"\n]+?, |: )"({words})"', source))


def test_every_code_is_explained() -> None:
    """Each code that the reader has, and none that nothing tells of; the page is what the code prints."""
    assert codes_of("src/callsheet/shotlist") <= set(CODES)
    assert set(CODES) <= codes_of("src/callsheet")
    assert (ROOT / "docs/reference/problems.md").read_text(encoding="utf-8") == page()


def test_explain(tmp_path: Path) -> None:
    """One code, all of them, and a slip."""
    assert "why:   one length is bought" in call("explain", "range").out
    assert len(call("explain", "--json").json["codes"]) == len(CODES)
    said = call("explain", "rang")
    assert said.code == 2
    assert "did you mean range?" in said.err


def test_what_is_the_same_in_every_row_is_told_once() -> None:
    """A retired model in three hundred rows is one thing to mend; a document for scripts has each row all the same."""
    rows = [Problem(code="retired", message="is retired", help="use another", file="a.csv", row=n, column="model") for n in range(2, 302)]
    said = failed(InputError.of(rows), "plan")
    assert said.notes[:4] == [
        "a.csv row 2, column model",
        "      is retired",
        "      help: use another",
        "... and 299 more of these: row 3, row 4, row 5, row 6, row 7, row 8, row 9, row 10, row 11, row 12, row 13, row 14 and 287 more",
    ]
    assert len(said.problems) == 300
    assert formatted(rows, "full") == said.notes[:4]
