"""Buying at services without a key of ours: a form or JSON out, a clip that is handed over or linked to, and whatever may go wrong between."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from callsheet.domain.attempt import Attempt, State
from callsheet.domain.errors import Exit
from callsheet.domain.run_request import RunRequest
from callsheet.planning import quoting
from callsheet.planning.project_plan import prepare
from callsheet.runs import session
from callsheet.runs.cut_room import CutRoom
from callsheet.runs.outcome import Outcome
from callsheet.runs.session import direct
from callsheet.status.project_view import read_view
from callsheet.store.project_folder import Project
from callsheet.transport.api_client import Sender
from callsheet.transport.download import Fetcher
from tests.project_stage import Stage
from tests.runners import ffmpeg
from tests.scripted_bytecompute_deapi import BYTECOMPUTE, DEAPI, KEY, Desk, fields

QUICK = """
[project]
resolution = "128x128"
[qc]
clip-same = "pass"
[lanes.bytecompute]
poll_first_s = 0.002
poll_max_s = 0.01
patience_s = 20
outage_s = 0.1
[lanes.deapi]
poll_first_s = 0.002
poll_max_s = 0.01
patience_s = 20
outage_s = 0.1
[attempts]
unavailable_wait_s = 0.001
settle_s = 0.01
"""
HEAD = "shot_id,prompt,model,duration_s,resolution,fps\n"
ROWS = {BYTECOMPUTE: f"{BYTECOMPUTE},0.4,512x512,25", DEAPI: f"{DEAPI},0.4,896x512,24"}
PRICES = {BYTECOMPUTE: 80_000, DEAPI: 73_500}
ONE = f"{HEAD}S1,a lighthouse in the rain,{BYTECOMPUTE},0.4,512x512,25\n"
LIST_PRICE = 80_000  # 4 s at 0.02 USD: the least that is sold


@pytest.fixture(scope="session")
def square(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """Four seconds of 512x512 at 25 fps with sound: what the list asks for."""
    path = tmp_path_factory.mktemp("film") / "square.mp4"
    source = ["-f", "lavfi", "-i", "testsrc2=s=512x512:r=25:d=4", "-f", "lavfi", "-i", "sine=f=440:r=48000:d=4"]
    ffmpeg([*source, "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-c:a", "aac", "-shortest", str(path)])
    return path.read_bytes()


@pytest.fixture
def desk(square: bytes, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """The scripted service, in place of the network."""
    made = Desk(square)
    for service, path in (("BYTECOMPUTE", "/v1"), ("DEAPI", "")):
        monkeypatch.setenv(f"{service}_API_KEY", KEY)
        monkeypatch.setenv(f"{service}_BASE_URL", f"http://127.0.0.1:9{path}")
    for module in (session, quoting):
        monkeypatch.setattr(module, "Sender", lambda: Sender(made.transport()))
    monkeypatch.setattr(session, "Fetcher", lambda: Fetcher(made.transport()))
    return made


async def nothing_finished(*_args: object) -> None:
    """These runs are about buying; cutting takes longer than all of it."""


@pytest.fixture
def cutting_stage(tmp_path: Path) -> Stage:
    """A project whose one shot is bought at ByteCompute."""
    made = Stage(tmp_path)
    (tmp_path / "project.toml").write_text(QUICK)
    made.write(ONE)
    return made


@pytest.fixture
def stage(cutting_stage: Stage, monkeypatch: pytest.MonkeyPatch) -> Stage:
    """The same, with nothing cut from what was bought."""
    monkeypatch.setattr(CutRoom, "_normalize", nothing_finished)
    monkeypatch.setattr(CutRoom, "_finish", nothing_finished)
    return cutting_stage


def attempts(stage: Stage) -> list[Attempt]:
    view = read_view(Project(stage.folder), prepare(RunRequest(folder=stage.folder, list="spot.csv")).settings)
    return [attempt for take in view.takes for attempt in take.attempts]


def bodies(stage: Stage) -> dict[str, dict[str, Any]]:
    """What the last event of each kind says."""
    with sqlite3.connect(stage.folder / ".callsheet" / "ledger.db") as raw:
        return {kind: json.loads(body) for kind, body in raw.execute("select kind, body from event order by seq")}


def severities(attempt: Attempt) -> list[tuple[str, str]]:
    return [(str(finding["code"]), str(finding["severity"])) for finding in attempt.findings]


async def test_a_clip_is_handed_over_to_the_key(stage: Stage, desk: Desk) -> None:
    """Asked for with the key at the service itself; without a cost told, the hold is settled in full; the purchase is in the book as it was sent."""
    outcome = await stage.render()
    assert (outcome.exit, outcome.counts.bought, outcome.money.settled) == (Exit.DONE, 1, LIST_PRICE)
    [attempt] = attempts(stage)
    assert (attempt.state, attempt.findings) == (State.RECEIVED, ())
    assert [request.url.path for request in desk.seen] == ["/v1/generate", "/v1/jobs/job-1", "/v1/jobs/job-1/download"]
    assert all(request.headers["authorization"] == f"Bearer {KEY}" for request in desk.seen)
    sent = desk.purchases[0]
    line, _, body = attempt.request.partition(b"\n")
    assert (body, b'"path": "/generate"' in line) == (sent.content, True)
    assert fields(sent)["resolution"] == "512x512"


async def test_what_was_bought_is_kept_and_a_changed_cell_is_named(stage: Stage, desk: Desk) -> None:
    """A form in the book is compared with today's by its fields."""
    await stage.render()
    stage.write(ONE.replace("rain", "sun").replace(",0.4,", ",6,"))
    [take] = prepare(RunRequest(folder=stage.folder, list="spot.csv")).plan.takes
    assert take.reason == "prompt and duration_s changed since S1.t1.a1 was bought"
    stage.write(ONE)
    assert (await stage.render()).counts.bought == 0
    assert len(desk.purchases) == 1


