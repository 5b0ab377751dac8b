"""`callsheet docs`."""

from __future__ import annotations

import re
from pathlib import Path

from tests.unit.cli.calling import call


def test_the_documentation_is_named_and_printed() -> None:
    """Every page with its title and its file; one by its name, however it is written; a misspelt one is named with the near one."""
    document = call("docs", "--json").json
    titles = {page["page"]: page["title"] for page in document["pages"]}
    assert (titles["tutorial"], titles["reference/json"]) == ("Your first film", "JSON")
    assert all(Path(page["file"]).is_file() for page in document["pages"])
    assert call("docs", "docs/tutorial.md").out == (Path(document["folder"]) / "tutorial.md").read_text(encoding="utf-8")
    wrong = call("docs", "tutoriel")
    assert (wrong.code, "tutorial" in wrong.err) == (2, True)


def test_readmes_pages_are_listed() -> None:
    """README says that `docs` has each page that it links to; the list begins with the tutorial, and no title touches a name."""
    said = call("docs").out.splitlines()
    rows = [line.split(maxsplit=1) for line in said if line.startswith("  ")]
    names = [name for name, _ in rows]
    assert names[0] == "tutorial"
    assert all(re.match(r"  \S+ {2,}\S", line) for line in said if line.startswith("  "))
    assert dict(rows) == {one["page"]: one["title"] for one in call("docs", "--json").json["pages"]}
    read_on = (
        (Path(__file__).parents[3] / "README.md").read_text(encoding="utf-8").partition("## Read on")[2].partition("Wherever callsheet")[0]
    )
    linked = [path.partition("#")[0] for path in re.findall(r"\]\(([^)]+)\)", read_on)]
    assert len(linked) > 10
    assert {Path(one["file"]) for one in call("docs", "--json").json["pages"]} >= {Path(__file__).parents[3] / path for path in linked}
