"""The Runware wire: what is sent, and what every kind of answer means."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from callsheet.domain.attempt import Cause
from callsheet.domain.shots.shot import Size
from callsheet.services.protocol.answers import (
    Absent,
    Accepted,
    Busy,
    Failed,
    JobAnswer,
    Lost,
    Refused,
    Running,
    SubmitAnswer,
    Succeeded,
    Unread,
)
from callsheet.services.protocol.ask import Ask
from callsheet.services.protocol.callback import Call, Callback
from callsheet.services.protocol.media_ref import MediaRef
from callsheet.services.protocol.request import Request, Response, pack, unpack
from callsheet.services.protocol.wire import Wire
from callsheet.services.runware.wire import Runware

WIRE: Wire = Runware()
KEY = "5a6a1b1e-0000-4000-8000-000000000001"
OTHER = "5a6a1b1e-0000-4000-8000-000000000002"
URL = "https://vm.runware.ai/video/x.mp4"
ASK = Ask(
    model="lightricks:ltx@2.3",
    prompt="Ein Fischerhafen, „ruhig“",
    size=Size(1920, 1080),
    fps=Fraction(25),
    duration_s=Decimal(8),
    frames=200,
    sound=True,
    params={"settings": {"audio": True}},
)


def response(status: int, body: object, **headers: str) -> Response:
    raw = body if isinstance(body, bytes) else body.encode() if isinstance(body, str) else json.dumps(body).encode()
    return Response(status, headers, raw)


def error(code: str, key: str | None = KEY, **more: Any) -> dict[str, Any]:
    return {"code": code, "message": "something happened", "taskType": "videoInference", **({"taskUUID": key} if key else {}), **more}


def submitted(status: int, body: object, **headers: str) -> SubmitAnswer:
    return WIRE.read_submit(response(status, body, **headers), KEY)


def polled(*items: dict[str, Any], errors: tuple[dict[str, Any], ...] = (), status: int = 200) -> JobAnswer:
    body: dict[str, Any] = {"data": list(items)} | ({"errors": list(errors)} if errors else {})
    answers = WIRE.read_poll(response(status, body), [KEY])
    assert not isinstance(answers, Unread), answers
    [answer] = answers
    return answer


def job(**fields: Any) -> dict[str, Any]:
    return {"taskType": "videoInference", "taskUUID": KEY, **fields}


# --- what is sent ---------------------------------------------------------------------------------------------------------------------


def test_a_purchase_is_one_task_in_canonical_bytes() -> None:
    """One array with one task, whole numbers without a point, text as itself, keys in order: the same bytes each time."""
    request = WIRE.submit(ASK, KEY)
    assert (request.method, request.path, request.content_type) == ("POST", "", "application/json")
    assert request.body == WIRE.submit(ASK, KEY).body
    assert request.body.decode() == (
        '[{"deliveryMethod":"async","duration":8,"fps":25,"height":1080,"includeCost":true,"model":"lightricks:ltx@2.3","numberResults":1,'
        '"outputFormat":"MP4","outputType":"URL","positivePrompt":"Ein Fischerhafen, „ruhig“","settings":{"audio":true},'
        '"taskType":"videoInference","taskUUID":"5a6a1b1e-0000-4000-8000-000000000001","width":1920}]'
    )


def test_optional_fields_are_sent_where_they_are_wanted() -> None:
    """Negative prompt and seed by the vendor's names; a fraction of a second as it is written."""
    ask = Ask(
        model="m",
        prompt="p",
        size=Size(128, 64),
        fps=Fraction(24),
        duration_s=Decimal("6.5"),
        frames=156,
        sound=True,
        negative_prompt="n",
        seed=0,
    )
    [task] = json.loads(WIRE.submit(ask, KEY).body)
    assert (task["negativePrompt"], task["seed"], task["duration"]) == ("n", 0, 6.5)


FRAME = MediaRef.of_bytes("refs/pier.png", b"\x89PNG\r\n\x1a\n....")