async def test_the_services_own_words_are_kept_without_the_key(stage: Stage, desk: Desk) -> None:
    """Its answers to the purchase and to the last look stand in the book; a key that it quotes does not."""
    await stage.render()
    said = bodies(stage)
    assert json.loads(said["accepted"]["answer"]) == {"id": "job-1", "status": "queued", "adjustments": None, "echo": "[hidden]"}
    assert json.loads(said["ready"]["answer"])["status"] == "completed"
    assert KEY.encode() not in (stage.folder / ".callsheet" / "ledger.db").read_bytes()


@pytest.mark.parametrize("word", ["link", "redirect"])
async def test_a_clip_that_is_elsewhere_is_fetched_without_the_key(stage: Stage, desk: Desk, word: str) -> None:
    """The service's answer names an address, or redirects to one: the key goes no further."""
    desk.downloads = [word, "ok"]
    assert (await stage.render()).exit is Exit.DONE
    last = desk.seen[-1]
    assert (str(last.url), last.method) == ("http://127.0.0.1:9/films/a.mp4", "GET")
    assert "authorization" not in last.headers


@pytest.mark.parametrize("word", ["early", "html", "500", "truncated"])
async def test_a_hand_over_that_fails_is_asked_for_again(stage: Stage, desk: Desk, word: str) -> None:
    """Too early (409), a page of HTML, a 500, half a film: asked for again, paid once."""
    desk.downloads = [word, word, "ok"]
    outcome = await stage.render()
    assert (outcome.exit, outcome.money.settled, len(desk.purchases)) == (Exit.DONE, LIST_PRICE, 1)


async def test_an_expired_job_is_closed_as_paid(stage: Stage, desk: Desk) -> None:
    """The service itself says that it has no such job: told, counted as paid, never bought again unasked."""
    desk.downloads = ["gone"]
    outcome = await stage.render()
    [attempt] = attempts(stage)
    assert (attempt.state, attempt.reason, outcome.money.settled) == (State.CLOSED, "expired", LIST_PRICE)
    assert outcome.exit is Exit.PARTIAL
    await stage.render()
    assert len(desk.purchases) == 1


