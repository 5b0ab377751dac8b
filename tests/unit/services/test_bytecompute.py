"""The ByteCompute wire: what is sent, and what every kind of answer means."""

from __future__ import annotations

import email
import json
from fractions import Fraction
from typing import Any

import pytest

from callsheet.domain.attempt import Cause
from callsheet.domain.shots.shot import Size
from callsheet.services.bytecompute.wire import ByteCompute
from callsheet.services.protocol.abilities import HandsOver
from callsheet.services.protocol.answers import (
    Absent,
    Accepted,
    Busy,
    Elsewhere,
    Failed,
    Forgotten,
    Here,
    JobAnswer,
    Lost,
    Refused,
    Running,
    Succeeded,
    Unread,
    handed_over,
)
from callsheet.services.protocol.ask import Sold
from callsheet.services.protocol.request import Request, pack, unpack
from callsheet.services.protocol.wire import Wire
from tests.unit.services.asks import JPG, KEY, LINK, OTHER, PNG, WAV, answer, ask

BYTECOMPUTE = ByteCompute()
WIRE: Wire = BYTECOMPUTE
JOB = "550e8400-e29b-41d4-a716-446655440000"
DOWNLOAD = handed_over(f"/jobs/{JOB}/download")
HTML = "<html><body>502 Bad Gateway</body></html>"


def parts(request: Request) -> dict[str, tuple[str | None, str, bytes]]:
    """A form as Python's own mail parser reads it: by field its file name, kind and content."""
    message = email.message_from_bytes(f"Content-Type: {request.content_type}\r\n\r\n".encode() + request.body)
    assert message.is_multipart()
    return {
        str(part.get_param("name", header="content-disposition")): (
            part.get_filename(),
            part.get_content_type(),
            part.get_payload(decode=True),
        )
        for part in message.get_payload()
    }  # type: ignore[union-attr,misc]  # a multipart message's payload is a list of messages


def error(kind: str, message: str = "something happened") -> dict[str, Any]:
    return {"type": "error", "error": {"type": kind, "message": message}}


def polled(status: int, body: object = b"", **headers: str) -> JobAnswer | Unread:
    answers = WIRE.read_poll(answer(status, body, **headers), [JOB])
    return answers if isinstance(answers, Unread) else answers[0]


def test_a_text_is_a_form_with_every_field_that_matters() -> None:
    """Model, prompt, size, length and rate, always; nothing that the page doesn't list."""
    request = WIRE.submit(ask(), KEY)
    assert (request.method, request.path) == ("POST", "/generate")
    found = {name: content.decode() for name, (_, _, content) in parts(request).items()}
    assert found == {"model": "Lightricks/LTX-2.3", "prompt": ask().prompt, "resolution": "1280x720", "duration": "5", "fps": "25"}


@pytest.mark.parametrize(
    ("files", "fields"),
    [
        ({"first_frame": PNG}, {"image"}),
        ({"first_frame": LINK}, {"image_uri"}),
        ({"first_frame": PNG, "last_frame": JPG}, {"first_frame", "last_frame"}),
        ({"first_frame": LINK, "last_frame": JPG}, {"first_frame_uri", "last_frame"}),
    ],
)
def test_pictures_choose_the_mode_by_their_fields(files: dict[str, Any], fields: set[str]) -> None:
    """One picture is an image to be moved; two are the ends of a way. Addresses go as text."""
    found = parts(WIRE.submit(ask(**files), KEY))
    assert set(found) - set(parts(WIRE.submit(ask(), KEY))) == fields
    for name in fields:
        assert found[name][2] == (LINK.url or "").encode() if name.endswith("_uri") else found[name][2] in (PNG.data, JPG.data)


def test_a_file_goes_whole_and_without_its_name() -> None:
    """Every byte of the picture arrives, with its kind; what it is called on the author's disk is not sent."""
    request = WIRE.submit(ask(first_frame=PNG), KEY)
    assert parts(request)["image"] == ("image.png", "image/png", PNG.data)
    assert b"pier at dusk" not in request.body


@pytest.mark.parametrize("files", [{"last_frame": PNG}, {"audio": WAV}])
def test_what_the_service_has_no_mode_for_is_never_sent(files: dict[str, Any]) -> None:
    """A last frame alone, or a sound, is a defect of ours here: it must not become a purchase without it."""
    with pytest.raises(ValueError, match=r"fit|sound"):
        WIRE.submit(ask(**files), KEY)


