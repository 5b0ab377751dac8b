"""A place to buy: a private stand-in, a project folder with a ledger, and runs of the real engine there."""

from __future__ import annotations

import asyncio
import atexit
import csv
import json
import shutil
import tempfile
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from callsheet.budget.ledger import read
from callsheet.budget.project_ledger import open_named
from callsheet.conformance.hearing import CANARY
from callsheet.domain.attempt import Attempt
from callsheet.domain.errors import CallsheetError, ServiceError
from callsheet.domain.money import Micros, usd
from callsheet.domain.run_request import RunEvent, RunRequest
from callsheet.domain.shots.shot import Size
from callsheet.planning.project_plan import prepare
from callsheet.planning.quoting import quoted
from callsheet.runs.session import after_preview, open_run
from callsheet.services.cards.card import Card
from callsheet.services.protocol.request import Request, Response
from callsheet.services.registry import Service
from callsheet.settings.isolated import environment
from callsheet.settings.load import load
from callsheet.standin.jobs.config import Config
from callsheet.standin.serve import running
from callsheet.store.house import house_root
from callsheet.store.project_folder import Project
from callsheet.transport.account import Account
from callsheet.transport.api_client import Sender

_CAP = usd("10000")
_LIST = "suite.csv"
_NOBODY = "00000000-0000-4000-8000-000000000000"
_SETTINGS = """[lanes.{service}]
poll_first_s = 0.01
poll_max_s = 0.05
quarantine_s = 0.05
charge_lag_s = 0.05
patience_s = {patience_s}
[attempts]
unavailable_wait_s = 0.01
"""
_TIMEOUT_S = 20.0
#: filming a large picture takes time on a busy machine
_PATIENCE_S = 120.0


class _Dead(BaseException):
    """The run is killed here."""


@dataclass(frozen=True, slots=True)
class Ran:
    """How a run ended: every attempt of the project's ledger in order, what is settled, what is counted (including on hold and in doubt),
    and its problems.
    """

    attempts: tuple[Attempt, ...]
    booked: Micros
    counted: Micros
    problems: tuple[str, ...]
    died: bool = False


