"""Dry runs: a service that offers them checks and prices a purchase for free. Its answer is shown next to what would be held; no money
moves.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from uuid import uuid4

from callsheet.domain.errors import ServiceError
from callsheet.domain.fingerprint import digest
from callsheet.domain.money import Micros, text, usd_up
from callsheet.domain.timebase import fps_text
from callsheet.domain.typed import typed
from callsheet.domain.wording import counted
from callsheet.planning.plan import PlannedTake
from callsheet.planning.project_plan import Prepared
from callsheet.services.cards.card import Card
from callsheet.services.cards.list_price import quote
from callsheet.services.protocol.abilities import DryRuns
from callsheet.services.protocol.answers import Unread
from callsheet.services.protocol.ask import Ask
from callsheet.services.protocol.request import Response
from callsheet.services.registry import SERVICES
from callsheet.transport.api_client import Sender

#: requests at a time
_AT_ONCE = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class DryRun:
    """A service's answer on one kind of purchase. `price` is micro-USD, None if it gave none; `per_second` is the list price that would hold as much,
    micro-USD for a second at the card's default size; `failed` says why it did not answer.
    """

    model: str
    what: str
    takes: tuple[str, ...]
    held: Micros
    price: Micros | None = None
    per_second: Micros = 0
    failed: str = ""

    @property
    def summary(self) -> str:
        """For people."""
        takes = f"{counted(len(self.takes), 'take')} of {self.model}, {self.what}"
        if self.failed:
            return f"dry run of {takes}: unreadable answer ({self.failed})"
        if self.price is None:
            return f"dry run of {takes}: the service gave no price, so dry runs were stopped. Check its job list: there should be no job"
        source = f"dry run of {self.what}"
        record = typed("cards", "price", self.model, "--usd-per-s", text(self.per_second), "--source", source)
        more = f"; that is more than would be held: record it with `{record}`" if self.price > self.held else ""
        return f"dry run of {takes}: {text(self.price)} each by the service, {text(self.held)} is held{more}"


async def dry_runs(prepared: Prepared) -> tuple[DryRun, ...]:
    """Request one dry run for each kind of purchase in the plan at a service that offers them; prompts don't make a kind. The first request
    goes alone. If no price comes back, no more are sent: a service without dry runs would film them all.
    """
    kinds: dict[str, list[PlannedTake]] = {}
    for take in prepared.plan.buys:
        wire = SERVICES[take.priced.service].wire
        if take.priced.ask and isinstance(wire, DryRuns):
            kind = digest(wire.essence(replace(take.priced.ask, prompt="", negative_prompt=None, seed=None)))
            kinds.setdefault(kind, []).append(take)
    asked = list(kinds.values())
    first, others = asked[:1], asked[1:]
    at_once = asyncio.Semaphore(_AT_ONCE)
    async with Sender() as sender:
        runs = [await _try(prepared, sender, takes, at_once) for takes in first]
        if runs and runs[0].price is not None:
            runs += await asyncio.gather(*(_try(prepared, sender, takes, at_once) for takes in others))
        return tuple(runs)


async def _try(prepared: Prepared, sender: Sender, takes: list[PlannedTake], at_once: asyncio.Semaphore) -> DryRun:
    first = takes[0]
    ask, wire = first.priced.ask, SERVICES[first.priced.service].wire
    assert ask is not None, "only legal takes are bought"
    assert isinstance(wire, DryRuns), "only a wire with dry runs is asked"
    run = DryRun(
        model=first.model,
        what=f"{ask.size}, {ask.duration_s:f} s at {fps_text(ask.fps)} fps",
        takes=tuple(str(take.take) for take in takes),
        held=first.price,
    )
    async with at_once:
        key = str(uuid4())
        rules = prepared.settings.lane(first.priced.service)
        try:
            sent = await sender.ask(prepared.accounts[first.priced.service], wire.dry_run(ask, key), rules.read_timeout_s)
        except ServiceError as error:  # no key
            return replace(run, failed=error.message)
    said = wire.read_dry_run(sent) if isinstance(sent, Response) else Unread(sent.message)
    if isinstance(said, Unread):
        return replace(run, failed=said.message)
    return run if said is None else replace(run, price=said, per_second=_per_second(prepared.cards[first.model], ask, said))


def _per_second(card: Card, ask: Ask, price: Micros) -> Micros:
    """The price of a second at the card's default size that makes `ask` cost `price`, rounded up; sizes keep the card's proportions."""
    return -(-price * usd_up(card.price.per_second(card.size.default)) // quote(card, ask).micros)
