"""The Runware wire over a WebSocket, frame by frame, with a client that knows nothing of Runware."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from tests.unit.standin.plain_client import Desk, Item, desk, video
from tests.unit.standin.plain_form_clients import PNG, until

SIGN: Item = {"taskType": "authentication", "apiKey": "key"}


class Line:
    """One connection."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket

    def ask(self, *tasks: Item) -> Item:
        """Send an array, and give the next frame."""
        self.socket.send(json.dumps(list(tasks)))
        return self.next()

    def next(self) -> Item:
        """The next frame."""
        return json.loads(self.socket.recv(timeout=20))

    def ended(self, key: str) -> Item:
        """The first poll's frame that doesn't say `processing`."""

        def look() -> Item | None:
            frame = self.ask({"taskType": "getResponse", "taskUUID": key})
            return None if any(item.get("status") == "processing" for item in frame.get("data", [])) else frame

        return until(look)


def line(service: Desk, query: str = "") -> ClientConnection:
    """A connection that hasn't said anything yet."""
    return connect(f"ws{service.url.removeprefix('http')}/v1{query}", proxy=None)


@pytest.fixture
def signed(service: Desk) -> Iterator[Line]:
    """A connection with a good key."""
    with line(service) as socket:
        made = Line(socket)
        made.ask(SIGN)
        yield made


def test_an_authentication_opens_a_session_and_a_known_one_is_taken_up(service: Desk) -> None:
    """The session's id is given, or echoed."""
    with line(service) as socket:
        (item,) = Line(socket).ask(SIGN)["data"]
    assert item["taskType"] == "authentication"
    with line(service) as socket:
        again = Line(socket).ask({**SIGN, "connectionSessionUUID": item["connectionSessionUUID"]})
    assert again == {"data": [item]}


def test_nothing_is_done_for_a_stranger(service: Desk) -> None:
    """Tasks before the key, a bad key, tasks after it: errors, and no job."""
    task = video()
    with line(service) as socket:
        stranger = Line(socket)
        (error,) = stranger.ask(task)["errors"]
        assert (error["code"], error["taskUUID"]) == ("missingApiKey", task["taskUUID"])
        assert stranger.ask({**SIGN, "apiKey": "bad"})["errors"][0]["code"] == "invalidApiKey"
        assert stranger.ask(task)["errors"][0]["code"] == "missingApiKey"
        assert stranger.ask(SIGN)["data"][0]["taskType"] == "authentication"
        assert stranger.ask(task)["data"][0]["taskUUID"] == task["taskUUID"]
    assert len(service.tell("jobs")["jobs"]) == 1


def test_a_clip_is_ordered_polled_and_downloaded(service: Desk, signed: Line) -> None:
    """The acknowledgement, the result with an http URL, a ping between; and a later session knows the job, too."""
    task = video()
    assert signed.ask(task) == {"data": [{"taskType": "videoInference", "taskUUID": task["taskUUID"]}]}
    assert signed.ask({"taskType": "ping", "ping": True}) == {"data": [{"taskType": "ping", "pong": True}]}
    (item,) = signed.ended(task["taskUUID"])["data"]
    assert (item["status"], item["cost"]) == ("success", 0.03)
    assert service.http.get(item["videoURL"]).content[4:8] == b"ftyp"
    assert service.ended(task["taskUUID"])["data"] == [item]


def test_data_and_errors_come_in_frames_of_their_own(signed: Line) -> None:
    """One good task and one wrong one in one array."""
    good, bad = video(), video(fps=0)
    assert signed.ask(good, bad) == {"data": [{"taskType": "videoInference", "taskUUID": good["taskUUID"]}]}
    (error,) = signed.next()["errors"]
    assert (error["taskUUID"], error["parameter"]) == (bad["taskUUID"], "fps")


def test_an_unknown_task_is_an_empty_frame(signed: Line) -> None:
    """As over REST."""
    assert signed.ask({"taskType": "getResponse", "taskUUID": str(uuid4())}) == {"data": []}


