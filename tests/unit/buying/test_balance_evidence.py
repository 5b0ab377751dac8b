"""deAPI knows no key of ours, but tells what is left on the account: what that fell by says whether a lost answer was charged."""

from __future__ import annotations

import asyncio
import json
import random
import sqlite3
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from callsheet.budget.ledger import read
from callsheet.budget.ledger.audit import audit
from callsheet.budget.ledger.store import open_ledger
from callsheet.clock import Clock
from callsheet.domain.attempt import Attempt, Reason, State
from callsheet.domain.errors import Exit, InputError
from callsheet.domain.run_request import RunRequest
from callsheet.planning import quoting
from callsheet.runs import session
from callsheet.runs.cut_room import CutRoom
from callsheet.runs.outcome import Outcome
from callsheet.runs.session import direct
from callsheet.store.project_folder import Project
from callsheet.transport.api_client import Sender
from callsheet.transport.download import Fetcher
from tests.runners import ffmpeg
from tests.scripted_bytecompute_deapi import DEAPI, KEY, Desk
from tests.unit.cli.calling import Said, call

PRICE = 73_500
PROJECT = """
[qc]
clip-same = "pass"
[lanes.deapi]
slots = 4
poll_first_s = 0.002
poll_max_s = 0.01
patience_s = {patience}
{more}
[attempts]
unavailable_wait_s = 0.002
settle_s = 0.01
"""