def test_a_first_frame_goes_as_address_or_data_uri() -> None:
    """An address as it stands; a local file as a data URI. Its name on the author's disk is not sent."""
    [task] = json.loads(WIRE.submit(replace(ASK, first_frame=MediaRef.of_url("https://example.com/a.jpg")), KEY).body)
    assert task["inputs"] == {"frameImages": [{"image": "https://example.com/a.jpg", "frame": "first"}]}
    body = WIRE.submit(replace(ASK, first_frame=FRAME), KEY).body
    [task] = json.loads(body)
    assert task["inputs"]["frameImages"][0]["image"] == f"data:image/png;base64,{base64.b64encode(FRAME.data or b'').decode()}"
    assert b"pier.png" not in body


def test_a_first_frame_counts_by_its_content() -> None:
    """The essence holds the digest: the same picture under another name is the same request, another picture is not."""
    assert FRAME.data
    renamed = MediaRef.of_bytes("other.png", FRAME.data)
    other = MediaRef.of_bytes("refs/pier.png", FRAME.data + b"!")
    essences = [WIRE.essence(replace(ASK, first_frame=frame)) for frame in (FRAME, renamed, other, None)]
    assert essences[0] == essences[1]
    assert len(set(essences)) == 3
    assert FRAME.sha256.encode() in essences[0]


@pytest.mark.parametrize("field", ["last_frame", "audio"])
def test_files_are_never_dropped_silently(field: str) -> None:
    """An ask with a file that this wire doesn't send is a defect in callsheet: it must not become a purchase without it."""
    with pytest.raises(ValueError, match="first frame alone"):
        WIRE.submit(replace(ASK, **{field: FRAME}), KEY)  # type: ignore[arg-type]  # either field holds such a value


def test_the_same_bytes_go_out_again() -> None:
    """What was written down with the hold is what is sent."""
    first = WIRE.submit(ASK, KEY)
    assert unpack(first.body) == first


def test_the_essence_is_the_task_less_key_and_cost_flag() -> None:
    """Equal for every attempt, another for another wish."""
    [task] = json.loads(WIRE.submit(ASK, KEY).body)
    assert json.loads(WIRE.essence(ASK)) == {name: value for name, value in task.items() if name not in {"taskUUID", "includeCost"}}
    assert KEY.encode() not in WIRE.essence(ASK)


def test_many_jobs_in_one_look() -> None:
    """A poll is an array of getResponse; the archive is asked for one key."""
    assert json.loads(WIRE.poll([KEY, OTHER]).body) == [
        {"taskType": "getResponse", "taskUUID": KEY},
        {"taskType": "getResponse", "taskUUID": OTHER},
    ]
    recall = WIRE.recall(KEY)
    assert recall == Request("POST", "", b'[{"taskType":"getTaskDetails","taskUUID":"' + KEY.encode() + b'"}]')
    assert (WIRE.service, WIRE.recovery) == ("runware", "keyed")


# --- what the answer to a purchase means ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (200, {"data": [{"taskType": "videoInference", "taskUUID": KEY}]}),
        (200, {"data": [{"taskUUID": KEY.upper()}], "errors": []}),
        (200, {"data": [{"taskUUID": KEY}], "errors": [error("timeoutProvider")]}),
        (500, {"data": [{"taskUUID": KEY}]}),
        (400, {"errors": [error("conflictTaskUUID")]}),
        (400, {"errors": [error("conflictTaskUUID", None, parameter="taskUUID")]}),
        (409, {"errors": [error("CONFLICTTASKUUID")]}),
        (200, {"data": [job(status="error", error={"code": "conflictTaskUUID", "message": "again"})]}),
        (429, {"errors": [error("conflictTaskUUID")]}),
    ],
)
def test_accepted(status: int, body: object) -> None:
    """An acknowledgement of our key, or the proof that it is known already."""
    assert submitted(status, body) == Accepted(KEY)


