"""Trouble on request: drawn from the seed, forced by a tag, and seen by a client as the real thing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import pytest

from callsheet.domain.errors import UsageError
from callsheet.standin.jobs.config import Config
from callsheet.standin.jobs.faults import FAULTS, Trouble, parse_fault
from tests.unit.standin.plain_client import Desk, desk, video


def tagged(*faults: str, **more: Any) -> dict[str, Any]:
    """A task whose prompt forces faults."""
    return video(positivePrompt="a lighthouse " + " ".join(f"[[fault:{fault}]]" for fault in faults), **more)


def test_the_same_seed_draws_the_same_lots() -> None:
    """Two stand-ins with one seed agree on every draw, another seed doesn't; the rate is kept to within chance."""
    draws = {seed: [Trouble(seed, {"busy": 0.2}).strikes("busy", f"task-{n}") for n in range(2000)] for seed in (7, 8)}
    assert draws[7] == [Trouble(7, {"busy": 0.2}).strikes("busy", f"task-{n}") for n in range(2000)]
    assert draws[7] != draws[8]
    assert 320 < sum(draws[7]) < 480


def test_each_time_is_another_draw() -> None:
    """One task isn't struck for ever at a rate below 1, and always at 1, never at 0."""
    half, sure, never = (Trouble(1, {"truncate": rate}) for rate in (0.5, 1.0, 0.0))
    assert len({half.strikes("truncate", "clip") for _ in range(40)}) == 2
    assert all(sure.strikes("truncate", "clip") for _ in range(40))
    assert not any(never.strikes("truncate", "clip") for _ in range(40))


def test_a_tag_forces_its_fault_as_often_as_it_says() -> None:
    """Always without a number; the first two times with `*2`, counted over all tasks with that prompt."""
    trouble = Trouble(0, {})
    assert [trouble.strikes("fail", str(n), "x [[fault:fail*2]]") for n in range(4)] == [True, True, False, False]
    assert [trouble.strikes("busy", str(n), "x [[fault:busy]]") for n in range(3)] == [True, True, True]
    assert not trouble.strikes("fail", "9", "x [[fault:busy]]")


@pytest.mark.parametrize("text", ["busy", "busy=", "busy=often", "typo=0.5", "busy=1.5", "busy=-0.1", "busy=nan"])
def test_a_fault_that_makes_no_sense_is_refused(text: str) -> None:
    """With the way to write it, or the names that there are."""
    with pytest.raises(UsageError) as caught:
        parse_fault(text)
    assert caught.value.problems[0].help


def test_a_good_fault_is_read() -> None:
    """NAME=P."""
    assert parse_fault("lost-ack=0.05") == ("lost-ack", 0.05)


@pytest.mark.parametrize(
    "wrong", [{"speed": -1}, {"slots": 0}, {"discount": 2}, {"palette": 0}, {"per_minute": 0}, {"per_day": 0}, {"faults": {"typo": 1.0}}]
)
def test_a_config_that_makes_no_sense_is_refused(wrong: dict[str, Any]) -> None:
    """When it is made, not when it is used."""
    with pytest.raises(UsageError):
        Config(**wrong)


@pytest.mark.parametrize(("fault", "status"), [("busy", 429), ("unavailable", 503), ("no-credit", 402)])
def test_refusals_before_acceptance_leave_nothing(service: Desk, fault: str, status: int) -> None:
    """The status tells, no job exists, and the same UUID is free."""
    task = tagged(f"{fault}*1")
    assert service.post(task).status_code == status
    assert service.tell("jobs")["jobs"] == []
    assert service.post(task).status_code == 200


def test_a_lost_request_was_not_accepted(service: Desk) -> None:
    """The line drops without a byte; the second try is taken."""
    task = tagged("lost-request*1")
    with pytest.raises(httpx.RemoteProtocolError, match="without sending a response"):
        service.post(task)
    assert service.tell("jobs")["jobs"] == []
    assert service.post(task).status_code == 200


def test_a_lost_acknowledgement_was_accepted(service: Desk) -> None:
    """The line drops without a byte, and the job exists, runs and is billed; a replay conflicts."""
    task = tagged("lost-ack")
    with pytest.raises(httpx.RemoteProtocolError, match="without sending a response"):
        service.post(task)
    assert service.ended(task["taskUUID"])["data"][0]["status"] == "success"
    assert service.post(task).json()["errors"][0]["code"] == "conflictTaskUUID"
    assert service.tell("bill")["total"] == "0.03"


