"""The LTX API over real HTTP: JSON in, an id out, looks at the endpoint that took it, and errors in one envelope."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import httpx
import pytest

from callsheet.media.inspect.probe import probe
from tests.unit.standin.plain_client import Desk, desk
from tests.unit.standin.plain_form_clients import PNG, tone, until

TEXT = {"model": "ltx-2-3-pro", "prompt": "a lighthouse", "resolution": "1920x1080", "duration": 6, "fps": 24}
PICTURE = f"data:image/png;base64,{base64.b64encode(PNG).decode()}"


class Ltx:
    """A client as plain as can be."""

    def __init__(self, desk: Desk) -> None:
        self.desk, self.http = desk, desk.http

    def submit(self, endpoint: str = "text-to-video", **fields: Any) -> httpx.Response:
        """One post; None takes a field away."""
        whole = {name: value for name, value in {**TEXT, **fields}.items() if value is not None}
        return self.http.post(f"{self.desk.url}/v2/{endpoint}", json=whole)

    def look(self, key: str, endpoint: str = "text-to-video") -> httpx.Response:
        """One look."""
        return self.http.get(f"{self.desk.url}/v2/{endpoint}/{key}")

    def ended(self, key: str, endpoint: str = "text-to-video") -> dict[str, Any]:
        """The first look that tells an end."""
        return until(lambda: job if (job := self.look(key, endpoint).json())["status"] in ("completed", "failed") else None, 60)


@pytest.fixture
def ltx(service: Desk) -> Ltx:
    """A stand-in without trouble."""
    return Ltx(service)


def refused(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]["type"]


def test_a_film_to_a_sound(ltx: Ltx, tmp_path: Path) -> None:
    """The whole way: taken with 202, found at its own endpoint only, as long as its sound, billed by the begun second, downloaded without a key."""
    uri = f"data:audio/wav;base64,{base64.b64encode(tone(2.1)).decode()}"
    answer = ltx.submit("audio-to-video", duration=None, audio_uri=uri, image_uri=PICTURE)
    assert (answer.status_code, answer.json().keys()) == (202, {"id", "created_at"})
    key = answer.json()["id"]
    assert refused(ltx.look(key)) == (404, "not_found_error")
    job = ltx.ended(key, "audio-to-video")
    assert job["status"] == "completed"
    (tmp_path / "film.mp4").write_bytes(httpx.get(job["result"]["video_url"], trust_env=False).content)
    film = probe(tmp_path / "film.mp4")
    assert (film.frames, film.width, film.height) == (51, 1920, 1080)
    assert ltx.desk.tell("bill")["total"] == "0.24"


@pytest.mark.parametrize(
    ("endpoint", "fields"),
    [
        ("text-to-video", {"prompt": None}),
        ("text-to-video", {"model": "ltx-9"}),
        ("text-to-video", {"resolution": "1280x720"}),
        ("text-to-video", {"duration": 7}),
        ("text-to-video", {"fps": 30}),
        ("text-to-video", {"image_uri": PICTURE}),
        ("text-to-video", {"prompt": "[[fault:no-such]]"}),
        ("image-to-video", {}),
        ("image-to-video", {"image_uri": "data:image/png;base64,aGVsbG8="}),
        ("audio-to-video", {"duration": None}),
        ("audio-to-video", {"duration": None, "audio_uri": "https://example.com/a.wav"}),
    ],
)
def test_what_is_refused(ltx: Ltx, endpoint: str, fields: dict[str, Any]) -> None:
    """Everything that isn't as it should be, at no cost."""
    assert refused(ltx.submit(endpoint, **fields)) == (400, "invalid_request_error")
    assert ltx.desk.tell("jobs")["jobs"] == []


def test_sounds_that_are_too_short_or_none(ltx: Ltx) -> None:
    """2 to 20 s, and a sound."""
    for data in (tone(1.0), b"RIFF\x00\x00\x00\x00WAVE"):
        uri = f"data:audio/wav;base64,{base64.b64encode(data).decode()}"
        assert refused(ltx.submit("audio-to-video", duration=None, audio_uri=uri)) == (400, "invalid_request_error")


