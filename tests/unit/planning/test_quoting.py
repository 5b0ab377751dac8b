"""Prices that only a service knows: asked once, kept while fresh, held as said; and nothing is bought without one."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest

from callsheet.domain.errors import Exit, ServiceError
from callsheet.domain.run_request import RunRequest
from callsheet.planning import quoting
from callsheet.planning.outlook import dry_run
from callsheet.planning.plan import Action
from callsheet.planning.project_plan import prepare
from callsheet.planning.quoting import Asked, quoted, refuse_unpriced, unasked
from callsheet.runs import session
from callsheet.runs.session import direct
from callsheet.transport.api_client import Sender

ROWS = """shot_id,prompt,model,duration_s,resolution
S1,a lighthouse,deapi/ltx-2.3,2,512x896
S2,a boat,deapi/ltx-2.3,2,512x896
S3,a lamp,deapi/ltx-2.3,3,512x896
"""
URL = "http://127.0.0.1:9"


@dataclass
class Counter:
    """Answers questions for prices: by a script of statuses, the last of which repeats; the price is a micro-dollar for each frame."""

    statuses: list[int] = field(default_factory=lambda: [200])
    asked: list[httpx.Request] = field(default_factory=list[httpx.Request])
    retry_after: str = "0"
    #: whether a dry run's answer has a price
    priced: bool = True

    def answer(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        status = self.statuses.pop(0) if len(self.statuses) > 1 else self.statuses[0]
        if status == 0:
            raise httpx.ConnectError("refused", request=request)
        if status != 200:
            return httpx.Response(status, json={"message": "Too Many Attempts."}, headers={"Retry-After": self.retry_after})
        if request.url.path.endswith("/price"):
            return httpx.Response(200, json={"data": {"price": json.loads(request.content)["frames"] / 1_000_000}})
        [task] = json.loads(request.content)
        cost = {"cost": task["duration"] / 10} if self.priced else {}
        return httpx.Response(200, json={"data": [{"taskUUID": task["taskUUID"], **cost}]})


@pytest.fixture
def counter(monkeypatch: pytest.MonkeyPatch) -> Counter:
    made = Counter()
    for name in ("DEAPI", "RUNWARE"):
        monkeypatch.setenv(f"{name}_API_KEY", "canary-7c1e")
    monkeypatch.setenv("DEAPI_BASE_URL", URL)
    monkeypatch.setenv("RUNWARE_BASE_URL", f"{URL}/v1")
    for module in (quoting, dry_run, session):
        monkeypatch.setattr(module, "Sender", lambda: Sender(httpx.MockTransport(made.answer)))
    return made


@pytest.fixture
def order(tmp_path: Path) -> RunRequest:
    (tmp_path / "spot.csv").write_text(ROWS)
    (tmp_path / "project.toml").write_text("[attempts]\nunavailable_wait_s = 0.001\n")
    return RunRequest(folder=tmp_path, list="spot.csv", cap=10_000_000)


def said(asked: Asked) -> dict[str, tuple[str, int]]:
    return {take.take.shot: (take.action.value, take.price) for take in asked.prepared.plan.takes}


async def test_each_question_is_asked_once_and_its_answer_is_the_price(order: RunRequest, counter: Counter) -> None:
    """Three takes of two lengths are two questions, without their prompts; the plan says who said so, and when."""
    asked = await quoted(prepare(order))
    assert said(asked) == {"S1": ("buy", 49), "S2": ("buy", 49), "S3": ("buy", 73)}
    assert sorted(json.loads(request.content)["frames"] for request in counter.asked) == [49, 73]
    assert not any(word in request.content for request in counter.asked for word in (b"lighthouse", b"boat", b"lamp"))
    assert {request.headers["authorization"] for request in counter.asked} == {"Bearer canary-7c1e"}
    first = asked.prepared.plan.takes[0]
    assert first.priced.quote
    assert first.reason == f"new; quoted {first.priced.quote.quoted[:16]}Z"
    assert first.priced.quote.price_ref == f"deapi/ltx-2.3 quoted {first.priced.quote.quoted}"
    assert asked.problems == ()


async def test_a_fresh_answer_is_used_again_and_an_old_one_is_not(order: RunRequest, counter: Counter) -> None:
    """How long is a setting; the next plan reads it from the ledger, without asking."""
    await quoted(prepare(order))
    assert said(await quoted(prepare(order)))["S1"] == ("buy", 49)
    assert prepare(order).plan.price == 171
    assert len(counter.asked) == 2
    with sqlite3.connect(order.folder / ".callsheet" / "ledger.db") as book:
        [rows] = book.execute("select count(*) from quoted").fetchone()
    assert rows == 2
    (order.folder / "project.toml").write_text("[attempts]\nquote_fresh_s = 1\n")
    with sqlite3.connect(order.folder / ".callsheet" / "ledger.db") as book:
        book.executescript("drop trigger quoted_kept; update quoted set at = '2026-01-01T00:00:00.000Z'")
    await quoted(prepare(order))
    assert len(counter.asked) == 4


def test_offline_nothing_is_asked_nothing_is_written_and_nothing_is_bought(order: RunRequest, counter: Counter) -> None:
    """Each take says how it gets a price."""
    asked = unasked(prepare(order))
    assert {take.action for take in asked.prepared.plan.takes} == {Action.BLOCKED}
    assert [problem.code for problem in asked.problems] == ["unpriced"]
    assert "deapi/ltx-2.3 has no list price; run without --offline" in asked.problems[0].message
    assert counter.asked == []
    assert not (order.folder / ".callsheet").exists()


@pytest.mark.parametrize(
    ("break_", "why"),
    [
        (lambda counter, patch: counter.statuses.__setitem__(0, 0), "ConnectError"),
        (lambda counter, patch: counter.statuses.__setitem__(0, 500), "500"),
        (lambda counter, patch: patch.delenv("DEAPI_API_KEY"), "DEAPI_API_KEY is not set"),
    ],
)
async def test_a_service_that_gives_no_price_is_named_and_nothing_is_held(
    order: RunRequest, counter: Counter, monkeypatch: pytest.MonkeyPatch, break_: Callable[[Counter, pytest.MonkeyPatch], None], why: str
) -> None:
    """The plan shows its takes as unpriced; a run is refused with exit 5 before it holds anything."""
    break_(counter, monkeypatch)
    asked = await quoted(prepare(order))
    assert {take.action for take in asked.prepared.plan.takes} == {Action.BLOCKED}
    [problem] = asked.problems
    assert problem.code == "service"
    assert problem.message.startswith("unpriced: deapi/ltx-2.3 has no list price; deapi gave no quote (")
    assert why in problem.message
    with pytest.raises(ServiceError) as refused:
        refuse_unpriced(asked)
    assert refused.value.exit is Exit.SETUP
    with pytest.raises(ServiceError):
        await direct(order)
    assert not (order.folder / ".callsheet" / "ledger.db").exists()


async def test_a_busy_service_is_asked_again_in_its_own_time(order: RunRequest, counter: Counter) -> None:
    """429 for the moment waits; one that asks for more than a minute is left alone."""
    counter.statuses = [429, 200]
    assert said(await quoted(prepare(order)))["S1"] == ("buy", 49)
    (order.folder / "spot.csv").write_text(ROWS.replace("512x896", "768x768"))
    counter.statuses, counter.retry_after, before = [429], "3600", len(counter.asked)
    asked = await asyncio.wait_for(quoted(prepare(order)), 10)
    assert [problem.message.rpartition("(")[2] for problem in asked.problems] == ["deapi is too busy to give a price)"]
    assert len(counter.asked) - before in (1, 2)


async def test_a_list_that_is_wrong_or_bought_asks_nothing(order: RunRequest, counter: Counter) -> None:
    """Bad input comes first; a row that is on hold needs no price."""
    (order.folder / "spot.csv").write_text(ROWS + "S4,a cat,runware/ltx-9,2,512x896\n")
    assert (await quoted(prepare(order))).prepared.plan.problems
    (order.folder / "spot.csv").write_text("shot_id,prompt,model,duration_s,resolution,status\nS1,a,deapi/ltx-2.3,2,512x896,hold\n")
    assert (await quoted(prepare(order))).problems == ()
    assert counter.asked == []


async def test_a_fallback_gets_its_price_too(order: RunRequest, counter: Counter) -> None:
    """A quoted model may stand in for one with a list."""
    (order.folder / "spot.csv").write_text("shot_id,prompt,model,duration_s,resolution\nS1,a boat,runware/ltx-2,2,512x896\n")
    (order.folder / "project.toml").write_text('[project]\nfallback = ["deapi/ltx-2.3"]\n')
    assert prepare(order).plan.takes[0].priced.fallbacks == ()
    [take] = (await quoted(prepare(order))).prepared.plan.takes
    assert [(other.model, other.quote and other.quote.micros) for other in take.priced.fallbacks] == [("deapi/ltx-2.3", 49)]


async def test_where_the_ledger_is_gone_nothing_is_asked_and_none_is_made(order: RunRequest, counter: Counter) -> None:
    """Which book is the project's is for a person to say first."""
    await quoted(prepare(order))
    state = order.folder / ".callsheet"
    found = json.loads((state / "project.json").read_text())
    (state / "project.json").write_text(json.dumps({**found, "ledger": "another"}))
    for path in state.glob("ledger.db*"):
        path.unlink()
    before = len(counter.asked)
    asked = await quoted(prepare(order))
    assert [problem.code for problem in asked.problems] == ["unpriced"]
    assert len(counter.asked) == before
    assert not (state / "ledger.db").exists()


