"""The Runware wire over real HTTP: acknowledgement, polls, archive, money, and errors in their places."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from uuid import uuid4

import httpx
import pytest

from callsheet.standin.app import create_app
from callsheet.standin.jobs.config import Config
from tests.unit.standin.plain_client import LTX_23, Desk, desk, video


def test_a_clip_is_ordered_polled_billed_and_downloaded(service: Desk) -> None:
    """The whole way of one clip, and its 0.03 USD on the bill."""
    task = video()
    acknowledged = service.post(task)
    assert (acknowledged.status_code, acknowledged.json()) == (
        200,
        {"data": [{"taskType": "videoInference", "taskUUID": task["taskUUID"]}]},
    )
    (item,) = service.ended(task["taskUUID"])["data"]
    assert {"taskType": "videoInference", "taskUUID": task["taskUUID"], "status": "success", "cost": 0.03}.items() <= item.items()
    assert item["videoURL"].startswith(f"{service.url}/standin/films/{item['videoUUID']}")
    assert isinstance(item["seed"], int)
    assert service.http.get(item["videoURL"]).content[4:8] == b"ftyp"
    row = {"job": task["taskUUID"], "key": task["taskUUID"], "service": "runware", "model": "lightricks:ltx@2", "cost": "0.03"}
    assert service.tell("bill") == {"schema": "callsheet.standin.bill/1", "total": "0.03", "jobs": [row]}


def test_a_poll_repeats_what_has_ended_and_is_silent_on_the_unknown(service: Desk) -> None:
    """Many jobs in one request; the same result every time; nothing, not an error, for a stranger."""
    first, second = video(), video()
    assert service.post(first, second).status_code == 200
    for task in (first, second):
        service.ended(task["taskUUID"])
    keys = first["taskUUID"], str(uuid4()), second["taskUUID"]
    once, again = service.poll(*keys).json(), service.poll(*keys).json()
    assert once == again
    assert [item["taskUUID"] for item in once["data"]] == [keys[0], keys[2]]
    stranger = service.poll(str(uuid4()))
    assert (stranger.status_code, stranger.json()) == (200, {"data": []})


def test_the_same_task_uuid_is_never_taken_twice(service: Desk) -> None:
    """A replay is a 400 with conflictTaskUUID, whatever else it says, and costs nothing."""
    task = video()
    service.post(task)
    service.ended(task["taskUUID"])
    replay = service.post({**task, "fps": 999})
    assert replay.status_code == 400
    assert [error["code"] for error in replay.json()["errors"]] == ["conflictTaskUUID"]
    twins = video()
    both = service.post(twins, twins)
    assert (both.status_code, [error["code"] for error in both.json()["errors"]]) == (200, ["conflictTaskUUID"])
    service.ended(twins["taskUUID"])
    assert service.tell("bill")["total"] == "0.06"


def test_the_archive_keeps_the_last_response_even_a_refusal(service: Desk) -> None:
    """getTaskDetails gives request and response; after a refused replay the response is the refusal; of strangers it knows nothing."""
    task = video()
    service.post(task)
    service.ended(task["taskUUID"])
    ask = {"taskType": "getTaskDetails", "taskUUID": task["taskUUID"]}
    (kept,) = service.post(ask).json()["data"]
    assert kept["request"] == [task]
    assert kept["response"]["data"][0]["status"] == "success"
    service.post(task)
    assert service.post(ask).json()["data"][0]["response"]["errors"][0]["code"] == "conflictTaskUUID"
    assert service.post({**ask, "taskUUID": str(uuid4())}).json() == {"data": []}


def test_one_wrong_task_does_not_spoil_the_others(service: Desk) -> None:
    """Errors carry their task's UUID; with something taken the status is 200, with nothing it is 400."""
    good, bad = video(), video(fps=0)
    mixed = service.post(good, bad)
    assert mixed.status_code == 200
    assert [item["taskUUID"] for item in mixed.json()["data"]] == [good["taskUUID"]]
    assert [(error["taskUUID"], error["parameter"]) for error in mixed.json()["errors"]] == [(bad["taskUUID"], "fps")]
    alone = service.post(video(fps=0))
    assert alone.status_code == 400
    assert "data" not in alone.json()


def test_several_results_are_several_clips_each_billed(service: Desk) -> None:
    """numberResults 3: three assets, three seeds, three times the price."""
    task = video(numberResults=3)
    service.post(task)
    items = service.ended(task["taskUUID"])["data"]
    assert len({item["videoUUID"] for item in items}) == len({item["seed"] for item in items}) == 3
    assert [item["cost"] for item in items] == [0.03] * 3
    assert service.tell("bill")["total"] == "0.09"
    assert len({service.http.get(item["videoURL"]).content for item in items}) == 3


def test_cost_is_told_only_on_request(service: Desk) -> None:
    """Without includeCost the item has no cost, and the bill has it all the same."""
    assert "cost" not in service.bought(includeCost=None)
    assert service.tell("bill")["total"] == "0.03"


def test_a_discount_is_what_is_charged_and_told(films: Path) -> None:
    """Three quarters of 0.03."""
    with desk(films, discount=Decimal("0.75")) as service:
        assert service.bought()["cost"] == 0.0225
        assert service.tell("bill")["total"] == "0.0225"


