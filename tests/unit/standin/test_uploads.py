"""Runware's uploads, and the faults of its wire that came with the other services'."""

from __future__ import annotations

import base64
from pathlib import Path
from uuid import uuid4

import pytest

from callsheet.standin.runware.models import wrong_task
from tests.unit.standin.plain_client import Desk, desk, video
from tests.unit.standin.plain_form_clients import PNG, tone

TEXT = base64.b64encode(PNG).decode()


def task(kind: str, **more: str) -> dict[str, str]:
    """A task with a fresh UUID."""
    return {"taskType": kind, "taskUUID": str(uuid4()), **more}


def test_media_are_kept_handed_out_and_deleted(service: Desk) -> None:
    """By an id of their own, each upload another; deleted, they are gone."""
    ask = task("mediaStorage", operation="upload", media=f"data:image/png;base64,{TEXT}")
    (item,) = service.post(ask).json()["data"]
    assert item.items() >= {"taskType": "mediaStorage", "taskUUID": ask["taskUUID"], "operation": "upload"}.items()
    kept = service.http.get(item["mediaURL"])
    assert (kept.content, kept.headers["content-type"]) == (PNG, "image/png")
    (sound,) = service.post(task("mediaStorage", operation="upload", media=base64.b64encode(tone(0.1)).decode())).json()["data"]
    assert sound["mediaUUID"] != item["mediaUUID"]
    gone = task("mediaStorage", operation="delete", media=item["mediaUUID"])
    assert service.post(gone).json()["data"][0]["mediaUUID"] == item["mediaUUID"]
    assert service.http.get(item["mediaURL"]).status_code == 404
    assert service.post(gone).json()["errors"][0]["code"] == "mediaNotFound"


def test_the_older_upload_is_for_images(service: Desk) -> None:
    """Under its own names; a task can use it."""
    (item,) = service.post(task("imageUpload", image=TEXT)).json()["data"]
    assert set(item) == {"taskType", "taskUUID", "imageUUID", "imageURL"}
    assert service.http.get(item["imageURL"]).content == PNG
    assert wrong_task(video(inputs={"frameImages": [item["imageUUID"]]})) == []


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"operation": "upload", "media": "https://example.test/a.png"}, "invalidMedia"),
        ({"operation": "upload", "media": base64.b64encode(b"<svg/>").decode()}, "invalidMedia"),
        ({"operation": "upload"}, "missingMedia"),
        ({"operation": "copy"}, "invalidOperation"),
        ({"operation": "delete", "media": "../book.jsonl"}, "mediaNotFound"),
    ],
)
def test_a_wrong_upload_is_told(service: Desk, more: dict[str, str], code: str) -> None:
    """With the task's UUID."""
    ask = task("mediaStorage", **more)
    (error,) = service.post(ask).json()["errors"]
    assert (error["code"], error["taskUUID"]) == (code, ask["taskUUID"])


def test_a_data_uri_must_hold_an_image() -> None:
    """Bare ids, URLs and base64 are believed; what says what it is, is looked at."""
    good, bad = f"data:image/png;base64,{TEXT}", "data:image/png;base64,PHN2Zy8+"
    assert wrong_task(video(inputs={"frameImages": [{"image": good}]})) == []
    assert [wrong.code for wrong in wrong_task(video(inputs={"frameImages": [bad]}))] == ["invalidFrameImages"]


def test_one_of_several_results_fails(service: Desk) -> None:
    """Two clips and an error in one answer; two are billed."""
    ask = video(numberResults=3, positivePrompt="x [[fault:partial]]")
    service.post(ask)
    body = service.ended(ask["taskUUID"])
    assert [item["status"] for item in body["data"]] == ["success", "success"]
    assert [error["code"] for error in body["errors"]] == ["providerInferenceError"]
    assert service.tell("bill")["total"] == "0.06"


def test_a_forgotten_job_is_silence(service: Desk) -> None:
    """As if it had never been, but for the bill and the conflict."""
    ask = video(positivePrompt="x [[fault:forgotten]]")
    service.post(ask)
    while service.poll(ask["taskUUID"]).json()["data"]:
        continue
    assert service.tell("bill")["total"] == "0.03"
    assert service.post(ask).json()["errors"][0]["code"] == "conflictTaskUUID"


def test_costs_states_and_quotes_told_otherwise(service: Desk) -> None:
    """A cost of 0, an older word for processing, progress as a string, a dry run that is too dear, a URL past its life, a model no more."""
    assert service.bought(positivePrompt="x [[fault:zero-cost]]")["cost"] == 0
    stuck = video(positivePrompt="x [[fault:stuck]] [[fault:status-synonyms]] [[fault:progress-string]]")
    service.post(stuck)
    (item,) = service.poll(stuck["taskUUID"]).json()["data"]
    assert item["status"] == "pending"
    assert isinstance(item["progress"], str)
    dear = video(positivePrompt="x [[fault:quote-higher]]")
    assert service.post(dear, X_Runware_Dry_Run="1").json()["data"][0]["cost"] == 0.045
    url = service.bought(positivePrompt="x [[fault:expired-url*1]]")["videoURL"]
    assert [service.http.get(url).status_code for _ in range(2)] == [403, 200]
    assert service.post(video(positivePrompt="x [[fault:retired]]")).json()["errors"][0]["code"] == "invalidModel"
    assert service.post(video(positivePrompt="x [[fault:busy-day*1]]")).status_code == 429


def test_a_url_lives_as_long_as_its_order_gave_it(films: Path) -> None:
    """`ttl` seconds after the end, 403; without it, for ever."""
    now = [1_000_000.0]
    with desk(films, clock=lambda: now[0]) as service:
        short, long = (service.bought(**more)["videoURL"] for more in ({"ttl": 60}, {}))
        now[0] += 60
        assert service.http.get(short).status_code == 200
        now[0] += 1
        assert [service.http.get(url).status_code for url in (short, long)] == [403, 200]