# -- what may happen to a purchase, at both services ---------------------------------------------------------------------------------------------

each = pytest.mark.parametrize("model", [BYTECOMPUTE, DEAPI])


async def bought(stage: Stage, *models: str) -> Outcome:
    """A run that asks for prices where there is no list; one shot of each model."""
    stage.write(HEAD + "".join(f"S{n},wave {n},{ROWS[model]}\n" for n, model in enumerate(models)))
    return await direct(RunRequest(folder=stage.folder, list="spot.csv", cap=10_000_000))


@each
@pytest.mark.parametrize("word", ["lost", "500-after", "html-after", "500"])
async def test_a_purchase_without_an_answer_is_in_doubt_and_never_sent_again(stage: Stage, desk: Desk, model: str, word: str) -> None:
    """No job's id came, the request may have been taken: its money stays counted, and no later run sends it again."""
    desk.submits = [word]
    outcome = await bought(stage, model)
    assert (outcome.exit, outcome.counts.in_doubt, outcome.money.in_doubt) == (Exit.HUMAN, 1, PRICES[model])
    desk.submits = ["ok"]
    again = await bought(stage, model)
    assert (again.counts.in_doubt, len(desk.purchases), again.money.in_doubt) == (1, 1, PRICES[model])


@each
async def test_a_busy_service_is_asked_again(stage: Stage, desk: Desk, model: str) -> None:
    """429 is a proof that nothing was taken: the same bytes again, one job."""
    desk.submits = ["429", "429", "ok"]
    outcome = await bought(stage, model)
    assert (outcome.exit, outcome.money.settled) == (Exit.DONE, PRICES[model])
    assert (len(desk.jobs), len({request.content for request in desk.purchases}), len(desk.purchases)) == (1, 1, 3)


@each
@pytest.mark.parametrize(("word", "ends"), [("429-day", Exit.SETUP), ("402", Exit.SETUP), ("422", Exit.PARTIAL)])
async def test_a_refusal_gives_the_hold_back(stage: Stage, desk: Desk, model: str, word: str, ends: Exit) -> None:
    """The day's limit, no balance, a wrong request: one send, nothing held, nothing settled; the refusal's own words are kept."""
    desk.submits = [word]
    outcome = await bought(stage, model)
    assert (outcome.exit, outcome.money.held, outcome.money.settled, len(desk.purchases)) == (ends, 0, 0, 1)
    assert "refused" in bodies(stage)["closed"]["answer"]


@each
async def test_states_in_other_words_and_progress_as_text(stage: Stage, desk: Desk, model: str) -> None:
    """Synonyms are understood, a word that nobody knows is no end, and neither is a look that can't be read."""
    desk.polls = ["string", "odd", "html", "404-html", "synonyms"]
    outcome = await bought(stage, model)
    assert (outcome.exit, outcome.money.settled) == (Exit.DONE, PRICES[model])


async def test_a_status_that_nobody_knows_is_told(stage: Stage, desk: Desk) -> None:
    """A job that goes on meditating stays submitted, its money held, and the service's own word is shown."""
    (stage.folder / "project.toml").write_text(QUICK.replace("patience_s = 20", "patience_s = 0.05"))
    desk.polls = ["odd"]
    outcome = await stage.render()
    assert (outcome.money.held, attempts(stage)[0].state) == (LIST_PRICE, State.SUBMITTED)
    assert any("'meditating', which is not a known status" in told.text for told in stage.told)


@each
async def test_a_failed_job_gives_the_hold_back_and_is_tried_again(stage: Stage, desk: Desk, model: str) -> None:
    """Nothing is known to be billed for it; its own words stand in the book."""
    desk.polls = ["failed", "done"]
    outcome = await bought(stage, model)
    assert (outcome.exit, outcome.money.settled, len(desk.jobs)) == (Exit.DONE, PRICES[model], 2)
    assert "it fell over" in bodies(stage)["closed"]["answer"]