@pytest.mark.parametrize(
    ("status", "code", "cause"),
    [
        (400, "invalidDuration", Cause.FIX_SHOT),
        (400, "missingPositivePrompt", Cause.FIX_SHOT),
        (200, "unsupportedParameter", Cause.FIX_SHOT),
        (400, "valueOutOfRange", Cause.FIX_SHOT),
        (400, "unknownParameter", Cause.FIX_SHOT),
        (400, "contentPolicyViolation", Cause.CONTENT),
        (400, "providerContentPolicyViolation", Cause.CONTENT),
        (400, "nsfwContentDetected", Cause.CONTENT),
        (403, "promptBlocked", Cause.CONTENT),
        (400, "invalidProviderContent", Cause.CONTENT),
        (401, "invalidApiKey", Cause.STOP_LANE),
        (200, "invalidApiKey", Cause.STOP_LANE),
        (403, "permissionDenied", Cause.STOP_LANE),
        (402, "insufficientCredits", Cause.STOP_LANE),
        (400, "insufficientFunds", Cause.STOP_LANE),
        (400, "quotaExceeded", Cause.STOP_LANE),
        (400, "environmentPaused", Cause.STOP_LANE),
        (400, "invalidModel", Cause.UNAVAILABLE),
        (404, "modelNotFound", Cause.UNAVAILABLE),
        (400, "somethingNew", Cause.UNKNOWN),
    ],
)
def test_refused_by_the_services_own_words(status: int, code: str, cause: Cause) -> None:
    """An error for our key says what to do; nothing was charged."""
    answer = submitted(status, {"errors": [error(code)]})
    assert isinstance(answer, Refused)
    assert (answer.cause, answer.code) == (cause, code)
    assert code in answer.message


def test_refused_without_a_key() -> None:
    """We send one task: a 4xx that names none is about it, if its word is known."""
    assert isinstance(submitted(400, {"errors": [error("invalidWidth", None)]}), Refused)
    assert isinstance(submitted(400, {"errors": [error("somethingNew", None)]}), Lost)
    assert isinstance(submitted(200, {"errors": [error("invalidWidth", None)]}), Lost)
    assert isinstance(submitted(400, {"errors": [error("invalidWidth", OTHER)]}), Lost)


@pytest.mark.parametrize("parameter", ["model", ["model"]])
def test_a_wrong_model_is_gone_and_no_fault_of_the_shot(parameter: object) -> None:
    """`parameter` may be one or several."""
    answer = submitted(400, {"errors": [error("invalidValue", parameter=parameter)]})
    assert isinstance(answer, Refused)
    assert answer.cause is Cause.UNAVAILABLE
    several = submitted(400, {"errors": [error("invalidValue", parameter=["width", "height"])]})
    assert isinstance(several, Refused)
    assert "parameter width, height" in several.message


@pytest.mark.parametrize("status", [401, 402, 403])
def test_no_access_is_refused_whoever_says_so(status: int) -> None:
    """Even a page of HTML with 401 took no order."""
    answer = submitted(status, "<html>Sign in</html>")
    assert isinstance(answer, Refused)
    assert answer.cause is Cause.STOP_LANE


@pytest.mark.parametrize("status", [307, 308, 404, 405])
def test_a_wrong_address_is_refused_and_named(status: int) -> None:
    """A base URL with a slip must not put every take in doubt."""
    answer = submitted(status, "Not Found")
    assert isinstance(answer, Refused)
    assert answer.cause is Cause.STOP_LANE
    assert "RUNWARE_BASE_URL" in answer.message


