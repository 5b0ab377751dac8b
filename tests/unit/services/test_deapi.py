"""The deAPI wire: what is sent where, and what every kind of answer means."""

from __future__ import annotations

import hashlib
import hmac
import json
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from callsheet.domain.attempt import Cause
from callsheet.domain.shots.shot import Size
from callsheet.services.deapi.wire import DeApi
from callsheet.services.protocol.abilities import CallsBack, Quotes, ReportsSpending
from callsheet.services.protocol.answers import (
    Absent,
    Accepted,
    AccountReading,
    Busy,
    Failed,
    Forgotten,
    JobAnswer,
    Lost,
    Refused,
    Running,
    Succeeded,
    Unread,
)
from callsheet.services.protocol.ask import Sold
from callsheet.services.protocol.callback import Call, Callback
from callsheet.services.protocol.request import Request, pack, unpack
from callsheet.services.protocol.wire import Wire
from tests.unit.services.asks import JPG, KEY, OTHER, PNG, WAV, answer, ask
from tests.unit.services.test_bytecompute import parts

DEAPI = DeApi()
WIRE: Wire = DEAPI
CALLBACK = Callback("https://hooks.example.com/callsheet/", b"s" * 32)
CALLED = DEAPI.calling(CALLBACK)
JOB = "c08a339c-73e5-4d67-a4d5-231302fbff9a"
URL = "https://results.example.com/x.mp4?signature=1"
HTML = "<!DOCTYPE html><html>Server Error</html>"
TEXT, PICTURE, SOUND = (f"/api/v2/videos/{name}" for name in ("generations", "animations", "audio-syncs"))
ASK = ask(
    model="Ltx2_3_22B_Dist_INT8",
    size=Size(1024, 576),
    fps=Fraction(24),
    duration_s=Decimal("5.041666"),
    frames=121,
    seed=42,
    params={"steps": 8, "guidance": 1.0},
)
FILES: list[tuple[dict[str, Any], str]] = [
    ({"first_frame": JPG}, PICTURE),
    ({"first_frame": JPG, "last_frame": PNG}, PICTURE),
    ({"audio": WAV}, SOUND),
    ({"audio": WAV, "first_frame": JPG}, SOUND),
]


def refusal(message: str, errors: object = (), status: int = 422) -> dict[str, Any]:
    return {"data": None, "message": message, "errors": errors, "statusCode": status}


def polled(status: int, body: object = b"", **headers: str) -> JobAnswer | Unread:
    answers = WIRE.read_poll(answer(status, body, **headers), [JOB])
    return answers if isinstance(answers, Unread) else answers[0]


def job(**fields: object) -> JobAnswer | Unread:
    return polled(200, {"data": {"preview": None, "result": None, **fields}})


def test_a_text_goes_as_json() -> None:
    """Every parameter with its own kind of value."""
    request = WIRE.submit(ASK, KEY)
    assert (request.method, request.path, request.content_type) == ("POST", TEXT, "application/json")
    assert json.loads(request.body) == {
        "prompt": ASK.prompt,
        "model": "Ltx2_3_22B_Dist_INT8",
        "width": 1024,
        "height": 576,
        "frames": 121,
        "fps": 24,
        "seed": 42,
        "steps": 8,
        "guidance": 1.0,
    }


def test_no_seed_is_a_random_one() -> None:
    """0 is a seed like any other."""
    assert json.loads(WIRE.submit(replace(ASK, seed=None), KEY).body)["seed"] == -1
    assert json.loads(WIRE.submit(replace(ASK, seed=0), KEY).body)["seed"] == 0
    assert "negative_prompt" not in json.loads(WIRE.submit(ASK, KEY).body)
    assert json.loads(WIRE.submit(replace(ASK, negative_prompt="rain"), KEY).body)["negative_prompt"] == "rain"


@pytest.mark.parametrize(("files", "path"), FILES)
def test_files_go_as_a_form_to_their_own_endpoint(files: dict[str, Any], path: str) -> None:
    """Pictures animate, a sound leads; each file whole, with its kind."""
    request = WIRE.submit(replace(ASK, **files), KEY)
    found = parts(request)
    assert (request.method, request.path) == ("POST", path)
    names = {"first_frame": "first_frame_image", "last_frame": "last_frame_image", "audio": "audio"}
    for field, file in files.items():
        assert found[names[field]] == (f"{names[field]}{file.ending}", file.mime, file.data)
    texts = {name: content.decode() for name, (filename, _, content) in found.items() if filename is None}
    assert texts == {name: str(value) for name, value in json.loads(WIRE.submit(ASK, KEY).body).items()}