@each
async def test_a_forgotten_job_is_counted_as_paid(stage: Stage, desk: Desk, model: str) -> None:
    """The service's own 404, three times: closed, and never bought again unasked."""
    desk.polls = ["404"]
    outcome = await bought(stage, model)
    assert (attempts(stage)[0].reason, outcome.money.settled) == ("expired", PRICES[model])
    await bought(stage, model)
    assert len(desk.purchases) == 1


async def test_a_link_that_is_dead_is_asked_for_anew(stage: Stage, desk: Desk) -> None:
    """deAPI's addresses live for a while: after a 404 the job is looked at again, and nothing is bought twice."""
    desk.downloads = ["gone", "html", "ok"]
    outcome = await bought(stage, DEAPI)
    assert (outcome.exit, len(desk.purchases)) == (Exit.DONE, 1)
    assert all("authorization" not in request.headers for request in desk.seen if "films" in str(request.url))


# -- adjustments --------------------------------------------------------------------------------------------------------------------------------


def change(parameter: str, requested: object, applied: object) -> list[dict[str, object]]:
    return [{"parameter": parameter, "requested": requested, "applied": applied, "reason": "GPU limits"}]


@pytest.mark.parametrize("place", [(0,), (1,), (0, 1)], ids=["on acceptance", "with the clip", "both"])
async def test_an_adjustment_is_settled_at_what_came_and_found(stage: Stage, desk: Desk, place: tuple[int, ...]) -> None:
    """6 s became 4 s: 4 s are paid, wherever it was told, and the clip is not what was ordered: a failing finding, told by the run."""
    stage.write(ONE.replace(",0.4,", ",6,"))
    for n in place:
        desk.adjusted[n] = change("duration", 6, 4)
    outcome = await stage.render()
    [attempt] = attempts(stage)
    assert (attempt.quote, attempt.settled, attempt.held, outcome.money.settled) == (120_000, LIST_PRICE, 0, LIST_PRICE)
    assert severities(attempt) == [("adjusted", "fail"), ("clip-short", "fail")]
    assert attempt.findings[0]["message"] == "the service adjusted it by itself: duration: 6 became 4"
    [said] = [told.text for told in stage.told if told.kind == "received"]
    assert "the service adjusted it by itself: duration: 6 became 4" in said


async def test_a_smaller_picture_is_paid_by_its_own_tier(stage: Stage, desk: Desk) -> None:
    """From 0.04 USD a second to 0.02; a sum above the list (a price that a person recorded) keeps its proportion."""
    stage.write(ONE.replace("512x512", "1280x800"))
    desk.adjusted[1] = change("resolution", "1280x800", "1152x720")
    await stage.render()
    [attempt] = attempts(stage)
    assert (attempt.quote, attempt.settled) == (160_000, 80_000)


@pytest.mark.parametrize(
    ("told", "severity", "settled"),
    [
        (change("fps", 50, 25), "note", LIST_PRICE),
        (change("duration", 4, 4), "note", LIST_PRICE),
        (change("steps", 40, 8), "fail", LIST_PRICE),
        (change("duration", 4, 0), "fail", LIST_PRICE),
        (["reduced to fit"], "fail", LIST_PRICE),
        ({"duration": "a little less"}, "fail", LIST_PRICE),
    ],
)
async def test_only_what_was_foretold_exactly_is_a_note(stage: Stage, desk: Desk, told: Any, severity: str, settled: int) -> None:
    """What comes to just what was asked for fails nothing; words that can't be read do, and settle the hold in full."""
    desk.adjusted[1] = told
    await stage.render()
    [attempt] = attempts(stage)
    code = "adjusted" if severity == "fail" else "adjusted-foretold"
    assert (severities(attempt), attempt.settled) == ([(code, severity)], settled)


