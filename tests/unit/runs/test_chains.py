"""Chains over the stand-in: each shot begins with the last frame of the one before, read back from the stand-in's coded pictures; retakes make the rest stale."""

from __future__ import annotations

import asyncio
import base64
import io
import re
from collections.abc import Iterator
from pathlib import Path

import av
import pytest

from callsheet.budget.ledger import read
from callsheet.budget.ledger.marks import put_mark
from callsheet.budget.project_ledger import open_named
from callsheet.buying import buy_take
from callsheet.buying.context import RunContext
from callsheet.buying.receive import receive as receive_clip
from callsheet.clock import Clock
from callsheet.cutting import typed_marks
from callsheet.domain.attempt import Attempt, State
from callsheet.domain.errors import Exit, InputError
from callsheet.domain.run_request import RunRequest
from callsheet.planning.plan import Action
from callsheet.planning.project_plan import Prepared, prepare
from callsheet.qc.clip import Asked
from callsheet.runs.cut_room import CutRoom
from callsheet.runs.outcome import Outcome
from callsheet.runs.session import direct
from callsheet.standin.jobs.config import Config
from callsheet.standin.serve import running
from callsheet.status.project_view import read_view
from callsheet.store.clip_store import clip_path
from callsheet.store.project_folder import Project
from tests import film_reader
from tests.project_stage import QUICK, Stage
from tests.project_steps import said
from tests.request_log import Left, logged, purchases
from tests.scripted_runware_films import Stock

SAME = """
[project]
model = "runware/ltx-2"
fps = 24
resolution = "320x192"
duration_s = 1
[continuity]
max_links = 4
"""
PROJECT = f"""{SAME}
[lanes.runware]
poll_first_s = 0.01
poll_max_s = 0.05
outage_s = 5.0
[attempts]
unavailable_wait_s = 0.01
settle_s = 0.05
"""
CHAIN = "shot_id,prompt,first_frame\nS1,a pier at dawn,\n" + "".join(f"S{n},the pier {n} hours later,@prev\n" for n in range(2, 6))
_PICTURE = re.compile(rb"data:image/png;base64,([A-Za-z0-9+/=]+)")


