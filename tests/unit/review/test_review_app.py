"""The review's server: who gets in, what it shows, and what a decision comes to."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from callsheet.media.inspect.probe import probe
from callsheet.review.guarded import POLICY
from callsheet.review.review_app import PAGE
from tests.film_reader import read_film
from tests.unit.review.visitors import HOSTILE, Review, clips


@pytest.fixture
def review(film: Path) -> Review:
    return Review(film)


async def test_nobody_gets_in_without_the_address(review: Review) -> None:
    """Another path, another host's name, another site, another kind of body: refused, each with the policy."""
    producer = review.producer
    assert (await producer.ask("")).status_code == 200
    answers = {
        404: await producer.ask("../wrong-token/api/state"),
        421: await producer.ask("api/state", host="callsheet.example"),
        403: await producer.ask("api/state", sec_fetch_site="cross-site"),
    }
    assert {wanted: answer.status_code for wanted, answer in answers.items()} == {status: status for status in answers}
    posts = [
        await producer.ask("api/decide", {}, origin="http://127.0.0.1:1"),
        await producer.ask("api/decide", {}, content_type="text/plain"),
        await producer.ask("api/decide", [1]),
    ]
    assert [answer.status_code for answer in posts] == [403, 415, 422]
    assert all(answer.headers["content-security-policy"] == POLICY for answer in [*answers.values(), *posts])
    for path in ("../review_app.py", "%2e%2e/review_app.py", "main.py", "nothing.js", "media/..%2f..%2fproject.json"):
        assert (await producer.ask(path)).status_code == 404


def test_no_module_waits_for_another() -> None:
    """The page names all of its modules, so that they come at once."""
    named = re.findall(r'rel="modulepreload" href="(.*?)"', (PAGE / "index.html").read_text(encoding="utf-8"))
    assert sorted([*named, "main.js"]) == sorted(path.name for path in PAGE.glob("*.js"))


async def test_it_shows_what_is_there(review: Review) -> None:
    """Shots in the list's order with their clips and what they cost; what somebody wrote is text."""
    state = await review.producer.state()
    assert [shot["shot"] for shot in state["shots"]] == ["A010", "A020"]
    assert [clip["take"] for clip in clips(state)] == [1, 2]
    assert state["shots"][0]["prompt"] == HOSTILE
    assert state["money"]["settled"] == "0.09"
    assert [part["frames"] for part in state["shots"][0]["cut"]] == [24]


async def test_money_is_the_producers_to_see(review: Review) -> None:
    """Neither what was paid nor what a retake would cost."""
    seen = await review.client.ask("api/state")
    assert (seen.json()["money"], '"cost"' in seen.text) == (None, False)
    assert (await review.client.ask("api/prices")).json() == {"shots": {}, "basket": [], "finals": []}


async def test_the_producers_pick_steers_the_plan_and_a_clients_is_a_wish(review: Review) -> None:
    second = clips(await review.producer.state())[1]["id"]
    assert (await review.client.decide("pick", clip=second)).status_code == 200
    assert not any(take["picked"] for take in review.shot())
    told = next(shot for shot in (await review.producer.state())["shots"] if shot["shot"] == "A010")
    assert [(wish["role"], wish["kind"], wish["clip"]) for wish in told["wishes"]] == [("client-a", "pick", second)]
    assert (await review.other.decide("pick", clip=clips(await review.other.state())[0]["id"])).json()["state"]["shots"][0]["conflict"]
    answer = await review.producer.decide("pick", clip=second)
    assert not answer.json()["state"]["shots"][0]["conflict"]
    assert [take["picked"] for take in review.shot()] == [False, True]


async def test_a_second_tab_loses_nothing(review: Review) -> None:
    """The same decision sent twice is one; one that was made on what has changed meanwhile is refused, with what it missed."""
    state = await review.producer.state()
    first, second = (clip["id"] for clip in clips(state))
    made = await review.producer.decide("pick", clip=first, seen=state["last"])
    again = await review.producer.ask("api/decide", review.producer.said)
    assert (made.json()["new"], again.json()["new"]) == (True, False)
    late = await review.producer.decide("pick", clip=second, seen=state["last"])
    assert (late.status_code, late.json()["newer"]["kind"]) == (409, "pick")
    noted = await review.client.decide("note", clip=second, body={"text": "<b>too dark</b>", "frame": 7}, seen=state["last"])
    assert noted.json()["state"]["shots"][0]["notes"][0]["body"] == {"text": "<b>too dark</b>", "frame": 7}