def test_an_upload_larger_than_a_usual_frame(signed: Line) -> None:
    """20 MB of picture in base64 come through whole."""
    media = base64.b64encode(PNG + bytes(20 << 20)).decode()
    (item,) = signed.ask({"taskType": "mediaStorage", "taskUUID": str(uuid4()), "operation": "upload", "media": media})["data"]
    assert item["mediaURL"].startswith("http://127.0.0.1:")


@pytest.mark.parametrize("text", ["", "{", "{}", "[]", "[1]"])
def test_a_frame_that_is_no_array_of_tasks_is_an_error(signed: Line, text: str) -> None:
    """And the line stays up."""
    signed.socket.send(text)
    assert signed.next()["errors"][0]["code"] == "invalidRequest"
    assert signed.ask({"taskType": "ping", "ping": True})["data"][0]["pong"] is True


def test_a_frame_of_bytes_is_read_like_text(signed: Line) -> None:
    """Some clients send those."""
    signed.socket.send(json.dumps([{"taskType": "ping", "ping": True}]).encode())
    assert signed.next()["data"][0]["pong"] is True


@pytest.mark.parametrize(
    ("fault", "code"), [("busy", "rateLimitExceeded"), ("no-credit", "insufficientCredits"), ("unavailable", "serviceUnavailable")]
)
def test_a_refusal_names_each_of_its_tasks(service: Desk, signed: Line, fault: str, code: str) -> None:
    """There is no status to tell it by."""
    tasks = video(positivePrompt=f"x [[fault:{fault}*1]]"), video()
    errors = signed.ask(*tasks)["errors"]
    assert [(error["code"], error["taskUUID"]) for error in errors] == [(code, task["taskUUID"]) for task in tasks]
    assert service.tell("jobs")["jobs"] == []


@pytest.mark.parametrize(("fault", "jobs"), [("lost-request", 0), ("lost-ack", 1)])
def test_a_line_drops_without_a_farewell(service: Desk, signed: Line, fault: str, jobs: int) -> None:
    """Accepted or not; the client sees the same."""
    with pytest.raises(ConnectionClosed) as caught:
        signed.ask(video(positivePrompt=f"x [[fault:{fault}]]"))
    assert caught.value.rcvd is None
    assert len(service.tell("jobs")["jobs"]) == jobs


def test_an_answer_that_never_comes_leaves_the_line_up(service: Desk, signed: Line) -> None:
    """The job exists; other frames are answered."""
    task = video(positivePrompt="x [[fault:hang]]")
    signed.socket.send(json.dumps([task]))
    assert signed.ask({"taskType": "ping", "ping": True})["data"][0]["pong"] is True
    assert [job["key"] for job in service.tell("jobs")["jobs"]] == [task["taskUUID"]]


def test_a_dry_run_is_asked_for_in_the_url(service: Desk) -> None:
    """Priced, and no job."""
    with line(service, "?dryRun=1") as socket:
        dry = Line(socket)
        dry.ask(SIGN)
        assert dry.ask(video())["data"][0]["cost"] == 0.03
    assert service.tell("jobs")["jobs"] == []


def test_an_open_line_does_not_keep_a_stand_in_alive(films: Path) -> None:
    """Its end closes the line."""
    held: list[Any] = []
    with desk(films) as service:
        held.append(line(service))
        Line(held[0]).ask(SIGN)
    with pytest.raises(ConnectionClosed):
        held[0].recv(timeout=20)


def test_a_bad_keys_error_names_the_task_that_it_answers(service: Desk) -> None:
    """Vendors' clients match an error by its task; without one they wait for a minute, or for good."""
    with line(service) as socket:
        for sign in ({**SIGN, "apiKey": "bad"}, {**SIGN, "apiKey": "bad", "taskUUID": "3f6f8a52-0000-4000-8000-000000000001"}):
            [error] = Line(socket).ask(sign)["errors"]
            assert (error["taskType"], error["taskUUID"]) == ("authentication", sign.get("taskUUID"))
