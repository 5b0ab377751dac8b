"""Whose flows, cards and configs are used: never those of a folder above the film."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from callsheet.cli.app import run
from callsheet.cli.commands.begin.doctor_checks import Mark, machine_checks
from callsheet.domain.errors import Exit, SetupError
from callsheet.domain.money import usd
from callsheet.domain.run_request import RunRequest
from callsheet.planning.project_plan import Prepared, prepare
from callsheet.store.house import VARIABLE, House, house, house_root, passed_over
from callsheet.store.project_folder import Project
from tests.house.sources import ROOT

LIST = "shot_id,prompt,model,duration_s,resolution,fps\nS1,a boat,runware/ltx-2,2,320x192,24\nS2,a cliff,runware/ltx-2,2,320x192,24\n"


@pytest.fixture(autouse=True)
def _unnamed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)


def _stranger(folder: Path) -> Path:
    """A house whose flows must not run and whose cards sell everything for nothing."""
    shutil.copytree(house_root() / "configs", folder / "configs")
    (folder / "flows").mkdir()
    (folder / "tasks").mkdir()
    for name in ("flows/__init__.py", "flows/render.py", "tasks/__init__.py"):
        (folder / name).write_text("raise RuntimeError('a stranger')\n")
    card = folder / "configs" / "cards" / "runware-ltx-2.toml"
    card.write_text(card.read_text().replace('usd_per_s = "0.03"', 'usd_per_s = "0.001"'))
    return folder


def _film(folder: Path) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / "spot.csv").write_text(LIST)
    return folder


def _planned(folder: Path) -> Prepared:
    return prepare(RunRequest(folder=folder, list="spot.csv"))


def test_a_parent_folder_is_never_priced_from(tmp_path: Path) -> None:
    """A house in the folder above, or in the film's own, changes no price; this clone's is used."""
    film = _film(_stranger(tmp_path) / "film")
    assert house() == House(ROOT, "clone")
    assert _planned(film).plan.price == usd("0.12")
    assert passed_over(film) == (tmp_path.resolve(),)
    _stranger(film)
    assert _planned(film).plan.price == usd("0.12")


def test_doctor_names_what_is_passed_over(tmp_path: Path) -> None:
    """The house in use stands first, then each folder above that looks like one."""
    film = _film(_stranger(tmp_path) / "film")
    said = [(check.mark, check.says) for check in machine_checks(Project(film)) if check.name == "house"]
    assert said == [
        (Mark.FINE, f"flows, cards and configs: the source tree {ROOT}"),
        (Mark.WARN, f"{tmp_path.resolve()} looks like a house, but is not used"),
    ]


def test_a_parent_folder_is_never_run(tmp_path: Path) -> None:
    """The flow that a run loads is this clone's."""
    from callsheet.cli.prefect.play_flow import load_flow  # noqa: PLC0415  # brings Prefect in

    film = _film(_stranger(tmp_path) / "film")
    flow, _ = load_flow("render")
    assert Path(flow.fn.__code__.co_filename) == ROOT / "flows" / "render.py"  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType]
    assert film


@pytest.mark.parametrize("form", ["environment", "option", "option=", "before"])
def test_a_house_that_is_named_is_used(
    form: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """By CALLSHEET_HOUSE or by --house, wherever that stands; `plan` says so, and the environment is as before."""
    named, film = _stranger(tmp_path / "house"), _film(tmp_path / "film")
    words = ["plan", "-C", str(film), "spot.csv", "--offline"]
    if form == "environment":
        monkeypatch.setenv(VARIABLE, str(named))
    option = {"option": [*words, "--house", str(named)], "option=": [*words, f"--house={named}"], "before": ["--house", str(named), *words]}
    assert run(option.get(form, words)) == Exit.DONE
    said = capsys.readouterr().out
    assert f"Flows, cards and configs: {named}, named by CALLSHEET_HOUSE or --house." in said
    monkeypatch.delenv(VARIABLE, raising=False)
    assert house().origin == "clone"


def test_a_named_folder_that_is_no_house_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Never is another one used in its place."""
    monkeypatch.setenv(VARIABLE, str(tmp_path))
    with pytest.raises(SetupError, match="lacks flows"):
        house()
    assert run(["doctor", "-C", str(tmp_path)]) == Exit.SETUP


def test_a_project_s_own_cards_are_told_where_they_change_a_price(tmp_path: Path) -> None:
    """They come from cards/ alone, and the plan names the first shot's two prices; a copy that changes nothing is not told."""
    film = _film(tmp_path / "film")
    (film / "cards").mkdir()
    shipped = (ROOT / "configs" / "cards" / "runware-ltx-2.toml").read_text()
    own = film / "cards" / "ours.toml"
    own.write_text(shipped)
    assert not [note for note in _planned(film).plan.notes if "cards/" in note]
    own.write_text(shipped.replace('usd_per_s = "0.03"', 'usd_per_s = "0.02"'))
    planned = _planned(film)
    assert planned.plan.price == usd("0.08")
    assert "runware/ltx-2 is priced by this project's own cards/: 0.04 USD for S1, 0.06 USD by the shipped card" in planned.plan.notes
    own.write_text(shipped.replace('name = "runware/ltx-2"', 'name = "runware/ours"'))
    (film / "spot.csv").write_text(LIST.replace("runware/ltx-2", "runware/ours"))
    assert "runware/ours is sold only by this project's own cards/: 0.06 USD for S1" in _planned(film).plan.notes