def test_busy() -> None:
    """429 and rate limits are no refusal; the wait is taken where it is told in seconds."""
    assert submitted(429, "slow down") == Busy("the service is busy (HTTP 429)")
    assert submitted(429, "", **{"retry-after": "30"}) == Busy("the service is busy (HTTP 429)", 30.0)
    assert submitted(429, "", **{"retry-after": "Wed, 21 Oct 2026 07:28:00 GMT"}) == Busy("the service is busy (HTTP 429)")
    assert isinstance(submitted(400, {"errors": [error("rateLimit")]}), Busy)
    assert isinstance(submitted(429, {"errors": [error("rateLimitExceeded", None)]}), Busy)


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (500, ""),
        (502, "<html>Bad Gateway</html>"),
        (503, {"errors": [error("serviceUnavailable")]}),
        (504, {"errors": [error("invalidWidth")]}),
        (200, ""),
        (200, "<html>Welcome</html>"),
        (200, b'{"data":[{"taskUUID":"5a6a'),
        (200, b"\xff\xfe"),
        (200, "[" * 100_000),
        (200, []),
        (200, {}),
        (200, {"data": []}),
        (200, {"data": [{"taskUUID": OTHER}]}),
        (200, {"data": "yes", "errors": 3}),
        (200, {"data": [None, 4, {"taskUUID": None}]}),
        (200, {"errors": [error("somethingNew")]}),
        (400, ""),
        (400, "<html>400</html>"),
        (400, {"message": "no"}),
        (400, {"errors": [error("timeoutProvider")]}),
        (400, {"errors": [error("internalServerError")]}),
        (400, {"errors": [error("taskFailedOrNotFound")]}),
        (301, ""),
        (408, ""),
        (413, ""),
    ],
)
def test_no_proof_is_lost(status: int, body: object) -> None:
    """Whatever doesn't prove a refusal may have been taken: it is looked up by its key."""
    assert isinstance(submitted(status, body), Lost)


# --- what a look means ----------------------------------------------------------------------------------------------------------------


def test_a_clip_with_all_that_is_told() -> None:
    """Address, exact cost, and the facts that came along."""
    answer = polled(job(status="success", videoUUID="v", videoURL=URL, seed=7, NSFWContent=False, cost=0.48))
    assert answer == Succeeded(KEY, URL, 480_000, {"seed": 7, "nsfw": False, "asset": "v"})


@pytest.mark.parametrize(
    ("cost", "micros"),
    [
        ("0.48", 480_000),
        ("0.1", 100_000),
        ("0.29", 290_000),
        ("1e-6", 1),
        ("0.0000001", 1),
        ("1.005", 1_005_000),
        ("3", 3_000_000),
        ('"0.24"', 240_000),
        ("0", None),
        ("0.0", None),
        ("null", None),
        ("true", None),
        ("-1", None),
        ("NaN", None),
        ("1e400", 100_000_000_000),
        ("1e99999999", 100_000_000_000),
        ('"free"', None),
    ],
)
def test_costs_are_exact_decimals(cost: str, micros: int | None) -> None:
    """Never through a float; what is no cost is none reported."""
    body = f'{{"data":[{{"taskUUID":"{KEY}","videoURL":"{URL}","cost":{cost}}}]}}'
    answers = WIRE.read_poll(response(200, body), [KEY])
    assert answers == [Succeeded(KEY, URL, micros)]


def test_absent_cost_is_not_zero() -> None:
    """A service that tells no cost told none."""
    assert polled(job(videoURL=URL)) == Succeeded(KEY, URL, None)


@pytest.mark.parametrize("word", ["processing", "PENDING", "queued", "in_progress", None, ""])
def test_words_for_running(word: str | None) -> None:
    """Known words, and no word at all, mean that it goes on."""
    assert polled(job(status=word, progress=40)) == Running(KEY, 40.0)
    assert polled(job()) == Running(KEY)


@pytest.mark.parametrize(
    ("progress", "percent"), [("45.50", 45.5), (100, 100.0), ("much", None), (-3, None), (True, None), (None, None), ([], None)]
)
def test_progress_comes_as_number_or_text(progress: object, percent: float | None) -> None:
    """What is no percentage is none."""
    assert polled(job(status="processing", progress=progress)) == Running(KEY, percent)


def test_an_unknown_word_is_told_and_never_success() -> None:
    """It goes on, with a note for people."""
    answer = polled(job(status="marinating"))
    assert isinstance(answer, Running)
    assert "'marinating'" in answer.note


