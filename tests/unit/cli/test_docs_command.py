"""`callsheet docs`."""

from __future__ import annotations

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
