"""A list that another project has bought: rendered from the wrong folder, it is not paid for again. At the level of the command."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from urllib.request import urlopen

import pytest

from tests.unit.cli.calling import Said, call, project, service


def rendered(folder: Path, list: str = "spot.csv") -> Said:
    return call("render", list, "--cap", "1", "--yes", "--no-prefect", "-C", str(folder), "--json")


def billed(url: str) -> int:
    """How many jobs the service has billed."""
    with urlopen(f"{url}/standin/bill") as answer:
        return len(json.load(answer)["jobs"])


@pytest.mark.parametrize(
    ("here", "list"),
    [(".", "film/spot.csv"), ("film/out", "../spot.csv"), ("other", "../film/spot.csv"), ("film/cut", "{}/film/spot.csv")],
    ids=["above", "below", "beside", "by its whole path"],
)
def test_the_wrong_folder_pays_for_nothing_again(here: str, list: str, tmp_path: Path) -> None:
    """The plan says where the list was bought; a render ends with 6 and leaves no project behind. A folder that has bought of it itself goes on."""
    film = project(tmp_path / "film")
    folder, named = tmp_path / here, list.format(tmp_path)
    with service(tmp_path) as url:
        assert rendered(film).code == 0
        bill = billed(url)
        folder.mkdir(exist_ok=True)
        planned = call("plan", named, "--cap", "1", "-C", str(folder))
        assert "has bought 3 takes of it" in planned.out
        refused = rendered(folder, named)
        assert (refused.code, refused.json["errors"][0]["code"], billed(url)) == (6, "bought_elsewhere", bill)
        assert not (folder / ".callsheet" / "ledger.db").exists()
        assert f"callsheet render spot.csv -C {film}" in refused.json["errors"][0]["help"]
        assert rendered(film).json["counts"]["bought"] == 0


def test_what_is_meant_to_be_bought_here_is(tmp_path: Path) -> None:
    """A copy of the list; a list in a folder of the project; a list of a project that has bought nothing of it; one that both have bought."""
    film, other = project(tmp_path / "film"), tmp_path / "other"
    other.mkdir()
    with service(tmp_path):
        assert rendered(other, "../film/spot.csv").json["counts"]["bought"] == 3
        assert rendered(film).json["counts"]["bought"] == 3
        assert rendered(other, "../film/spot.csv").json["counts"]["kept"] == 3
        (other / "lists").mkdir()
        shutil.copy(film / "spot.csv", other / "lists" / "copy.csv")
        assert rendered(other, "lists/copy.csv").code == 0


def test_another_account_has_other_clips(tmp_path: Path) -> None:
    """What a rehearsal bought elsewhere is nothing that a run at another account would pay for again."""
    film = project(tmp_path / "film")
    with service(tmp_path / "first"):
        assert rendered(film).code == 0
    with service(tmp_path / "second"):
        assert rendered(tmp_path, "film/spot.csv").json["counts"]["bought"] == 3