def test_a_dry_run_prices_and_validates_and_leaves_no_trace(service: Desk) -> None:
    """The header gives the cost, refuses what is wrong, makes no job and takes no UUID."""
    task = video(LTX_23, duration=8, numberResults=2)
    priced = service.post(task, X_Runware_Dry_Run="1")
    assert priced.json()["data"] == [{"taskType": "videoInference", "taskUUID": task["taskUUID"], "cost": 1.28}]
    assert service.post(video(fps=0), X_Runware_Dry_Run="1").status_code == 400
    assert service.tell("jobs")["jobs"] == []
    assert service.tell("requests")["tasks"] == {"dryRun": 2}


@pytest.mark.parametrize(("header", "code"), [({}, "missingApiKey"), ({"Authorization": "Bearer bad-key"}, "invalidApiKey")])
def test_a_bad_key_gets_401_and_nothing_else(service: Desk, header: dict[str, str], code: str) -> None:
    """No task is looked at, let alone counted."""
    answer = httpx.post(f"{service.url}/v1", json=[video()], headers=header, trust_env=False)
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (401, code)
    assert service.tell("requests")["tasks"] == {}


def test_the_key_may_come_as_the_first_task(service: Desk) -> None:
    """An authentication task stands for the header, and is answered with a session."""
    sign, ping = {"taskType": "authentication", "apiKey": "k"}, {"taskType": "ping", "ping": True}
    answer = httpx.post(f"{service.url}/v1", json=[sign, ping], trust_env=False).json()
    assert [item["taskType"] for item in answer["data"]] == ["authentication", "ping"]
    assert answer["data"][1]["pong"] is True
    assert httpx.post(f"{service.url}/v1", json=[{**sign, "apiKey": "bad"}, ping], trust_env=False).status_code == 401


@pytest.mark.parametrize("body", [b"", b"{", b"{}", b"[]", b"[1]", b'"x"', b"\xff"])
def test_a_body_that_is_no_array_of_tasks_is_a_400(service: Desk, body: bytes) -> None:
    """Garbage is told as such."""
    answer = service.http.post(f"{service.url}/v1", content=body)
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (400, "invalidRequest")


def test_an_unknown_task_type_is_an_error(service: Desk) -> None:
    """What is not spoken here is refused, with what is."""
    error = service.post({"taskType": "imageInference", "taskUUID": str(uuid4())}).json()["errors"][0]
    assert error["code"] == "invalidTaskType"
    assert "getResponse" in error["allowedValues"]


def test_the_account_tells_what_is_left(service: Desk) -> None:
    """Balance is the credit less the bill."""
    service.bought()
    (account,) = service.post({"taskType": "accountManagement", "taskUUID": str(uuid4()), "operation": "getDetails"}).json()["data"]
    assert account["balance"] == 999.97
    assert account["usage"]["total"] == {"credits": 0.03, "requests": 1}


def test_requests_are_counted_by_task_type(service: Desk) -> None:
    """A test can assert that a run asked nothing."""
    nothing = {"schema": "callsheet.standin.requests/1", "posts": 0, "downloads": 0, "tasks": {}, "at_once": {}}
    assert service.tell("requests") == nothing
    service.http.get(service.bought()["videoURL"])
    counts = service.tell("requests")
    assert counts["tasks"]["videoInference"] == counts["downloads"] == 1
    assert counts["posts"] == counts["tasks"]["getResponse"] + 1


def test_jobs_wait_for_a_slot_and_take_their_time(films: Path) -> None:
    """With one slot and a hundred times slower than life, the first job runs and the second waits at zero; nothing is billed."""
    with desk(films, slots=1, speed=0.01) as service:
        tasks = video(), video()
        service.post(*tasks)
        items = service.poll(*(task["taskUUID"] for task in tasks)).json()["data"]
        assert [item["status"] for item in items] == ["processing", "processing"]
        assert items[1]["progress"] == 0
        assert [job["state"] for job in service.tell("jobs")["jobs"]] == ["running", "queued"]
        assert service.tell("bill")["jobs"] == []


async def test_the_application_can_be_mounted_in_process(films: Path) -> None:
    """Without a server: the same answers, and a dropped line is a ConnectionResetError."""
    transport = httpx.ASGITransport(create_app(Config(speed=0, films=films)))
    async with httpx.AsyncClient(transport=transport, base_url="http://standin", headers={"Authorization": "Bearer k"}) as http:
        task = video()
        assert (await http.post("/v1", json=[task])).json()["data"][0]["taskUUID"] == task["taskUUID"]
        item = {"status": "processing"}
        while item["status"] == "processing":
            item = (await http.post("/v1", json=[{"taskType": "getResponse", "taskUUID": task["taskUUID"]}])).json()["data"][0]
        assert item["videoURL"].startswith("http://standin/standin/films/")
        assert json.loads((await http.get("/standin/bill")).content)["total"] == "0.03"
        with pytest.raises(ConnectionResetError):
            await http.post("/v1", json=[video(positivePrompt="x [[fault:lost-ack]]")])
