"""Asks services without a price list for prices: free, each question once, and stored in the ledger while it is fresh."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass, replace

from callsheet.budget import on_demand
from callsheet.budget.project_ledger import open_named
from callsheet.clock import Clock
from callsheet.domain.errors import Problem, ServiceError
from callsheet.domain.money import Micros
from callsheet.planning.plan import Action, PlannedTake
from callsheet.planning.project_plan import Prepared, plan_of
from callsheet.pricing.price_row import InCut, price, question
from callsheet.services.protocol.abilities import Quotes
from callsheet.services.protocol.answers import Unread
from callsheet.services.protocol.ask import Ask
from callsheet.services.protocol.request import Response
from callsheet.services.registry import SERVICES
from callsheet.transport.account import Account
from callsheet.transport.api_client import Sender
from callsheet.transport.lane import Lane

#: how often a question is repeated while a service is busy, and the longest wait, seconds
_TRIES, _LONGEST_WAIT_S = 3, 60.0


@dataclass(frozen=True, slots=True)
class Question:
    """What one purchase would cost: asked once for all takes with the same answer."""

    digest: str
    service: str
    model: str
    ask: Ask


@dataclass(frozen=True, slots=True)
class Asked:
    """The plan with services' quotes, and a problem for each take that still has none."""

    prepared: Prepared
    problems: tuple[Problem, ...] = ()


def unasked(prepared: Prepared) -> Asked:
    """The plan without asking: takes without a price are not bought, and say how to get one."""
    return _explained(prepared, {}, Problem(code="unpriced", message="", help="run without --offline: asking for a price is free"))


async def quoted(prepared: Prepared, say: Callable[[str], None] = lambda _: None) -> Asked:
    """Request every price that the plan lacks, in parallel but within each service's limits, store the answers in the ledger, and plan
    again. Nothing is bought; if no price is lacking, or the list is wrong, nobody is asked. If a service gives none, its takes stay
    blocked, each with a problem.
    """
    wanted = questions(prepared)
    help = "check the network, the key and the base URL, then run again; or use a model with a list price"
    if not wanted or prepared.plan.problems:
        return Asked(prepared)
    if any(doubt.code == "strange_ledger" for doubt in prepared.view.doubts):
        return _explained(prepared, {}, Problem(code="unpriced", message="", help="first confirm this project's ledger"))
    answers = await _answers(prepared, wanted, say)
    silent = {digest: said for digest, said in answers.items() if isinstance(said, str)}
    return _explained(_planned_again(prepared, wanted, answers), silent, Problem(code="service", message="", help=help))


def refuse_unpriced(asked: Asked) -> Prepared:
    """The plan, for buying. ServiceError if a take has no price: nothing is held then."""
    if asked.problems:
        raise ServiceError(asked.problems[0].message, problems=asked.problems)
    return asked.prepared


def questions(prepared: Prepared) -> tuple[Question, ...]:
    """The prices that the plan lacks: for takes that would be bought, and for fallback models. Each distinct question once."""
    found: dict[tuple[str, str], Question] = {}
    settings, cards = prepared.settings, prepared.cards
    others = [model for model in (settings.fallback.value if settings.fallback else ()) if cards[model].price.quote]
    for take in prepared.plan.takes:
        unpriced = [take.priced] if take.unpriced else []
        for model in others if take.unpriced or take.action is Action.BUY else ():
            shot, cut = replace(take.shot, model=model), InCut(take.priced.handle_s)
            offer = price(shot, settings, cards, prepared.accounts, prepared.prices, prepared.inputs, cut)
            unpriced += [] if offer.problems or offer.gone or offer.quote else [offer]
        for item in unpriced:
            digest = question(item.service, item.ask) if item.ask else None
            if item.ask and digest:
                found.setdefault((item.account, digest), Question(digest, item.service, item.model, item.ask))
    return tuple(found.values())