@pytest.mark.parametrize(
    "said",
    [
        {"kind": "buy"},
        {"kind": "pick", "clip": "999"},
        {"kind": "pick", "clip": "1", "shot": "Z999"},
        {"kind": "pick", "clip": "1", "uid": "no"},
        {"kind": "note", "clip": "1", "body": {"text": "", "frame": 0}},
        {"kind": "note", "clip": "1", "body": {"text": "x" * 4001, "frame": 0}},
        {"kind": "note", "clip": "1", "body": {"text": "x", "frame": 1.5}},
        {"kind": "note", "clip": "1", "body": {"text": "x", "frame": 0, "pin": [2, 0]}},
        {"kind": "note", "clip": "1", "body": {"text": "x", "frame": 0, "drawing": [[[0, 0]] * 5000]}},
        {"kind": "trim", "clip": "1", "body": {"first": 5, "end": 400}},
        {"kind": "trim", "clip": "1", "body": {"first": 5, "end": 5}},
        {"kind": "join", "body": {"parts": []}},
        {"kind": "join", "body": {"parts": [{"attempt": "999", "first": 0, "end": 5}]}},
    ],
)
async def test_what_can_not_be_said_is_refused_in_words(review: Review, said: dict[str, Any]) -> None:
    """Nothing of it is written."""
    before = (await review.producer.state())["last"]
    answer = await review.producer.decide(**{"kind": "", **said})
    assert answer.status_code == 422, answer.text
    assert answer.json()["error"]
    assert (await review.producer.state())["last"] == before


async def test_the_basket_is_priced_and_the_page_spends_nothing(review: Review) -> None:
    """What a retake costs is what the next plan says; only the producer orders; then the command to type buys it."""
    assert (await review.client.decide("basket")).status_code == 422
    assert (await review.producer.decide("basket")).status_code == 200
    prices = (await review.producer.ask("api/prices")).json()
    (order,) = prices["basket"]
    assert (order["usd"], order["takes"], order["command"]) == (prices["shots"]["spot:A010"]["usd"], 2, "callsheet render spot.csv")
    assert (await review.client.ask("api/order", {"uid": "order-of-client-a"})).status_code == 422
    ordered = await review.producer.ask("api/order", {"uid": "order-of-the-producer"})
    assert (ordered.json()["ordered"][0]["usd"], ordered.json()["state"]["basket"]) == (order["usd"], [])
    assert ordered.json()["state"]["money"]["settled"] == "0.09"
    assert {take["action"] for take in review.shot()} == {"buy"}
    assert sum(float(take["price"]) for take in review.shot()) == pytest.approx(float(order["usd"]))


async def test_a_proxy_has_the_clips_frames(review: Review) -> None:
    """Frame n of the proxy is frame n of the clip, at n/fps; the same bytes come in ranges, and nothing else of the disk."""
    sha256 = clips(await review.producer.state())[0]["sha256"]
    answer = await review.producer.ask(f"media/{sha256}.mp4")
    proxy = review.folder / "proxy.mp4"
    proxy.write_bytes(answer.content)
    assert read_film(proxy) == read_film(review.media.clip(sha256))
    probed = probe(proxy)
    assert (probed.frames, probed.fps, max(probed.size.width, probed.size.height)) == (24, 24, 320)
    part = await review.producer.ask(f"media/{sha256}.mp4", range="bytes=10-19")
    assert (part.status_code, part.content) == (206, answer.content[10:20])
    assert (await review.producer.ask(f"media/{sha256}.webp")).content[8:12] == b"WEBP"
    assert (await review.producer.ask(f"media/{'0' * 64}.mp4")).status_code == 404
    assert (await review.producer.ask(f"api/clip/{sha256}")).json()["frames"] == 24
