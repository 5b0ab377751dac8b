"""The deAPI wire (v2) over real HTTP: prices, orders in JSON and in forms, looks, signed results, account, models, errors."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest

from tests.film_reader import beeps, read_film, samples
from tests.unit.standin.plain_client import Desk, desk
from tests.unit.standin.plain_form_clients import JPEG, PNG, SMALL, SMALL_USD, DeDesk, tone, until


@pytest.fixture
def deapi(service: Desk) -> DeDesk:
    """A stand-in without trouble."""
    return DeDesk(service)


def test_a_clip_is_ordered_watched_billed_and_downloaded(deapi: DeDesk, tmp_path: Path) -> None:
    """The whole way of one clip: 49 frames at 24 fps, with sound, at the price that was asked beforehand."""
    quote = deapi.price().json()["data"]["price"]
    answer = deapi.submit()
    assert (answer.status_code, set(answer.json()["data"])) == (200, {"request_id"})
    key = answer.json()["data"]["request_id"]
    job = deapi.ended(key)
    assert (job["status"], float(job["progress"]), job["error_code"]) == ("done", 100.0, None)
    assert job["price"] == {"amount": quote, "is_estimated": False}
    (tmp_path / "clip.mp4").write_bytes(deapi.http.get(job["result_url"]).content)
    assert read_film(tmp_path / "clip.mp4") == [(0, frame) for frame in range(49)]
    assert len(beeps(tmp_path / "clip.mp4")) == 2
    row = {"job": key, "key": key, "service": "deapi", "model": "deapi/ltx-2.3", "cost": SMALL_USD["generations"]}
    assert deapi.desk.tell("bill")["jobs"] == [row]
    assert Decimal(str(quote)) == Decimal(SMALL_USD["generations"])


@pytest.mark.parametrize(
    ("endpoint", "files"),
    [
        ("animations", {"first_frame_image": PNG}),
        ("animations", {"first_frame_image": PNG, "last_frame_image": JPEG}),
        ("audio-syncs", {"audio": tone(1)}),
        ("audio-syncs", {"audio": tone(1), "first_frame_image": JPEG}),
    ],
)
def test_forms_with_files_are_taken_at_the_price_asked(deapi: DeDesk, endpoint: str, files: dict[str, bytes]) -> None:
    """Pictures and sounds by the endpoints that sell them; a number in a form is its text."""
    assert str(deapi.price(endpoint).json()["data"]["price"]) == SMALL_USD[endpoint]
    job = deapi.bought(endpoint, files, seed=-1, guidance=1.5, fps=24)
    assert job["price"]["amount"] == float(SMALL_USD[endpoint])


def test_the_films_sound_is_the_sound_that_was_sent(deapi: DeDesk, tmp_path: Path) -> None:
    """A tone of 440 Hz for 1 s, then silence to the film's end (49 frames); the pictures tell their numbers as ever."""
    job = deapi.bought("audio-syncs", {"audio": tone(1.0, 440)})
    film = tmp_path / "clip.mp4"
    film.write_bytes(deapi.http.get(job["result_url"]).content)
    assert read_film(film) == [(0, frame) for frame in range(49)]
    heard = samples(film)
    assert abs(heard.size - 49 * 2000) <= 1024
    power = np.abs(np.fft.rfft(heard[4800:43_200]))
    assert np.argmax(power) * 48_000 / 38_400 == pytest.approx(440, abs=2)
    assert np.abs(heard[50_000:96_000]).max() < 0.001 < 0.2 < np.abs(heard[:48_000]).max()


def test_a_longer_sound_is_cut_at_the_films_end(deapi: DeDesk, tmp_path: Path) -> None:
    """The trap of a sound longer than its frames: nothing is refused."""
    job = deapi.bought("audio-syncs", {"audio": tone(3.0)})
    (tmp_path / "clip.mp4").write_bytes(deapi.http.get(job["result_url"]).content)
    assert abs(samples(tmp_path / "clip.mp4").size - 49 * 2000) <= 1024


def test_a_sound_outlives_a_restart(tmp_path: Path, films: Path) -> None:
    """State alone, without the cache of films, is enough to make the film again."""
    with desk(tmp_path / "films", state=tmp_path / "state") as first:
        deapi = DeDesk(first)
        key = deapi.submit("audio-syncs", {"audio": tone(1.0)}).json()["data"]["request_id"]
        clip = deapi.http.get(deapi.ended(key)["result_url"]).content
    with desk(tmp_path / "others", state=tmp_path / "state") as second:
        again = DeDesk(second)
        assert again.http.get(again.ended(key)["result_url"]).content == clip


