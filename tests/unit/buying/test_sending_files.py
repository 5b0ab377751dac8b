"""Files of a purchase: how they leave, how they are written down, what keeps a clip and what makes it stale."""

from __future__ import annotations

import base64
import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from callsheet.budget.ledger import read
from callsheet.budget.project_ledger import open_named
from callsheet.buying.take_result import End
from callsheet.domain.attempt import SentFile, State
from callsheet.domain.errors import InputError
from callsheet.domain.run_request import RunRequest
from callsheet.planning.project_plan import prepare
from callsheet.store import clip_store
from callsheet.store.project_folder import Project
from tests.media_files import png
from tests.project_stage import Stage
from tests.project_steps import plan
from tests.scripted_runware import Shop

HEAD = "shot_id,prompt,model,duration_s,resolution,fps,first_frame\n"


def uri(data: bytes) -> str:
    return f"data:image/png;base64,{base64.b64encode(data).decode()}"


def put(path: Path, data: bytes) -> None:
    """The author saves a file."""
    path.write_bytes(data)


def row(name: str, cell: str) -> str:
    return f'{name},a lighthouse in the rain,runware/ltx-2,3,320x192,24,"{cell}"\n'


def picture_of(body: bytes) -> Any:
    [task] = json.loads(body)
    [image] = task["inputs"]["frameImages"]
    return image


def attempts(stage: Stage) -> Any:
    project = Project(stage.folder)
    ledger = open_named(project, prepare(RunRequest(folder=stage.folder, list="spot.csv")).settings)
    try:
        return read.attempts(ledger, project.identity)
    finally:
        ledger.close()


def kept(stage: Stage) -> dict[Path, bytes]:
    """The copies that the project keeps."""
    return {path: path.read_bytes() for path in (stage.folder / ".callsheet" / "inputs").rglob("*") if path.is_file()}


@pytest.fixture
def pier(stage: Stage) -> Path:
    """The list's one picture, and a list that names it."""
    path = stage.folder / "refs" / "pier.png"
    path.parent.mkdir()
    path.write_bytes(png())
    stage.write(HEAD + row("S1", "refs/pier.png"))
    return path


async def test_a_picture_leaves_as_it_is(stage: Stage, shop: Shop, pier: Path) -> None:
    """Its very bytes, as a data URI; the service never learns what the author calls it."""
    assert (await stage.render()).counts.bought == 1
    assert picture_of(shop.bodies[0]) == {"frame": "first", "image": uri(png())}
    assert b"pier" not in shop.bodies[0]


async def test_a_picture_is_written_down_by_its_digest(stage: Stage, shop: Shop, pier: Path) -> None:
    """The book has the digest and the author's name for it; the bytes are kept once beside the clips, whatever becomes of the author's file."""
    await stage.render()
    [attempt] = attempts(stage)
    [file] = attempt.files
    assert file == SentFile(column="first_frame", cell="refs/pier.png", mime="image/png", sha256=file.sha256, size=len(png()))
    assert len(attempt.request) < 700
    assert file.sha256.encode() in attempt.request
    assert kept(stage) == {clip_store.input_path(Project(stage.folder), file.sha256): png()}


async def test_a_repeated_request_has_the_same_bytes(stage: Stage, shop: Shop, pier: Path) -> None:
    """Sent again under its key after an answer was lost, whatever the author made of the file meanwhile."""
    shop.submits = ["dropped", "ok"]
    assert (await stage.render()).counts.bought == 1
    assert len(shop.bodies) == 2
    assert shop.bodies[0] == shop.bodies[1]


@pytest.mark.parametrize("shop_says", ["lost", "dropped"])
async def test_the_next_run_sends_what_was_written_down(stage: Stage, shop: Shop, pier: Path, shop_says: str) -> None:
    """A run that ended without an answer: the next one looks, and sends those bytes again only where the service has none."""
    shop.submits, shop.polls = [shop_says], ["502"]
    await stage.render()
    shop.submits, shop.polls = ["ok"], ["done"]
    assert (await stage.render()).counts.bought == 1
    assert len(set(shop.bodies)) == 1
    assert len(shop.jobs) == len(shop.bill) == 1


async def test_another_name_keeps_the_clip(stage: Stage, shop: Shop, pier: Path) -> None:
    """Moved, renamed, written as a data URI: the same content is the same request."""
    await stage.render()
    shutil.move(pier, stage.folder / "quay.png")
    for cell in ("quay.png", "./quay.png", uri(png())):
        stage.write(HEAD + row("S1", cell))
        [take] = plan(stage).values()
        assert take.action.value == "keep", take.reason
    assert (await stage.render()).counts.kept == 1
    assert len(shop.bodies) == 1


async def test_other_bytes_under_the_same_name_are_another_request(stage: Stage, shop: Shop, pier: Path) -> None:
    """The clip is stale, and the reason names the file; changed back it is kept."""
    await stage.render()
    put(pier, png(shade=200))
    [take] = plan(stage).values()
    assert (take.action.value, take.reason) == ("buy", "first_frame (refs/pier.png) changed since S1.t1.a1 was bought")
    put(pier, png())
    assert next(iter(plan(stage).values())).action.value == "keep"


