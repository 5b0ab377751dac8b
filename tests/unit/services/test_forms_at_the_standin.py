"""The two wires without a key of ours against a server that was written without them: from purchase to film, and what it refuses."""

from __future__ import annotations

import asyncio
import io
import struct
import wave
from collections.abc import AsyncIterator
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import httpx
import pytest

from callsheet.domain.attempt import Cause
from callsheet.domain.shots.shot import Size
from callsheet.services.bytecompute.wire import ByteCompute
from callsheet.services.cards.card import load_cards
from callsheet.services.cards.fit import Wanted, fit
from callsheet.services.cards.list_price import list_price, quote
from callsheet.services.cards.negotiation import adjustments
from callsheet.services.deapi.wire import DeApi
from callsheet.services.protocol.answers import (
    Accepted,
    AccountReading,
    Busy,
    Failed,
    Forgotten,
    Here,
    Lost,
    Refused,
    Running,
    Succeeded,
    Unread,
)
from callsheet.services.protocol.ask import Ask
from callsheet.services.protocol.media_ref import MediaRef
from callsheet.services.protocol.request import Request, Response, pack, unpack
from callsheet.services.protocol.wire import Wire
from callsheet.standin.app import create_app
from callsheet.standin.jobs.config import Config

CARDS = load_cards(Path(__file__).parents[3] / "configs" / "cards")
KEY = "5a6a1b1e-0000-4000-8000-000000000001"
BYTECOMPUTE, DEAPI = ByteCompute(), DeApi()


def _picture() -> bytes:
    """A bitmap of one grey pixel."""
    return b"BM" + struct.pack("<IHHIIiiHHIIiiII", 58, 0, 0, 54, 40, 1, 1, 1, 24, 0, 4, 2835, 2835, 0, 0) + b"\x80\x80\x80\x00"