async def _answers(prepared: Prepared, wanted: Iterable[Question], say: Callable[[str], None]) -> dict[str, Micros | str]:
    """By the question's digest: a price, or why there is none."""
    clock = Clock()
    lanes: dict[str, Lane] = {}
    turns: dict[str, asyncio.Semaphore] = {}
    for item in wanted:
        turns.setdefault(item.service, asyncio.Semaphore(prepared.settings.lane(item.service).slots))
        lanes.setdefault(item.service, Lane(item.service, prepared.settings.attempts.unavailable_wait_s, clock.monotonic))
    async with Sender() as sender:
        asker = _Asker(sender, clock, say)
        asked = [
            asker.ask(
                prepared.accounts[item.service],
                item,
                lanes[item.service],
                turns[item.service],
                prepared.settings.lane(item.service).read_timeout_s,
            )
            for item in wanted
        ]
        said = await asyncio.gather(*asked)
    return dict(zip((item.digest for item in wanted), said, strict=True))


@dataclass(frozen=True, slots=True)
class _Asker:
    """Everything needed to ask."""

    sender: Sender
    clock: Clock
    say: Callable[[str], None]

    async def ask(self, place: Account, item: Question, lane: Lane, turn: asyncio.Semaphore, timeout_s: float) -> Micros | str:
        """The price in micro-USD, or why there is none."""
        wire = SERVICES[item.service].wire
        assert isinstance(wire, Quotes), "only a wire that quotes is asked"
        async with turn:
            for _ in range(_TRIES):
                if lane.closed_for_s() > _LONGEST_WAIT_S:
                    break
                await self._wait(lane)
                said = await self._once(place, wire, item.ask, timeout_s)
                if not isinstance(said, Unread):
                    return said
                if said.status != 429:
                    return said.message
                lane.busy(said.retry_after_s)
        return f"{item.service} is too busy to give a price"

    async def _wait(self, lane: Lane) -> None:
        wait = lane.closed_for_s()
        if wait > 1:
            self.say(f"{lane.name} is busy; asking for prices again in {wait:.0f} s")
        if wait:
            await self.clock.sleep(wait)

    async def _once(self, place: Account, wire: Quotes, ask: Ask, timeout_s: float) -> Micros | Unread:
        try:
            sent = await self.sender.ask(place, wire.quote_request(ask), timeout_s)
        except ServiceError as error:  # no key
            return Unread(error.message)
        return wire.read_quote(sent) if isinstance(sent, Response) else Unread(sent.message)


def _planned_again(prepared: Prepared, wanted: Iterable[Question], answers: Mapping[str, Micros | str]) -> Prepared:
    """The plan with the new prices, once they are in the ledger; the same plan if there are none."""
    prices: dict[tuple[str, str], dict[str, Micros]] = {}
    for item in wanted:
        answer = answers[item.digest]
        if isinstance(answer, int):
            prices.setdefault((prepared.accounts[item.service].label, item.model), {})[item.digest] = answer
    if not prices:
        return prepared
    assert prepared.project.identity, "a ledger belongs to a project with an id"
    with closing(open_named(prepared.project, prepared.settings)) as ledger:
        for (account, model), quotes in prices.items():
            on_demand.prices.record_quotes(ledger, account, model, quotes, at=Clock().text())
        return plan_of(prepared, ledger)


def _explained(prepared: Prepared, silent: Mapping[str, str], like: Problem) -> Asked:
    """The plan whose takes without a price say why, and a problem for each reason."""
    takes: list[PlannedTake] = []
    for take in prepared.plan.takes:
        if take.unpriced:
            item = take.priced
            why = silent.get((question(item.service, item.ask) if item.ask else None) or "", "")
            said = f"{item.service} gave no quote ({why})" if why else like.help
            takes.append(replace(take, reason=f"unpriced: {item.model} has no list price; {said}"))
        else:
            takes.append(take)
    unpriced = [take for take in takes if take.unpriced]
    problems = {take.reason: replace(like, message=take.reason, take=str(take.take)) for take in reversed(unpriced)}
    return Asked(replace(prepared, plan=replace(prepared.plan, takes=tuple(takes))), tuple(reversed(problems.values())))
