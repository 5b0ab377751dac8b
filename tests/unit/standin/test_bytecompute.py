"""The ByteCompute wire over real HTTP: form in, id out, looks and downloads by post, and errors in one envelope."""

from __future__ import annotations

import base64
import time
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.film_reader import read_film, samples
from tests.unit.standin.plain_client import Desk, desk
from tests.unit.standin.plain_form_clients import JPEG, PNG, Compute


@pytest.fixture
def compute(service: Desk) -> Compute:
    """A stand-in without trouble."""
    return Compute(service)


def test_a_clip_is_ordered_watched_billed_and_downloaded(compute: Compute, tmp_path: Path) -> None:
    """The whole way of one clip of 4 s, 0.08 USD by the sd tier."""
    answer = compute.generate()
    assert answer.status_code == 200
    assert set(answer.json()) == {"id", "status", "created_at", "adjustments"}
    assert (answer.json()["status"], answer.json()["adjustments"]) == ("queued", None)
    job = compute.ended(answer.json()["id"])
    assert (job["status"], job["error"], job["progress"]) == ("completed", None, 100)
    video = compute.download(job["id"])
    assert (video.status_code, video.headers["content-type"]) == (200, "video/mp4")
    assert video.headers["content-disposition"] == f'attachment; filename="{job["id"]}.mp4"'
    (tmp_path / "clip.mp4").write_bytes(video.content)
    assert read_film(tmp_path / "clip.mp4") == [(0, frame) for frame in range(100)]
    assert samples(tmp_path / "clip.mp4").size > 0
    row = {"job": job["id"], "key": job["id"], "service": "bytecompute", "model": "bytecompute/ltx-2.3", "cost": "0.08"}
    assert compute.desk.tell("bill") == {"schema": "callsheet.standin.bill/1", "total": "0.08", "jobs": [row]}
    assert compute.desk.tell("requests")["tasks"]["bytecompute generate"] == 1


def test_equal_posts_are_two_jobs(compute: Compute) -> None:
    """There is no client's key: what is sent twice is bought twice."""
    first, second = (compute.generate().json()["id"] for _ in range(2))
    assert first != second
    for key in (first, second):
        compute.ended(key)
    assert compute.desk.tell("bill")["total"] == "0.16"


def test_what_does_not_fit_is_adjusted_told_and_billed_as_adjusted(compute: Compute) -> None:
    """20 s become 10, nothing is refused; the same list stands in the answer and in the job."""
    answer = compute.generate(duration="20").json()
    (change,) = answer["adjustments"]
    assert (change["parameter"], change["requested"], change["applied"]) == ("duration", 20, 10)
    assert compute.ended(answer["id"])["adjustments"] == answer["adjustments"]
    assert compute.desk.tell("bill")["total"] == "0.20"


def test_a_download_too_early_is_a_conflict(films: Path) -> None:
    """409 while it runs, with the job's progress below 100."""
    with desk(films, speed=0.01) as slow:
        compute = Compute(slow)
        key = compute.generate().json()["id"]
        early = compute.download(key)
        assert (early.status_code, early.json()["type"], early.json()["error"]["type"]) == (409, "error", "conflict")
        job = compute.job(key).json()
        assert job["status"] in ("queued", "processing")
        assert 0 <= job["progress"] < 100


def test_one_job_per_gpu_and_the_others_in_line(films: Path) -> None:
    """With one slot the second is queued; another service's job isn't in its way."""
    with desk(films, speed=0.01, slots=1) as slow:
        compute = Compute(slow)
        for _ in range(2):
            compute.generate()
        slow.post({"taskType": "videoInference", "taskUUID": "5a6a1b1e-0000-4000-8000-000000000001", **_LTX_2})
        states = [(job["service"], job["state"]) for job in slow.tell("jobs")["jobs"]]
        assert states == [("bytecompute", "running"), ("bytecompute", "queued"), ("runware", "running")]


_LTX_2 = {"model": "lightricks:ltx@2", "positivePrompt": "a pier", "width": 128, "height": 128, "duration": 1, "fps": 8}


def test_after_a_day_a_job_is_as_unknown_as_any(films: Path) -> None:
    """404 by the clock, scaled by the pace; the bill stays."""
    now = [1_000_000.0]
    with desk(films, clock=lambda: now[0]) as service:
        compute = Compute(service)
        key = compute.bought()["id"]
        now[0] += 24 * 3600
        assert compute.job(key).status_code == 200
        now[0] += 1
        for answer in (compute.job(key), compute.download(key), compute.job("550e8400-e29b-41d4-a716-446655440000")):
            assert (answer.status_code, answer.json()["error"]["type"]) == (404, "not_found")
        assert compute.job(key).json() == {"type": "error", "error": {"type": "not_found", "message": f"Job '{key}' not found"}}
        assert service.tell("bill")["total"] == "0.08"


