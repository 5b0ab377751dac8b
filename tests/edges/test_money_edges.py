"""What a service says of money, at the level of the command: no number is believed beyond sense, and nothing is sent past a cap."""

from __future__ import annotations

import signal
import sqlite3
import subprocess
import time
from email.utils import formatdate

import pytest

from tests import command
from tests.edges.conftest import SETTINGS, Desk, slow
from tests.hostile_runware import Handler


def kinds(desk: Desk) -> list[str]:
    """Every event of the ledger, in the order in which it was written."""
    with sqlite3.connect(desk.folder / ".callsheet" / "ledger.db") as book:
        return [kind for (kind,) in book.execute("select kind from event order by at, attempt, seq")]


def test_a_first_clip_that_passes_the_cap_is_the_only_one(desk: Desk) -> None:
    """Billed 6.00 on a hold of 0.06 under a cap of 1.00, with eleven more shots and eight slots: one purchase, exit 4, and words that say what to type."""
    desk.list(12)
    (desk.folder / "project.toml").write_text(SETTINGS.replace("[lanes.runware]", "[lanes.runware]\nslots = 8"))
    desk.service.cost = "6"
    said = desk.render()
    assert (said.code, said.document["state"], desk.service.purchases) == (4, "cap_reached", 1)
    assert said.document["money"]["settled"] == "6.00"
    assert "--cap" in said.errors
    after = kinds(desk)[kinds(desk).index("ready") :]
    assert "intent" not in after


@pytest.mark.parametrize(
    ("cost", "counted"),
    [
        ("99999", "99999.00"),
        slow("1e-320", "0.06"),
        slow("0.0001", "0.06"),
        slow("-5", None),
        ("NaN", None),
        slow('"6 USD"', "6.00"),
        slow("1e400", "100000.00"),
    ],
)
def test_a_cost_beyond_sense_is_never_completed_as_told(desk: Desk, cost: str, counted: str | None) -> None:
    """The larger of hold and cost counts, a person is asked; what is no amount at all is as if none had been told. Nothing else of the lane is bought meanwhile."""
    desk.list(2)
    desk.service.cost = cost
    said = desk.render(cap="200000")
    assert said.code != 70, said.stderr
    if counted is None:
        assert (said.code, said.document["money"]["settled"], desk.service.purchases) == (0, "0.12", 2)
    else:
        assert (said.code, said.document["money"]["settled"], desk.service.purchases) == (6, counted, 1)


def asked_to_wait(desk: Desk, wait: str, *, always: bool) -> None:
    """Have purchases answered with 429 and this Retry-After: all of them, or the first."""

    def busy(handler: Handler) -> bool:
        if desk.service.purchases > 1 and not always:
            return False
        handler.say(b'{"errors": [{"code": "rateLimitExceeded", "message": "slow down"}]}', status=429, Retry_After=wait)
        return True

    desk.service.submit = busy


@pytest.mark.parametrize("wait", [slow("99999999"), "9" * 400])
def test_a_wait_beyond_sense_closes_the_lane(desk: Desk, wait: str) -> None:
    """Three years, or a number of four hundred digits: no run waits for that. Nothing is bought, and exit 5 says why."""
    asked_to_wait(desk, wait, always=True)
    said = desk.render()
    assert (said.code, desk.service.jobs, said.document["money"]["settled"]) == (5, {}, "0.00")
    assert "slow down" in said.errors


@pytest.mark.parametrize("wait", [slow("-5"), "soon", slow("")])
def test_a_wait_that_is_no_number_is_one_of_our_own(desk: Desk, wait: str) -> None:
    """The purchase is sent again after a moment."""
    asked_to_wait(desk, wait, always=False)
    assert (desk.render().code, len(desk.service.jobs)) == (0, 1)


def test_one_sigterm_ends_a_wait(desk: Desk) -> None:
    """As Ctrl-C: nothing was bought, exit 130."""
    asked_to_wait(desk, "600", always=True)
    words = ("render", "spot.csv", "--cap", "1", "--yes", "--no-prefect")
    with command.start(*words, folder=desk.folder, environment=desk.variables, stderr=subprocess.PIPE) as run:
        assert run.stderr
        for line in run.stderr:
            if " busy " in line:
                run.send_signal(signal.SIGTERM)
                break
        rest = run.stderr.read()
        assert run.wait(60) == 130, rest
    assert not desk.service.jobs


@pytest.mark.slow
def test_a_date_to_wait_for_is_waited_for(desk: Desk) -> None:
    """Retry-After as a date four seconds away: the next purchase is not sent before."""
    told = list[float]()

    def busy(handler: Handler) -> bool:
        told.append(time.time())
        if len(told) > 1:
            return False
        date = formatdate(told[0] + 4, usegmt=True)
        handler.say(b'{"errors": [{"code": "rateLimitExceeded", "message": "slow down"}]}', status=429, Retry_After=date)
        return True

    desk.service.submit = busy
    assert desk.render().code == 0
    assert told[1] - told[0] > 2.5  # a date has whole seconds


def test_a_cost_in_cents_is_believed_by_nobody(desk: Desk) -> None:
    """6 for a clip of 0.06 is a hundredfold: a person is asked, and nothing more of the lane is bought; `settle` says what it was, and the rest is bought."""
    desk.list(2)
    desk.service.cost = "6"
    said = desk.render(cap="20")
    assert (said.code, said.document["money"]["settled"], desk.service.purchases) == (6, "6.00", 1), said.stderr
    desk.service.cost = "0.06"
    settled = desk.run("settle", "S0.t1", "--charged", "0.06", "--source", "the invoice")
    assert settled.code == 0, settled.stderr
    again = desk.render(cap="20")
    assert (again.code, again.document["money"]["settled"], desk.service.purchases) == (0, "0.12", 2), again.stderr


@pytest.mark.slow
@pytest.mark.parametrize(("first", "then"), [("0.05", "0.06"), ("0.06", "0.05")])
def test_a_cost_that_changes_between_two_looks_is_counted_once(desk: Desk, first: str, then: str) -> None:
    """The first look tells one cost, the next another, for a clip whose first address is dead: one of them is counted, never both."""
    told = list[str]()

    def changing(_handler: Handler) -> bool:
        desk.service.cost = then if told else first
        told.append(desk.service.cost)
        return False

    def late(handler: Handler) -> bool:
        missing = desk.service.downloads < 3
        if missing:
            handler.say(b"", status=404)
        return missing

    desk.service.look, desk.service.download = changing, late
    said = desk.render()
    assert said.code == 0, said.stderr
    assert len(told) > 1
    assert said.document["money"]["settled"] in (first, then)