def test_strangers(ltx: Ltx) -> None:
    """No key, a wrong one, an endpoint that there isn't."""
    url = f"{ltx.desk.url}/v2/text-to-video"
    for key in ("", "Bearer", "Bearer bad", "Basic key"):
        assert refused(httpx.post(url, json=TEXT, headers={"Authorization": key}, trust_env=False)) == (401, "authentication_error")
    assert refused(ltx.submit("text-to-song")) == (404, "not_found_error")


@pytest.mark.parametrize(
    ("fault", "status", "kind"),
    [
        ("busy", 429, "concurrency_limit_error"),
        ("busy-day", 429, "rate_limit_error"),
        ("unavailable", 503, "service_unavailable"),
        ("no-credit", 402, "insufficient_funds_error"),
        ("retired", 400, "invalid_request_error"),
    ],
)
def test_trouble_before_a_request_is_taken(ltx: Ltx, fault: str, status: int, kind: str) -> None:
    """In the vendor's words, and nothing is taken."""
    assert refused(ltx.submit(prompt=f"x [[fault:{fault}]]")) == (status, kind)
    assert ltx.desk.tell("jobs")["jobs"] == []


def test_a_failure_is_told_with_the_job(ltx: Ltx) -> None:
    """Its type says why; nothing is charged, and other words mean the same."""
    job = ltx.ended(ltx.submit(prompt="x [[fault:refuse]]").json()["id"])
    assert (job["status"], job["error"]["type"], "result" in job) == ("failed", "content_filtered_error", False)
    key = ltx.submit(prompt="x [[fault:fail]] [[fault:status-synonyms]]").json()["id"]
    assert until(lambda: ltx.look(key).json()["status"] == "error")
    assert ltx.desk.tell("bill")["total"] == "0.00"


def test_a_job_is_known_for_a_day(films: Path) -> None:
    """24 hours from its acceptance, then not at all."""
    now = [1_000_000.0]
    with desk(films, clock=lambda: now[0]) as made:
        ltx = Ltx(made)
        key = ltx.submit(prompt="x [[fault:stuck]]").json()["id"]
        now[0] += 24 * 3600
        assert ltx.look(key).status_code == 200
        now[0] += 1
        assert refused(ltx.look(key)) == (404, "not_found_error")


def test_an_empty_account_buys_nothing(films: Path) -> None:
    """402 before anything is taken."""
    with desk(films, credit=0) as made:
        assert refused(Ltx(made).submit()) == (402, "insufficient_funds_error")


def test_uploads_are_named_by_their_storage_address(ltx: Ltx) -> None:
    """A place to put a file, the file, and a film from it; a place that nobody was given is refused, and so is a file that is none."""
    assert ltx.http.post(f"{ltx.desk.url}/v1/upload", headers={"Authorization": ""}).status_code == 401
    told = ltx.http.post(f"{ltx.desk.url}/v1/upload").json()
    assert ltx.http.put(told["upload_url"], content=b"hello").status_code == 400
    assert ltx.submit("image-to-video", image_uri=told["storage_uri"]).status_code == 400
    assert ltx.http.put(told["upload_url"], content=PNG).status_code == 200
    answer = ltx.submit("image-to-video", image_uri=told["storage_uri"])
    assert answer.status_code == 202
    assert ltx.ended(answer.json()["id"], "image-to-video")["status"] == "completed"
    assert ltx.http.put(told["upload_url"].replace(told["storage_uri"][-36:], "0" * 36), content=PNG).status_code == 403


@pytest.mark.parametrize("fields", [{"duration": 2}, {"duration": 10}, {"enhance_prompt": True}, {"camera_motion": "dolly_in"}])
def test_what_the_makers_own_programs_send_is_taken(ltx: Ltx, fields: dict[str, Any]) -> None:
    """Lengths of its desktop application, and the fields of its shipped code."""
    assert ltx.submit(**fields).status_code == 202


@pytest.mark.parametrize("fields", [{"duration": 1}, {"duration": 9}, {"enhance_prompt": "yes"}, {"camera_motion": "loop"}])
def test_what_they_do_not_send_is_refused(ltx: Ltx, fields: dict[str, Any]) -> None:
    """One step beside what is taken."""
    assert refused(ltx.submit(**fields)) == (400, "invalid_request_error")