def _voice() -> bytes:
    """Two seconds of silence."""
    written = io.BytesIO()
    with wave.open(written, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(bytes(2 * 16_000))
    return written.getvalue()


PICTURE = MediaRef.of_bytes("a.bmp", _picture())
VOICE = MediaRef.of_bytes("a.wav", _voice(), seconds=Fraction(2))


def ask(model: str, prompt: str = "A pier", **more: Any) -> Ask:
    """The cheapest purchase that a card sells, with `more` wished for."""
    size, seconds = (Size(512, 512), Decimal(4)) if model.startswith("bytecompute") else (Size(512, 896), Decimal(2))
    wanted = Wanted(prompt=prompt, duration_s=seconds, size=size, fps=Fraction(25))
    found = fit(replace(wanted, **more), CARDS[model], quotes=True)
    assert found.ask, found.verdicts
    return found.ask


class Client:
    """Sends what a wire writes."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self._http = http

    async def send(self, request: Request, wire: Wire, key: str = "test") -> Response:
        """Below the base URL that the contract gives each service."""
        base = "/v1" if wire.service == "bytecompute" else ""
        headers = {"Authorization": f"Bearer {key}", "Content-Type": request.content_type, "Accept": "application/json"}
        answer = await self._http.request(request.method, base + request.path, content=request.body, headers=headers)
        return Response(answer.status_code, dict(answer.headers), answer.content)

    async def get(self, url: str) -> httpx.Response:
        """A public address."""
        return await self._http.get(url)

    async def bought(self, wire: Wire, purchase: Ask) -> str:
        """The job of a purchase, sent from its written-down bytes."""
        request = unpack(pack(wire.submit(purchase, KEY)))
        answer = wire.read_submit(await self.send(request, wire), KEY)
        assert isinstance(answer, Accepted), answer
        return answer.job

    async def ended(self, wire: Wire, job: str) -> Succeeded | Failed:
        """How the job ends; films are made within a minute."""
        async with asyncio.timeout(60):
            while True:
                news = wire.read_poll(await self.send(wire.poll([job]), wire), [job])
                assert not isinstance(news, Unread), news
                [news] = news
                if isinstance(news, Succeeded | Failed):
                    return news
                assert isinstance(news, Running)
                assert not news.note
                await asyncio.sleep(0.02)

    async def bill(self, job: str) -> str:
        """What the stand-in charged."""
        jobs = (await self._http.get("/standin/bill")).json()["jobs"]
        [cost] = [line["cost"] for line in jobs if line["job"] == job]
        return cost


@pytest.fixture
async def client(tmp_path: Path) -> AsyncIterator[Client]:
    """A stand-in that takes no time; a prompt's tags make its trouble."""
    app = create_app(Config(speed=0, films=tmp_path / "films"), "http://standin")
    async with app.router.lifespan_context(app), httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://standin") as http:
        yield Client(http)


async def test_bytecompute_from_purchase_to_film(client: Client) -> None:
    """Accepted, done, handed over with the key; the bill is our quote."""
    purchase = ask("bytecompute/ltx-2.3", first_frame=PICTURE)
    job = await client.bought(BYTECOMPUTE, purchase)
    done = await client.ended(BYTECOMPUTE, job)
    assert isinstance(done, Succeeded)
    assert (done.cost, dict(done.told)) == (None, {})
    request = BYTECOMPUTE.fetch(job, done.url)
    assert request
    film = await client.send(request, BYTECOMPUTE)
    assert BYTECOMPUTE.read_fetch(film, job) == Here()
    assert film.body[4:8] == b"ftyp"
    assert Decimal(await client.bill(job)) * 1_000_000 == quote(CARDS["bytecompute/ltx-2.3"], purchase).micros


async def test_bytecompute_adjusts_and_says_so(client: Client) -> None:
    """What it changed is read back, and the bill is the price of what came."""
    job = await client.bought(BYTECOMPUTE, ask("bytecompute/ltx-2.3", "A pier [[fault:adjust]]", fps=Fraction(50), duration_s=Decimal(8)))
    done = await client.ended(BYTECOMPUTE, job)
    assert isinstance(done, Succeeded)
    changes = {change.parameter: change.applied for change in adjustments(done.told["adjustments"])}
    assert changes["fps"] == "25"
    seconds = Fraction(changes.get("duration", "8"))
    size = Size.parse(changes.get("resolution", "512x512"))
    assert Decimal(await client.bill(job)) * 1_000_000 == list_price(CARDS["bytecompute/ltx-2.3"], size, seconds)


@pytest.mark.parametrize("files", [{}, {"first_frame": PICTURE, "last_frame": PICTURE}, {"audio": VOICE, "first_frame": PICTURE}])
async def test_deapi_from_price_to_film(client: Client, files: dict[str, MediaRef]) -> None:
    """Its own price is asked, then paid to the micro-dollar; the film is at a public address."""
    purchase = ask("deapi/ltx-2.3", **files)
    price = DEAPI.read_quote(await client.send(DEAPI.quote_request(purchase), DEAPI))
    assert isinstance(price, int), price
    job = await client.bought(DEAPI, purchase)
    done = await client.ended(DEAPI, job)
    assert isinstance(done, Succeeded)
    assert done.cost == price
    assert Decimal(await client.bill(job)) * 1_000_000 == price
    assert (await client.get(done.url)).content[4:8] == b"ftyp"


async def test_deapi_tells_balance_and_models(client: Client) -> None:
    """A thousand to begin with."""
    reading = DEAPI.read_account(await client.send(DEAPI.account(), DEAPI))
    assert reading == AccountReading(1_000_000_000, None)


@pytest.mark.parametrize(("wire", "model"), [(BYTECOMPUTE, "bytecompute/ltx-2.3"), (DEAPI, "deapi/ltx-2.3")])
@pytest.mark.parametrize(
    ("fault", "means", "cause"),
    [
        ("busy", Busy, None),
        ("busy-day", Refused, Cause.STOP_LANE),
        ("no-credit", Refused, Cause.STOP_LANE),
        ("retired", Refused, Cause.UNAVAILABLE),
        ("unavailable", Lost, None),
    ],
)
async def test_trouble_with_a_purchase(client: Client, wire: Wire, model: str, fault: str, means: type, cause: Cause | None) -> None:
    """The same words mean the same on both sides; a 503 proves nothing."""
    answer = wire.read_submit(await client.send(wire.submit(ask(model, f"A pier [[fault:{fault}]]"), KEY), wire), KEY)
    assert isinstance(answer, means), answer
    assert getattr(answer, "cause", None) is cause


@pytest.mark.parametrize(("wire", "model"), [(BYTECOMPUTE, "bytecompute/ltx-2.3"), (DEAPI, "deapi/ltx-2.3")])
async def test_strangers(client: Client, wire: Wire, model: str) -> None:
    """A bad key is refused, a job that was never made is unknown, and neither says anything of another job."""
    answer = wire.read_submit(await client.send(wire.submit(ask(model), KEY), wire, key="bad"), KEY)
    assert isinstance(answer, Refused)
    assert answer.cause is Cause.STOP_LANE
    nobody = "00000000-0000-4000-8000-000000000000"
    assert wire.read_poll(await client.send(wire.poll([nobody]), wire), [nobody]) == [Forgotten(nobody)]
    assert isinstance(wire.read_poll(await client.send(wire.poll([nobody]), wire, key="bad"), [nobody]), Unread)