def test_unavailable_after_acceptance_is_a_503_with_a_job(service: Desk) -> None:
    """The same status as before acceptance, and yet it was taken."""
    task = tagged("unavailable-after")
    assert service.post(task).status_code == 503
    assert service.ended(task["taskUUID"])["data"][0]["status"] == "success"


@pytest.mark.parametrize(
    ("fault", "code", "total"),
    [("fail", "timeoutProvider", "0.00"), ("refuse", "contentPolicyViolation", "0.00"), ("fail-billed", "providerInferenceError", "0.03")],
)
def test_a_failed_job_is_told_in_errors_and_costs_what_it_says(service: Desk, fault: str, code: str, total: str) -> None:
    """Free, but for the fault that says otherwise; a poll with nothing else is a 400."""
    task = tagged(fault)
    service.post(task)
    (error,) = service.ended(task["taskUUID"])["errors"]
    assert (error["code"], error["taskUUID"], error["status"]) == (code, task["taskUUID"], "error")
    assert service.poll(task["taskUUID"]).status_code == 400
    assert service.tell("bill")["total"] == total


def test_a_failure_can_be_told_as_data(service: Desk) -> None:
    """The other documented shape: an item with status error; the poll is a 200."""
    task = tagged("fail", "error-in-data")
    service.post(task)
    (item,) = service.ended(task["taskUUID"])["data"]
    assert (item["status"], item["error"]["code"]) == ("error", "timeoutProvider")


def test_failed_and_finished_jobs_share_a_poll(service: Desk) -> None:
    """A 200 with both, each by its UUID."""
    good, bad = video(), tagged("fail")
    service.post(good, bad)
    for task in (good, bad):
        service.ended(task["taskUUID"])
    both = service.poll(good["taskUUID"], bad["taskUUID"])
    assert both.status_code == 200
    assert [item["taskUUID"] for item in both.json()["data"]] == [good["taskUUID"]]
    assert [error["taskUUID"] for error in both.json()["errors"]] == [bad["taskUUID"]]


def test_overcharged_and_untold_costs(service: Desk) -> None:
    """One and a half times the price, told and billed; or billed and not told."""
    assert service.bought(positivePrompt="x [[fault:overcharge]]")["cost"] == 0.045
    assert "cost" not in service.bought(positivePrompt="x [[fault:no-cost]]")
    assert service.tell("bill")["total"] == "0.075"


def test_a_poll_can_meet_a_bad_gateway(service: Desk) -> None:
    """A page of HTML with 502, once; then the news."""
    task = tagged("poll-502*1")
    service.post(task)
    bad = service.poll(task["taskUUID"])
    assert (bad.status_code, bad.headers["content-type"].partition(";")[0]) == (502, "text/html")
    assert service.poll(task["taskUUID"]).status_code == 200


def test_downloads_go_wrong_one_by_one(service: Desk) -> None:
    """Cut short once with the whole length announced, then 503 once, then whole."""
    url = service.bought(positivePrompt="x [[fault:truncate*1]] [[fault:download-503*1]]")["videoURL"]
    assert service.http.get(url).status_code == 503
    with pytest.raises(httpx.RemoteProtocolError, match="without sending complete message body"):
        service.http.get(url)
    whole = service.http.get(url)
    assert int(whole.headers["content-length"]) == len(whole.content)


@pytest.mark.parametrize(("fault", "head"), [("wrong-bytes", b"\0\0\0\x18ftyp"), ("portal", b"<html>")])
def test_other_bytes_than_a_films_come_with_200(service: Desk, fault: str, head: bytes) -> None:
    """A broken file, and what a captive portal does to a download."""
    page = service.http.get(service.bought(positivePrompt=f"x [[fault:{fault}]]")["videoURL"])
    assert (page.status_code, page.content[: len(head)]) == (200, head)


def test_an_unknown_tag_is_refused(service: Desk) -> None:
    """A rehearsal that would not happen is told, not ignored."""
    assert service.post(tagged("lost-akc")).json()["errors"][0]["parameter"] == "positivePrompt"


def test_rates_strike_over_http(films: Path) -> None:
    """At a rate of one half some of thirty requests are busy and some not (seed 3)."""
    with desk(films, seed=3, faults={"busy": 0.5}) as service:
        codes = {service.post(video()).status_code for _ in range(30)}
    assert codes == {200, 429}


def test_every_fault_is_explained() -> None:
    """The command's help has a line for each."""
    assert all(text and not text.endswith(".") for text in FAULTS.values())