def test_the_state_in_words_and_no_price_before_the_end(films: Path) -> None:
    """Pending in line, processing, progress below 100, price null, no URL."""
    with desk(films, speed=0.01, slots=1) as slow:
        deapi = DeDesk(slow)
        keys = [deapi.submit().json()["data"]["request_id"] for _ in range(2)]
        jobs = [until(lambda key=key: deapi.get(f"jobs/{key}").json()["data"]) for key in keys]
        assert [job["status"] for job in jobs] == ["processing", "pending"]
        assert all(job["price"] is None and job["result_url"] is None and float(job["progress"]) < 100 for job in jobs)


def test_progress_is_a_number_for_some_and_a_string_for_others(films: Path) -> None:
    """By the job; a client that copes with one shape only is found out."""
    with desk(films, speed=0.01) as slow:
        deapi = DeDesk(slow)
        told = [deapi.get(f"jobs/{deapi.submit().json()['data']['request_id']}").json()["data"]["progress"] for _ in range(12)]
    assert {type(progress) for progress in told} == {float, str}


def test_a_results_url_has_an_end_and_each_look_gives_a_fresh_one(films: Path) -> None:
    """403 after an hour, 410 after two, 403 with another signature; the clip is there all the while."""
    now = [1_000_000.0]
    with desk(films, clock=lambda: now[0]) as service:
        deapi = DeDesk(service)
        key = deapi.submit().json()["data"]["request_id"]
        url = deapi.ended(key)["result_url"]
        assert deapi.http.get(url[:-1] + ("0" if url[-1] != "0" else "1")).status_code == 403
        assert deapi.http.get(url.partition("?")[0]).status_code == 403
        assert deapi.http.get(url.replace("expires=", "expires=9")).status_code == 403
        statuses: list[int] = []
        for later in (3600, 1, 3599, 1):
            now[0] += later
            statuses.append(deapi.http.get(url).status_code)
        assert statuses == [200, 403, 403, 410]
        assert deapi.http.get(deapi.ended(key)["result_url"]).status_code == 200


WRONG: list[tuple[str, dict[str, bytes] | None, dict[str, Any], str]] = [
    ("generations", None, {"prompt": None}, "prompt"),
    ("generations", None, {"model": None}, "model"),
    ("generations", None, {"model": "Other"}, "model"),
    ("generations", None, {"width": 520}, "width"),
    ("generations", None, {"width": 1040}, "width"),
    ("generations", None, {"height": 400}, "height"),
    ("generations", None, {"width": "512"}, "width"),
    ("generations", None, {"frames": 48}, "frames"),
    ("generations", None, {"frames": 242}, "frames"),
    ("generations", None, {"fps": 25}, "fps"),
    ("generations", None, {"steps": 0}, "steps"),
    ("generations", None, {"guidance": -1}, "guidance"),
    ("generations", None, {"seed": 4_294_967_296}, "seed"),
    ("generations", None, {"seed": -2}, "seed"),
    ("generations", None, {"negative_prompt": "fog"}, "negative_prompt"),
    ("generations", None, {"webhook_secret": "x" * 32}, "webhook_secret"),
    ("generations", None, {"webhook_url": "https://example.test/"}, "webhook_url"),
    ("generations", None, {"prompt": "x [[fault:typo]]"}, "prompt"),
    ("generations", {}, {}, "body"),
    ("animations", {}, {}, "first_frame_image"),
    ("animations", None, {}, "body"),
    ("animations", {"first_frame_image": b"<svg/>"}, {}, "first_frame_image"),
    ("animations", {"first_frame_image": PNG + bytes(10 << 20)}, {}, "first_frame_image"),
    ("animations", {"first_frame_image": PNG, "audio": tone(2)}, {}, "audio"),
    ("animations", {"first_frame_image": PNG}, {"width": "wide"}, "width"),
    ("audio-syncs", {}, {}, "audio"),
    ("audio-syncs", {"audio": PNG}, {}, "audio"),
    ("audio-syncs", {"audio": tone(0.5)}, {}, "audio"),
    ("audio-syncs", {"audio": tone(11.1)}, {}, "audio"),
    ("audio-syncs", {"audio": tone(2)[:40]}, {}, "audio"),
    ("audio-syncs", {"audio": tone(2)}, {"enhance_prompt": "true"}, "enhance_prompt"),
]


