"""The ledger's identity, the folder's, and where a ledger is kept on a network file system: nothing is bought on the word of the wrong book."""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from callsheet.budget import ledger_identity
from callsheet.budget.ledger.store import open_ledger
from callsheet.domain.errors import Exit, HumanError, LedgerError, LockedError
from callsheet.domain.run_request import RunRequest
from callsheet.planning.project_plan import prepare
from callsheet.status.project_view import read_view
from callsheet.store import machine, project_folder
from callsheet.store.project_folder import Project, network_file_system
from tests import postgres
from tests.project_stage import LIST, Stage
from tests.scripted_runware import Shop
from tests.unit.cli.calling import call

TWO = LIST + "S2,a boat,runware/ltx-2,3,320x192,24\n"


def doubts(folder: Path) -> list[str]:
    """What a reading command says."""
    prepared = prepare(RunRequest(folder=folder, list="spot.csv"))
    return [problem.message for problem in read_view(prepared.project, prepared.settings).doubts]


async def accept(stage: Stage, which: str) -> None:
    """As the command that the help names."""
    said = await asyncio.to_thread(call, "doctor", which, "-C", str(stage.folder), "--json")  # a command has a loop of its own
    assert said.json["accepted"]


async def test_a_project_knows_its_ledger_and_its_folder_from_the_first_run(stage: Stage, shop: Shop) -> None:
    await stage.render()
    known = json.loads((stage.folder / ".callsheet" / "project.json").read_text())
    with closing(open_ledger(stage.folder / ".callsheet" / "ledger.db")) as ledger:
        assert (known["ledger"], known["folder"]) == (ledger.id, str(stage.folder.resolve()))
    assert doubts(stage.folder) == []


async def test_a_missing_ledger_stops_the_buying(stage: Stage, shop: Shop) -> None:
    """Exit 6; no new ledger is made in its place; reading commands warn; a person may say that it is meant."""
    await stage.render()
    for file in stage.folder.glob(".callsheet/ledger.db*"):
        file.unlink()
    with pytest.raises(HumanError, match=r"this project's ledger is missing: .callsheet/ledger.db") as stopped:
        await stage.render()
    assert stopped.value.exit is Exit.HUMAN
    assert "callsheet doctor --accept-ledger" in stopped.value.problems[0].help
    assert not (stage.folder / ".callsheet" / "ledger.db").exists()
    assert doubts(stage.folder) == ["this project's ledger is missing: .callsheet/ledger.db"]
    await accept(stage, "--accept-ledger")
    assert (await stage.render()).exit is Exit.DONE
    assert len(shop.jobs) == 2


async def test_an_older_copy_of_the_ledger_stops_the_buying(stage: Stage, shop: Shop) -> None:
    """A backup that was put back knows nothing of what was bought since, and would buy it again: exit 6, until a person reports that it is meant."""
    own, kept = stage.folder / ".callsheet" / "ledger.db", stage.folder / "kept.db"
    await stage.render()
    shutil.copy(own, kept)
    (stage.folder / "spot.csv").write_text(TWO)
    await stage.render()
    for beside in stage.folder.glob(".callsheet/ledger.db-*"):
        beside.unlink()
    shutil.copy(kept, own)
    with pytest.raises(HumanError, match=r"an older copy .* has 1 of 2 attempts"):
        await stage.render()
    assert len(shop.jobs) == 2
    await accept(stage, "--accept-ledger")
    assert (await stage.render()).exit is Exit.DONE