@pytest.mark.parametrize("header", [{}, {"Authorization": "Bearer bad-key"}, {"Authorization": "Basic key"}, {"Authorization": "key"}])
def test_a_bad_key_gets_401_everywhere(compute: Compute, header: dict[str, str]) -> None:
    """On each of the three."""
    for path in ("generate", "jobs/x", "jobs/x/download"):
        answer = httpx.post(f"{compute.desk.url}/v1/{path}", headers=header, trust_env=False)
        assert (answer.status_code, answer.json()["error"]["type"]) == (401, "authentication_error")


DATA_URI = "data:image/png;base64," + base64.b64encode(PNG).decode()


@pytest.mark.parametrize(
    ("files", "fields"),
    [
        ({"image": PNG}, {}),
        ({}, {"image_uri": DATA_URI}),
        ({}, {"image_uri": "https://example.test/a.jpg"}),
        ({"first_frame": JPEG}, {}),
        ({"first_frame": JPEG, "last_frame": PNG}, {}),
        ({"last_frame": PNG}, {"first_frame_uri": DATA_URI}),
        ({}, {"resolution": None, "aspect_ratio": "4:5"}),
        ({}, {"aspect_ratio": "1:1", "fps": "50", "duration": "7.5"}),
        ({}, {"resolution": None, "duration": None}),
    ],
)
def test_what_the_page_offers_is_taken(compute: Compute, files: dict[str, bytes], fields: dict[str, Any]) -> None:
    """Pictures as files, URLs and data URIs; presets and defaults."""
    answer = compute.generate(files, **fields)
    assert (answer.status_code, answer.json().get("adjustments")) == (200, None)


@pytest.mark.parametrize(
    ("files", "fields", "said"),
    [
        ({}, {"prompt": None}, "'prompt'"),
        ({}, {"prompt": ""}, "'prompt'"),
        ({}, {"model": None}, "'model'"),
        ({}, {"model": "ltx"}, "'ltx' does not exist"),
        ({}, {"fps": "24"}, "'fps'"),
        ({}, {"duration": "long"}, "'duration'"),
        ({}, {"duration": "-5"}, "'duration'"),
        ({}, {"resolution": "720p"}, "'resolution'"),
        ({}, {"resolution": "0x0"}, "'resolution'"),
        ({}, {"resolution": None, "aspect_ratio": "2:1"}, "'aspect_ratio'"),
        ({}, {"seed": "1"}, "Unknown parameter 'seed'"),
        ({"sound": PNG}, {}, "Unknown parameter 'sound'"),
        ({"image": b"<svg/>"}, {}, "Unsupported image format"),
        ({}, {"image_uri": "data:text/plain;base64,eHh4"}, "Unsupported image format"),
        ({}, {"first_frame_uri": "file:///etc/passwd"}, "Unsupported image format"),
        ({"image": PNG}, {"image_uri": DATA_URI}, "both"),
        ({"image": PNG, "first_frame": PNG}, {}, "together"),
        ({"last_frame": PNG}, {}, "needs a 'first_frame'"),
        ({}, {"prompt": "x [[fault:typo]]"}, "no fault 'typo'"),
    ],
)
def test_a_wrong_form_is_a_400_and_leaves_nothing(compute: Compute, files: dict[str, bytes], fields: dict[str, Any], said: str) -> None:
    """In the one envelope, with the parameter's name."""
    answer = compute.generate(files, **fields)
    assert (answer.status_code, answer.json()["error"]["type"]) == (400, "invalid_request_error")
    assert said in answer.json()["error"]["message"]
    assert compute.desk.tell("jobs")["jobs"] == []


def test_json_is_no_form(compute: Compute) -> None:
    """The page says multipart."""
    answer = compute.http.post(f"{compute.desk.url}/v1/generate", json={"model": "x"})
    assert (answer.status_code, answer.json()["error"]["type"]) == (400, "invalid_request_error")


def test_an_empty_account_is_a_402(films: Path) -> None:
    """What is accepted and not yet paid counts, too."""
    with desk(films, credit=Decimal("0.1"), speed=0.01) as poor:
        compute = Compute(poor)
        assert compute.generate().status_code == 200
        second = compute.generate()
        assert (second.status_code, second.json()["error"]["type"]) == (402, "insufficient_funds_error")


