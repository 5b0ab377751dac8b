"""The service's side of a world: what becomes of a purchase, what it costs, and which calls come about it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from callsheet.budget.ledger import inbox, store
from callsheet.buying.lanes import callbacks
from callsheet.services.protocol.callback import Call
from callsheet.store.project_folder import Project
from tests.crash.laws import Broken
from tests.crash.process import BASE
from tests.crash.speakers.base import Job
from tests.crash.speakers.deapi import DeApi, Letter

if TYPE_CHECKING:
    from tests.crash.world import World


def bought(world: World, id: str, attempt: int) -> Job:
    """The job that comes of a purchase: whether it ends well, after how long, and at what price."""
    take, quote, draft = _attempt(world, attempt)
    calm, chance = world.calm, world.chance
    end = "ok" if calm else chance.choices(["ok", "fail", "fail-billed"], [85, 10, 5])[0]
    share = 100 if calm else chance.choices([100, 75, 120], [70, 26, 4])[0]
    share = world.weather.share(share)
    if not world.kind.tells_cost:  # then the list price is what is paid, for a clip alone
        end, share = "fail" if end == "fail-billed" else end, 100
    made = None if calm or end != "ok" else world.vendor.speaker.made()
    cost = quote * share // 100 if end == "ok" else quote // 2
    cost = round(cost * made.share) if made else cost
    reported = calm or end != "ok" or share != 100 or chance.random() > 0.1
    lasts = chance.uniform(2, 90)
    world.note(f"{id} taken for {take} (attempt {attempt}), will {end}, costs {cost}")
    return world.weather.befall(Job(id, attempt, take, end, cost, reported, world.now(), world.now() + lasts, made=made, draft=draft))


def _attempt(world: World, number: int) -> tuple[str, int, bool]:
    said = f"select json_extract(body, '$.draft') from event where attempt = {number} and kind = 'hold'"
    rows = world.rows(f"select shot || '.t' || take, quote, ({said}) from attempt where attempt = {number}")
    if not rows:
        raise Broken(f"attempt {number} was sent and isn't in the book")
    return rows[0][0], int(rows[0][1]), bool(rows[0][2])


def call_back(world: World, purchase: bytes, key: str, job: Job) -> None:
    """The service calls about a job: now and then a call is lost, and deAPI's come in any order and twice."""
    speaker = world.vendor.speaker
    if not isinstance(speaker, DeApi):
        _late(world, lambda: _put(world, key, f'{{"job": "{job.id}"}}'))
        return
    events = ("job.processing", "job.completed" if job.end == "ok" else "job.failed")
    for event in speaker.manner.one(events, events[::-1], events * 2, events[:1]):
        _late(world, lambda event=event: _hear(world, speaker.letter(purchase, job, event, int(true_time(world).timestamp()))))


def _late(world: World, call: Callable[[], None]) -> None:
    if world.calm or world.chance.random() >= 0.15:
        world.later(world.chance.uniform(0.5, 60), call)


def _put(world: World, token: str, body: str) -> None:
    ledger = store.open_ledger(Project(world.folder).ledger_file)
    inbox.put_inbox(ledger, service=world.kind.service, token=token, body=body, at="2026-11-21T00:00:00.000Z")
    ledger.close()


def _hear(world: World, letter: Letter) -> None:
    """A signed call comes to the receiver. What is the service's own is believed, unless our clock was ever turned."""
    project = Project(world.folder)
    ledger = store.open_ledger(project.ledger_file)
    heard = callbacks.store_call(project, world.settings, ledger, world.kind.service, Call(letter.key, "", letter.headers, letter.body))
    world.note(f"a call about {letter.key[:8]}: {heard.value}")
    world.must(world.jumped != 0 or heard is not callbacks.CallReceipt.STRANGE, "a call of the service's own was not believed")


def true_time(world: World) -> datetime:
    """Now by everybody else's clocks."""
    return BASE + timedelta(seconds=world.now())
