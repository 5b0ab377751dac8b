"""Two wires for tests that stand for services without a key of ours: one that calls back with our token (tokened), one that doesn't (blind).

They speak a small JSON protocol of their own: POST /jobs buys, POST /poll asks after jobs. A job that the service forgot is `unknown` there.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from callsheet.domain.attempt import Cause
from callsheet.domain.money import usd_up
from callsheet.domain.shots.shot import Size
from callsheet.services import registry
from callsheet.services.cards.card import Card
from callsheet.services.protocol.answers import (
    Absent,
    Accepted,
    Busy,
    Failed,
    Forgotten,
    JobAnswer,
    Lost,
    Refused,
    Running,
    SubmitAnswer,
    Succeeded,
    Unread,
)
from callsheet.services.protocol.ask import Ask, Sold
from callsheet.services.protocol.request import Request, Response, unpack
from callsheet.services.protocol.wire import Recovery
from callsheet.services.registry import Service

URL = "https://reel.test/v1"


@dataclass(frozen=True, slots=True)
class Reel:
    """A made-up service's wire. `service` is `tokened` or `blind`, and so is its recovery."""

    service: str
    recovery: Recovery
    jobs_per_poll: int = 20

    def submit(self, ask: Ask, key: str) -> Request:
        hook = {"webhook_token": key} if self.recovery == "tokened" else {}
        return Request("POST", "/jobs", json.dumps({**_essence(ask), **hook}, sort_keys=True).encode())

    def essence(self, ask: Ask) -> bytes:
        return json.dumps(_essence(ask), sort_keys=True).encode()

    def sold(self, written: bytes) -> Sold | None:
        asked = json.loads(unpack(written).body)
        return Sold(Size.parse(asked["size"]), Fraction(asked["fps"]), Fraction(asked["seconds"]))

    def read_submit(self, response: Response, key: str) -> SubmitAnswer:
        document = _document(response)
        match response.status:
            case 201 if isinstance(document.get("job"), str):
                return Accepted(document["job"])
            case 429:
                return Busy("slow down")
            case 402:
                return Refused(Cause.STOP_LANE, "no balance")
            case 400 | 422:
                return Refused(Cause.FIX_SHOT, str(document.get("error", "wrong")))
            case _:
                return Lost(f"HTTP {response.status} does not say what became of it")

    def poll(self, jobs: Sequence[str]) -> Request:
        return Request("POST", "/poll", json.dumps({"jobs": list(jobs)}).encode())

    def read_poll(self, response: Response, jobs: Sequence[str]) -> Sequence[JobAnswer] | Unread:
        if response.status != 200:
            return Unread(f"HTTP {response.status}", response.status)
        told = _document(response).get("jobs", {})
        return [_news(job, told.get(job)) for job in jobs]

    def recall(self, key: str) -> Request | None:
        return None

    def read_recall(self, response: Response, key: str) -> JobAnswer | Unread:
        return Absent(key)

    def read_callback(self, body: str) -> str | None:
        """The job that a callback names."""
        job = json.loads(body).get("job")
        return job if isinstance(job, str) else None


def _essence(ask: Ask) -> dict[str, Any]:
    return {"model": ask.model, "prompt": ask.prompt, "size": str(ask.size), "seconds": str(ask.duration_s), "fps": str(ask.fps)}


def _document(response: Response) -> dict[str, Any]:
    try:
        document = json.loads(response.body)
    except ValueError:
        return {}
    return document if isinstance(document, dict) else {}


def _news(job: str, told: dict[str, Any] | None) -> JobAnswer:
    match told:
        case None:
            return Absent(job)
        case {"status": "unknown"}:
            return Forgotten(job)
        case {"status": "done", "url": url}:
            cost = told.get("cost")
            return Succeeded(job, url, None if cost is None else usd_up(Decimal(cost)))
        case {"status": "failed"}:
            return Failed(job, Cause.RETRY, "it fell over", usd_up(Decimal(told.get("cost", "0"))))
        case _:
            return Running(job)


SERVICES = {kind: Service(Reel(kind, kind), URL, f"{kind.upper()}_API_KEY", f"{kind.upper()}_BASE_URL") for kind in ("tokened", "blind")}


def card(kind: str, like: Card) -> Card:
    """What such a service sells: the same as `like`, under its own name."""
    return like.model_copy(update={"name": f"{kind}/reel", "service": kind})


def open_shop(kind: str, patch: Any) -> None:
    """Have the registry know the service; `patch` is a pytest MonkeyPatch."""
    patch.setitem(registry.KNOWN, kind, SERVICES[kind])
