"""Further parameters from rows and project.toml: the row decides, what is wrong is told at its place, and only what is filmed buys anew."""

from __future__ import annotations

import json
import shutil

import pytest

from callsheet.domain.errors import InputError
from callsheet.domain.run_request import RunRequest
from callsheet.planning.plan import Action, Plan
from callsheet.planning.project_plan import prepare
from callsheet.store.house import house_root
from tests.project_stage import Stage
from tests.scripted_runware import Shop

HEAD = "shot_id,prompt,model,duration_s,resolution,fps,params\n"


def listed(stage: Stage, params: str, shot: str = "S1") -> None:
    cell = params.replace('"', '""')
    stage.write(f'{HEAD}{shot},a lighthouse,runware/ltx-2,3,320x192,24,"{cell}"\n')


def project(stage: Stage, text: str) -> None:
    toml = stage.folder / "project.toml"
    toml.write_text(f"{toml.read_text()}\n{text}")


def plan(stage: Stage) -> Plan:
    return prepare(RunRequest(folder=stage.folder, list="spot.csv", cap=10_000_000)).plan


def sent(shop: Shop) -> dict[str, object]:
    """The last purchase."""
    return [task for body in shop.bodies for task in json.loads(body) if task["taskType"] == "videoInference"][-1]


async def test_the_row_goes_over_the_project(stage: Stage, shop: Shop) -> None:
    """project.toml speaks for all shots of a model; a row's own cell decides, one parameter at a time."""
    project(stage, '[params."runware/ltx-2"]\nsteps = 30\nCFGScale = 4.5\nsafety.mode = "fast"\n')
    listed(stage, "steps=50")
    await stage.render()
    task = sent(shop)
    assert (task["steps"], task["CFGScale"], task["safety"]) == (50, 4.5, {"mode": "fast"})


async def test_only_what_is_filmed_buys_again(stage: Stage, shop: Shop) -> None:
    """Another life of the address, or what is sent anyway, keeps the clip; other steps make it stale and say so."""
    listed(stage, "")
    await stage.render()
    for same in ("ttl=9000", "uploadEndpoint=https://b.example/c", "steps=40; settings.enhancePrompt=off"):
        listed(stage, same)
        assert [take.action for take in plan(stage).takes] == [Action.KEEP], same
    listed(stage, "steps=41")
    [take] = plan(stage).takes
    assert (take.action, take.reason) == (Action.BUY, "params changed since S1.t1.a1 was bought")


@pytest.mark.parametrize("path", ["grain", "look.film.grain", "settings.prompt"])
async def test_a_parameter_that_a_card_adds_is_named_by_itself(stage: Stage, shop: Shop, path: str) -> None:
    """The card alone says that a field of the request is a parameter, whatever it is called there."""
    cards = stage.folder / "cards"
    shutil.copytree(house_root() / "configs" / "cards", cards)
    card = cards / "runware-ltx-2.toml"
    card.write_text(f'{card.read_text()}\n[params.grain]\ntype = "integer"\nmin = 0\nmax = 9\npath = "{path}"\n')
    listed(stage, "grain=1")
    await stage.render()
    listed(stage, "grain=2")
    [take] = plan(stage).takes
    assert (take.action, take.reason) == (Action.BUY, "params changed since S1.t1.a1 was bought")


@pytest.mark.parametrize(
    ("cell", "says"),
    [("steps=0", "steps = 0: runware/ltx-2 takes a whole number, 1 to 100"), ("width=64", "callsheet sets it from the column resolution")],
)
def test_what_is_wrong_is_told_at_its_cell(stage: Stage, shop: Shop, cell: str, says: str) -> None:
    """File, row and column; nothing is held."""
    listed(stage, cell)
    [problem] = plan(stage).problems
    assert (problem.file, problem.row, problem.column, problem.shot) == ("spot.csv", 2, "params", "S1")
    assert says in problem.message
    assert not shop.bodies


def test_the_projects_own_are_checked_at_once(stage: Stage, shop: Shop) -> None:
    """Models without a card and values that aren't sold, all together, at their place in project.toml."""
    del shop
    project(stage, '[params."runware/ltx-2"]\nsteps = 0\nwidth = 64\n[params."runware/ltx2"]\nsteps = 1\n')
    with pytest.raises(InputError) as refused:
        plan(stage)
    found = {problem.column: problem.message for problem in refused.value.problems}
    assert "1 to 100" in found['params."runware/ltx-2".steps']
    assert "from the column resolution" in found['params."runware/ltx-2".width']
    assert "no card sells" in found["params.runware/ltx2"]
    assert {problem.file for problem in refused.value.problems} == {"project.toml"}


@pytest.mark.parametrize("text", ['[params."runware/ltx-2"]\nsteps = [1]\n', "[params]\nsteps = 30\n"])
def test_a_table_that_is_none(stage: Stage, shop: Shop, text: str) -> None:
    """Told with the form that is meant."""
    del shop
    project(stage, text)
    with pytest.raises(InputError) as refused:
        plan(stage)
    assert '[params."runware/ltx-2"]' in refused.value.problems[0].help


def test_a_life_is_raised_to_the_projects_own_wait(stage: Stage, shop: Shop) -> None:
    """Patience and download of the lane, as project.toml has them."""
    del shop
    listed(stage, "ttl=60")
    [take] = plan(stage).takes
    assert take.priced.ask
    assert take.priced.ask.delivery == {"ttl": 901}  # half a second of patience in these tests, 900 s of download
