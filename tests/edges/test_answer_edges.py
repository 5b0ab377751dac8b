"""Answers and clips that are not what they say, at the level of the command: no answer is no answer, a clip that can't be had here stays paid and waiting."""

from __future__ import annotations

import gzip
import itertools
import time
from collections.abc import Callable
from contextlib import suppress

import pytest

from tests.edges.conftest import Desk, slow
from tests.hostile_runware import Handler, Hostile, serving


def lying(handler: Handler) -> bool:
    """It says gzip and isn't."""
    handler.say(b'{"data": []}', Content_Encoding="gzip")
    return True


def dripping(handler: Handler) -> bool:
    """A byte a second, for ever."""
    handler.head(200, "application/json", Content_Length="99999")
    with suppress(OSError):
        for _ in itertools.repeat(None, 60):
            handler.wfile.write(b" ")
            time.sleep(0.5)
    handler.close_connection = True
    return True


def once(bend: Callable[[Handler], bool]) -> Callable[[Handler], bool]:
    """The first time only."""
    left = [True]
    return lambda handler: bool(left and left.pop() and bend(handler))


def elsewhere(handler: Handler) -> bool:
    """A gateway's word, not the service's."""
    handler.say(b"", status=307, Location="http://127.0.0.1:9/v1")
    return True


@pytest.mark.parametrize("taken", [True, False])
def test_an_address_that_refuses_is_not_believed_about_a_purchase(desk: Desk, taken: bool) -> None:
    """Where the service knows the key, the purchase was passed on: received, for what it costs. Where it doesn't, nothing is held and the address is named."""

    def refused(handler: Handler) -> bool:
        if taken:
            desk.service.purchase(handler.keys[0])
        return elsewhere(handler)

    desk.service.submit = once(refused)
    said = desk.render()
    money = said.document["money"]
    if taken:
        assert (said.code, money["settled"], desk.service.purchases, len(desk.service.jobs)) == (0, "0.06", 1, 1), said.stderr
    else:
        assert (said.code, money["settled"], money["held"], desk.service.purchases) == (5, "0.00", "0.00", 1), said.stderr
        assert "RUNWARE_BASE_URL" in said.errors
        assert "check that address" in said.errors


@pytest.mark.parametrize("bend", [slow(lying), dripping])
def test_a_purchase_whose_answer_is_none_is_found_again(desk: Desk, bend: Callable[[Handler], bool]) -> None:
    """It was taken, and nobody could read that: looked up by its key, bought once, finished."""

    def taken(handler: Handler) -> bool:
        desk.service.purchase(handler.keys[0])
        return bend(handler)

    desk.service.submit = once(taken)
    said = desk.render()
    assert (said.code, len(desk.service.jobs), said.document["money"]["settled"]) == (0, 1, "0.06"), said.stderr


@pytest.mark.parametrize("bend", [lying, slow(dripping)])
def test_a_look_that_is_none_is_no_news(desk: Desk, bend: Callable[[Handler], bool]) -> None:
    """The job goes on; the next look is read."""
    desk.service.look = once(bend)
    said = desk.render()
    assert (said.code, len(desk.service.jobs)) == (0, 1), said.stderr


def test_a_clip_that_comes_late_to_its_address(desk: Desk) -> None:
    """404 three times, then 200: fetched by the same run."""

    def late(handler: Handler) -> bool:
        missing = desk.service.downloads < 4
        if missing:
            handler.say(b"<Error><Code>NoSuchKey</Code></Error>", "application/xml", status=404)
        return missing

    desk.service.download = late
    assert desk.render().code == 0
    assert desk.service.downloads == 4


@pytest.mark.parametrize(
    ("address", "cause"),
    [
        ("https://198.18.0.5/clip.mp4", "not on the public net"),
        slow("https://127.0.0.2/clip.mp4", "not on the public net"),
        slow("http://169.254.169.254/latest", "only fetched over https"),
        slow("file:///etc/passwd", "only fetched over https"),
        slow("https://nowhere.invalid/clip.mp4", "can't be reached"),
        slow("no address", ""),
    ],
)
def test_a_clip_whose_address_is_barred_here_stays_paid_and_waiting(desk: Desk, address: str, cause: str) -> None:
    """Of three shots one is bought; it stays open, the cause is told with exit 5, and once its address is good the next run fetches it."""
    desk.list(3)
    desk.service.address = address
    said = desk.render()
    assert (said.code, len(desk.service.jobs)) == (5, 1), said.stderr
    assert cause in said.errors
    desk.service.address = ""
    again = desk.render()
    assert (again.code, len(desk.service.jobs), again.document["money"]["settled"]) == (0, 3, "0.18"), again.stderr


def test_a_clip_that_is_sent_compressed_is_unpacked(desk: Desk) -> None:
    """Content-Encoding: gzip on the clip itself."""

    def packed(handler: Handler) -> bool:
        handler.say(gzip.compress(desk.service.film), "video/mp4", Content_Encoding="gzip")
        return True

    desk.service.download = packed
    assert desk.render().code == 0


