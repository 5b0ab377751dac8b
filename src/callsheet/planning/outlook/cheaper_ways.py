"""Cheaper options for what a plan would buy: another model of the same services, a smaller picture, or a length that ends at a sold one.
Each is priced by the function that prices the plan, for rows that it can make completely, with the changes it implies. The author
chooses: no row is changed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from callsheet.domain.money import Micros
from callsheet.domain.shots.shot import Shot
from callsheet.planning.plan import PlannedTake
from callsheet.planning.project_plan import Prepared
from callsheet.pricing.priced import Priced
from callsheet.services.cards.card import Card
from callsheet.services.cards.verdict import VerdictKind

#: with more rows to buy, options aren't computed: each row is priced some ten times
MOST_ROWS = 300
#: options shown for a group of takes, the cheapest first
_TOLD = 3
#: the share of its length by which a shot may be shortened
_SHORTER = Decimal("0.25")

PriceShot = Callable[[Shot], Priced]


@dataclass(frozen=True, slots=True)
class CheaperWay:
    """Takes that could be bought for `price` instead of `instead`, micro-USD, by writing `column` = `value` in their rows; `changes` is
    what else that changes.
    """

    takes: tuple[str, ...]
    column: str
    value: str
    price: Micros
    instead: Micros
    changes: tuple[str, ...]


def cheaper_ways(prepared: Prepared) -> tuple[CheaperWay, ...]:
    """The best savings for each sequence's takes of a model. None if nothing is bought, or more rows than MOST_ROWS."""
    groups: dict[tuple[str, str], list[PlannedTake]] = {}
    for take in prepared.plan.buys:
        if take.shot.shape is None:
            groups.setdefault((take.shot.sequence, take.model), []).append(take)
    if sum(map(len, groups.values())) > MOST_ROWS:
        return ()
    cards = {name: card for name, card in prepared.cards.items() if card.status == "live" and card.service in prepared.accounts}
    found: list[CheaperWay] = []
    for takes in groups.values():
        ways = [*_other_models(takes, cards, prepared.pricer.price), *_smaller(takes, cards, prepared.pricer.price)]
        ways += _shorter(takes, cards, prepared.pricer.price)
        found += sorted(ways, key=lambda way: way.price - way.instead)[:_TOLD]
    return tuple(found)


def _other_models(takes: Sequence[PlannedTake], cards: Mapping[str, Card], price: PriceShot) -> Iterator[CheaperWay]:
    for name in cards:
        if name != takes[0].model:
            yield from _way(takes, "model", name, lambda shot, name=name: price(replace(shot, model=name)))


def _smaller(takes: Sequence[PlannedTake], cards: Mapping[str, Card], price: PriceShot) -> Iterator[CheaperWay]:
    """Smaller pictures of about the same shape, if a model sells only certain sizes."""
    now = takes[0].priced.ask
    card = cards.get(takes[0].model)
    for size in card.size.exact if card and now else ():
        if now and size.pixels < now.size.pixels and abs(size.width / size.height - now.size.width / now.size.height) < 0.05:
            yield from _way(takes, "resolution", str(size), lambda shot, size=size: price(replace(shot, size=size)))


def _shorter(takes: Sequence[PlannedTake], cards: Mapping[str, Card], price: PriceShot) -> Iterator[CheaperWay]:
    """Shots that buy a whole length for their last moments: each ends at the next shorter length that is sold."""
    rows: dict[str, list[PlannedTake]] = {}
    for take in takes:
        rows.setdefault(take.shot.shot_id, []).append(take)
    for mine in rows.values():
        card, ask, wanted = cards.get(mine[0].model), mine[0].priced.ask, mine[0].priced.used_s
        shorter = [Decimal(length) for length in card.duration_s.exact if ask and length < ask.duration_s] if card else []
        if shorter and wanted and (wanted - shorter[-1]) / wanted <= _SHORTER:
            length = shorter[-1]
            yield from _way(mine, "duration_s", f"{length:f}", lambda shot, length=length: price(replace(shot, duration_s=length)))


def _way(takes: Sequence[PlannedTake], column: str, value: str, price: PriceShot) -> Iterator[CheaperWay]:
    """The option, if every row can be made so, for less."""
    other = {take.shot.shot_id: price(take.shot) for take in takes}
    if any(one.problems or one.quote is None or one.frozen or one.gone or one.fit.of(VerdictKind.UNSUPPORTED) for one in other.values()):
        return
    quotes = [other[take.shot.shot_id].quote for take in takes]
    total, instead = sum(quote.micros for quote in quotes if quote), sum(take.price for take in takes)
    if total < instead:
        changes = [change for take in takes for change in _changes(take.priced, other[take.shot.shot_id])]
        yield CheaperWay(tuple(str(take.take) for take in takes), column, value, total, instead, tuple(dict.fromkeys(changes)))


def _changes(now: Priced, other: Priced) -> Iterator[str]:
    """What the service would make differently."""
    known = {(verdict.field, verdict.granted) for verdict in now.fit.verdicts}
    for verdict in other.fit.verdicts:
        if verdict.kind is not VerdictKind.EXACT and (verdict.field, verdict.granted) not in known:
            yield f"{verdict.field} {verdict.wanted} -> {verdict.granted or 'left out'}"
    before, after = now.ask, other.ask
    if before and after and before.size != after.size and not any(v.field == "resolution" for v in other.fit.verdicts):
        yield f"resolution {before.size} -> {after.size}"