async def test_an_older_copy_is_known_after_a_kill_too(stage: Stage, shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """The run that bought was killed and could not note how many attempts there are; a copy from before it lacks the run itself."""
    own, kept = stage.folder / ".callsheet" / "ledger.db", stage.folder / "kept.db"
    await stage.render()
    shutil.copy(own, kept)
    (stage.folder / "spot.csv").write_text(TWO)
    with monkeypatch.context() as killed:
        killed.setattr(Project, "record", only_before_the_purchase(shop, Project.record))
        killed.setattr(Project, "note_seen", only_before_the_purchase(shop, Project.note_seen))
        await stage.render()
    assert len(shop.jobs) == 2
    for beside in stage.folder.glob(".callsheet/ledger.db-*"):
        beside.unlink()
    shutil.copy(kept, own)
    with pytest.raises(HumanError, match=r"an older copy .* does not have the project's last run"):
        await stage.render()
    assert len(shop.jobs) == 2
    await accept(stage, "--accept-ledger")
    assert (await stage.render()).exit is Exit.DONE


def only_before_the_purchase(shop: Shop, record: Callable[..., None]) -> Callable[..., None]:
    """A project file that is written no more once something was bought, as by a run that is killed then."""
    there = len(shop.jobs)

    def recorded(project: Project, **values: str) -> None:
        if len(shop.jobs) == there:
            record(project, **values)

    return recorded


@pytest.mark.parametrize("made", ["another", "empty"])
async def test_another_or_an_empty_ledger_in_its_place_stops_the_buying(stage: Stage, shop: Shop, made: str) -> None:
    await stage.render()
    own = stage.folder / ".callsheet" / "ledger.db"
    kept = own.with_name("kept.db")
    with closing(open_ledger(own)) as ledger, ledger.reading():
        pass
    shutil.move(own, kept)
    for beside in stage.folder.glob(".callsheet/ledger.db-*"):
        beside.unlink()
    if made == "another":
        open_ledger(own).close()
    else:
        own.touch()
    with pytest.raises(HumanError, match=r"not the project's ledger|ledger is missing"):
        await stage.render()
    assert len(shop.jobs) == 1
    for beside in stage.folder.glob(".callsheet/ledger.db*"):
        beside.unlink()
    shutil.move(kept, own)
    assert (await stage.render()).counts.kept == 1


async def test_a_copied_folder_buys_nothing_until_it_is_a_project_of_its_own(
    stage: Stage, shop: Shop, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """The original goes on; the copy keeps its clips, has no cap, and buys under keys of its own."""
    await stage.render()
    folder = tmp_path_factory.mktemp("elsewhere") / "copy"
    shutil.copytree(stage.folder, folder)
    copy = Stage.__new__(Stage)
    copy.folder, copy.told = folder, []
    copy.write(TWO)
    with pytest.raises(HumanError, match="this folder is a copy of") as stopped:
        await copy.render()
    assert "callsheet doctor --accept-copy" in stopped.value.problems[0].help
    assert doubts(folder) == [f"this folder is a copy of {stage.folder.resolve()}, and both would buy the same takes"]
    assert (await copy.render(buy=False)).sequences[0].shots, "finishing buys nothing, so it works"
    await accept(copy, "--accept-copy")
    assert doubts(folder) == []
    assert (await copy.render(cap=None)).exit is Exit.MONEY
    outcome = await copy.render()
    assert (outcome.counts.kept, outcome.counts.bought, len(shop.jobs)) == (1, 1, 2)
    stage.write(TWO)
    assert (await stage.render()).counts.bought == 1
    assert len(shop.jobs) == 3, "the original and the copy have keys of their own"


@pytest.fixture
def at(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Goes to a machine of that name, with a home of its own."""
    homes = {name: tmp_path_factory.mktemp(name) for name in ("studio", "laptop")}

    def go(name: str) -> None:
        monkeypatch.setenv("CALLSHEET_MACHINE", name)
        monkeypatch.setenv("XDG_STATE_HOME", str(homes[name]))

    return go


@pytest.mark.parametrize("which", ["--accept-ledger", "--accept-copy"])
async def test_a_copy_at_the_same_path_on_another_machine_buys_nothing_until_a_person_says_so(
    stage: Stage, shop: Shop, at: Callable[[str], None], which: str
) -> None:
    """Exit 6, and both ways out; what buys nothing goes on; where it came from nothing is asked."""
    at("studio")
    await stage.render()
    at("laptop")
    stage.write(TWO)
    with pytest.raises(HumanError, match="last rendered on another machine") as stopped:
        await stage.render()
    assert (stopped.value.exit, len(shop.jobs)) == (Exit.HUMAN, 1)
    assert which in stopped.value.problems[0].help
    assert (await stage.render(buy=False)).sequences[0].shots
    assert len(doubts(stage.folder)) == 1
    await accept(stage, which)
    assert doubts(stage.folder) == []
    outcome = await stage.render()
    assert (outcome.exit, outcome.counts.bought, outcome.counts.kept, len(shop.jobs)) == (Exit.DONE, 1, 1, 2)
    if which == "--accept-ledger":
        at("studio")
        assert (await stage.render()).counts.kept == 2


async def test_a_machine_to_which_a_project_was_moved_is_known_from_then_on(stage: Stage, shop: Shop, at: Callable[[str], None]) -> None:
    """A disk that is carried to and fro is asked about once for each machine."""
    at("studio")
    await stage.render()
    at("laptop")
    await accept(stage, "--accept-ledger")
    for name in ("studio", "laptop", "studio"):
        at(name)
        assert (await stage.render()).exit is Exit.DONE


async def test_a_home_that_machines_share_makes_none_of_them_known(
    stage: Stage, shop: Shop, at: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A folder's copy on another machine, whose users have their homes on a file server."""
    at("studio")
    await stage.render()
    monkeypatch.setenv("CALLSHEET_MACHINE", "laptop")
    stage.write(TWO)
    with pytest.raises(HumanError, match="last rendered on another machine"):
        await stage.render()


async def test_another_user_or_an_empty_home_is_no_other_machine(
    stage: Stage, shop: Shop, at: Callable[[str], None], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The machine's name decides; a home that can't be written, or that isn't there, stops nothing."""
    at("studio")
    await stage.render()
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "empty"))
    assert (await stage.render()).exit is Exit.DONE
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "file"))
    assert (await stage.render()).exit is Exit.DONE


