"""What was paid and closed without a clip is looked at again: by its service, and by a decoder that works. And two takes never show one picture unseen."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from callsheet.budget.ledger import read, write
from callsheet.budget.ledger.audit import audit
from callsheet.budget.ledger.store import open_ledger
from callsheet.buying import receive
from callsheet.domain.attempt import Attempt, Kind, Reason, State
from callsheet.domain.errors import Exit, MediaError
from callsheet.store.project_folder import Project
from tests.project_stage import LIST, Stage
from tests.scripted_runware import Shop
from tests.scripted_runware_films import Stock
from tests.unit.cli.calling import Said, call


def attempts(stage: Stage) -> list[Attempt]:
    ledger = open_ledger(Project(stage.folder).ledger_file)
    try:
        assert audit(ledger) == []
        return read.attempts(ledger, Project(stage.folder).identity)
    finally:
        ledger.close()


def command(stage: Stage, *words: str) -> Said:
    return call(*words, "-C", str(stage.folder), "--json")


RENDER = ("render", "spot.csv", "--cap", "10", "--yes", "--no-prefect")


@pytest.mark.parametrize("words", [("recover",), ("recover", "S1"), RENDER])
def test_a_clip_that_was_called_defective_is_adopted_where_a_repaired_decoder_reads_it(
    stage: Stage, shop: Shop, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
) -> None:
    """ffmpeg was broken in a way that it did not know of: the bytes were kept, and are received without asking the service for anything."""

    def broken(*_args: Any) -> Any:
        raise MediaError("no such filter")

    with monkeypatch.context() as patch:
        patch.setattr(receive, "inspect_file", broken)
        asyncio.run(stage.render())
    [closed] = attempts(stage)
    assert (closed.state, closed.reason, closed.settled) == (State.CLOSED, Reason.DEFECTIVE, 90_000)
    shop.jobs.clear()
    shop.forgets = True
    said = command(stage, *words)
    [now] = attempts(stage)
    assert (said.code, now.state, now.reason, now.settled, len(shop.bodies)) == (0, State.RECEIVED, None, 90_000, 1), said.err
    assert said.json["counts"]["bought"] == 1
    assert [take["end"] for take in said.json["takes"]] == ["received"]


@pytest.mark.parametrize("words", [("recover",), RENDER])
def test_a_clip_that_had_expired_is_fetched_where_its_service_has_it_after_all(stage: Stage, shop: Shop, words: tuple[str, ...]) -> None:
    """Found missing for longer than `settle_s`, and there the next day: nothing is bought again, and the film has it."""
    shop.downloads = ["404"]
    asyncio.run(stage.render())
    [closed] = attempts(stage)
    assert (closed.state, closed.reason) == (State.CLOSED, Reason.EXPIRED)
    shop.downloads = ["ok"]
    said = command(stage, *words)
    [now] = attempts(stage)
    assert (said.code, now.state, now.message, len(shop.bodies)) == (0, State.RECEIVED, None, 1), said.err
    film = command(stage, *RENDER)
    assert (film.code, film.json["sequences"][0]["missing"]) == (0, [])


def test_a_dead_address_ends_though_its_service_is_silent_now_and_then(stage: Stage, shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """The service lists the job with an address that is dead; every other look tells nothing of it, which is no word for the address. It is over after `settle_s`,
    in this run: it would be asked for again by every run to come."""
    monkeypatch.setattr(Shop, "_archive", lambda *_: httpx.Response(200, text="<html>"))
    shop.downloads, shop.polls = ["404"], ["done"] + ["running", "done"] * 500
    told = asyncio.run(stage.render())
    [closed] = attempts(stage)
    assert (closed.state, closed.reason, closed.settled, told.exit) == (State.CLOSED, Reason.EXPIRED, 90_000, Exit.PARTIAL)


def test_a_service_that_says_nothing_more_of_a_dead_address_is_asked_by_the_next_run(
    stage: Stage, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither that the job is there nor that it is gone: that is no verdict on a paid clip. It stays ready, is told, and ends the run."""
    with monkeypatch.context() as patch:
        patch.setattr(Shop, "_archive", lambda *_: httpx.Response(200, text="<html>"))
        shop.downloads, shop.polls = ["404"], ["done", "running"]
        told = asyncio.run(stage.render())
    assert (attempts(stage)[0].state, told.exit, stage.kinds().count("wait")) == (State.READY, Exit.PARTIAL, 1)
    shop.downloads, shop.polls = ["ok"], ["done"]
    assert asyncio.run(stage.render()).exit is Exit.DONE
    assert len(shop.jobs) == 1