def test_the_same_purchase_is_the_same_bytes() -> None:
    """Key and ask decide every byte, and what was written down is sent as it was."""
    first = WIRE.submit(ask(first_frame=PNG), KEY)
    assert first == WIRE.submit(ask(first_frame=PNG), KEY)
    assert first.body != WIRE.submit(ask(first_frame=PNG), OTHER).body
    assert unpack(pack(first)) == first


def test_the_essence_knows_no_key_and_files_by_content() -> None:
    """The form's fields as JSON, a picture by its digest; another picture is another request."""
    essence = json.loads(WIRE.essence(ask(first_frame=PNG)))
    assert essence["image"] == f"sha256:{PNG.sha256}"
    assert KEY not in json.dumps(essence)
    assert WIRE.essence(ask(first_frame=JPG)) != WIRE.essence(ask(first_frame=PNG)) != WIRE.essence(ask())


def test_what_was_sold_is_read_back_from_the_bytes() -> None:
    """Size, rate and length from the form that was written down; nothing from other bytes."""
    wanted = ask(first_frame=PNG, last_frame=JPG)
    assert WIRE.sold(pack(WIRE.submit(wanted, KEY))) == Sold(Size(1280, 720), Fraction(25), Fraction(5))
    assert [WIRE.sold(other) for other in (b"", b"{}", pack(Request("POST", "/generate", b"x")), b"callsheet-request/1 {}\n")] == [None] * 4


@pytest.mark.parametrize(
    "body",
    [
        {"id": JOB, "status": "queued", "adjustments": None},
        {"job_id": JOB},
        {"data": {"id": JOB, "status": "queued"}},
        {"data": {"job_id": JOB}, "error": None},
        {"id": JOB, "status": "brand new word", "more": [1]},
    ],
)
def test_a_job_id_means_accepted(body: object) -> None:
    """Wherever it stands."""
    assert WIRE.read_submit(answer(200, body), KEY) == Accepted(JOB)


def test_adjustments_are_kept_word_for_word() -> None:
    """At the purchase and with the clip, numbers as JSON writes them."""
    told = [{"parameter": "fps", "requested": 50, "applied": 25, "reason": "GPU limits", "share": 0.5}]
    kept = [{"parameter": "fps", "requested": 50, "applied": 25, "reason": "GPU limits", "share": "0.5"}]
    assert WIRE.read_submit(answer(200, {"id": JOB, "adjustments": told}), KEY) == Accepted(JOB, {"adjustments": kept})
    done = polled(200, {"id": JOB, "status": "completed", "adjustments": told})
    assert isinstance(done, Succeeded)
    assert done.told == {"adjustments": kept}
    json.dumps(done.told)


@pytest.mark.parametrize(
    ("status", "kind", "cause"),
    [
        (400, "invalid_request_error", Cause.FIX_SHOT),
        (400, "bad_request", Cause.FIX_SHOT),
        (400, "somethingNew", Cause.FIX_SHOT),
        (401, "authentication_error", Cause.STOP_LANE),
        (401, "unauthorized", Cause.STOP_LANE),
        (402, "insufficient_funds_error", Cause.STOP_LANE),
        (403, "permission_error", Cause.STOP_LANE),
        (404, "not_found", Cause.STOP_LANE),
        (405, "method_not_allowed", Cause.STOP_LANE),
        (413, "too_large", Cause.FIX_SHOT),
        (422, "content_filtered_error", Cause.CONTENT),
        (422, "validation_error", Cause.FIX_SHOT),
        (418, "somethingNew", Cause.UNKNOWN),
    ],
)
def test_a_refusal_by_its_type_else_by_its_status(status: int, kind: str, cause: Cause) -> None:
    """The envelope's type is known by how it begins; where it is none that is known, the status says what to do."""
    refused = WIRE.read_submit(answer(status, error(kind)), KEY)
    assert isinstance(refused, Refused)
    assert refused.cause is cause


def test_an_id_counts_beside_an_error() -> None:
    """200 with both: there may be a job, which can be asked after by its id and then says what became of it. Without an id the money stays counted as a doubt."""
    both = {"id": JOB, "status": "failed", **error("generation_failed", "out of memory")}
    assert WIRE.read_submit(answer(200, both), KEY) == Accepted(JOB)
    failed = polled(200, both)
    assert isinstance(failed, Failed)
    assert (failed.cause, failed.cost) == (Cause.RETRY, 0)
    assert isinstance(WIRE.read_submit(answer(200, error("generation_failed", "out of memory")), KEY), Lost)