async def test_a_container_takes_the_folder_that_is_mounted_and_no_copy_of_it(
    stage: Stage, shop: Shop, at: Callable[[str], None], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """It has no name of its own: the ledger's file tells whether it is the folder of the machine around it, or one that its image was made with."""
    at("studio")
    await stage.render()
    monkeypatch.delenv("CALLSHEET_MACHINE")
    monkeypatch.setattr(machine, "_systems_id", lambda: "")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "container"))
    assert doubts(stage.folder) == []
    book = stage.folder / ".callsheet" / "ledger.db"
    shutil.copy(book, copied := book.with_name("copied.db"))
    copied.rename(book)
    with pytest.raises(HumanError, match="another machine"):
        await stage.render()
    assert len(shop.jobs) == 1


async def test_a_backup_of_the_whole_folder_stops_the_buying(stage: Stage, shop: Shop, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Ledger and project.json are both as they were, and agree: the machine has seen a later ledger."""
    backup = tmp_path_factory.mktemp("disk") / "backup"
    await stage.render()
    shutil.copytree(stage.folder, backup)
    stage.write(TWO)
    await stage.render()
    shutil.rmtree(stage.folder)
    shutil.copytree(backup, stage.folder)
    stage.write(TWO)
    with pytest.raises(HumanError, match=r"an older copy .* has 1 of 2 attempts"):
        await stage.render()
    assert len(shop.jobs) == 2
    await accept(stage, "--accept-ledger")
    assert (await stage.render()).exit is Exit.DONE
    assert len(shop.jobs) == 2, "the same attempt has the same key, which the service knows"


async def test_a_backup_from_before_a_run_that_was_killed_stops_the_buying(
    stage: Stage, shop: Shop, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The run that bought could not note how many attempts there are; the backup doesn't know it."""
    backup = tmp_path_factory.mktemp("disk") / "backup"
    await stage.render()
    shutil.copytree(stage.folder, backup)
    stage.write(TWO)
    with monkeypatch.context() as killed:
        killed.setattr(Project, "record", only_before_the_purchase(shop, Project.record))
        killed.setattr(Project, "note_seen", only_before_the_purchase(shop, Project.note_seen))
        await stage.render()
    shutil.rmtree(stage.folder)
    shutil.copytree(backup, stage.folder)
    with pytest.raises(HumanError, match=r"an older copy .* does not have the project's last run"):
        await stage.render()
    assert len(shop.jobs) == 2


async def test_a_lost_project_file_stops_the_buying_and_the_ledger_gives_it_back(stage: Stage, shop: Shop) -> None:
    """Exit 6, and no new name that would begin with no cap; what a person accepts has its cap and its clips again."""
    await stage.render()
    file = stage.folder / ".callsheet" / "project.json"
    known = json.loads(file.read_text())["id"]
    file.unlink()
    with pytest.raises(HumanError, match=r"\.callsheet/project\.json is missing") as stopped:
        await stage.render(cap=None)
    assert (stopped.value.exit, file.exists()) == (Exit.HUMAN, False)
    assert "callsheet doctor --accept-ledger" in stopped.value.problems[0].help
    await accept(stage, "--accept-ledger")
    assert json.loads(file.read_text())["id"] == known
    outcome = await stage.render(cap=None)
    assert (outcome.exit, outcome.counts.kept, len(shop.jobs)) == (Exit.DONE, 1, 1)


async def test_picks_and_rejects_go_with_an_accepted_copy(stage: Stage, shop: Shop, tmp_path_factory: pytest.TempPathFactory) -> None:
    """What people said of the clips is said of the copy's, too."""
    await stage.render()
    assert (await asyncio.to_thread(call, "pick", "S1.t1", "-C", str(stage.folder), "--json")).code == 0
    folder = tmp_path_factory.mktemp("elsewhere") / "copy"
    shutil.copytree(stage.folder, folder)
    copy = Stage.__new__(Stage)
    copy.folder, copy.told = folder, []
    await accept(copy, "--accept-copy")
    copy.write(LIST.replace("in the rain", "in the sun"))
    outcome = await copy.render()
    assert (outcome.counts.kept, outcome.counts.bought, len(shop.jobs)) == (1, 0, 1)


async def test_a_moved_folder_is_the_same_project(stage: Stage, shop: Shop, tmp_path_factory: pytest.TempPathFactory) -> None:
    await stage.render()
    folder = tmp_path_factory.mktemp("moved") / "film"
    shutil.move(stage.folder, folder)
    stage.folder = folder
    assert (await stage.render()).counts.kept == 1
    assert Project(folder).recorded["folder"] == str(folder.resolve())


async def test_a_ledger_that_contradicts_itself_refuses_to_spend(stage: Stage, shop: Shop) -> None:
    """Exit 5, and `doctor` says what drifted."""
    await stage.render()
    with closing(open_ledger(stage.folder / ".callsheet" / "ledger.db")) as ledger, ledger.writing() as connection:
        connection.exec_driver_sql("update cap set used = used - 1 where rehearsal = 1")
    stage.write(TWO)
    with pytest.raises(LedgerError) as drifted:
        await stage.render()
    assert drifted.value.exit is Exit.SETUP
    assert drifted.value.problems[0].message == "the project cap counts 0.089999 USD and its entries sum to 0.09"
    assert len(shop.jobs) == 1
    examined = await asyncio.to_thread(call, "doctor", "-C", str(stage.folder), "--json")
    assert examined.code == 5
    assert "entries sum to 0.09" in examined.out


def test_a_network_file_system_is_known_by_the_systems_table(tmp_path: Path) -> None:
    """The longest mount point that holds the folder decides; a place that only looks alike is another."""
    table = tmp_path / "mounts"
    table.write_text(
        f"/dev/sda1 / ext4 rw 0 0\nserver:/films {tmp_path}/net nfs4 rw 0 0\n/dev/sdb1 {tmp_path}/net/local ext4 rw 0 0\n//nas/a {tmp_path}/my\\040share cifs rw 0 0\n"
    )
    found = {name: network_file_system(tmp_path / name, table) for name in ("net/spot", "net/local/spot", "network", "my share/spot")}
    assert found == {"net/spot": "nfs4", "net/local/spot": None, "network": None, "my share/spot": "cifs"}
    assert network_file_system(tmp_path, tmp_path / "nothing") is None


async def test_on_a_network_file_system_ledger_and_lock_are_on_this_machine(
    stage: Stage, shop: Shop, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """`status` names the place; a second machine, which has none, is stopped."""
    monkeypatch.setattr(project_folder, "network_file_system", lambda _folder: "nfs4")
    here, there = (tmp_path_factory.mktemp(name) for name in ("here", "there"))
    monkeypatch.setenv("XDG_STATE_HOME", str(here))
    await stage.render()
    project = Project(stage.folder)
    assert project.ledger_file == here / "callsheet" / project.identity / "ledger.db"
    assert project.ledger_file.is_file()
    assert {path.name for path in project.state.iterdir()} >= {"project.json", "clips"}
    assert not list(project.state.glob("ledger*")) + list(project.state.glob("*.lock"))
    with project.lock(), pytest.raises(LockedError):
        await stage.render()
    assert f"ledger in {here}/callsheet/{project.identity}" in " ".join(call("status", "-C", str(stage.folder)).out.split())
    monkeypatch.setenv("XDG_STATE_HOME", str(there))
    with pytest.raises(HumanError, match="ledger is missing"):
        await stage.render()
    assert not list(there.iterdir()) or not (there / "callsheet" / project.identity / "ledger.db").exists()


async def test_a_run_on_a_shared_ledger(stage: Stage, shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """PostgreSQL by its URL: bought once, kept by the next run, and held against another machine's run of the same project."""
    monkeypatch.setenv("CALLSHEET_LEDGER", postgres.emptied())
    outcome = await stage.render()
    assert (outcome.exit, outcome.money.settled) == (Exit.DONE, 90_000)
    assert not (stage.folder / ".callsheet" / "ledger.db").exists()
    assert (await stage.render()).counts.kept == 1
    prepared = prepare(RunRequest(folder=stage.folder, list="spot.csv"))
    elsewhere = open_ledger(ledger_identity.ledger_location(prepared.project, prepared.settings))
    with elsewhere.locked(prepared.project.identity), pytest.raises(LockedError, match="on another machine"):
        await stage.render()
    elsewhere.close()
    monkeypatch.setenv("CALLSHEET_LEDGER", postgres.fresh())
    with pytest.raises(HumanError, match="the one in CALLSHEET_LEDGER"):
        await stage.render()
    assert len(shop.jobs) == 1