@dataclass(slots=True)
class Location:
    """A project folder with a stand-in at `url`. `told` is everything that its runs reported; its prompts are unique, so that its jobs can
    be recognised.
    """

    service: Service
    card: Card
    url: str
    project: Project
    key: str = CANARY
    told: list[str] = field(default_factory=list[str])
    prompts: list[str] = field(default_factory=list[str])

    def fresh(self, key: str = CANARY, patience_s: float = _PATIENCE_S) -> Location:
        """Another project at the same stand-in, with its own ledger."""
        return Location(self.service, self.card, self.url, _project(self.project.folder.parent, self.service.name, patience_s), key)

    def buy(self, *prompts: str, dies_at: str = "") -> Ran:
        """A run that buys a take for each prompt; killed when it reports `dies_at`."""
        self.prompts = [f"{prompt}, {self.project.folder.name}" for prompt in prompts]
        self._write()
        return self.go_on(dies_at=dies_at)

    def go_on(self, *, dies_at: str = "") -> Ran:
        """A run of the existing list."""
        problems: tuple[str, ...] = ()
        died = False
        with self._alone():
            try:
                problems = asyncio.run(self._bought(dies_at))
            except _Dead:
                died = True
            except CallsheetError as error:
                problems = tuple(problem.message for problem in error.problems)
            self.told += problems
            attempts = self._attempts()
        counted = sum(attempt.settled + attempt.held + attempt.doubt for attempt in attempts)
        return Ran(attempts, sum(attempt.settled for attempt in attempts), counted, problems, died)

    def answers(self) -> bool:
        """Whether the stand-in answers where the wire polls."""
        sent = self._ask(urlsplit(self.service.base_url).path, self.service.wire.poll([_NOBODY]))
        return not (sent.status == 404 and sent.headers.get("content-type", "").startswith("text/plain"))

    def jobs(self) -> Sequence[Mapping[str, Any]]:
        """The jobs that the stand-in accepted for this project."""
        return [job for job in self._page("jobs")["jobs"] if job["prompt"] in self.prompts]

    def billed(self) -> Micros:
        """What it charged for them."""
        return sum(usd(job["charged"]) for job in self.jobs())

    def bill(self) -> Micros:
        """The total of its bill."""
        return usd(self._page("bill")["total"])

    def traces(self) -> Iterator[str]:
        """Where the key was found although it should be nowhere: in what was reported, and in the project's files."""
        if any(CANARY in said for said in self.told):
            yield "the key is in the run's output"
        for path in sorted(self.project.folder.rglob("*")):
            if path.is_file() and CANARY.encode() in path.read_bytes():
                yield f"the key is in {self.project.relative(path)}"

    def _alone(self) -> AbstractContextManager[None]:
        service = self.service
        return environment({service.key_env: self.key, service.url_env: self.url + urlsplit(service.base_url).path})

    async def _bought(self, dies_at: str) -> tuple[str, ...]:
        order = RunRequest(folder=self.project.folder, list=_LIST, cap=_CAP)
        asked = await quoted(prepare(order))
        if asked.problems:
            return tuple(problem.message for problem in asked.problems)

        def tell(told: RunEvent) -> None:
            self.told.append(told.text)
            if told.kind == dies_at:
                raise _Dead

        with after_preview(asked.prepared, tell):
            async with open_run(order) as run:
                await asyncio.gather(*(run.produce(take) for take in run.takes))
                return tuple(problem.message for problem in run.outcome().problems)

    def _attempts(self) -> tuple[Attempt, ...]:
        settings = load(house_root() / "configs" / "defaults.toml", self.project.settings_file)
        with closing(open_named(self.project, settings)) as ledger:
            return tuple(read.attempts(ledger, self.project.identity))

    def _write(self) -> None:
        card = self.card
        row = {
            "model": card.name,
            "duration_s": str(card.duration_s.least),
            "resolution": str(smallest(card)),
            "fps": str(card.fps.default),
        }
        with (self.project.folder / _LIST).open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, ("shot_id", "prompt", *row))
            writer.writeheader()
            writer.writerows({"shot_id": f"S{n:03d}", "prompt": prompt, **row} for n, prompt in enumerate(self.prompts, 1))

    def _page(self, name: str) -> dict[str, Any]:
        return json.loads(self._ask("/standin", Request("GET", f"/{name}")).body)

    def _ask(self, below: str, request: Request) -> Response:
        with self._alone():
            return asyncio.run(_answer(Account(self.service.name, self.url + below, "", own_url=True), request))


async def _answer(account: Account, request: Request) -> Response:
    async with Sender() as sender:
        sent = await sender.ask(account, request, _TIMEOUT_S)
    if not isinstance(sent, Response):
        raise ServiceError(f"the stand-in does not answer: {sent.message}", help="run it again")
    return sent


def smallest(card: Card) -> Size:
    """The smallest picture that a card sells."""
    if card.size.edge is not None:
        return Size(card.size.edge.min, card.size.edge.min)
    return min(card.size.exact, key=lambda size: size.pixels)


def _project(beside: Path, service: str, patience_s: float = _PATIENCE_S) -> Project:
    folder = Path(tempfile.mkdtemp(prefix="film-", dir=beside))
    (folder / "project.toml").write_text(_SETTINGS.format(service=service, patience_s=patience_s), encoding="utf-8")
    return Project(folder.resolve())


@cache
def _films() -> Path:
    """Where this process caches the films of its stand-ins: each is made once."""
    folder = tempfile.mkdtemp(prefix="callsheet-suite-films-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return Path(folder)


@contextmanager
def open_location(service: Service, card: Card) -> Generator[Location]:
    """A stand-in without delays, with a first project. Everything is deleted when the block is left."""
    with tempfile.TemporaryDirectory(prefix="callsheet-suite-") as made:
        config = Config(speed=0, palette=1, films=_films())
        with running(config) as url:
            yield Location(service, card, url, _project(Path(made), service.name))