@pytest.mark.parametrize(
    ("seconds", "size", "ordered", "settled"),
    [
        ("5", "512x512", "6,512x512", 100_000),
        ("2", "512x512", "6,512x512", 80_000),
        ("6", "512x512", "6,1280x800", 120_000),
        ("6", "512x512", "6,512x512", 120_000),
    ],
    ids=["a shorter film", "never below the shortest that is sold", "a smaller picture", "as ordered"],
)
async def test_an_adjustment_in_a_sentence_is_settled_by_what_came(
    stage: Stage, desk: Desk, tmp_path: Path, seconds: str, size: str, ordered: str, settled: int
) -> None:
    """Its words can't be read, but the clip's frames and pixels can be counted: the list price of those is booked, once."""
    made = tmp_path / "came.mp4"
    source = ["-f", "lavfi", "-i", f"testsrc2=s={size}:r=25:d={seconds}"]
    ffmpeg([*source, "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", str(made)])
    desk.film = made.read_bytes()
    desk.adjusted[1] = ["The video was shortened to fit within GPU limits."]
    stage.write(f"{HEAD}S1,a wave,{BYTECOMPUTE},{ordered},25\n")
    outcome = await stage.render()
    [attempt] = attempts(stage)
    assert ("adjusted", "fail") in severities(attempt)
    assert (attempt.settled, attempt.held, outcome.money.settled) == (settled, 0, settled)
    await stage.render()
    assert attempts(stage)[0].settled == settled


async def test_a_good_clip_stands_before_an_adjusted_one(cutting_stage: Stage, desk: Desk) -> None:
    """A paid clip that is not as ordered is cut only where nothing better is there."""
    stage = cutting_stage
    desk.adjusted[1] = change("steps", 40, 8)
    first = await stage.render()
    assert (first.sequences[0].complete, first.counts.bought) == (True, 1)
    stage.write(ONE.replace("\n", ",takes\n", 1).replace(",25\n", ",25,2\n"))
    desk.adjusted[1] = None
    second = await stage.render()
    assert [str(shot.take) for shot in second.sequences[0].shots] == ["S1.t2"]


# -- a run of many ------------------------------------------------------------------------------------------------------------------------------


async def test_two_doubts_stop_the_lane(stage: Stage, desk: Desk) -> None:
    """On a wire without a key two lost answers are enough: the third purchase isn't sent."""
    stage.write(HEAD + "".join(f"S{n},wave {n},{BYTECOMPUTE},0.4,512x512,25\n" for n in range(3)))
    desk.submits = ["lost"]
    outcome = await stage.render()
    assert (outcome.counts.in_doubt, outcome.counts.not_bought, len(desk.purchases)) == (2, 1, 2)


def nothing(_desk: Desk) -> None:
    """A service without trouble."""


def trouble(desk: Desk) -> None:
    """Half of everything goes wrong at first."""
    desk.submits = ["429", "ok", "429", "ok"]
    desk.polls = ["string", "html", "odd", "done"]
    desk.downloads = ["early", "ok", "truncated", "500", "ok"]


@pytest.mark.parametrize("with_", [nothing, trouble])
async def test_three_shots_are_paid_once_each(stage: Stage, desk: Desk, with_: Callable[[Desk], None]) -> None:
    """As many jobs as shots, and the book says what they cost."""
    stage.write(HEAD + "".join(f"S{n},wave {n},{BYTECOMPUTE},0.4,512x512,25\n" for n in range(3)))
    with_(desk)
    outcome = await stage.render()
    # the same bytes for three shots are one clip on the shelf; the service's three jobs are three purchases
    assert (outcome.counts.bought, len(desk.jobs), outcome.money.settled) == (3, 3, 3 * LIST_PRICE)


async def test_a_clip_that_is_gone_from_the_disk_is_handed_over_again(stage: Stage, desk: Desk) -> None:
    """By its job, while the service keeps it: the same bytes, nothing bought."""
    await stage.render()
    [clip] = (stage.folder / ".callsheet" / "clips").rglob("*.mp4")
    clip.unlink()
    outcome = await stage.render()
    assert (clip.exists(), len(desk.purchases), outcome.money.settled) == (True, 1, LIST_PRICE)
    assert [request.url.path for request in desk.seen[-2:]] == ["/v1/jobs/job-1", "/v1/jobs/job-1/download"]
