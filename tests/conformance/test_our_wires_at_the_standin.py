"""Our wires against servers that were written without them, from the same pages: the same words mean the same on both sides."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from callsheet.domain.attempt import Cause
from callsheet.domain.money import usd
from callsheet.domain.shots.shot import Size
from callsheet.services.bytecompute.wire import ByteCompute
from callsheet.services.deapi.wire import DeApi
from callsheet.services.protocol.answers import Accepted, Busy, Failed, Forgotten, JobAnswer, Lost, Refused, Running, Succeeded, Unread
from callsheet.services.protocol.ask import Ask
from callsheet.services.protocol.media_ref import MediaRef
from callsheet.services.protocol.request import Request, Response
from callsheet.standin.jobs.config import Config
from callsheet.standin.serve import running
from tests.unit.standin.plain_form_clients import PNG, tone

Wire = ByteCompute | DeApi
KEY = "5a6a1b1e-0000-4000-8000-000000000001"
COMPUTE = {"model": "Lightricks/LTX-2.3", "size": Size(512, 512), "fps": Fraction(25), "duration_s": Decimal(4), "frames": 100}
DEAPI = {
    "model": "Ltx2_3_22B_Dist_INT8",
    "size": Size(512, 896),
    "fps": Fraction(24),
    "duration_s": Decimal(49) / 24,
    "frames": 49,
    "params": {"steps": 1, "guidance": 1.0},
}
WIRES: list[tuple[Wire, str, dict[str, Any]]] = [(ByteCompute(), "/v1", COMPUTE), (DeApi(), "", DEAPI)]
PICTURE, VOICE = MediaRef.of_bytes("a.png", PNG, size=Size(512, 896)), MediaRef.of_bytes("a.wav", tone(2), seconds=Fraction(2))


class Counter:
    """Sends what a wire writes, as the engine does: the key and the wish for JSON go along."""

    def __init__(self, wire: Wire, url: str, http: httpx.Client) -> None:
        self.wire, self._url, self._http = wire, url, http

    def send(self, request: Request, key: str = "key") -> Response:
        headers = {"Authorization": f"Bearer {key}", "Accept": "application/json", "Content-Type": request.content_type}
        answer = self._http.request(request.method, self._url + request.path, content=request.body, headers=headers)
        return Response(answer.status_code, {name.lower(): value for name, value in answer.headers.items()}, answer.content)

    def buy(self, asked: dict[str, Any], prompt: str = "a pier", **more: Any) -> Any:
        ask = Ask(prompt=prompt, sound=True, **{**asked, **more})
        return self.wire.read_submit(self.send(self.wire.submit(ask, KEY)), KEY)

    def look(self, job: str, key: str = "key") -> JobAnswer | Unread:
        news = self.wire.read_poll(self.send(self.wire.poll([job]), key), [job])
        return news if isinstance(news, Unread) else news[0]

    def end(self, bought: object) -> JobAnswer:
        assert isinstance(bought, Accepted), bought
        until = time.monotonic() + 20
        while time.monotonic() < until:
            news = self.look(bought.job)
            if not isinstance(news, Running | Unread):
                return news
            assert not isinstance(news, Running) or not news.note
            time.sleep(0.01)
        raise AssertionError(f"{bought} did not end")

    def bill(self) -> int:
        total = self._http.get(f"{self._root()}/standin/bill").json()["total"]
        return int(Decimal(total) * 1_000_000)

    def get(self, url: str) -> httpx.Response:
        return self._http.get(url)

    def _root(self) -> str:
        parts = urlsplit(self._url)
        return f"{parts.scheme}://{parts.netloc}"


@pytest.fixture(scope="module")
def films(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A film cache for all stand-ins of this module."""
    return tmp_path_factory.mktemp("films")


@pytest.fixture
def counter(films: Path) -> Iterator[Callable[[Wire, str], Counter]]:
    """A stand-in, and a counter before it for each wire."""
    with running(Config(speed=0, films=films)) as url, httpx.Client(timeout=20, trust_env=False) as http:
        yield lambda wire, path: Counter(wire, url + path, http)


Counters = Callable[[Wire, str], Counter]
each_wire = pytest.mark.parametrize(("wire", "path", "asked"), WIRES, ids=["bytecompute", "deapi"])


def test_bytecompute_from_purchase_to_clip(counter: Counters) -> None:
    """Its clip is handed over to the key by a post of the wire's own; the cost is the list's, since none is told."""
    shop = counter(ByteCompute(), "/v1")
    done = shop.end(shop.buy(COMPUTE))
    assert isinstance(done, Succeeded)
    assert done.cost is None
    fetch = shop.wire.fetch(done.job, done.url)
    assert fetch is not None
    clip = shop.send(fetch)
    assert (clip.status, clip.headers["content-type"], clip.body[4:8]) == (200, "video/mp4", b"ftyp")
    assert shop.bill() == 80_000