@pytest.fixture(scope="module")
def films(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A film cache for all stand-ins of this module."""
    return tmp_path_factory.mktemp("films")


class Set:
    """A project that cuts nothing: these runs are about buying."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "project.toml").write_text(PROJECT)
        self.write(CHAIN)

    def write(self, text: str) -> None:
        (self.folder / "pier.csv").write_text(text)

    def order(self, cap: int = 10_000_000, *, buy: bool = True) -> RunRequest:
        return RunRequest(folder=self.folder, list="pier.csv", cap=cap, buy=buy)

    async def render(self, cap: int = 10_000_000) -> Outcome:
        return await direct(self.order(cap))

    def plan(self) -> Prepared:
        return prepare(self.order())

    def attempts(self) -> list[Attempt]:
        ledger = open_named(Project(self.folder), self.plan().settings)
        try:
            return list(read.attempts(ledger, Project(self.folder).identity))
        finally:
            ledger.close()

    def received(self) -> dict[str, Attempt]:
        """Of each shot the newest clip."""
        return {attempt.take.shot: attempt for attempt in self.attempts() if attempt.state is State.RECEIVED}

    def cells(self, attempt: Attempt) -> list[film_reader.Cell | None]:
        assert attempt.sha256
        return film_reader.read_film(clip_path(Project(self.folder), attempt.sha256))


@pytest.fixture
def made(films: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Set]:
    async def nothing(*_args: object) -> None:
        """Not here."""

    monkeypatch.setattr(CutRoom, "_normalize", nothing)
    monkeypatch.setattr(CutRoom, "_finish", nothing)
    with running(Config(speed=0, films=films)) as address:
        monkeypatch.setenv("RUNWARE_BASE_URL", f"{address}/v1")
        monkeypatch.setenv("RUNWARE_API_KEY", "made-up")
        yield Set(tmp_path)


def sent(left: list[Left]) -> dict[str, film_reader.Cell | None]:
    """By prompt, what the picture shows that a purchase begins with; None where it has none."""
    found: dict[str, film_reader.Cell | None] = {}
    for one in purchases(left):
        picture = _PICTURE.search(one.body)
        found[one.fields["positivePrompt"]] = cell_of(base64.b64decode(picture[1])) if picture else None
    return found


def cell_of(png: bytes) -> film_reader.Cell | None:
    with av.open(io.BytesIO(png), format="png_pipe") as box:
        gray = next(box.decode(video=0)).to_ndarray(format="gray")
    return film_reader.read_cell(gray)


async def test_each_shot_begins_with_the_last_frame_of_the_one_before(made: Set) -> None:
    """Of five shots each purchase shows its predecessor's last frame; the plan names the chain before; a second run buys nothing."""
    plan = made.plan().plan
    assert plan.chain
    assert (plan.chain.shots, len(plan.buys), [str(take) for take in plan.buys[4].waits]) == (("S1", "S2", "S3", "S4", "S5"), 5, ["S4.t1"])
    with logged() as left:
        outcome = await made.render()
    assert outcome.counts.bought == 5
    got, shown = made.received(), sent(left)
    prompts = {"S1": "a pier at dawn", **{f"S{n}": f"the pier {n} hours later" for n in range(2, 6)}}
    assert shown[prompts["S1"]] is None
    for n in range(2, 6):
        last = made.cells(got[f"S{n - 1}"])[-1]
        assert last is not None
        assert shown[prompts[f"S{n}"]] == last, f"S{n} begins with another frame"
    assert len({cell for cell in shown.values() if cell}) == 4
    again = made.plan().plan
    assert [take.action for take in again.takes] == [Action.KEEP] * 5
    assert not any(take.stale for take in again.takes)
    with logged() as left:
        assert (await made.render()).counts.kept == 5
    assert not purchases(left)


async def test_a_further_shape_waits_for_its_frame_too(made: Set) -> None:
    """A row that is bought in a second shape hangs on the same frame in both; neither is sent before it has come."""
    made.write("shot_id,prompt,first_frame,also\nS1,a pier at dawn,,\nS2,the pier later,@prev,9:16\n")
    waits = {str(take.take): [str(other) for other in take.waits] for take in made.plan().plan.takes}
    assert waits == {"S1.t1": [], "S2.t1": ["S1.t1"], "S2@9x16.t1": ["S1.t1"]}
    with logged() as left:
        assert (await made.render()).counts.bought == 3
    last = made.cells(made.received()["S1"])[-1]
    pictures = [_PICTURE.search(one.body) for one in purchases(left)]
    assert pictures[0] is None
    assert [found and cell_of(base64.b64decode(found[1])) for found in pictures[1:]] == [last, last]
    assert not any(take.stale for take in made.plan().plan.takes)


async def test_a_retake_in_the_middle_makes_the_rest_stale_and_buys_none_of_it(made: Set) -> None:
    """After a retake of S3 alone S3 is bought; S4 and S5 are kept, stale, with their price, until they are to be retaken as well: then they show the new frames."""
    await made.render()
    first = made.received()
    _retake(made, "S3")
    plan = {str(take.take): take for take in made.plan().plan.takes}
    assert [take.action.value for take in plan.values()] == ["keep", "keep", "buy", "keep", "keep"]
    assert [name for name, take in plan.items() if take.stale] == ["S4.t1", "S5.t1"]
    assert plan["S3.t1"].waits == ()
    assert (await made.render()).counts.bought == 1
    after = made.plan()
    stale = [take for take in after.plan.takes if take.stale]
    assert [str(take.take) for take in stale] == ["S4.t1", "S5.t1"]
    assert all(take.action is Action.KEEP and take.again == 30_000 for take in stale)
    assert any("`callsheet retake S4 S5` and the next render buy them again for 0.06 USD" in note for note in after.plan.notes)
    assert {shot: clip.id for shot, clip in made.received().items() if shot != "S3"} == {s: c.id for s, c in first.items() if s != "S3"}
    _retake(made, "S4", "S5")
    with logged() as left:
        assert (await made.render()).counts.bought == 2
    got, shown = made.received(), sent(left)
    assert shown["the pier 4 hours later"] == made.cells(got["S3"])[-1]
    assert shown["the pier 5 hours later"] == made.cells(got["S4"])[-1]
    assert not any(take.stale for take in made.plan().plan.takes)


@pytest.mark.parametrize("at", ["waiting", "exchanged"])
async def test_killed_between_links_it_goes_on_without_a_second_purchase(made: Set, monkeypatch: pytest.MonkeyPatch, at: str) -> None:
    """Broken off while S3 waits, or just after its hold shows the frame, the next run buys what is left: five jobs, five charges, each frame its predecessor's."""
    stop = asyncio.Event()
    really = buy_take.drive

    async def drive(context: object, attempt: Attempt, asked: object) -> Attempt:
        if attempt.take.shot == ("S2" if at == "waiting" else "S3"):
            stop.set()
            await asyncio.sleep(60)
        return await really(context, attempt, asked)  # type: ignore[arg-type]  # what it was called with

    with logged() as left, monkeypatch.context() as patch:
        patch.setattr(buy_take, "drive", drive)
        run = asyncio.create_task(made.render())
        await stop.wait()
        # a kill gives nothing back: what is on hold stays so
        patch.setattr("callsheet.buying.holds.Holds.give_back", lambda *_: None)
        run.cancel()
        await asyncio.gather(run, return_exceptions=True)
    held = [attempt for attempt in made.attempts() if attempt.state is State.HELD]
    assert len(held) == (4 if at == "waiting" else 3)
    with logged() as more:
        outcome = await made.render()
    assert outcome.counts.bought == (4 if at == "waiting" else 3)
    assert len(purchases(left)) + len(purchases(more)) == 5
    assert not [attempt for attempt in made.attempts() if attempt.state.live]
    got = made.received()
    shown = sent(left) | sent(more)
    for n in range(2, 6):
        assert shown[f"the pier {n} hours later"] == made.cells(got[f"S{n - 1}"])[-1]


async def test_killed_while_a_link_is_fetched_it_goes_on(made: Set, monkeypatch: pytest.MonkeyPatch) -> None:
    """S2's clip is there and S3 was sent with its frame and paid: the next run fetches S3, waits for no frame of it, and buys what is left."""
    stop = asyncio.Event()
    really = receive_clip

    async def receive(context: RunContext, attempt: Attempt, asked: Asked | None) -> Attempt:
        if attempt.take.shot == "S3":
            stop.set()
            await asyncio.sleep(60)
        return await really(context, attempt, asked)

    with monkeypatch.context() as patch:
        patch.setattr(buy_take, "receive", receive)
        run = asyncio.create_task(made.render())
        await stop.wait()
        run.cancel()
        await asyncio.gather(run, return_exceptions=True)
    with logged() as more:
        outcome = await made.render()
    assert (outcome.exit, len(purchases(more))) == (Exit.DONE, 2)
    assert len(made.received()) == 5


async def test_a_chain_whose_link_fails_sends_nothing_behind_it(stock: Stock, stage: Stage) -> None:
    """Where S2's content is refused, what hangs on it is told so and its money is given back; the plan says why it is blocked."""
    stage.write(CHAIN)
    (stage.folder / "project.toml").write_text(QUICK + SAME.replace("duration_s = 1", "duration_s = 3"))
    stock.submits = ["ok", "refuse"]
    outcome = await stage.render()
    ends = {str(result.take): (result.end.value, result.message) for result in outcome.takes}
    assert [ends[f"S{n}.t1"][0] for n in range(1, 6)] == ["received", "refused", "not_bought", "not_bought", "not_bought"]
    assert ends["S3.t1"][1].startswith("not sent: it waits for @S2#last, and S2.t1 ")
    assert outcome.money.held == 0
    assert len(stock.submits_sent) == 2
    assert said(stage)["S3.t1"][1].startswith("waits for @S2#last, but S2.t1 is not bought: refused content")


async def test_a_cap_that_ends_within_a_chain_stops_it_there(made: Set) -> None:
    """With money for three of five the first three are bought in order; the next run, with more, goes on from the third's frame."""
    outcome = await made.render(cap=100_000)
    assert (outcome.counts.bought, outcome.exit) == (3, Exit.MONEY)
    with logged() as left:
        assert (await made.render()).counts.bought == 2
    got, shown = made.received(), sent(left)
    assert shown["the pier 4 hours later"] == made.cells(got["S3"])[-1]


async def test_an_urgent_shot_has_its_predecessor_bought_first(made: Set) -> None:
    """With money for two, the shot of priority 1 and the late one that it hangs on are bought, in that order; no hold waits for ever."""
    made.write("shot_id,prompt,first_frame,priority\nS1,a field,,5\nS2,a road,@S9#first,1\nS9,a bridge,,9\n")
    outcome = await made.render(cap=60_000)
    assert {str(r.take) for r in outcome.takes if r.end.value == "received"} == {"S2.t1", "S9.t1"}
    assert outcome.exit is Exit.MONEY


async def test_a_saved_plan_holds_between_links(made: Set) -> None:
    """What a person agreed to for a waiting take is the same once its frame is there: the frame is no change of the plan."""
    before = {str(take.take): take.priced.agreed_print for take in made.plan().plan.takes}
    await made.render(cap=100_000)
    after = {str(take.take): take.priced.agreed_print for take in made.plan().plan.takes}
    assert before == after


def test_check_tells_every_reference_that_leads_nowhere(made: Set) -> None:
    """Circles, missing, omitted and own targets, times beyond a shot, other lists and words that are none are told at their cells, all at once."""
    made.write(
        "shot_id,prompt,first_frame,last_frame,status,duration_s\n"
        "A,one,@prev,,,\n"
        "B,two,@C,,,2\n"
        "C,three,@B,,,\n"
        "D,four,@Sx,,,\n"
        "E,five,,,omit,\n"
        "F,six,@E#last,,,\n"
        "G,seven,@G,,,\n"
        "H,eight,@B#t=2.5,,,\n"
        "I,nine,@other:B,,,\n"
        "J,ten,@A#middle,,,\n"
        "K,eleven,@A#input,,,\n"
    )
    with pytest.raises(InputError) as wrong:
        prepare(made.order())
    told = {(problem.shot, problem.column): problem.message for problem in wrong.value.problems}
    assert set(told) == {(shot, "first_frame") for shot in "ABDFGHIJK"}
    assert "is part of a circle: B waits for C, which waits for B" in told["B", "first_frame"]
    assert {problem.code for problem in wrong.value.problems} == {"bad-reference"}
    assert all(problem.row and problem.help for problem in wrong.value.problems)


def test_a_chain_beyond_max_links_is_refused_with_the_fix(made: Set) -> None:
    """The first shot that lies too far is named with the whole chain and the setting that would allow it."""
    (made.folder / "project.toml").write_text(PROJECT.replace("max_links = 4", "max_links = 2"))
    with pytest.raises(InputError) as wrong:
        prepare(made.order())
    [problem] = wrong.value.problems
    assert (problem.shot, problem.row) == ("S4", 5)
    assert "S1 > S2 > S3 > S4" in problem.message
    assert "max_links = 4" in problem.help


def test_an_input_reference_uses_the_same_still_and_waits_for_nothing(made: Set) -> None:
    """`@S1#input` is the file that S1 begins with, also behind another reference; both shots are bought at once."""
    with av.open(str(made.folder / "dawn.png"), "w", format="image2") as box:
        stream = box.add_stream("png", rate=1)
        stream.width, stream.height, stream.pix_fmt = 320, 192, "rgb24"
        for packet in stream.encode(av.VideoFrame(320, 192, "rgb24")):
            box.mux(packet)
    made.write("shot_id,prompt,first_frame\nS1,one,dawn.png\nS2,two,@S1#input\nS3,three,@S2#input\n")
    plan = made.plan().plan
    assert [take.waits for take in plan.takes] == [(), (), ()]
    files = {take.priced.ask.first_frame.sha256 for take in plan.takes if take.priced.ask and take.priced.ask.first_frame}
    assert len(files) == 1


def _retake(made: Set, *shots: str) -> None:
    ledger = open_named(Project(made.folder), made.plan().settings)
    for shot in shots:
        takes = list(read_view(Project(made.folder), made.plan().settings).takes)
        put_mark(ledger, Project(made.folder).identity, typed_marks.retake(takes, shot), at=Clock().text())
    ledger.close()