async def test_a_picture_that_is_added_or_taken_away_is_a_reason(stage: Stage, shop: Shop, pier: Path) -> None:
    """The column is named; so is the one beside it that changed too."""
    await stage.render()
    stage.write(HEAD + row("S1", "").replace("rain", "fog"))
    assert next(iter(plan(stage).values())).reason == "prompt and first_frame (refs/pier.png) changed since S1.t1.a1 was bought"


async def test_two_rows_of_one_picture_keep_it_once(stage: Stage, shop: Shop, pier: Path) -> None:
    """One copy for the project; each row is its own purchase."""
    stage.write(HEAD + row("S1", "refs/pier.png") + row("S2", "./refs/pier.png").replace("rain", "fog"))
    assert (await stage.render()).counts.bought == 2
    assert len(kept(stage)) == 1
    assert [picture_of(body)["image"] for body in shop.bodies] == [uri(png())] * 2


async def test_a_changed_copy_is_never_sent(stage: Stage, shop: Shop, pier: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was agreed to is what leaves, or nothing does; no intent is written."""
    real = clip_store.keep_input

    def spoilt(project: Project, sha256: str, data: bytes) -> None:
        real(project, sha256, data)
        clip_store.input_path(project, sha256).write_bytes(b"something else")

    monkeypatch.setattr(clip_store, "keep_input", spoilt)
    outcome = await stage.render()
    assert [taken.end for taken in outcome.takes] == [End.FAILED]
    assert "the copy of refs/pier.png that is sent, was changed" in outcome.takes[0].message
    assert not shop.bodies
    assert all(attempt.intent_at is None and attempt.state is State.CLOSED for attempt in attempts(stage))


async def test_bad_files_are_told_before_anything_is_held(stage: Stage, shop: Shop) -> None:
    """All of them, each at file, row and column."""
    put(stage.folder / "a.png", b"hello")
    put(stage.folder / "b.png", png()[:60])
    stage.write(HEAD + row("S1", "a.png") + row("S2", "b.png") + row("S3", "../spot/b.png") + row("S4", "http://x.test/a.png"))
    shutil.copytree(stage.folder, stage.folder.parent / "spot")
    with pytest.raises(InputError) as raised:
        await stage.render()
    told = [(problem.file, problem.row, problem.column, problem.code, problem.shot) for problem in raised.value.problems]
    codes = ("wrong-kind", "damaged", "outside", "bad-url")
    assert told == [("spot.csv", n + 2, "first_frame", code, f"S{n + 1}") for n, code in enumerate(codes)]
    assert not shop.asked
    assert attempts(stage) == []


async def test_a_service_that_is_not_listed_gets_no_file(stage: Stage, shop: Shop, pier: Path) -> None:
    """`[project] services` decides; the reading itself sends nothing."""
    with (stage.folder / "project.toml").open("a") as file:
        file.write('[project]\nservices = ["bytecompute"]\n')
    with pytest.raises(InputError, match="not listed in"):
        await stage.render()
    assert not shop.asked


async def test_a_picture_of_another_shape_is_bought_and_said(stage: Stage, shop: Shop, pier: Path) -> None:
    """It is among the plan's notes, with the shot."""
    put(pier, png(192, 320))
    [note] = prepare(RunRequest(folder=stage.folder, list="spot.csv")).plan.notes
    assert note.startswith("first_frame: the picture is 192x320, the shot 320x192")
    assert note.endswith("(S1)")
    assert (await stage.render()).counts.bought == 1


async def test_the_plan_of_thousand_rows_holds_one_file_once(stage: Stage, pier: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every row's purchase shares the bytes."""
    monkeypatch.setenv("RUNWARE_API_KEY", "canary")
    stage.write(HEAD + "".join(row(f"S{n}", "refs/pier.png") for n in range(1_000)))
    asks = [item.ask for item in prepare(RunRequest(folder=stage.folder, list="spot.csv")).priced]
    assert len(asks) == 1_000
    assert len({id(ask.first_frame.data) for ask in asks if ask and ask.first_frame}) == 1


async def test_addresses_and_uploads_leave_as_they_are(stage: Stage, shop: Shop) -> None:
    """The service reads them itself; nothing of them is kept here."""
    upload = "6f1d8c52-1b7e-4a53-9a53-3f6f2f6c1d00"
    stage.write(HEAD + row("S1", "https://x.test/a.png?sig=1") + row("S2", upload))
    assert (await stage.render()).counts.bought == 2
    assert sorted(picture_of(body)["image"] for body in shop.bodies) == [upload, "https://x.test/a.png?sig=1"]
    assert not kept(stage)
    assert {file.cell for attempt in attempts(stage) for file in attempt.files} == {"https://x.test/a.png?...", upload}