def test_what_is_still_wrong_stays_closed_and_writes_nothing(stage: Stage, shop: Shop) -> None:
    """Each look costs nothing: no event, no purchase, no second defective file."""
    shop.downloads = ["rotten"]
    asyncio.run(stage.render())
    before = attempts(stage)
    for _ in range(2):
        assert command(stage, "recover").code == 0
        assert command(stage, *RENDER).code == Exit.PARTIAL
    assert (attempts(stage), len(shop.bodies)) == (before, 1)
    assert len(list((stage.folder / ".callsheet" / "defective").iterdir())) == 1


def test_a_retaken_shot_is_not_looked_for_again(stage: Stage, shop: Shop) -> None:
    """A person gave the old one up: the new one is bought, and the old attempt stays as it ended."""
    shop.downloads = ["404"]
    asyncio.run(stage.render())
    shop.downloads = ["ok"]
    assert command(stage, "retake", "S1").code == 0
    assert command(stage, *RENDER).code == 0
    assert [attempt.state for attempt in attempts(stage)] == [State.CLOSED, State.RECEIVED]


@pytest.mark.parametrize("reason", [reason for reason in Reason if reason not in (Reason.EXPIRED, Reason.DEFECTIVE)])
def test_nothing_else_that_was_closed_receives_a_clip(stage: Stage, shop: Shop, reason: Reason) -> None:
    """Only what was paid and lost its clip comes back."""
    shop.downloads = ["404"]
    asyncio.run(stage.render())
    ledger = open_ledger(Project(stage.folder).ledger_file)
    [closed] = read.attempts(ledger, Project(stage.folder).identity)
    with pytest.raises(ValueError, match="no clip can be received"):
        write.move(ledger, replace_reason(closed, reason), Kind.RECEIVED, {"sha256": "ab", "size": 1}, at="2026-11-28T00:00:00.000Z")
    ledger.close()


def replace_reason(attempt: Attempt, reason: Reason) -> Attempt:
    return replace(attempt, reason=reason)


def test_two_jobs_with_the_same_bytes_are_a_failing_finding_on_the_later(stage: Stage, shop: Shop) -> None:
    """Both were billed and the film would show one picture twice: the finding names the other take and what this one cost."""
    (stage.folder / "project.toml").write_text((stage.folder / "project.toml").read_text().replace('clip-same = "pass"', ""))
    stage.write(LIST + "S2,a boat,runware/ltx-2,3,320x192,24\n")
    said = command(stage, *RENDER)
    assert (said.json["counts"]["bought"], len(shop.bodies)) == (2, 2)
    first, later = sorted(attempts(stage), key=lambda attempt: attempt.ended_at or "")
    assert (first.failures, later.failures) == ((), ("clip-same",))
    [finding] = later.findings
    assert finding["message"] == f"the same file as {first.take.full}; this take cost 0.09 USD nevertheless"
    assert str(finding["message"]) in said.err


def test_clips_of_their_own_are_no_finding(stage: Stage, stock: Stock) -> None:
    """Nor is a clip that is fetched again after its row was lost with the power."""
    (stage.folder / "project.toml").write_text((stage.folder / "project.toml").read_text().replace('clip-same = "pass"', ""))
    stage.write(LIST + "S2,a boat,runware/ltx-2,3,320x192,24\n")
    assert command(stage, *RENDER).code == 0
    assert all(not attempt.findings for attempt in attempts(stage))


def test_the_kept_bytes_of_another_take_are_not_adopted(stage: Stage, shop: Shop, tmp_path: Path) -> None:
    """The file that was put aside is named in the attempt's own row: one that isn't there is no clip."""
    shop.downloads = ["rotten"]
    asyncio.run(stage.render())
    [kept] = (stage.folder / ".callsheet" / "defective").iterdir()
    kept.rename(kept.with_name("S9.t1.a1.00000000"))
    shop.jobs.clear()
    assert command(stage, "recover").code == 0
    assert [attempt.state for attempt in attempts(stage)] == [State.CLOSED]
