"""A cost that nobody believes, and what a person says it was: `callsheet settle`. And what `costs` counts as a try."""

from __future__ import annotations

import asyncio
import json
import sqlite3

import pytest

from callsheet.budget.ledger import read, write
from callsheet.budget.ledger.audit import audit
from callsheet.budget.ledger.lanes import lane_stops
from callsheet.budget.ledger.store import open_ledger
from callsheet.store.project_folder import Project
from tests.project_stage import LIST, QUICK, Stage, film, remembered, shop, stage
from tests.scripted_runware import Shop
from tests.unit.cli.calling import Said, call

__all__ = ["film", "remembered", "shop", "stage"]

ROW = "{shot},a lighthouse called {shot},runware/ltx-2,3,320x192,24\n"
HEAD = LIST.splitlines()[0] + "\n"
RENDER = ("render", "spot.csv", "--cap", "100", "--yes", "--no-prefect")


def command(stage: Stage, *words: str) -> Said:
    return call(*words, "-C", str(stage.folder), "--json")


def settle(stage: Stage, take: str = "A.t1", usd: str = "0.09", source: str = "invoice 17") -> Said:
    return command(stage, "settle", take, "--charged", usd, "--source", source)


@pytest.fixture
def unbelieved(stage: Stage, shop: Shop) -> Stage:
    """Two shots: the first was billed 0.0001 for 0.09, so 0.09 counts, its lane has stopped and the second wasn't bought."""
    stage.write(HEAD + ROW.format(shot="A") + ROW.format(shot="B"))
    shop.cost = 0.0001
    said = command(stage, *RENDER)
    assert (said.code, said.json["money"]["settled"], len(shop.jobs)) == (6, "0.09", 1)
    assert "callsheet settle A.t1 --charged USD --source WHERE" in said.out
    return stage


def test_what_a_person_says_replaces_the_larger_of_the_two_and_reopens_the_lane(unbelieved: Stage, shop: Shop) -> None:
    """0.07 it was: the ledger has that, with who, when and where; the next run buys on and asks nobody."""
    said = settle(unbelieved, usd="0.07")
    assert said.code == 0, said.err
    assert (said.json["before"], said.json["settled"], said.json["reopened"]) == ("0.09", "0.07", True)
    with sqlite3.connect(Project(unbelieved.folder).ledger_file) as raw:
        [(body, at)] = raw.execute("select body, at from event where kind = 'late'").fetchall()
        [entry] = raw.execute("select kind, d_settled from entry where kind = 'correction'").fetchall()
    kept = json.loads(body)
    assert (kept["charged"], kept["reported"], kept["counted"], kept["source"]) == (70_000, 100, 90_000, "invoice 17")
    assert kept["by"]
    assert at > "2026"
    assert entry == ("correction", -20_000)
    shop.cost = 0.09
    last = command(unbelieved, *RENDER)
    assert (last.code, last.json["money"]["settled"], len(shop.jobs)) == (0, "0.16", 2)


def test_a_lane_that_has_two_such_costs_stays_shut_until_both_are_said(unbelieved: Stage) -> None:
    """Seen in the ledger, which refuses the intent whichever process asks."""
    project = Project(unbelieved.folder)
    ledger = open_ledger(project.ledger_file)
    [first] = [one for one in read.attempts(ledger, project.identity) if one.implausible is not None]
    lane_stops.stop(ledger, first, "findings", "three clips in a row fail", at="2026-11-28T00:00:00.000Z")
    ledger.close()
    assert settle(unbelieved).json["reopened"] is False, "another reason stopped it since"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("B.t1", "--charged", "0.09", "--source", "x"), "the cost of B.t1 is not implausible"),
        (("A.t1", "--charged", "much", "--source", "x"), "not an amount in USD"),
        (("A.t1", "--charged", "-1", "--source", "x"), "an amount of 0.00 or more"),
        (("A.t1", "--charged", "0.09", "--source", " "), "--source your source"),
        (("A t1", "--charged", "0.09", "--source", "x"), "A t1"),
    ],
)
def test_what_can_not_be_meant_is_refused_and_books_nothing(unbelieved: Stage, words: tuple[str, ...], message: str) -> None:
    """With exit code 2 and the fix."""
    said = command(unbelieved, "settle", *words)
    assert said.code == 2
    assert message in said.out + said.err
    ledger = open_ledger(Project(unbelieved.folder).ledger_file)
    assert sum(one.settled for one in read.attempts(ledger, Project(unbelieved.folder).identity)) == 90_000
    ledger.close()


