"""Webhooks to this machine: deAPI's signed ones, Runware's flat ones, and how they go wrong."""

from __future__ import annotations

import hashlib
import hmac
import json
import queue

import pytest

from tests.unit.standin.plain_client import Desk, video
from tests.unit.standin.plain_form_clients import DeDesk, Letterbox, letterbox

SECRET = "s" * 32


@pytest.fixture
def deapi(service: Desk) -> DeDesk:
    """A stand-in without trouble."""
    return DeDesk(service)


def ordered(deapi: DeDesk, box: Letterbox, fault: str = "", **more: str) -> str:
    """The id of a job whose webhooks come into the box."""
    answer = deapi.submit(prompt=f"x {fault}", webhook_url=box.url, **more)
    assert answer.status_code == 200, answer.text
    return answer.json()["data"]["request_id"]


def test_a_job_tells_its_begin_and_its_end_signed(deapi: DeDesk) -> None:
    """HMAC-SHA256 over time stamp and raw body; the end has a URL that works; the query of the URL is kept."""
    with letterbox() as box:
        key = ordered(deapi, box, webhook_secret=SECRET)
        letters = [box.came.get(timeout=20) for _ in range(2)]
    for headers, body in letters:
        signed = f"{headers['x-deapi-timestamp']}.".encode() + body
        assert headers["x-deapi-signature"] == "sha256=" + hmac.new(SECRET.encode(), signed, hashlib.sha256).hexdigest()
        assert headers["user-agent"] == "DeAPI-Webhook/1.0"
    first, last = (json.loads(body) for _, body in letters)
    assert [body["event"] for body in (first, last)] == ["job.processing", "job.completed"]
    assert [headers["x-deapi-event"] for headers, _ in letters] == ["job.processing", "job.completed"]
    assert first["data"] == {
        **first["data"],
        "job_request_id": key,
        "status": "processing",
        "previous_status": "pending",
        "job_type": "txt2video",
    }
    assert last["data"]["status"] == "done"
    assert first["delivery_id"] != last["delivery_id"]
    assert deapi.http.get(last["data"]["result_url"]).status_code == 200


def test_a_failure_is_told(deapi: DeDesk) -> None:
    """job.failed with code and message; without a secret there is no signature."""
    with letterbox() as box:
        ordered(deapi, box, "[[fault:refuse]]")
        box.next()
        headers, last = box.next()
    assert (last["event"], last["data"]["error_code"], last["data"]["result_url"]) == ("job.failed", "content_policy_violation", None)
    assert "x-deapi-signature" not in headers


def test_what_is_not_taken_comes_again(deapi: DeDesk) -> None:
    """The same letter, until a 2xx; the next one only then."""
    with letterbox(refusals=2) as box:
        ordered(deapi, box)
        letters = [box.next() for _ in range(4)]
    assert [body["event"] for _, body in letters] == ["job.processing"] * 3 + ["job.completed"]
    assert len({body["delivery_id"] for _, body in letters}) == 2


def test_late_and_twice(deapi: DeDesk) -> None:
    """The end first, then the begin; and both a second time with the same delivery id."""
    with letterbox() as box:
        ordered(deapi, box, "[[fault:late-webhook]] [[fault:duplicate-webhook]]")
        letters = [box.next()[1] for _ in range(4)]
    assert [body["event"] for body in letters] == ["job.completed", "job.processing"] * 2
    assert letters[0] == letters[2]


def test_a_bad_signature(deapi: DeDesk) -> None:
    """A letter that a receiver has to throw away."""
    with letterbox() as box:
        ordered(deapi, box, "[[fault:bad-signature]]", webhook_secret=SECRET)
        headers, body = box.came.get(timeout=20)
    signed = f"{headers['x-deapi-timestamp']}.".encode() + body
    assert headers["x-deapi-signature"] != "sha256=" + hmac.new(SECRET.encode(), signed, hashlib.sha256).hexdigest()


def test_nobody_there_troubles_nobody(deapi: DeDesk) -> None:
    """The job ends all the same."""
    with letterbox() as box:
        gone = box.url
    assert deapi.bought(webhook_url=gone)["status"] == "done"


def test_runware_posts_each_result_without_an_envelope(service: Desk) -> None:
    """One post for each clip, as a poll's items are; nothing while it runs."""
    with letterbox() as box:
        task = video(numberResults=2, webhookURL=box.url)
        service.post(task)
        letters = [box.next()[1] for _ in range(2)]
        with pytest.raises(queue.Empty):
            box.came.get(timeout=0.2)
    assert letters == service.ended(task["taskUUID"])["data"]
    assert service.http.get(letters[0]["videoURL"]).status_code == 200


def test_runwares_come_twice_and_tell_failures(service: Desk) -> None:
    """The flat error, two times."""
    with letterbox() as box:
        task = video(webhookURL=box.url, positivePrompt="x [[fault:fail]] [[fault:duplicate-webhook]]")
        service.post(task)
        letters = [box.next()[1] for _ in range(2)]
    assert [letter["code"] for letter in letters] == ["timeoutProvider"] * 2
    assert letters[0]["taskUUID"] == task["taskUUID"]


@pytest.mark.parametrize("container", ["MP4", "WEBM", "MOV"])
def test_runware_puts_the_clip_where_the_order_says(service: Desk, container: str) -> None:
    """The very bytes that its URL hands out, with their type; once the receiver takes them."""
    with letterbox(refusals=1) as box:
        task = video(outputFormat=container, uploadEndpoint=box.url)
        service.post(task)
        headers, body = [box.came.get(timeout=20) for _ in range(2)][-1]
    [item] = service.ended(task["taskUUID"])["data"]
    assert body == service.http.get(item["videoURL"]).content
    assert headers["content-type"] == {"MP4": "video/mp4", "WEBM": "video/webm", "MOV": "video/quicktime"}[container]


def test_no_clip_is_put_on_the_internet(service: Desk) -> None:
    """An upload to anywhere but this machine is refused, and nothing is bought."""
    answer = service.post(video(uploadEndpoint="https://bucket.example.com/clip.mp4"))
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["parameter"] == "uploadEndpoint"