@pytest.mark.parametrize(("endpoint", "files", "fields", "name"), WRONG)
def test_a_wrong_order_is_a_422_that_names_the_field(
    deapi: DeDesk, endpoint: str, files: dict[str, bytes] | None, fields: dict[str, Any], name: str
) -> None:
    """In the documented envelope; nothing is left."""
    answer = deapi.submit(endpoint, files, **fields)
    body = answer.json()
    assert (answer.status_code, body["statusCode"], body["data"], list(body["errors"])) == (422, 422, None, [name])
    assert all(isinstance(said, str) for said in body["errors"][name])
    assert deapi.desk.tell("jobs")["jobs"] == []


def test_everything_wrong_is_told_at_once(deapi: DeDesk) -> None:
    """Fields and files alike."""
    assert set(deapi.submit("audio-syncs", {}, frames="1", fps="25").json()["errors"]) == {"frames", "fps", "audio"}


@pytest.mark.parametrize(
    "fields",
    [{"width": 960, "height": 416}, {"width": 1024, "height": 432}, {"width": 576, "height": 1024}, {"frames": 120}, {"frames": 241}],
)
def test_what_the_article_shows_is_priced(deapi: DeDesk, fields: dict[str, Any]) -> None:
    """Every size of its table; lengths off the grid of 8n+1 aren't refused."""
    assert deapi.price(**fields).json()["data"]["price"] > 0


def test_a_price_grows_with_the_work_and_costs_nothing(deapi: DeDesk) -> None:
    """More frames, more pixels, more steps; a question leaves no job."""
    plain = deapi.price().json()["data"]["price"]
    assert all(deapi.price(**more).json()["data"]["price"] > plain for more in ({"frames": 57}, {"width": 528}, {"steps": 2}))
    assert deapi.price(width=None, height=None, frames=None, steps=None).json()["data"]["price"] == 0.050244
    assert deapi.desk.tell("jobs")["jobs"] == []


def test_a_question_is_worded_as_the_order_for_a_text_and_by_numbers_for_files(deapi: DeDesk) -> None:
    """Prompt and seed are taken for the first only, a wish for a better prompt nowhere; a form does as well as JSON."""
    assert deapi.price(prompt="a pier", seed=7, guidance=1.0).status_code == 200
    assert list(deapi.price(enhance_prompt=True).json()["errors"]) == ["enhance_prompt"]
    assert list(deapi.price("animations", seed=7).json()["errors"]) == ["seed"]
    assert deapi.price("upscales").status_code == 404
    asked = {name: (None, str(value)) for name, value in SMALL.items() if name != "prompt"}
    assert deapi.http.post(f"{deapi.desk.url}/api/v2/videos/audio-syncs/price", files=asked).json()["data"]["price"] == 0.001011


@pytest.mark.parametrize(
    ("key", "status", "message"),
    [("", 401, "Unauthenticated."), ("bad-key", 401, "Unauthorized user."), ("suspended-key", 403, "Your account is suspended.")],
)
def test_a_key_that_is_not_good_is_refused_everywhere(deapi: DeDesk, key: str, status: int, message: str) -> None:
    """By status and message, errors empty."""
    headers = {"Authorization": f"Bearer {key}"} if key else {"Authorization": ""}
    answers = [deapi.get(path, **headers) for path in ("jobs/x", "account/balance", "models")]
    answers += [deapi.http.post(f"{deapi.desk.url}/api/v2/videos/generations{end}", json=SMALL, headers=headers) for end in ("", "/price")]
    told = {"data": None, "message": message, "errors": [], "statusCode": status}
    assert [(answer.status_code, answer.json()) for answer in answers] == [(status, told)] * 5


def test_unknown_jobs_and_endpoints_are_404(deapi: DeDesk) -> None:
    """Another service's job is unknown here, too."""
    task = deapi.desk.bought()["taskUUID"]
    for key in ("550e8400-e29b-41d4-a716-446655440000", task):
        assert (deapi.get(f"jobs/{key}").status_code, deapi.get(f"jobs/{key}").json()["message"]) == (404, "Request not found.")
    assert deapi.submit("upscales").status_code == 404


def test_errors_are_pages_to_a_client_that_does_not_accept_json(deapi: DeDesk) -> None:
    """The status is the same."""
    page = deapi.get("jobs/x", Accept="*/*")
    assert (page.status_code, page.headers["content-type"].partition(";")[0]) == (404, "text/html")


