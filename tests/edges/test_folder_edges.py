"""What stands around a project, or is gone from it, at the level of the command."""

from __future__ import annotations

from pathlib import Path

import pytest

from callsheet.store.house import house_root
from tests.edges.conftest import Desk, slow
from tests.hostile_runware import Handler


@pytest.mark.parametrize("words", [("--no-prefect",), slow(())], ids=["alone", "prefect"])
def test_code_and_prices_above_a_project_are_not_its_own(desk: Desk, tmp_path: Path, words: tuple[str, ...]) -> None:
    """flows/, tasks/ and configs/ in a parent folder are a stranger's: no code of theirs runs with the key, no price of theirs is held."""
    ran = tmp_path / "ran"
    for package in ("flows", "tasks", "callsheet"):
        (tmp_path / package).mkdir()
        for module in ("__init__", "render"):
            (tmp_path / package / f"{module}.py").write_text(f"open({str(ran)!r}, 'w').close()\nraise SystemExit(9)\n")
    for file in (house_root() / "configs").rglob("*.toml"):
        theirs = tmp_path / "configs" / file.relative_to(house_root() / "configs")
        theirs.parent.mkdir(parents=True, exist_ok=True)
        theirs.write_text("not = TOML =")
    done = desk.run(
        "render", "spot.csv", "--cap", "1", "--yes", *words, variables={"PREFECT_HOME": str(tmp_path / "prefect")}, timeout_s=300
    )
    assert (done.code, done.document["money"]["settled"]) == (0, "0.06"), done.stderr
    assert not ran.exists()


def test_a_project_whose_id_is_gone_buys_nothing_until_a_person_says_so(desk: Desk) -> None:
    """.callsheet/project.json deleted: the ledger's money would begin at zero again. Exit 6, with the way out."""
    assert desk.render().code == 0
    identity = desk.folder / ".callsheet" / "project.json"
    kept = identity.read_text()
    identity.unlink()
    desk.list(3)
    said = desk.render()
    assert (said.code, desk.service.purchases) == (6, 1), said.stderr
    assert "project.json" in said.errors
    identity.write_text(kept)
    again = desk.render()
    assert (again.code, desk.service.purchases, again.document["money"]["settled"]) == (0, 3, "0.18"), again.stderr


@pytest.mark.parametrize("when", ["submit", slow("look"), "download"])
def test_a_folder_that_is_renamed_meanwhile_is_no_defect_and_loses_nothing(desk: Desk, tmp_path: Path, when: str) -> None:
    """Renamed while a purchase, a look or a clip is under way: exit 5 says so, nothing is left where it was, and the run goes on at its new place."""
    moved = Desk(tmp_path / "moved", desk.service, desk.variables)

    def rename(_handler: Handler) -> bool:
        if desk.folder.exists():
            desk.folder.rename(moved.folder)
        return False

    desk.list(3)
    setattr(desk.service, when, rename)
    said = desk.render()
    assert (said.code, [error["code"] for error in said.document["errors"]]) == (5, ["place"]), said.stderr
    assert not desk.folder.exists()
    assert "Traceback" not in said.stderr
    setattr(desk.service, when, lambda _handler: False)
    again = moved.render()
    assert (again.code, desk.service.purchases, again.document["money"]["settled"]) == (0, 3, "0.18"), again.stderr


def test_signs_of_urls_and_shells_in_names(desk: Desk, tmp_path: Path) -> None:
    """A folder and a list may have every sign that means something in a URL, a pattern or a shell; all that is made stands in that folder, and nothing beside it."""
    parent = tmp_path / "films"
    odd = Desk(parent / "Ad #3?a=1&b %20 %03d 'q' \"d\" [x]{y};z,\\ $HOME \n ü", desk.service, desk.variables)
    odd.folder.mkdir(parents=True)
    odd.list(2)
    (odd.folder / "spot.csv").rename(odd.folder / "spot #1?%41.csv")
    done = odd.run("render", "spot #1?%41.csv", "--cap", "1", "--yes", "--no-prefect")
    assert (done.code, done.document["counts"]["bought"]) == (0, 2), done.stderr
    again = odd.run("render", "spot #1?%41.csv", "--yes", "--no-prefect")
    assert (again.code, again.document["counts"]["kept"], desk.service.purchases) == (0, 2, 2), again.stderr
    assert [path.name for path in parent.iterdir()] == [odd.folder.name]
    assert (odd.folder / ".callsheet/ledger.db").is_file()