@pytest.mark.parametrize("message", ["The model 'Lightricks/LTX-2.3' is no longer available.", "model does not exist"])
def test_a_model_that_is_gone_is_told_apart(message: str) -> None:
    """Another model is asked for, not another prompt."""
    for status, kind in ((400, "invalid_request_error"), (404, "not_found")):
        refused = WIRE.read_submit(answer(status, error(kind, message)), KEY)
        assert isinstance(refused, Refused)
        assert refused.cause is Cause.UNAVAILABLE


@pytest.mark.parametrize("status", [200, 201, 204, 301, 302, 307, 308, 400, 404, 405, 408, 409, 422, 500, 502, 503, 504, 529])
def test_an_answer_without_words_proves_nothing(status: int) -> None:
    """A page of HTML, or nothing: whether a job exists is unknown, and its money stays counted."""
    for body in (HTML, b"", "{", {"status": "queued"}, [1], "null"):
        assert isinstance(WIRE.read_submit(answer(status, body), KEY), Lost), body


@pytest.mark.parametrize(
    ("status", "kind"), [(500, "api_error"), (503, "service_unavailable"), (529, "overloaded_error"), (409, "conflict"), (200, "invalid")]
)
def test_the_services_own_trouble_is_no_refusal(status: int, kind: str) -> None:
    """It may have struck after the job was made: nothing is proven, whatever the words."""
    assert isinstance(WIRE.read_submit(answer(status, error(kind)), KEY), Lost)


def test_too_much_at_once_waits_and_a_days_limit_ends() -> None:
    """429 waits as long as it says; a wait of hours stops the lane for this run."""
    assert WIRE.read_submit(answer(429, error("concurrency_limit_error", "full"), retry_after="7"), KEY) == Busy(
        "concurrency_limit_error: full", 7.0
    )
    assert WIRE.read_submit(answer(429, HTML), KEY) == Busy("the service is busy (HTTP 429)", None)
    day = WIRE.read_submit(answer(429, error("rate_limit_error", "day"), retry_after="86400"), KEY)
    assert isinstance(day, Refused)
    assert day.cause is Cause.STOP_LANE


def test_the_key_is_never_repeated() -> None:
    """A service that quotes the key it refuses is not quoted."""
    refused = WIRE.read_submit(answer(401, error("authentication_error", "Bearer sk-secret-12345 is wrong")), KEY)
    assert "secret" not in repr(refused)
    other = WIRE.read_submit(answer(400, error("invalid", "api key sk-secret-12345 is wrong")), KEY)
    assert "secret" not in repr(other)


def test_one_question_for_one_job() -> None:
    """A POST below the job, its id safe in the path."""
    assert WIRE.poll([JOB]) == Request("POST", f"/jobs/{JOB}", b"{}")
    assert WIRE.poll(["a/../b?c"]).path == "/jobs/a%2F..%2Fb%3Fc"
    with pytest.raises(ValueError, match="unpack"):
        WIRE.poll([JOB, JOB])


@pytest.mark.parametrize("word", ["queued", "pending", "in_queue", "processing", "running", "in_progress", "IN_PROGRESS", "", None])
def test_words_for_a_job_under_way(word: str | None) -> None:
    """All are running, with progress as number or text."""
    assert polled(200, {"id": JOB, "status": word, "progress": "45.50"}) == Running(JOB, 45.5)
    assert polled(200, {"data": {"id": JOB, "status": word}}) == Running(JOB)


@pytest.mark.parametrize("word", ["completed", "succeeded", "done", "Completed"])
def test_words_for_a_finished_job(word: str) -> None:
    """The clip is handed over by the service; no cost is told."""
    assert polled(200, {"id": JOB, "status": word, "cost": 0}) == Succeeded(JOB, DOWNLOAD, None)
    public = polled(200, {"id": JOB, "status": word, "video_url": "https://cdn.example.com/x.mp4"})
    assert isinstance(public, Succeeded)
    assert public.url == "https://cdn.example.com/x.mp4"


@pytest.mark.parametrize("word", ["failed", "error", "cancelled", "expired"])
def test_words_for_a_job_that_ended_without_a_clip(word: str) -> None:
    """The error says what to do; without one it is a failure that nobody knows."""
    failed = polled(200, {"id": JOB, "status": word, "error": {"type": "content_filtered_error", "message": "no"}})
    assert failed == Failed(JOB, Cause.CONTENT, "content_filtered_error: no", 0, "content_filtered_error")
    assert polled(200, {"id": JOB, "status": word, "error": "out of memory"}) == Failed(JOB, Cause.UNKNOWN, "200: out of memory", 0, "200")
    bare = polled(200, {"id": JOB, "status": word})
    assert isinstance(bare, Failed)
    assert (bare.cause, bare.code) == (Cause.UNKNOWN, word)