def portal(handler: Handler) -> bool:
    """A page that asks for a sign-in, in place of everything."""
    handler.say(b"<html><body>Welcome to the hotel's network</body></html>", "text/html")
    return True


def cut(handler: Handler) -> bool:
    """A body of which half comes, and no length was announced."""
    handler.head(200, "video/mp4", Connection="close")
    handler.wfile.write(handler.service.film[: len(handler.service.film) // 2])
    handler.close_connection = True
    return True


def chunks_cut(handler: Handler) -> bool:
    """Chunks that end in the middle of one."""
    handler.head(200, "video/mp4", Transfer_Encoding="chunked")
    handler.wfile.write(b"4000\r\n" + handler.service.film[:5000])
    handler.close_connection = True
    return True


def to(where: str) -> Callable[[Handler], bool]:
    """Sent on to somewhere else."""

    def sent_on(handler: Handler) -> bool:
        handler.say(b"", status=302, Location=where.replace("SELF", handler.path))
        return True

    return sent_on


@pytest.mark.parametrize(
    "bend",
    [cut, *map(slow, (chunks_cut, to("SELF"), to("file:///etc/passwd"), to("https://10.0.0.1/x.mp4"), to("https://169.254.169.254/")))],
    ids=["cut", "chunks cut", "loop", "file", "private", "metadata"],
)
def test_a_download_that_is_none_for_a_while_loses_nothing(desk: Desk, bend: Callable[[Handler], bool]) -> None:
    """A cut body, redirects in a loop or to a place that is barred: the clip is paid once, never closed, and fetched as soon as it comes."""
    desk.service.download = bend
    first = desk.render()
    assert first.code in (1, 5), first.stderr
    desk.service.download = lambda _handler: False
    again = desk.render()
    assert (again.code, len(desk.service.jobs), again.document["money"]["settled"]) == (0, 1, "0.06"), again.stderr


def test_a_portal_in_front_of_the_service_buys_nothing_twice(desk: Desk) -> None:
    """HTML with 200 in answer to a purchase proves nothing: it is looked up, and as the service knows nothing of it, sent again under its key."""
    desk.service.submit = once(portal)
    said = desk.render()
    assert (said.code, len(desk.service.jobs), said.document["money"]["settled"]) == (0, 1, "0.06"), said.stderr


def in_the_way(status: int) -> Callable[[Handler], bool]:
    """An answer of a proxy."""

    def answer(handler: Handler) -> bool:
        handler.say(b"<html><h1>proxy</h1></html>", "text/html", status=status)
        return True

    return answer


@pytest.mark.parametrize(
    ("bend", "cause"),
    [(in_the_way(407), "answers 407"), slow(in_the_way(511), "answers 511")],
    ids=["proxy", "network"],
)
def test_a_network_that_answers_in_place_of_the_clip_closes_nothing(desk: Desk, bend: Callable[[Handler], bool], cause: str) -> None:
    """Of three shots one is bought and waits, exit 5 says what stands in the way; once it is gone, the rest is bought and finished."""
    desk.list(3)
    desk.service.download = bend
    said = desk.render()
    assert (said.code, len(desk.service.jobs)) == (5, 1), said.stderr
    assert cause in said.errors
    desk.service.download = lambda _handler: False
    again = desk.render()
    assert (again.code, len(desk.service.jobs), again.document["money"]["settled"]) == (0, 3, "0.18"), again.stderr


def test_a_portal_in_front_of_a_clip_loses_it_to_nobody(desk: Desk) -> None:
    """Its page with 200, as often as a run asks: the first shot stays paid and waiting, nothing more is bought (exit 5); once clips come, all are there."""
    desk.list(3)
    desk.service.download = portal
    first = desk.render()
    assert (first.code, len(desk.service.jobs)) == (5, 1), first.stderr
    assert "a web page was received instead of the clip" in first.errors
    desk.service.download = lambda _handler: False
    again = desk.render()
    assert (again.code, len(desk.service.jobs), again.document["money"]["settled"]) == (0, 3, "0.18"), again.stderr


@pytest.mark.parametrize("status", [slow(407), slow(502), slow(511)])
def test_a_proxy_that_answers_in_place_of_the_service_buys_nothing_twice(desk: Desk, status: int) -> None:
    """Once in answer to a purchase that came through, once to one that didn't."""
    desk.list(2)

    def answer(handler: Handler) -> bool:
        if desk.service.purchases == 2:
            desk.service.purchase(handler.keys[0])
        return desk.service.purchases < 3 and in_the_way(status)(handler)

    desk.service.submit = answer
    first = desk.render()
    again = first if first.code == 0 else desk.render()
    assert (again.code, len(desk.service.jobs), again.document["money"]["settled"]) == (0, 2, "0.12"), (first.stderr, again.stderr)


@pytest.mark.slow
def test_a_service_that_is_reached_by_ipv6_alone(desk: Desk) -> None:
    """[::1] in its address and in its clips' addresses."""
    with serving(Hostile(desk.service.film), six=True) as service:
        said = desk.render(variables={"RUNWARE_BASE_URL": f"{service.url}/v1"})
        assert (said.code, len(service.jobs), said.document["money"]["settled"]) == (0, 1, "0.06"), said.stderr