@pytest.mark.parametrize("files", [{"last_frame": PNG}, {"audio": WAV, "first_frame": PNG, "last_frame": PNG}])
def test_what_no_endpoint_takes_is_never_sent(files: dict[str, Any]) -> None:
    """It must not become a purchase without the file."""
    with pytest.raises(ValueError, match="last frame"):
        WIRE.submit(replace(ASK, **files), KEY)


def test_the_same_purchase_is_the_same_bytes() -> None:
    """Key and ask decide every byte; what was written down goes to the same endpoint again."""
    for files, _ in FILES:
        first = WIRE.submit(replace(ASK, **files), KEY)
        assert first == WIRE.submit(replace(ASK, **files), KEY)
        assert unpack(pack(first)) == first
    assert unpack(pack(WIRE.submit(ASK, KEY))) == WIRE.submit(ASK, KEY)


def test_a_callback_carries_our_key_and_is_no_part_of_what_is_asked() -> None:
    """With a public address the wire is tokened; the request's fingerprint stays what it was."""
    assert (WIRE.recovery, CALLED.recovery) == ("blind", "tokened")
    asked = json.loads(CALLED.submit(ASK, KEY).body)
    assert asked["webhook_url"] == f"https://hooks.example.com/callsheet/hooks/deapi/{KEY}"
    assert asked["webhook_secret"] == CALLBACK.token(KEY) != CALLBACK.token(OTHER)
    assert parts(CALLED.submit(replace(ASK, audio=WAV), OTHER))["webhook_url"][2].decode().endswith(OTHER)
    assert "webhook_url" not in json.loads(WIRE.submit(ASK, KEY).body)
    assert CALLED.essence(ASK) == WIRE.essence(ASK)
    assert b"webhook" not in CALLED.quote_request(ASK).body


def test_an_account_that_signs_by_itself_is_told_no_secret() -> None:
    """Its calls are held against the account's own secret."""
    callback = replace(CALLBACK, account_secret="the account's own, which was set on the site")
    assert "webhook_secret" not in json.loads(DEAPI.calling(callback).submit(ASK, KEY).body)
    assert DEAPI.genuine(signed(callback.account_secret), callback, NOW)
    assert not DEAPI.genuine(signed(CALLBACK.token(KEY)), callback, NOW)


NOW = 1_795_000_000


def signed(secret: str, at: object = NOW, body: bytes = b'{"event":"job.completed"}') -> Call:
    """A call as the service signs it."""
    mac = hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    return Call(KEY, "", {"x-deapi-timestamp": str(at), "x-deapi-signature": f"sha256={mac}"}, body)


def test_a_call_is_believed_where_it_is_signed_and_recent() -> None:
    """300 seconds either way; another key's secret, another body and no signature are none."""
    good = signed(CALLBACK.token(KEY))
    assert DEAPI.genuine(good, CALLBACK, NOW)
    for at in (NOW - 300, NOW + 300):
        assert DEAPI.genuine(signed(CALLBACK.token(KEY), at), CALLBACK, NOW)
    wrong = [
        signed(CALLBACK.token(OTHER)),
        replace(good, body=b'{"event":"job.failed"}'),
        replace(good, key=OTHER),
        replace(good, headers={}),
        replace(good, headers={**good.headers, "x-deapi-timestamp": str(NOW + 1)}),
        replace(good, headers={**good.headers, "x-deapi-signature": "sha256=\N{SNOWMAN}"}),
        *(signed(CALLBACK.token(KEY), at) for at in (NOW - 301, NOW + 301, "", "soon", "²", -NOW)),
    ]
    assert [DEAPI.genuine(call, CALLBACK, NOW) for call in wrong] == [False] * len(wrong)


def test_a_callback_names_its_job() -> None:
    """Whatever the event; anything else names none."""
    assert isinstance(WIRE, CallsBack)
    event = {"event": "job.processing", "delivery_id": "d", "data": {"job_request_id": JOB, "status": "processing"}}
    assert WIRE.read_callback(json.dumps(event)) == JOB
    assert [WIRE.read_callback(body) for body in ("", "{}", "[]", '{"data":[]}', '{"data":{"job_request_id":true}}')] == [None] * 5


def test_the_essence_names_the_endpoint_and_files_by_content() -> None:
    """A picture that leads and one beside a sound are different requests; so are two sounds."""
    asks = [ASK, *(replace(ASK, **files) for files, _ in FILES), replace(ASK, audio=replace(WAV, sha256="0" * 64)), replace(ASK, seed=None)]
    assert len({WIRE.essence(one) for one in asks}) == len(asks)
    assert json.loads(WIRE.essence(replace(ASK, audio=WAV)))["audio"] == f"sha256:{WAV.sha256}"