def test_bytecomputes_pictures_are_taken(counter: Counters) -> None:
    """One, or two with a way from one to the other; as files and as addresses."""
    shop, link = counter(ByteCompute(), "/v1"), MediaRef.of_url("https://example.test/a.png")
    for inputs in ({"first_frame": PICTURE}, {"first_frame": link, "last_frame": PICTURE}):
        assert isinstance(shop.buy(COMPUTE, **inputs), Accepted)


def test_bytecomputes_adjustments_are_understood(counter: Counters) -> None:
    """A service that gives less than it was asked says so in the answer and in the job."""
    shop = counter(ByteCompute(), "/v1")
    bought = shop.buy({**COMPUTE, "fps": Fraction(50)}, "x [[fault:adjust]]")
    assert isinstance(bought, Accepted)
    done = shop.end(bought)
    assert isinstance(done, Succeeded)
    (told,) = done.told["adjustments"]
    assert (told["parameter"], told["requested"], told["applied"]) == ("fps", 50, 25)
    assert bought.told["adjustments"] == done.told["adjustments"]


@pytest.mark.parametrize(
    "inputs", [{}, {"seed": 7}, {"first_frame": PICTURE}, {"first_frame": PICTURE, "last_frame": PICTURE}, {"audio": VOICE}]
)
def test_deapi_costs_what_its_own_price_says(counter: Counters, inputs: dict[str, Any]) -> None:
    """In each mode: the quote, the cost that the job tells, and the bill are one number; the clip is at the address."""
    shop = counter(DeApi(), "")
    assert isinstance(shop.wire, DeApi)
    price = shop.wire.read_quote(shop.send(shop.wire.quote_request(Ask(prompt="a pier", sound=True, **DEAPI, **inputs))))
    done = shop.end(shop.buy(DEAPI, **inputs))
    assert isinstance(done, Succeeded)
    assert done.cost == price == shop.bill() > 0
    assert shop.get(done.url).content[4:8] == b"ftyp"


def test_deapis_account_is_read(counter: Counters) -> None:
    """Its balance."""
    shop = counter(DeApi(), "")
    assert isinstance(shop.wire, DeApi)
    account = shop.wire.read_account(shop.send(shop.wire.account()))
    assert not isinstance(account, Unread)
    assert account.balance == usd("1000")


@each_wire
@pytest.mark.parametrize("fault", ["[[fault:status-synonyms]] [[fault:progress-string]]"])
def test_other_words_are_understood(counter: Counters, wire: Wire, path: str, asked: dict[str, Any], fault: str) -> None:
    """Nothing of it is odd to the wire."""
    shop = counter(wire, path)
    assert isinstance(shop.end(shop.buy(asked, fault)), Succeeded)


@each_wire
@pytest.mark.parametrize(("fault", "cause"), [("refuse", Cause.CONTENT), ("fail", Cause.RETRY)])
def test_failures_are_told_apart(counter: Counters, wire: Wire, path: str, asked: dict[str, Any], fault: str, cause: Cause) -> None:
    """Refused content is a person's; a machine's failure is tried again."""
    shop = counter(wire, path)
    over = shop.end(shop.buy(asked, f"x [[fault:{fault}]]"))
    assert isinstance(over, Failed)
    assert over.cause is cause


@each_wire
@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        ("busy", Busy),
        ("no-credit", Refused),
        ("retired", Refused),
        ("unavailable", Lost),
        ("unavailable-after", Lost),
    ],
)
def test_answers_to_a_purchase_are_told_apart(
    counter: Counters, wire: Wire, path: str, asked: dict[str, Any], fault: str, kind: type[object]
) -> None:
    """Proof that it was not taken, and no proof: a 503 is the latter, since it looks the same after an acceptance."""
    assert isinstance(counter(wire, path).buy(asked, f"x [[fault:{fault}]]"), kind)


@each_wire
def test_looks_that_say_nothing_end_nothing(counter: Counters, wire: Wire, path: str, asked: dict[str, Any]) -> None:
    """A gateway's page and a bad key are no news; a job that the service doesn't know is gone."""
    shop = counter(wire, path)
    bought = shop.buy(asked, "x [[fault:poll-502*1]] [[fault:stuck]]")
    assert isinstance(bought, Accepted)
    assert isinstance(shop.look(bought.job), Unread)
    assert isinstance(shop.look(bought.job, "bad-key"), Unread)
    assert isinstance(shop.look(bought.job), Running)
    assert shop.look("550e8400-e29b-41d4-a716-446655440000") == Forgotten("550e8400-e29b-41d4-a716-446655440000")


def test_deapis_day_ends_the_lane(counter: Counters) -> None:
    """Its 429 for the day is no wait."""
    refused = counter(DeApi(), "").buy(DEAPI, "x [[fault:busy-day]]")
    assert isinstance(refused, Refused)
    assert refused.cause is Cause.STOP_LANE
