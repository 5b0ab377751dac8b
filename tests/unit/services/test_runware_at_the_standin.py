"""The wire against a server that was written without it: the same words mean the same on both sides."""

from __future__ import annotations

from collections.abc import AsyncIterator
from decimal import Decimal
from fractions import Fraction
from typing import Any

import httpx
import pytest

from callsheet.domain.attempt import Cause
from callsheet.domain.shots.shot import Size
from callsheet.services.protocol.answers import Absent, Accepted, Busy, Lost, Refused, Running, Unread
from callsheet.services.protocol.ask import Ask
from callsheet.services.protocol.request import Request, Response, pack, unpack
from callsheet.services.runware.wire import Runware
from callsheet.standin.app import create_app
from callsheet.standin.jobs.config import Config

WIRE = Runware()
KEY = "5a6a1b1e-0000-4000-8000-000000000001"
OTHER = "5a6a1b1e-0000-4000-8000-000000000002"


def ask(prompt: str = "A pier", **other: Any) -> Ask:
    return Ask(
        model="lightricks:ltx@2",
        prompt=prompt,
        size=other.get("size", Size(320, 192)),
        fps=Fraction(24),
        duration_s=Decimal(20),
        frames=480,
        sound=True,
    )


class Client:
    """Sends what a wire writes."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self._http = http

    async def send(self, request: Request, key: str = "test") -> Response:
        answer = await self._http.request(request.method, "/v1", content=request.body, headers={"Authorization": f"Bearer {key}"})
        return Response(answer.status_code, dict(answer.headers), answer.content)


@pytest.fixture
async def client() -> AsyncIterator[Client]:
    """A stand-in at a thousandth of life's pace, so that every job is still running when it is asked after."""
    app = create_app(Config(speed=0.001))
    async with app.router.lifespan_context(app), httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://standin") as http:
        yield Client(http)


async def test_a_purchase_its_replay_and_its_looks(client: Client) -> None:
    """Accepted; sent again, accepted still; running by key; and the archive, which now shows the refused replay, proves the job."""
    purchase = WIRE.submit(ask(), KEY)
    assert WIRE.read_submit(await client.send(purchase), KEY) == Accepted(KEY)
    replay = await client.send(unpack(pack(purchase)))
    assert replay.status == 400
    assert WIRE.read_submit(replay, KEY) == Accepted(KEY)
    answers = WIRE.read_poll(await client.send(WIRE.poll([OTHER, KEY])), [OTHER, KEY])
    assert not isinstance(answers, Unread)
    assert answers[0] == Absent(OTHER)
    assert isinstance(answers[1], Running)
    assert WIRE.read_recall(await client.send(WIRE.recall(KEY)), KEY) == Running(KEY)
    assert WIRE.read_recall(await client.send(WIRE.recall(OTHER)), OTHER) == Absent(OTHER)


async def test_refusals(client: Client) -> None:
    """A wrong size is the shot's, a bad key the lane's; a look with a bad key is no news."""
    wrong = WIRE.read_submit(await client.send(WIRE.submit(ask(size=Size(321, 192)), KEY)), KEY)
    assert isinstance(wrong, Refused)
    assert wrong.cause is Cause.FIX_SHOT
    keyless = WIRE.read_submit(await client.send(WIRE.submit(ask(), KEY), "bad"), KEY)
    assert isinstance(keyless, Refused)
    assert keyless.cause is Cause.STOP_LANE
    assert isinstance(WIRE.read_poll(await client.send(WIRE.poll([KEY]), "bad"), [KEY]), Unread)


@pytest.mark.parametrize(("fault", "kind"), [("busy", Busy), ("unavailable", Lost), ("unavailable-after", Lost)])
async def test_trouble(client: Client, fault: str, kind: type) -> None:
    """429 took nothing; 503 proves nothing, and the key tells which it was."""
    answer = WIRE.read_submit(await client.send(WIRE.submit(ask(f"A pier [[fault:{fault}]]"), KEY)), KEY)
    assert isinstance(answer, kind)
    looked = WIRE.read_poll(await client.send(WIRE.poll([KEY])), [KEY])
    assert not isinstance(looked, Unread)
    assert isinstance(looked[0], Running if fault == "unavailable-after" else Absent)