def test_the_account_tells_what_is_left(deapi: DeDesk) -> None:
    """Its own credit less its own charges."""
    deapi.desk.bought()
    deapi.bought()
    assert deapi.get("account/balance").json() == {"data": {"balance": 999.999081}}


def test_an_empty_account_is_a_422_on_balance(films: Path) -> None:
    """There is no 402 on this wire."""
    with desk(films, credit=Decimal("0.0005")) as poor:
        answer = DeDesk(poor).submit()
        assert (answer.status_code, list(answer.json()["errors"])) == (422, ["balance"])


def test_models_come_in_pages(deapi: DeDesk) -> None:
    """`limit` up to 50, `per_page` ignored; types as an object, limits where there are any, an empty list where not."""
    whole = deapi.get("models?per_page=1").json()
    assert whole["meta"] == {"current_page": 1, "last_page": 1, "per_page": 25, "total": len(whole["data"])}
    film, *others = whole["data"]
    assert film["slug"] == SMALL["model"]
    assert set(film["inference_types"]) == {"txt2video", "img2video", "aud2video"}
    assert (film["info"]["limits"]["min_frames"], film["info"]["limits"]["max_frames"]) == (49, 241)
    assert [other["info"] for other in others] == [[]] * len(others)
    second = deapi.get("models?limit=2&page=2").json()
    assert second["data"] == others[1:]
    assert second["links"]["prev"].endswith("page=1")
    assert second["links"]["next"] is None
    assert deapi.get("models?limit=51").status_code == 422


@pytest.mark.parametrize(("limit", "kind"), [("per_minute", "minute"), ("per_day", "daily")])
def test_limits_by_minute_and_day_are_kept_for_each_endpoint(films: Path, limit: str, kind: str) -> None:
    """429 with what to wait for; another endpoint, a price and a look are free of it."""
    with desk(films, **{limit: 1}) as basic:
        deapi = DeDesk(basic)
        key = deapi.submit().json()["data"]["request_id"]
        refused = deapi.submit()
        assert (refused.status_code, refused.json()["message"]) == (429, "Too Many Attempts.")
        assert refused.headers["x-ratelimit-type"] == kind
        assert int(refused.headers["retry-after"]) > 0
        assert deapi.submit("animations", {"first_frame_image": PNG}).status_code == 200
        assert (deapi.price().status_code, deapi.get(f"jobs/{key}").status_code) == (200, 200)


@pytest.mark.parametrize(
    ("fault", "status", "header"),
    [
        ("busy", 429, "minute"),
        ("busy-day", 429, "daily"),
        ("unavailable", 503, None),
        ("no-credit", 422, None),
        ("retired", 422, None),
    ],
)
def test_refusals_before_acceptance_leave_nothing(deapi: DeDesk, fault: str, status: int, header: str | None) -> None:
    """The status tells; there is no job; the next try is taken."""
    prompt = f"x [[fault:{fault}*1]]"
    refused = deapi.submit(prompt=prompt)
    assert (refused.status_code, refused.headers.get("x-ratelimit-type")) == (status, header)
    assert deapi.desk.tell("jobs")["jobs"] == []
    assert deapi.submit(prompt=prompt).status_code == 200


@pytest.mark.parametrize(("fault", "jobs"), [("lost-request", 0), ("lost-ack", 1)])
def test_a_dropped_line_says_nothing_of_the_job(deapi: DeDesk, fault: str, jobs: int) -> None:
    """To the client the two look the same."""
    with pytest.raises(httpx.RemoteProtocolError, match="without sending a response"):
        deapi.submit(prompt=f"x [[fault:{fault}]]")
    assert len(deapi.desk.tell("jobs")["jobs"]) == jobs


@pytest.mark.parametrize(
    ("fault", "code", "amount"),
    [("fail", "timeout", 0), ("fail-billed", "inference_failed", 0.000919), ("refuse", "content_policy_violation", 0)],
)
def test_a_failed_job_says_why_and_what_it_cost(deapi: DeDesk, fault: str, code: str, amount: float) -> None:
    """Code, message, and the final price."""
    job = deapi.bought(prompt=f"x [[fault:{fault}]]")
    assert (job["status"], job["error_code"], job["price"]["amount"], job["result_url"]) == ("error", code, amount, None)
    assert job["error_message"]