def test_what_was_sold_is_read_back_from_the_bytes() -> None:
    """From JSON and from a form; nothing from other bytes."""
    sold = Sold(Size(1024, 576), Fraction(24), Fraction(121, 24))
    for files in ({}, *(files for files, _ in FILES)):
        assert WIRE.sold(pack(WIRE.submit(replace(ASK, **files), KEY))) == sold
    others = (b"", pack(Request("POST", TEXT, b"[]")), pack(Request("POST", TEXT, b'{"fps":0,"width":1,"height":1,"frames":1}')))
    assert [WIRE.sold(other) for other in others] == [None] * 3


def test_the_price_is_asked_with_the_numbers_alone() -> None:
    """No prompt and no file leaves; what costs the same is the same question, whatever is in it."""
    assert isinstance(WIRE, Quotes)
    asked = WIRE.quote_request(ASK)
    assert (asked.path, asked.content_type) == (f"{TEXT}/price", "application/json")
    assert set(json.loads(asked.body)) == {"prompt", "seed", "model", "width", "height", "frames", "fps", "steps", "guidance"}
    assert asked == WIRE.quote_request(replace(ASK, prompt="a secret script", seed=7, negative_prompt="rain"))
    assert asked != WIRE.quote_request(replace(ASK, frames=129))
    for files, path in FILES:
        request = WIRE.quote_request(replace(ASK, **files))
        assert (request.path, request.content_type) == (f"{path}/price", "application/json")
        assert set(json.loads(request.body)) == {"model", "width", "height", "frames", "fps", "steps", "guidance"}


@pytest.mark.parametrize(
    ("body", "micros"),
    [({"data": {"price": 0.0017371}}, 1_738), ({"data": {"price": "0.15"}}, 150_000), ({"data": {"estimated_price": 0.2}}, 200_000)],
)
def test_a_price_is_rounded_up(body: object, micros: int) -> None:
    """To the micro-dollar, from a number or its text."""
    assert DEAPI.read_quote(answer(200, body)) == micros


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (200, {"data": {"price": 0}}),
        (200, {"data": {}}),
        (200, HTML),
        (422, refusal("bad", {"frames": ["no"]})),
        (500, {"data": {"price": 1}}),
    ],
)
def test_no_price_is_no_price(status: int, body: object) -> None:
    """0, nothing, or a refusal: unread, never free."""
    assert isinstance(DEAPI.read_quote(answer(status, body)), Unread)


def test_an_answer_that_names_another_job_is_no_news() -> None:
    """Neither its clip nor its price is taken for this job's; most answers name none."""
    done = {"status": "done", "result_url": "https://x/y.mp4", "price": {"amount": 0.07, "is_estimated": False}}
    for name in ("request_id", "job_request_id"):
        unread = job(**done, **{name: "another"})
        assert isinstance(unread, Unread)
        assert JOB in unread.message
        assert job(**done, **{name: JOB}) == job(**done) == Succeeded(JOB, "https://x/y.mp4", 70_000)


def test_a_request_id_means_accepted() -> None:
    """And nothing else does."""
    assert WIRE.read_submit(answer(200, {"data": {"request_id": JOB}}), KEY) == Accepted(JOB)
    assert WIRE.read_submit(answer(200, {"data": {"request_id": 7}}), KEY) == Accepted("7")
    for body in ({"data": {"id": JOB}}, {"request_id": JOB}, {"data": {"request_id": ""}}, {"data": {"request_id": True}}, {}, HTML, b""):
        assert isinstance(WIRE.read_submit(answer(200, body), KEY), Lost)