@pytest.mark.parametrize("cost", [{}, {"cost": 0.48}])
def test_done_without_a_clip_goes_on_with_a_note(cost: dict[str, float]) -> None:
    """It was billed: called failed it would be bought again, so its money stays held and a person is told."""
    answer = polled(job(status="success", **cost))
    assert isinstance(answer, Running)
    assert answer.note == "the service reports success but names no clip"


@pytest.mark.parametrize(
    ("code", "cause"),
    [
        ("timeoutProvider", Cause.RETRY),
        ("providerError", Cause.RETRY),
        ("providerModelUnavailable", Cause.RETRY),
        ("providerRateLimitExceeded", Cause.RETRY),
        ("inferenceError", Cause.RETRY),
        ("taskFailed", Cause.RETRY),
        ("noAvailableServer", Cause.RETRY),
        ("internalServerError", Cause.RETRY),
        ("invalidProviderContent", Cause.CONTENT),
        ("moderationFailed", Cause.CONTENT),
        ("invalidPositivePrompt", Cause.FIX_SHOT),
        ("insufficientFunds", Cause.STOP_LANE),
        ("invalidModel", Cause.UNAVAILABLE),
        ("brandNew", Cause.UNKNOWN),
        ("", Cause.UNKNOWN),
    ],
)
def test_failures_in_both_shapes(code: str, cause: Cause) -> None:
    """In `errors`, as an item of `data`, with 200 or 400: the same failure."""
    one = polled(errors=(error(code),))
    two = polled(errors=(error(code),), status=400)
    three = polled(job(status="error", error={"code": code, "message": "something happened"}))
    four = polled(job(**error(code), status="failed"))
    for answer in (one, two, three, four):
        assert isinstance(answer, Failed)
        assert (answer.cause, answer.cost, answer.code) == (cause, 0, code)
        assert "something happened" in answer.message


def test_a_failure_that_was_billed() -> None:
    """A cost told with an error is a cost."""
    answer = polled(job(status="error", error={"code": "taskFailed"}, cost=0.12))
    assert isinstance(answer, Failed)
    assert answer.cost == 120_000


def test_an_error_as_plain_text() -> None:
    """`error` may be a sentence."""
    answer = polled(job(status="error", error="out of luck"))
    assert isinstance(answer, Failed)
    assert "out of luck" in answer.message


def test_a_clip_outweighs_an_error() -> None:
    """What can be fetched was paid, whatever else is said; and an end outweighs a sign of life."""
    assert isinstance(polled(job(status="error", videoURL=URL), errors=(error("taskFailed"),)), Succeeded)
    assert isinstance(polled(job(status="processing"), errors=(error("taskFailed"),)), Failed)
    assert isinstance(polled(job(status="processing"), job(status="success", videoURL=URL)), Succeeded)


def test_silence_is_absence_and_no_proof() -> None:
    """No item for a job, and an answer that the task isn't found."""
    assert polled() == Absent(KEY)
    assert polled(errors=(error("taskNotFound"),), status=404) == Absent(KEY)
    assert polled(errors=(error("taskFailedOrNotFound"),)) == Absent(KEY)


def test_a_conflict_proves_the_job() -> None:
    """A refusal of a second try says that there was a first."""
    assert polled(errors=(error("conflictTaskUUID"),)) == Running(KEY)