def test_costs_that_are_not_what_was_said(deapi: DeDesk) -> None:
    """Half as much again, untold, told as nothing; and a question answered too high. Billed is what it cost."""
    prices = [deapi.bought(prompt=f"x [[fault:{fault}]]")["price"] for fault in ("overcharge", "no-cost", "zero-cost")]
    assert [price and price["amount"] for price in prices] == [0.001379, None, 0]
    assert deapi.price(prompt="x [[fault:quote-higher]]").json()["data"]["price"] == 0.001379
    assert deapi.desk.tell("bill")["total"] == "0.003217"


def test_other_words_and_shapes_for_the_same(films: Path) -> None:
    """States as other clients of the service know them; progress a string; the balance without its envelope."""
    with desk(films, faults={"status-synonyms": 1.0, "progress-string": 1.0, "balance-object": 1.0}) as service:
        deapi = DeDesk(service)
        job = deapi.bought()
        assert (job["status"], job["progress"]) == ("completed", "100.00")
        assert set(deapi.get("account/balance").json()) == {"balance"}


def test_a_job_that_never_ends_holds_nobody_up(films: Path) -> None:
    """It runs for ever, and its slot is free for the next."""
    with desk(films, slots=1) as service:
        deapi = DeDesk(service)
        stuck = deapi.submit(prompt="x [[fault:stuck]]").json()["data"]["request_id"]
        assert deapi.bought()["status"] == "done"
        assert deapi.get(f"jobs/{stuck}").json()["data"]["status"] == "processing"


def test_an_expired_url_is_good_after_another_look(deapi: DeDesk) -> None:
    """403 to the first, the next look's works."""
    key = deapi.submit(prompt="x [[fault:expired-url*1]]").json()["data"]["request_id"]
    assert deapi.http.get(deapi.ended(key)["result_url"]).status_code == 403
    assert deapi.http.get(deapi.ended(key)["result_url"]).status_code == 200


def test_a_look_can_meet_a_bad_gateway(deapi: DeDesk) -> None:
    """A page with 502 even to a client that accepts JSON."""
    key = deapi.submit(prompt="x [[fault:poll-502*1]]").json()["data"]["request_id"]
    bad = deapi.get(f"jobs/{key}")
    assert (bad.status_code, bad.headers["content-type"].partition(";")[0]) == (502, "text/html")
    assert deapi.get(f"jobs/{key}").status_code == 200


@pytest.mark.parametrize(
    ("name", "files"), [("txt2video", {}), ("img2video", {"first_frame_image": PNG}), ("aud2video", {"audio": tone(1)})]
)
@pytest.mark.parametrize("as_form", [False, True])
def test_version_1_buys_the_same(deapi: DeDesk, name: str, files: dict[str, bytes], as_form: bool) -> None:
    """The older addresses take the same orders, a text as JSON or as a form, ask prices, and tell of the same job."""
    root, how = f"{deapi.desk.url}/api/v1/client", {"Authorization": "Bearer key", "Accept": "application/json"}
    fields = {"prompt": "A pier", "model": "Ltx2_3_22B_Dist_INT8", "width": 512, "height": 512, "frames": 49, "fps": 24}
    parts = {part: (part, data) for part, data in files.items()} or {field: (None, str(value)) for field, value in fields.items()}
    sent = {"data": fields if files else {}, "files": parts} if files or as_form else {"json": fields}
    with httpx.Client(headers=how, trust_env=False) as http:
        job = http.post(f"{root}/{name}", **sent).json()["data"]["request_id"]
        numbers = {field: value for field, value in fields.items() if field != "prompt"}
        price = http.post(f"{root}/{name}/price-calculation", json=numbers).json()["data"]["price"]
        told = deapi.ended(job)
        assert told["price"]["amount"] == price
        assert http.get(f"{root}/request-status/{job}").json()["data"]["status"] == "done"
        assert set(http.get(f"{root}/balance").json()["data"]) == {"balance"}
        models = http.get(f"{root}/models?per_page=1").json()
        assert (len(models["data"]), models["meta"]["per_page"]) == (1, 1)
        assert models["data"][0]["inference_types"] == ["txt2video", "img2video", "aud2video"]


@pytest.mark.parametrize("path", ["/api/v1/client/txt2img", "/api/v3/models", "/api/v2/nothing/here"])
def test_an_address_that_leads_nowhere_is_answered_in_json(deapi: DeDesk, path: str) -> None:
    """A client that accepts JSON can read every 404."""
    answer = httpx.get(f"{deapi.desk.url}{path}", headers={"Authorization": "Bearer key", "Accept": "application/json"}, trust_env=False)
    assert (answer.status_code, answer.json()["message"]) == (404, "The route could not be found.")