@pytest.mark.parametrize(
    ("status", "body", "cause"),
    [
        (401, refusal("Unauthenticated.", [], 401), Cause.STOP_LANE),
        (401, refusal("Unauthorized user.", [], 401), Cause.STOP_LANE),
        (403, refusal("Account suspended.", [], 403), Cause.STOP_LANE),
        (403, HTML, Cause.STOP_LANE),
        (402, HTML, Cause.STOP_LANE),
        (404, refusal("The route api/v2/x could not be found.", [], 404), Cause.STOP_LANE),
        (404, refusal("Model not found.", [], 404), Cause.UNAVAILABLE),
        (405, refusal("The POST method is not supported for route api/v2/x.", [], 405), Cause.STOP_LANE),
        (413, HTML, Cause.FIX_SHOT),
        (422, refusal("The frames field is wrong.", {"frames": ["The frames field is wrong."]}), Cause.FIX_SHOT),
        (422, {"message": "bad", "errors": {"audio": ["too long"]}}, Cause.FIX_SHOT),
        (422, refusal("Insufficient balance.", {"balance": ["Insufficient balance."]}), Cause.STOP_LANE),
        (422, refusal("The selected model is invalid.", {"model": ["The selected model is invalid."]}), Cause.UNAVAILABLE),
        (422, refusal("Prompt violates the content policy", {"prompt": ["no"]}), Cause.CONTENT),
        (400, {"message": "Bad request"}, Cause.FIX_SHOT),
        (418, {"message": "teapot"}, Cause.UNKNOWN),
    ],
)
def test_refusals(status: int, body: object, cause: Cause) -> None:
    """By the field that is named, else by the status; a balance comes as a 422."""
    refused = WIRE.read_submit(answer(status, body), KEY)
    assert isinstance(refused, Refused)
    assert refused.cause is cause


@pytest.mark.parametrize(
    ("status", "body"), [(307, refusal("moved", [], 307)), (307, b""), (308, b""), (404, HTML), (404, b""), (405, HTML)]
)
def test_an_address_that_refuses_in_nobodys_words_proves_nothing(status: int, body: object) -> None:
    """A gateway may have passed the purchase on, and this service can't be asked by our key: its money stays counted, and the address is named."""
    lost = WIRE.read_submit(answer(status, body), KEY)
    assert isinstance(lost, Lost)
    assert "DEAPI_BASE_URL" in lost.message


def test_a_refusal_names_the_fields() -> None:
    """What is wrong, each sentence once."""
    body = refusal("The frames field is wrong.", {"frames": ["The frames field is wrong."], "width": ["too\nsmall", "odd"]})
    refused = WIRE.read_submit(answer(422, body), KEY)
    assert isinstance(refused, Refused)
    assert refused.message == "422: The frames field is wrong.; too small odd (parameter frames, width)"


@pytest.mark.parametrize("status", [200, 302, 400, 408, 409, 422, 500, 502, 503, 504])
def test_an_answer_without_words_proves_nothing(status: int) -> None:
    """Whether a job exists is unknown, and its money stays counted."""
    for body in (HTML, b"", "{", {"data": None}, [1]):
        assert isinstance(WIRE.read_submit(answer(status, body), KEY), Lost), body


@pytest.mark.parametrize("status", [408, 409, 500, 503])
def test_the_services_own_trouble_is_no_refusal(status: int) -> None:
    """It may have struck after the job was made."""
    assert isinstance(WIRE.read_submit(answer(status, refusal("Server Error", [], status)), KEY), Lost)


def test_a_minutes_limit_waits_and_a_days_limit_ends() -> None:
    """By the header that says which; without it, by how long the wait is."""
    body = refusal("Too Many Attempts.", [], 429)
    minute = WIRE.read_submit(answer(429, body, retry_after="30", x_ratelimit_type="minute"), KEY)
    assert minute == Busy("429: Too Many Attempts.", 30.0)
    for headers in ({"x_ratelimit_type": "daily"}, {"x_ratelimit_type": "Daily", "retry_after": "30"}, {"retry_after": "40000"}):
        day = WIRE.read_submit(answer(429, body, **headers), KEY)
        assert isinstance(day, Refused)
        assert day.cause is Cause.STOP_LANE


def test_one_question_for_one_job() -> None:
    """A GET, its id safe in the path."""
    assert WIRE.poll([JOB]) == Request("GET", f"/api/v2/jobs/{JOB}")
    assert WIRE.poll(["a/b"]).path == "/api/v2/jobs/a%2Fb"


@pytest.mark.parametrize("word", ["pending", "processing", "queued", "in_queue", "waiting", "in_progress", "Processing"])
def test_words_for_a_job_under_way(word: str) -> None:
    """Progress as number or text; no price yet."""
    assert job(status=word, progress="45.50", price=None) == Running(JOB, 45.5)
    assert job(status=word, progress=12) == Running(JOB, 12.0)


@pytest.mark.parametrize("word", ["done", "completed"])
def test_words_for_a_finished_job(word: str) -> None:
    """With its address, and its price where that is final."""
    assert job(status=word, result_url=URL, price={"amount": "0.0173704", "is_estimated": False}) == Succeeded(JOB, URL, 17_371)
    for price in (
        None,
        {"amount": 0.2, "is_estimated": True},
        {"amount": 0.2},
        {"amount": 0, "is_estimated": False},
        {"amount": None, "is_estimated": False},
    ):
        assert job(status=word, result_url=URL, price=price) == Succeeded(JOB, URL, None)