def test_it_is_said_once(unbelieved: Stage) -> None:
    """A second word is no word on a cost in question; an invoice still corrects it."""
    assert settle(unbelieved).code == 0
    again = settle(unbelieved, usd="5")
    assert (again.code, "is not implausible" in again.out) == (2, True)


def test_a_charge_that_was_real_counts_and_freezes_the_model(stage: Stage, shop: Shop) -> None:
    """99 USD for 0.09 it really was: nothing comes back, the price is unknown, and the cap shows how far it is passed, below nothing."""
    stage.write(HEAD + ROW.format(shot="A") + ROW.format(shot="B"))
    shop.cost = 99.0
    assert command(stage, "render", "spot.csv", "--cap", "50", "--yes", "--no-prefect").code in (4, 6)
    said = settle(stage, usd="99")
    assert (said.code, said.json["settled"]) == (0, "99.00")
    status = command(stage, "status")
    assert (status.json["money"]["headroom"], status.json["caps"][0]["headroom"]) == ("-49.00", "-49.00")
    assert "-49.00" in call("status", "-C", str(stage.folder)).out or "passed by 49.00" in call("status", "-C", str(stage.folder)).out
    plan = command(stage, "plan", "spot.csv")
    assert "is frozen" in plan.out
    ledger = open_ledger(Project(stage.folder).ledger_file)
    assert audit(ledger) == []
    ledger.close()


def test_an_attempt_that_was_held_and_given_back_is_no_try(stage: Stage, shop: Shop) -> None:
    """After an overrun eleven holds are given back: `costs` and `status` count the one that was sent, and its list price."""
    (stage.folder / "project.toml").write_text(QUICK.replace("[lanes.runware]", "[lanes.runware]\nslots = 8"))
    stage.write(HEAD + "".join(ROW.format(shot=f"S{n:02}") for n in range(12)))
    shop.cost = 0.6
    asyncio.run(stage.render(cap=1_000_000))
    ledger = open_ledger(Project(stage.folder).ledger_file)
    assert len(read.attempts(ledger, Project(stage.folder).identity)) > 1, "others were held"
    ledger.close()
    said = command(stage, "costs")
    [group] = said.json["groups"]
    assert (group["attempts"], group["price"], group["settled"]) == (len(shop.jobs), "0.09", "0.60")
    lines = call("status", "-C", str(stage.folder)).out.replace("not sent", "not-sent").splitlines()
    rows = {line.split()[0]: line.split() for line in lines if line.strip().startswith("S0")}
    tries = {take: row[4] for take, row in rows.items() if len(row) > 4}
    assert tries["S00.t1"] == "1"
    assert {count for take, count in tries.items() if take != "S00.t1"} == {"0"}


def test_one_attempt_is_corrected_once_by_the_same_word(unbelieved: Stage) -> None:
    """Two processes that say it at once: one is told to read the ledger again."""
    project = Project(unbelieved.folder)
    ledger = open_ledger(project.ledger_file)
    [attempt] = [one for one in read.attempts(ledger, project.identity) if one.implausible is not None]
    write.correct(ledger, attempt, -1, ref="settle 9", body={"charged": 89_999}, at="2026-11-28T00:00:00.000Z")
    with pytest.raises(write.Raced):
        write.correct(ledger, attempt, -1, ref="settle 9", body={"charged": 89_999}, at="2026-11-28T00:00:00.000Z")
    ledger.close()