@pytest.fixture(scope="session")
def square(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """What the list asks for: 0.4 s of 896x512 at 24 fps with sound."""
    path = tmp_path_factory.mktemp("film") / "film.mp4"
    source = ["-f", "lavfi", "-i", "testsrc2=s=896x512:r=24:d=2.1", "-f", "lavfi", "-i", "sine=f=440:r=48000:d=2.1"]
    ffmpeg([*source, "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-c:a", "aac", "-shortest", str(path)])
    return path.read_bytes()


@pytest.fixture
def desk(square: bytes, remembered: None, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """The scripted service with 10 USD on the account, in place of the network; nothing is cut."""

    async def nothing(*_args: object) -> None:
        """These runs are about buying."""

    made = Desk(square, credit=10.0)
    monkeypatch.setenv("DEAPI_API_KEY", KEY)
    monkeypatch.setenv("DEAPI_BASE_URL", "http://127.0.0.1:9")
    for module in (session, quoting):
        monkeypatch.setattr(module, "Sender", lambda: Sender(made.transport()))
    monkeypatch.setattr(session, "Fetcher", lambda: Fetcher(made.transport()))
    monkeypatch.setattr(CutRoom, "_normalize", nothing)
    monkeypatch.setattr(CutRoom, "_finish", nothing)
    return made


Buy = Callable[..., Outcome]


@pytest.fixture
def buy(tmp_path: Path) -> Buy:
    """A run of a list of so many shots."""

    def run(shots: int = 1, *, patience: float = 20, more: str = "quarantine_s = 0.02", lag: float = 0.02) -> Outcome:
        (tmp_path / "project.toml").write_text(PROJECT.format(patience=patience, more=f"{more}\ncharge_lag_s = {lag}"))
        rows = "".join(f"S{n:02},wave {n},{DEAPI},0.4,896x512,24\n" for n in range(shots))
        (tmp_path / "spot.csv").write_text("shot_id,prompt,model,duration_s,resolution,fps\n" + rows)
        return asyncio.run(direct(RunRequest(folder=tmp_path, list="spot.csv", cap=10_000_000)))

    return run


def attempts(folder: Path) -> list[Attempt]:
    ledger = open_ledger(Project(folder).ledger_file)
    try:
        assert audit(ledger) == []
        return read.attempts(ledger, Project(folder).identity)
    finally:
        ledger.close()


def proofs(folder: Path) -> list[dict[str, Any]]:
    """Readings that something was decided by, as the ledger keeps them."""
    with sqlite3.connect(Project(folder).ledger_file) as raw:
        bodies = [json.loads(body) for (body,) in raw.execute("select body from event order by attempt, seq")]
    return [body["balance"] for body in bodies if "balance" in body]


def charged(desk: Desk) -> int:
    return round(sum(desk.bill.values()) * 1_000_000)


def test_a_lost_answer_that_cost_nothing_is_released_and_bought_anew(buy: Buy, desk: Desk, tmp_path: Path) -> None:
    """The balance is what it was: the doubt is closed with the reading as its proof, and the same run tries again."""
    desk.submits = ["ok", "dropped", "ok"]
    outcome = buy(3)
    assert (outcome.exit, outcome.counts.bought, outcome.money.in_doubt) == (Exit.DONE, 3, 0)
    assert (outcome.money.settled, len(desk.purchases)) == (charged(desk), 4)
    [released] = [attempt for attempt in attempts(tmp_path) if attempt.state is State.CLOSED]
    assert (released.reason, released.settled) == (Reason.RELEASED_UNSENT, 0)
    [proof] = proofs(tmp_path)
    assert proof["before"] - proof["now"] == proof["booked"]
    assert proof["booked"] in (PRICE, 2 * PRICE)


@pytest.mark.parametrize("at_once", [True, False])
def test_a_lost_answer_that_was_charged_counts_as_paid(buy: Buy, desk: Desk, tmp_path: Path, at_once: bool) -> None:
    """The balance fell by one purchase more than what was booked, when the job was taken or when it was done: its money is settled, its take waits for its job."""
    desk.submits, desk.charges_at_once = ["ok", "lost", "ok"], at_once
    looks: list[int] = []

    def look() -> None:
        looks.append(1)
        if not at_once and len(looks) == 3:  # meanwhile the lost job ends
            desk.bill["job-2"] = PRICE / 1e6

    desk.on_balance = look
    outcome = buy(3, more=f"quarantine_s = {0.02 if at_once else 30}")
    assert (outcome.exit, outcome.state, outcome.counts.bought, outcome.counts.in_doubt) == (Exit.HUMAN, "needs_decision", 2, 1)
    assert (outcome.money.settled, outcome.money.in_doubt) == (charged(desk), 0)
    [paid] = [attempt for attempt in attempts(tmp_path) if attempt.state is State.IN_DOUBT]
    assert (paid.settled, paid.doubt) == (PRICE, 0)
    assert "it was charged" in str(paid.message)
    again = buy(3)
    assert (again.counts.in_doubt, len(desk.purchases), again.money.settled) == (1, 3, charged(desk))


def test_the_job_of_a_paid_doubt_is_fetched_and_costs_nothing_more(buy: Buy, desk: Desk, tmp_path: Path) -> None:
    """A person finds it in the service's list: it is received, and the ledger stays the bill."""
    desk.submits = ["ok", "lost", "ok"]
    buy(3)
    paid = next(attempt for attempt in attempts(tmp_path) if attempt.state is State.IN_DOUBT)
    said = command(tmp_path, "recover", str(paid.take), "--job", "job-2")
    assert said.code == 0, said.err
    [now] = [attempt for attempt in attempts(tmp_path) if attempt.id == paid.id]
    assert (now.state, now.settled, now.doubt, now.held) == (State.RECEIVED, PRICE, 0, 0)


@pytest.mark.parametrize(
    ("word", "settled", "reason"), [("--write-off", PRICE, Reason.WRITTEN_OFF), ("--release", 0, Reason.RELEASED_UNSENT)]
)
def test_a_person_goes_over_a_reading(buy: Buy, desk: Desk, tmp_path: Path, word: str, settled: int, reason: Reason) -> None:
    """Written off it stays paid; released its money comes back as a correction."""
    desk.submits = ["ok", "lost", "ok"]
    buy(3)
    paid = next(attempt for attempt in attempts(tmp_path) if attempt.state is State.IN_DOUBT)
    command(tmp_path, "recover", str(paid.take), word)
    [now] = [attempt for attempt in attempts(tmp_path) if attempt.id == paid.id]
    assert (now.state, now.settled, now.reason) == (State.CLOSED, settled, reason)


def test_nothing_is_believed_while_something_else_is_unsettled(buy: Buy, desk: Desk, tmp_path: Path) -> None:
    """Each look at the balance finds every other purchase of the account settled, and nothing leaves while it is read."""
    desk.submits = ["ok", "ok", "dropped", "ok", "lost", "ok", "dropped", "ok"]
    desk.polls = ["running", "running", "done", "running", "done", "running", "running", "done"] * 8
    unsettled: list[list[str]] = []

    def look() -> None:
        before = len(desk.purchases)
        open_now = [a for a in attempts(tmp_path) if a.state in (State.SUBMITTING, State.SUBMITTED)]
        unsettled.append([a.name for a in open_now])
        assert before == len(desk.purchases)

    desk.on_balance = look
    # how many doubts wait at once for a quiet moment is the machine's doing, and not what this is about
    outcome = buy(12, more="quarantine_s = 0.02\ndoubts = { count = 12, usd = 5.0 }")
    assert unsettled
    assert all(not names for names in unsettled)
    assert outcome.counts.bought + outcome.counts.in_doubt == 12


def test_a_balance_that_tells_another_story_proves_nothing(buy: Buy, desk: Desk, tmp_path: Path) -> None:
    """A top-up in between, or a drop of another amount for two doubts: they stay in doubt, their money counted."""
    desk.submits = ["ok", "dropped", "ok"]
    looks: list[int] = []

    def look() -> None:
        looks.append(1)
        desk.credit = 60.0 if len(looks) > 1 else 10.0

    desk.on_balance = look
    outcome = buy(3)
    assert (outcome.counts.in_doubt, outcome.money.in_doubt) == (1, PRICE)
    assert proofs(tmp_path) == []


@pytest.mark.parametrize(("first", "cleared"), [(PRICE, True), (PRICE * 4 // 5, False)])
def test_sums_of_quotes_say_nothing_where_charges_differ_from_quotes(
    buy: Buy, desk: Desk, tmp_path: Path, first: int, cleared: bool
) -> None:
    """The balance fell by two quotes for two lost answers: both were charged, unless the service is known to charge otherwise, such as one of them double."""
    desk.costs, desk.submits = [first / 1e6, PRICE / 1e6, PRICE / 1e6], ["ok"]
    assert buy(1).counts.bought == 1
    desk.submits = ["lost", "lost"]
    outcome = buy(3)
    assert outcome.money.in_doubt == (0 if cleared else 2 * PRICE)
    assert len(proofs(tmp_path)) == (2 if cleared else 0)
    assert outcome.money.settled == first + (2 * PRICE if cleared else 0)


def test_a_doubt_of_another_run_is_cleared_by_the_next(buy: Buy, desk: Desk, tmp_path: Path) -> None:
    """The first purchase of an account: its balance was never seen to fall, so that it stands proves nothing. Once another is charged, `recover` reads again."""
    desk.submits = ["dropped", "ok"]
    first = buy(2, patience=0.3)
    assert (first.counts.in_doubt, first.money.in_doubt) == (1, PRICE)
    said = command(tmp_path, "recover")
    assert (said.json["money"]["in_doubt"], said.json["counts"]["in_doubt"]) == ("0.00", 0)
    assert len(desk.purchases) == 2


def test_a_balance_that_never_moves_clears_nothing(buy: Buy, desk: Desk, tmp_path: Path) -> None:
    """An account on credit, or a lying one: it says the same before and after, and the lost answer was charged."""

    def frozen() -> None:
        desk.credit = 10.0 + sum(desk.bill.values())

    desk.submits, desk.on_balance = ["lost"], frozen
    assert buy(1, patience=0.1).money.in_doubt == PRICE
    assert command(tmp_path, "recover").json["money"]["in_doubt"] == "0.0735"
    assert proofs(tmp_path) == []


@pytest.mark.parametrize("credit", [float("nan"), -3.0, pytest.param(1e11, marks=[pytest.mark.slow, pytest.mark.nightly])])
def test_a_balance_that_can_not_be_clears_nothing(buy: Buy, desk: Desk, tmp_path: Path, credit: float) -> None:
    """No number, less than nothing, more than there is, from the second reading on."""
    looks: list[int] = []

    def lie() -> None:
        looks.append(1)
        desk.credit = credit if len(looks) > 1 else 10.0

    desk.submits, desk.on_balance = ["ok", "dropped", "ok"], lie
    outcome = buy(3)
    assert (outcome.counts.in_doubt, outcome.money.in_doubt) == (1, PRICE)
    assert proofs(tmp_path) == []


@pytest.mark.parametrize("share", [3.0, pytest.param(0.3, marks=[pytest.mark.slow, pytest.mark.nightly])])
def test_what_somebody_else_spends_is_no_charge_of_ours(buy: Buy, desk: Desk, tmp_path: Path, share: float) -> None:
    """More than the doubt, or less: neither says that the lost answer was charged."""
    looks: list[int] = []

    def spend() -> None:
        looks.append(1)
        desk.credit = 10.0 - (share * PRICE / 1e6 if len(looks) > 1 else 0.0)

    desk.submits, desk.on_balance = ["ok", "dropped", "ok"], spend
    assert buy(3).money.in_doubt == PRICE
    assert proofs(tmp_path) == []


def test_a_charge_that_is_booked_late_is_waited_for(buy: Buy, desk: Desk, tmp_path: Path) -> None:
    """The balance stands at first, and falls 0.1 s after: it is believed when it stood still for `charge_lag_s`."""
    desk.submits, desk.charges_at_once = ["ok", "lost", "ok"], False
    looks: list[float] = []

    def late() -> None:
        looks.append(time.monotonic())
        if len(looks) > 1 and looks[-1] - looks[1] > 0.1:
            desk.bill["job-2"] = PRICE / 1e6

    desk.on_balance = late
    outcome = buy(3, more="quarantine_s = 0.01", lag=0.4)  # the third take's clip may come just while the account is read
    assert (outcome.money.settled, outcome.money.in_doubt) == (charged(desk), 0)
    [paid] = [attempt for attempt in attempts(tmp_path) if attempt.state is State.IN_DOUBT]
    assert paid.settled == PRICE


def test_a_clock_that_jumps_ages_no_doubt(buy: Buy, desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A day later by our clock alone, a second later by the service's: the request may still be on its way."""
    desk.submits = ["ok", "dropped", "ok"]
    rules = "quarantine_s = 5\noutage_s = 0.1"
    assert buy(3, more=rules).money.in_doubt == PRICE
    now = Clock.now
    with monkeypatch.context() as jumped:
        jumped.setattr(Clock, "now", lambda clock: now(clock) + timedelta(days=1))
        assert buy(3, more=rules).money.in_doubt == PRICE
    assert proofs(tmp_path) == []
    monkeypatch.setattr(Clock, "now", lambda clock: now(clock) + timedelta(days=1))
    desk.ahead_s = 86_400  # by the service's clock, too
    desk.submits = ["ok"]
    assert (buy(3, more=rules).money.in_doubt, len(proofs(tmp_path))) == (0, 1)


def test_our_own_time_is_no_witness_of_itself(buy: Buy, desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A service that tells no time, and our clock a day later: the request may still be on its way."""
    desk.dated = False
    desk.submits = ["ok", "dropped", "ok"]
    rules = "quarantine_s = 5\noutage_s = 0.1"
    assert buy(3, more=rules).money.in_doubt == PRICE
    now = Clock.now
    monkeypatch.setattr(Clock, "now", lambda clock: now(clock) + timedelta(days=1))
    assert buy(3, more=rules).money.in_doubt == PRICE
    assert proofs(tmp_path) == []


def test_a_top_up_between_two_runs_is_told_apart_from_a_charge(buy: Buy, desk: Desk, tmp_path: Path) -> None:
    """The second run finds more than the ledger expects: it reads once more when the account stood still, and its doubt is cleared by that reading."""
    desk.submits = ["ok"]
    buy(1)
    desk.credit, desk.submits = 50.0, ["ok", "dropped", "ok"]
    outcome = buy(4)
    assert (outcome.counts.bought, outcome.money.in_doubt, outcome.money.settled) == (3, 0, charged(desk))
    assert len(proofs(tmp_path)) == 1


def test_what_was_written_off_before_a_reading_hides_nothing_after_it(buy: Buy, desk: Desk, tmp_path: Path) -> None:
    """The ledger counts a write-off that the balance never fell by; a later charge is seen all the same."""
    desk.submits = ["ok", "dropped", "ok"]
    looks: list[int] = []

    def top_up() -> None:
        looks.append(1)
        desk.credit = 50.0 if len(looks) > 1 else 10.0

    desk.on_balance = top_up
    buy(3)
    doubt = next(attempt for attempt in attempts(tmp_path) if attempt.state is State.IN_DOUBT)
    command(tmp_path, "recover", str(doubt.take), "--write-off")
    desk.submits = ["lost"]
    after = buy(4)
    assert (after.counts.in_doubt, len(proofs(tmp_path)), after.money.in_doubt) == (1, 1, 0)
    assert after.money.settled == charged(desk) + PRICE


def test_ten_percent_lost_answers_stop_nothing(buy: Buy, desk: Desk, seed: int) -> None:
    """24 shots, one answer in ten lost, half of them charged: every other shot is bought, and the bill is what is settled, or that and what stays in doubt."""
    chance = random.Random(seed)
    desk.submits = ["ok", *(chance.choice(["lost", "dropped"]) if chance.random() < 0.1 else "ok" for _ in range(60))]
    outcome = buy(24)
    assert outcome.counts.not_bought == 0
    assert outcome.counts.bought == 24 - outcome.counts.in_doubt
    assert outcome.money.settled <= charged(desk) <= outcome.money.settled + outcome.money.in_doubt


def test_the_doubts_that_stop_a_lane_are_a_setting(desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int) -> None:
    """ByteCompute tells neither keys nor balances: one lost answer in ten stops it at two, and a project that allows more buys all the others. The plan says so."""
    monkeypatch.setenv("BYTECOMPUTE_API_KEY", KEY)
    monkeypatch.setenv("BYTECOMPUTE_BASE_URL", "http://127.0.0.1:9/v1")
    rows = "".join(f"S{n:02},wave {n},bytecompute/ltx-2.3,4,896x512,25\n" for n in range(24))
    (tmp_path / "spot.csv").write_text("shot_id,prompt,model,duration_s,resolution,fps\n" + rows)
    at = random.Random(seed).sample(range(23), 3)
    script = ["lost" if n in at else "ok" for n in range(24)]
    quick = "[lanes.bytecompute]\nslots = 1\npoll_first_s = 0.002\npoll_max_s = 0.01\n{more}\n[attempts]\nunavailable_wait_s = 0.002\n"
    quick += "[qc]\nclip-same = 'pass'\nclip-size = 'pass'\nclip-short = 'pass'\nclip-fps = 'pass'\n"
    words = ("render", "spot.csv", "--cap", "50", "--yes", "--no-prefect")
    (tmp_path / "project.toml").write_text(quick.format(more=""))
    desk.submits = [*script, "ok"]
    stopped = command(tmp_path, *words)
    assert (stopped.code, stopped.json["counts"]["in_doubt"]) == (6, 2)
    assert stopped.json["counts"]["not_bought"] > 0
    assert "[lanes.bytecompute] doubts in project.toml allows more" in stopped.out
    fresh = tmp_path / "fresh"
    fresh.mkdir()
    (fresh / "spot.csv").write_text((tmp_path / "spot.csv").read_text())
    (fresh / "project.toml").write_text(quick.format(more="doubts = { count = 5, usd = 3.0 }"))
    desk.submits = [*script, "ok"]
    through = command(fresh, *words)
    assert (through.code, through.json["counts"]["bought"], through.json["counts"]["in_doubt"]) == (6, 21, 3)
    told = call("plan", "spot.csv", "-C", str(fresh))
    assert "stop its lane for the rest of a run" not in told.out + told.err  # nothing is left to buy
    (fresh / "spot.csv").write_text(
        "shot_id,prompt,model,duration_s,resolution,fps\n" + rows + "T1,more,bytecompute/ltx-2.3,4,896x512,25\n"
    )
    told = call("plan", "spot.csv", "-C", str(fresh))
    assert "5 purchases in doubt, or 3.00 USD in doubt or paid for nothing stop its lane" in " ".join((told.out + told.err).split())


def test_a_setting_that_is_no_limit_is_refused(buy: Buy, desk: Desk) -> None:
    """By name, with the shape that it has."""
    for wrong in ("doubts = 3", "doubts = { count = 0 }", "doubts = { usd = 'much' }", "doubts = { cout = 3 }"):
        with pytest.raises(InputError, match="doubts"):
            buy(1, more=wrong)
    assert desk.seen == []


def command(folder: Path, *words: str) -> Said:
    """A command of a person in the folder."""
    return call(*words, "-C", str(folder), "--json")