def test_each_job_by_its_own_items() -> None:
    """One answer for each job in the order that was asked, whatever the order that came."""
    body = {"data": [{"taskUUID": OTHER, "videoURL": URL, "cost": 0.1}], "errors": [error("taskFailed", KEY)]}
    answers = WIRE.read_poll(response(200, body), [KEY, "third", OTHER])
    assert not isinstance(answers, Unread)
    failed, absent, done = answers
    assert isinstance(failed, Failed)
    assert (absent, done) == (Absent("third"), Succeeded(OTHER, URL, 100_000))


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (401, {"errors": [error("invalidApiKey")]}),
        (401, {"errors": [error("taskFailed")]}),
        (403, ""),
        (429, {"errors": [error("rateLimit")]}),
        (500, ""),
        (502, "<html>"),
        (503, {"errors": [error("serviceUnavailable")]}),
        (200, "<html>"),
        (200, "[]"),
        (400, {}),
        (404, "Not Found"),
        (400, {"errors": [error("invalidTaskUUID", taskType="getResponse")]}),
        (400, {"errors": [error("taskFailed", OTHER)]}),
        (200, {"data": [], "errors": [error("invalidApiKey", None)]}),
        (200, {"errors": [error("rateLimit", KEY, taskType="getResponse")]}),
        (400, {"errors": [error("insufficientCredits", KEY, taskType="getResponse")]}),
        (200, {"errors": [error("internalServerError", KEY, taskType="getResponse")]}),
        (200, {"errors": [error("somethingNew", KEY, taskType="getResponse")]}),
    ],
)
def test_a_refused_look_is_no_failed_job(status: int, body: object) -> None:
    """What is about the look says nothing of the job."""
    answer = WIRE.read_poll(response(status, body), [KEY])
    assert isinstance(answer, Unread)
    assert answer.status == status


def test_an_unread_look_says_when_to_come_back() -> None:
    """Retry-After is handed on."""
    answer = WIRE.read_poll(response(429, "", **{"retry-after": "7"}), [KEY])
    assert answer == Unread("the service did not answer the question (HTTP 429)", 429, 7.0)


# --- the archive ----------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("wrap", [lambda inner: {"data": [{"taskType": "getTaskDetails", "taskUUID": KEY, **inner}]}, lambda inner: inner])
@pytest.mark.parametrize(
    ("stored", "answer"),
    [
        ({"data": [job(videoURL=URL, cost=0.24)]}, Succeeded(KEY, URL, 240_000)),
        ({"data": [job()]}, Running(KEY)),
        ({"errors": [error("conflictTaskUUID")]}, Running(KEY)),
        ({"errors": [error("rateLimit", taskType="getResponse")]}, Absent(KEY)),
        ({}, Absent(KEY)),
    ],
)
def test_the_archives_last_response(wrap: Any, stored: object, answer: JobAnswer) -> None:
    """What is stored for the key is read as a look would be; a stored conflict proves that the task exists."""
    assert WIRE.read_recall(response(200, wrap({"request": [], "response": stored})), KEY) == answer


def test_a_stored_failure() -> None:
    """The archive remembers why."""
    answer = WIRE.read_recall(response(200, {"response": {"errors": [error("invalidWidth")]}}), KEY)
    assert isinstance(answer, Failed)
    assert answer.cause is Cause.FIX_SHOT


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (200, {"data": []}),
        (404, {"errors": [error("taskNotFound", taskType="getTaskDetails")]}),
        (400, {"errors": [error("invalidTaskUUID", taskType="getTaskDetails")]}),
        (200, {"data": [{"taskUUID": OTHER, "response": {"data": [job(videoURL=URL)]}}]}),
    ],
)
def test_an_archive_without_the_task(status: int, body: object) -> None:
    """An error of the question is no failure of the task."""
    assert WIRE.read_recall(response(status, body), KEY) == Absent(KEY)


@pytest.mark.parametrize(("status", "body"), [(503, ""), (401, {}), (200, "<html>"), (400, {"errors": [error("internalServerError")]})])
def test_an_archive_that_does_not_answer(status: int, body: object) -> None:
    """No news, and no absence."""
    assert isinstance(WIRE.read_recall(response(status, body), KEY), Unread)


# --- secrets --------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("invalidApiKey", "The key sk-SECRET-0123456789 is not valid"),
        ("invalidRequest", "Authorization: Bearer sk-SECRET-0123456789 was sent"),
        ("invalidRequest", "apiKey=sk-SECRET-0123456789"),
        ("somethingNew", 'your API key "sk-SECRET-0123456789" is old'),
    ],
)
def test_no_key_is_repeated(code: str, message: str) -> None:
    """What the service quotes of a key is not handed on."""
    body = {"errors": [{**error(code), "message": message}]}
    told = [
        WIRE.read_submit(response(400, body), KEY),
        WIRE.read_submit(response(401, body), KEY),
        WIRE.read_poll(response(400, body), [KEY]),
        WIRE.read_poll(response(401, body), [KEY]),
    ]
    assert not any("SECRET" in repr(answer) for answer in told)