def test_done_without_an_address_is_not_done() -> None:
    """Its clip is paid and may still come: it goes on, and is noted."""
    for url in (None, "", 7):
        news = job(status="done", result_url=url)
        assert isinstance(news, Running)
        assert "no clip" in news.note


def test_an_unknown_word_is_never_success() -> None:
    """Even with an address."""
    news = job(status="teleported", result_url=URL)
    assert isinstance(news, Running)
    assert "teleported" in news.note


def test_a_prompt_that_was_rewritten_is_told() -> None:
    """Nobody's approved words are changed unseen."""
    news = job(status="done", result_url=URL, prompt_boosted="better", prompt_boost={"factor": 1.5})
    assert isinstance(news, Succeeded)
    assert news.told == {"prompt_boosted": "better", "prompt_boost": {"factor": "1.5"}}


@pytest.mark.parametrize(
    ("code", "message", "cause"),
    [
        ("NSFW_DETECTED", "", Cause.CONTENT),
        ("", "The prompt violates our content policy", Cause.CONTENT),
        ("WORKER_TIMEOUT", "", Cause.RETRY),
        ("INFERENCE_FAILED", "CUDA out of memory", Cause.RETRY),
        ("", "internal error", Cause.RETRY),
        ("INVALID_AUDIO", "corrupt", Cause.FIX_SHOT),
        ("INSUFFICIENT_BALANCE", "", Cause.STOP_LANE),
        ("MODEL_DEPRECATED", "", Cause.UNAVAILABLE),
        ("E42", "who knows", Cause.UNKNOWN),
        (None, None, Cause.UNKNOWN),
    ],
)
@pytest.mark.parametrize("word", ["error", "failed"])
def test_why_a_job_failed(word: str, code: str | None, message: str | None, cause: Cause) -> None:
    """Its code decides, else its message; what nobody knows is unknown."""
    failed = job(status=word, error_code=code, error_message=message)
    assert isinstance(failed, Failed)
    assert (failed.cause, failed.cost, failed.code) == (cause, 0, code or "")
    billed = job(status=word, error_code=code, price={"amount": 0.05, "is_estimated": False})
    assert isinstance(billed, Failed)
    assert billed.cost == 50_000


def test_a_job_that_the_service_does_not_know() -> None:
    """Its own 404; one about the address is no news of the job."""
    assert polled(404, refusal("Request not found.", [], 404)) == Forgotten(JOB)
    assert isinstance(polled(404, refusal("The route api/v2/jobs could not be found.", [], 404)), Unread)
    assert isinstance(polled(404, HTML), Unread)


@pytest.mark.parametrize("status", [302, 401, 403, 422, 429, 500, 503])
def test_a_refused_look_is_no_news(status: int) -> None:
    """It never fails a job."""
    unread = polled(status, refusal("no", [], status), retry_after="30")
    assert isinstance(unread, Unread)
    assert (unread.status, unread.retry_after_s) == (status, 30.0)
    for body in (HTML, {}, {"data": None}, {"data": []}):
        assert isinstance(polled(200, body), Unread)


def test_the_balance_bare_or_wrapped() -> None:
    """Both of the vendor's own clients read one of these."""
    assert isinstance(WIRE, ReportsSpending)
    assert WIRE.account() == Request("GET", "/api/v2/account/balance")
    for body in ({"balance": 4.5}, {"data": {"balance": "4.50"}}, {"data": {"balance": {"amount": 4.5}}}):
        assert DEAPI.read_account(answer(200, body)) == AccountReading(4_500_000, None)
    assert isinstance(DEAPI.read_account(answer(200, {"data": {}})), Unread)
    assert isinstance(DEAPI.read_account(answer(401, {"balance": 4.5})), Unread)


def test_nothing_is_known_by_our_own_key() -> None:
    """There is no archive to ask."""
    assert WIRE.recall(KEY) is None
    assert WIRE.read_recall(answer(200, {"data": {}}), KEY) == Absent(KEY)


def test_the_key_is_never_repeated() -> None:
    """A service that quotes the key it refuses is not quoted."""
    for status in (401, 422):
        refused = WIRE.read_submit(answer(status, refusal("api key sk-secret-12345 is wrong", [], status)), KEY)
        assert "secret" not in repr(refused)