def test_an_unknown_word_is_never_success() -> None:
    """It goes on, and is noted."""
    news = polled(200, {"id": JOB, "status": "teleported", "url": "https://cdn.example.com/x.mp4"})
    assert isinstance(news, Running)
    assert "teleported" in news.note


def test_a_job_that_the_service_no_longer_knows() -> None:
    """Its own 404, or a 410, in its own words; a web server's 404 is no news."""
    assert polled(404, error("not_found", f"Job '{JOB}' not found")) == Forgotten(JOB)
    assert polled(404, error("not_found_error")) == Forgotten(JOB)
    assert polled(410, error("gone")) == Forgotten(JOB)
    assert isinstance(polled(404, {"detail": "Not Found"}), Unread)
    assert isinstance(polled(404, HTML), Unread)


@pytest.mark.parametrize("status", [301, 400, 401, 403, 409, 429, 500, 503])
def test_a_refused_look_is_no_news(status: int) -> None:
    """It never fails a job."""
    unread = polled(status, error("authentication_error"), retry_after="3")
    assert isinstance(unread, Unread)
    assert (unread.status, unread.retry_after_s) == (status, 3.0)
    assert isinstance(polled(200, HTML), Unread)


@pytest.mark.parametrize(
    "body",
    [
        {"id": "another", "status": "completed"},
        {"job_id": 7, "status": "failed"},
        {"data": {"id": "another", "status": "completed", "url": "https://a/b"}},
    ],
)
def test_an_answer_that_names_another_job_is_no_news(body: dict[str, Any]) -> None:
    """Neither its state nor its clip is taken for this job's; an id beside the job's own does no harm."""
    unread = polled(200, body)
    assert isinstance(unread, Unread)
    assert JOB in unread.message
    elsewhere = BYTECOMPUTE.read_fetch(answer(200, {**body, "url": "https://a/b"}, content_type="application/json"), JOB)
    assert isinstance(elsewhere, Unread)
    assert isinstance(polled(200, {**body, "job_id": JOB.upper(), "status": "completed"}), Succeeded)


def test_nothing_is_known_by_our_own_key() -> None:
    """There is no archive to ask."""
    assert WIRE.recall(KEY) is None
    assert WIRE.read_recall(answer(200, {"id": JOB}), KEY) == Absent(KEY)


def test_a_clip_is_asked_for_with_the_key() -> None:
    """A handed-over address is a request to the service; a public one is none."""
    assert isinstance(WIRE, HandsOver)
    assert WIRE.fetch(JOB, DOWNLOAD) == Request("POST", f"/jobs/{JOB}/download", b"{}")
    assert WIRE.fetch(JOB, "https://cdn.example.com/x.mp4") is None


@pytest.mark.parametrize(
    ("status", "body", "headers", "means"),
    [
        (200, b"", {"content_type": "video/mp4"}, Here()),
        (200, b"", {"content_type": "Application/Octet-Stream; x=1"}, Here()),
        (200, {"url": "https://a/b"}, {"content_type": "application/json"}, Elsewhere("https://a/b")),
        (200, {"data": {"download_url": "https://a/b"}}, {"content_type": "application/json"}, Elsewhere("https://a/b")),
        (200, {"video_url": "https://a/b"}, {}, Elsewhere("https://a/b")),
        (302, b"", {"location": "https://a/b"}, Elsewhere("https://a/b")),
        (404, error("not_found"), {"content_type": "application/json"}, Forgotten(JOB)),
    ],
)
def test_a_clip_comes_as_film_as_an_address_or_not_any_more(status: int, body: object, headers: dict[str, str], means: object) -> None:
    """Whatever way the service chooses is followed."""
    assert BYTECOMPUTE.read_fetch(answer(status, body, **headers), JOB) == means


@pytest.mark.parametrize(
    ("status", "body", "headers"),
    [
        (409, error("conflict"), {}),
        (401, error("authentication_error"), {}),
        (403, error("permission_error"), {}),
        (404, HTML, {"content_type": "text/html"}),
        (200, HTML, {"content_type": "text/html"}),
        (200, {"url": "file:///etc/passwd"}, {"content_type": "application/json"}),
        (302, b"", {}),
        (500, b"", {"content_type": "video/mp4"}),
    ],
)
def test_anything_else_is_no_clip_and_no_end(status: int, body: object, headers: dict[str, str]) -> None:
    """Too early, no access, trouble: asked again later."""
    unread = BYTECOMPUTE.read_fetch(answer(status, body, **headers), JOB)
    assert isinstance(unread, Unread)
    assert unread.status == status