@pytest.mark.parametrize(
    ("fault", "status"), [("busy", 429), ("busy-day", 429), ("unavailable", 503), ("no-credit", 402), ("retired", 400)]
)
def test_refusals_before_acceptance_leave_nothing(compute: Compute, fault: str, status: int) -> None:
    """The status tells; there is no job; the next try is taken."""
    prompt = f"x [[fault:{fault}*1]]"
    refused = compute.generate(prompt=prompt)
    assert (refused.status_code, refused.json()["type"]) == (status, "error")
    assert ("retry-after" in refused.headers) is (status == 429)
    assert compute.desk.tell("jobs")["jobs"] == []
    assert compute.generate(prompt=prompt).status_code == 200


@pytest.mark.parametrize(("fault", "jobs"), [("lost-request", 0), ("lost-ack", 1)])
def test_a_dropped_line_says_nothing_of_the_job(compute: Compute, fault: str, jobs: int) -> None:
    """To the client the two look the same."""
    with pytest.raises(httpx.RemoteProtocolError, match="without sending a response"):
        compute.generate(prompt=f"x [[fault:{fault}]]")
    assert len(compute.desk.tell("jobs")["jobs"]) == jobs


def test_an_answer_that_never_comes_follows_an_acceptance(compute: Compute) -> None:
    """The client's patience ends, the job exists."""
    with pytest.raises(httpx.ReadTimeout):
        compute.http.post(
            f"{compute.desk.url}/v1/generate",
            files={"model": (None, "Lightricks/LTX-2.3"), "prompt": (None, "x [[fault:hang]]"), "resolution": (None, "512x512")},
            timeout=0.5,
        )
    assert len(compute.desk.tell("jobs")["jobs"]) == 1


@pytest.mark.parametrize(
    ("fault", "kind", "total"),
    [("fail", "api_error", "0.00"), ("fail-billed", "api_error", "0.08"), ("refuse", "content_filtered_error", "0.00")],
)
def test_a_failed_job_says_why(compute: Compute, fault: str, kind: str, total: str) -> None:
    """In the job's error; its download is a conflict."""
    job = compute.bought(prompt=f"x [[fault:{fault}]]")
    assert (job["status"], job["error"]["type"]) == ("failed", kind)
    assert compute.download(job["id"]).status_code == 409
    assert compute.desk.tell("bill")["total"] == total


def test_adjusted_beyond_the_limits(compute: Compute) -> None:
    """The fault takes more than any page foretells, and bills what is left."""
    job = compute.bought(prompt="x [[fault:adjust]]", duration="5", resolution="640x640")
    assert [change["parameter"] for change in job["adjustments"]] == ["duration", "resolution"]
    assert compute.desk.tell("bill")["total"] == "0.08"


def test_other_words_for_the_same(compute: Compute) -> None:
    """States and progress as other services say them."""
    job = compute.bought(prompt="x [[fault:status-synonyms]] [[fault:progress-string]]")
    assert (job["status"], job["progress"]) == ("Succeeded", "100.00")


def test_a_forgotten_job_was_billed(compute: Compute) -> None:
    """Unknown from its end on."""
    key = compute.generate(prompt="x [[fault:forgotten]]").json()["id"]
    while (answer := compute.job(key)).status_code == 200:
        assert answer.json()["status"] != "completed"
    assert answer.status_code == 404
    assert compute.desk.tell("bill")["total"] == "0.08"


def test_downloads_go_wrong(compute: Compute) -> None:
    """403 once, 503 once, cut once, then whole or a range of it."""
    key = compute.bought(prompt=" ".join(f"[[fault:{fault}*1]]" for fault in ("expired-url", "download-503", "truncate")))["id"]
    assert [compute.download(key).status_code for _ in range(2)] == [403, 503]
    with pytest.raises(httpx.RemoteProtocolError, match="without sending complete message body"):
        compute.download(key)
    whole = compute.download(key).content
    assert compute.download(key, Range="bytes=0-9").content == whole[:10]


def test_a_wrong_length_is_a_whole_answer_with_less_in_it(compute: Compute) -> None:
    """Nothing on the line tells it: only looking into the file does."""
    key = compute.bought(prompt="x [[fault:bad-length*1]]")["id"]
    short, whole = compute.download(key), compute.download(key)
    assert int(short.headers["content-length"]) == len(short.content) == len(whole.content) * 9 // 10
    assert whole.content.startswith(short.content)


def test_a_slow_download_takes_its_two_seconds_and_is_whole(compute: Compute) -> None:
    """In many pieces."""
    key = compute.bought(prompt="x [[fault:slow-drip*1]]")["id"]
    begun = time.monotonic()
    slow = compute.download(key)
    assert time.monotonic() - begun >= 1.9
    assert compute.download(key).content == slow.content
    assert int(slow.headers["content-length"]) == len(slow.content)


def test_one_services_job_is_unknown_to_another(compute: Compute) -> None:
    """Runware is silent about it, and knows no conflict of it."""
    job = compute.bought()
    assert compute.desk.poll(job["id"]).json() == {"data": []}