def test_messages_are_one_short_line() -> None:
    """However long and ragged the service's words."""
    answer = submitted(400, {"errors": [{**error("invalidWidth"), "message": "a\r\n\x1b[31mb" * 500}]})
    assert isinstance(answer, Refused)
    assert len(answer.message) <= 400
    assert answer.message.isprintable()


CALLBACK = Callback("https://films.example.com", b"s" * 32)


def test_a_purchase_names_its_own_secret_address() -> None:
    """Key and secret are in it; the request's fingerprint stays what it was; a call to it is believed, to any other it is not."""
    wire = Runware().calling(CALLBACK)
    [task] = json.loads(wire.submit(ASK, KEY).body)
    token = CALLBACK.token(KEY)
    assert task["webhookURL"] == f"https://films.example.com/hooks/runware/{KEY}?token={token}"
    assert (wire.essence(ASK), wire.recovery) == (WIRE.essence(ASK), "keyed")
    assert wire.genuine(Call(KEY, token, {}, b"{}"), CALLBACK, 0)
    for key, given in ((OTHER, token), (KEY, ""), (KEY, token[:-1]), (KEY, token.upper()), (KEY, "\N{SNOWMAN}")):
        assert not wire.genuine(Call(key, given, {}, b"{}"), CALLBACK, 0)


def test_the_secret_is_not_shown() -> None:
    """Neither a callback nor a wire that has one tells it."""
    shown = repr(Runware().calling(replace(CALLBACK, account_secret="account-secret")))
    assert CALLBACK.token(KEY) not in shown
    assert "ssss" not in shown
    assert "account-secret" not in shown


def test_a_dry_run_is_the_purchase_with_a_header_and_is_never_written_down_as_one() -> None:
    """The same body, less who is called back; what has headers of its own can't be packed."""
    wire = Runware().calling(CALLBACK)
    asked = wire.dry_run(ASK, KEY)
    assert asked.headers == (("X-Runware-Dry-Run", "1"),)
    assert asked.body == WIRE.submit(ASK, KEY).body
    with pytest.raises(AssertionError, match="never bought"):
        pack(asked)


@pytest.mark.parametrize(
    ("body", "micros"),
    [
        ({"data": [{"taskUUID": KEY, "cost": 0.48}]}, 480_000),
        ({"data": [{"taskUUID": KEY, "estimatedCost": "0.0000001"}]}, 1),
        ({"data": [{"taskUUID": KEY, "pricing": {"amount": 0.3, "currency": "USD"}}]}, None),
        ({"data": [{"taskUUID": KEY, "price": {"amount": 0.3, "currency": "USD"}}]}, 300_000),
        ({"data": [{"taskUUID": KEY, "quote": {"totalCost": 0.2}}]}, 200_000),
        ({"dryRun": True, "cost": 0.1, "data": []}, 100_000),
        ({"data": [{"taskUUID": KEY, "cost": 0}]}, None),
        ({"data": [{"taskUUID": KEY, "seed": 5}]}, None),
        ({"data": []}, None),
    ],
)
def test_a_dry_runs_price_is_found_by_whatever_name(body: object, micros: int | None) -> None:
    """The answer's form is not published: what speaks of cost or price counts, and where nothing does there is none."""
    assert Runware().read_dry_run(response(200, body)) == micros


@pytest.mark.parametrize(
    ("status", "body"), [(200, {"errors": [error("invalidWidth")]}), (400, {}), (200, "<html>"), (502, {"data": [{"cost": 1}]})]
)
def test_a_dry_run_that_is_refused_tells_no_price(status: int, body: object) -> None:
    """Whatever numbers stand in it."""
    assert isinstance(Runware().read_dry_run(response(status, body)), Unread)
