"""How a simulated service talks: what its requests are, and what its answers look like. It decides nothing; tests/crash/vendor.py does.

Each answer carries, in a header of its own that no wire reads, what it means (`MEANS`): the law of meanings compares that with what the wire made of it.
A speaker is written from the facts of its service, by hand, and knows nothing of callsheet's wires.
"""

from __future__ import annotations

import json
import random
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, TypeVar

import httpx

T = TypeVar("T")

#: the header with the truth
MEANS = "x-means"
#: what an answer that tells nothing of any job means
NOTHING = "nothing"


@dataclass
class Job:
    """One accepted purchase. Money in micro-USD; `end` is ok, fail (free) or fail-billed."""

    id: str
    attempt: int
    take: str
    end: str
    cost: int
    reported: bool
    accepted_at: float
    done_at: float
    looks: int = 0
    unknown: dict[int, int] = field(default_factory=dict[int, int])
    wrong: int = 0
    denied: int = 0
    made: Made | None = None
    #: its clip's address answers 404 until then
    good_at: float = 0.0
    #: `rotten`: its clip is no film; `vanished`: its clip's address never answers, though the job is listed
    lost: str = ""
    #: when its address was first said to be dead
    first_gone: float | None = None
    draft: bool = False

    @property
    def bought(self) -> int:
        """What it really costs."""
        return 0 if self.end == "fail" else self.cost

    @property
    def film(self) -> bytes:
        """Its clip."""
        return f"FILM {self.id}\n".encode() * 40


def film_of(content: bytes) -> str | None:
    """The job whose intact clip these bytes are."""
    lines = content.split(b"\n")
    whole = len(lines) == 41 and lines[40] == b"" and len(set(lines[:40])) == 1 and lines[0].startswith(b"FILM ")
    return lines[0][5:].decode() if whole else None


@dataclass(frozen=True)
class Made:
    """What a service made of a request by itself: frames per second, seconds, the share of the price, and how it says so."""

    fps: int
    seconds: int
    share: Fraction
    told: Any


@dataclass(frozen=True)
class News:
    """What is to be said of one job: `silent` (nothing), `unknown`, `running`, `failed` or `done`; `cost` in micro-USD where it is told."""

    word: str
    job: Job | None = None
    url: str = ""
    cost: int | None = None


class Manner:
    """The odd ways that the facts allow an answer to have: drawn apart from the world's chance, so that they change no world's course."""

    def __init__(self, seed: str) -> None:
        self._chance = random.Random(f"manner {seed}")

    def one(self, *ways: T) -> T:
        """One of several ways to say the same."""
        return self._chance.choice(ways)

    def now_and_then(self, share: float) -> bool:
        """Whether it is one of those times."""
        return self._chance.random() < share

    def dressed(self, fields: Mapping[str, Any]) -> dict[str, Any]:
        """The fields in any order, at times among others that nobody was told of."""
        extra = {"trace": "f00", "node": 7, "links": [], "meta": None} if self.now_and_then(0.3) else {}
        items = [*fields.items(), *extra.items()]
        self._chance.shuffle(items)
        return dict(items)

    def progress(self) -> Any:
        """How far a job is: a number, its text, or nothing."""
        percent = self._chance.randint(0, 99)
        return self.one(percent, percent + 0.5, str(percent), f"{percent}.50", None)

    def usd(self, micros: int) -> Any:
        """An amount as a number or as text."""
        return self.one(micros / 1_000_000, f"{micros / 1_000_000:.6f}")


def said(status: int, body: Any, means: str, **headers: str) -> httpx.Response:
    """An answer: text is a page of HTML, anything else JSON."""
    headers = {name.replace("_", "-"): value for name, value in headers.items()} | {MEANS: means}
    if isinstance(body, str):
        return httpx.Response(status, headers={"content-type": "text/html", **headers}, content=body.encode())
    return httpx.Response(status, headers=headers, json=body)


def page(status: int) -> str:
    """What a web server in between says."""
    return f"<!doctype html><html><head><title>{status}</title></head><body><h1>{status}</h1></body></html>"


def meanings(told: Mapping[str, str]) -> str:
    """What an answer means for each job that was asked after."""
    return json.dumps(told)


class Speaker(ABC):
    """One service's protocol. Jobs and keys are its words; `manner` varies how they are said."""

    #: purchases carry a key that is taken once
    keyed = False
    #: clips are handed over to the key's owner
    hands_over = False
    #: seconds after which a job is forgotten; None: never
    remembers_s: float | None = 24 * 3600.0

    def __init__(self, manner: Manner) -> None:
        self.manner = manner

    @abstractmethod
    def word(self, request: httpx.Request) -> str:
        """What is wanted: `buy`, `look`, and where the service has them `archive`, `price`, `fetch`."""

    def key(self, request: httpx.Request) -> str:
        """The purchase's key or token; empty where it carries none."""
        return ""

    def id(self, n: int) -> str:
        """The name of job number n."""
        return f"J{n:04d}"

    @abstractmethod
    def ack(self, key: str, job: Job) -> httpx.Response:
        """The purchase was taken."""

    @abstractmethod
    def refusal(self, status: int, key: str) -> httpx.Response:
        """It was not: 429 too much at once, 402 no balance, 400 a wrong request. 503: nobody knows."""

    @abstractmethod
    def asked(self, request: httpx.Request) -> list[str]:
        """The jobs, or keys, that a look is about."""

    @abstractmethod
    def news(self, told: Mapping[str, News]) -> httpx.Response:
        """What there is to say of the jobs that a look is about."""

    def unread(self, status: int) -> httpx.Response:
        """An answer to a look that is none."""
        return said(status, page(status), NOTHING)

    def made(self) -> Made | None:
        """What the service changes of a request by itself; None where it makes what was asked for."""
        return None


class OneByOne(Speaker):
    """A service that is asked after one job at a time."""

    def news(self, told: Mapping[str, News]) -> httpx.Response:
        [(id, news)] = told.items()
        match news.word:
            case "silent":
                return self.silence()
            case "unknown":
                return self.unknown(id)
            case _:
                return self.told(id, news)

    @abstractmethod
    def silence(self) -> httpx.Response:
        """An answer without news."""

    @abstractmethod
    def unknown(self, id: str) -> httpx.Response:
        """There is no such job."""

    @abstractmethod
    def told(self, id: str, news: News) -> httpx.Response:
        """Running, failed or done."""