async def test_a_dry_run_asks_once_for_each_kind_with_its_header(order: RunRequest, counter: Counter) -> None:
    """What the service says stands beside what is held; dearer says so; takes of one kind are one question."""
    rows = ["S1,a boat,runware/ltx-2,2,512x896", "S2,a lamp,runware/ltx-2,2,512x896", "S3,a cat,runware/ltx-2-fast,6,1920x1080"]
    (order.folder / "spot.csv").write_text("\n".join(["shot_id,prompt,model,duration_s,resolution", *rows]) + "\n")
    first, second = await dry_run.dry_runs(prepare(order))
    assert {request.headers["x-runware-dry-run"] for request in counter.asked} == {"1"}
    assert len(counter.asked) == 2
    assert (first.takes, first.held, first.price) == (("S1.t1", "S2.t1"), 60_000, 200_000)
    assert "0.20 each by the service, 0.06 is held; that is more than would be held" in first.summary
    assert second.what == "1920x1080, 6 s at 25 fps"


async def test_a_dry_run_without_an_answer_says_so(order: RunRequest, counter: Counter) -> None:
    """It is a failure of the asking, never a price."""
    (order.folder / "spot.csv").write_text("shot_id,prompt,model,duration_s,resolution\nS1,a,runware/ltx-2,2,512x896\n")
    counter.statuses = [0]
    [run] = [run for run in await dry_run.dry_runs(prepare(order)) if run.failed]
    assert run.summary == "dry run of 1 take of runware/ltx-2, 512x896, 2 s at 25 fps: unreadable answer (runware: ConnectError)"


async def test_a_dry_run_that_tells_no_price_is_the_last(order: RunRequest, counter: Counter) -> None:
    """A service that knows nothing of dry runs may have made a job of it: one at most, and it is said."""
    rows = ["S1,a boat,runware/ltx-2,2,512x896", "S2,a lamp,runware/ltx-2,4,512x896", "S3,a cat,runware/ltx-2-fast,6,1920x1080"]
    (order.folder / "spot.csv").write_text("\n".join(["shot_id,prompt,model,duration_s,resolution", *rows]) + "\n")
    counter.priced = False
    [run] = await dry_run.dry_runs(prepare(order))
    assert len(counter.asked) == 1
    assert "Check its job list: there should be no job" in run.summary
