"""What a card promises: every request gets a verdict, and what is granted is sold, can be sent, and has a price."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

from callsheet.conformance.sending import KEY
from callsheet.conformance.verdicts import Missing, Subject
from callsheet.conformance.wishes import asks, grid, plain
from callsheet.services.cards.card import Card
from callsheet.services.cards.fit import Fit, fit
from callsheet.services.cards.list_price import quote
from callsheet.services.cards.verdict import VerdictKind
from callsheet.services.protocol.abilities import Quotes
from callsheet.services.protocol.ask import Ask


def every_wish_is_answered(subject: Subject) -> Iterator[str]:
    """Any value is granted within what is sold, or refused with a reason"""
    for card in subject.cards.values():
        for wanted in grid(card):
            found = fit(wanted, card, quotes=True)
            if wrong := _unsound(found, card):
                yield f"{card.name}: {wanted.size} at {wanted.fps} fps for {wanted.duration_s} s: {wrong}"


def what_is_sold_can_be_sent(subject: Subject) -> Iterator[str]:
    """The wire can write every kind of purchase that the card sells"""
    for card in subject.cards.values():
        kinds = asks(card)
        if not kinds:
            yield f"{card.name}: not even its own defaults are sold"
        for name, ask in kinds.items():
            try:
                subject.wire.submit(ask, KEY)
            except ValueError as error:
                yield f"{card.name}, {name}: {error}"


def what_is_sold_has_a_price(subject: Subject) -> Iterator[str]:
    """There is a price for every purchase: the card's list price, or the service's quote"""
    for card in subject.cards.values():
        if card.price.quote:
            if not isinstance(subject.wire, Quotes):
                yield f"{card.name}: it has no list price, and its wire can't request a quote"
            continue
        for name, ask in asks(card).items():
            if quote(card, ask).micros <= 0:
                yield f"{card.name}, {name}: it costs nothing"
        if _price(card, card.duration_s.least) > _price(card, card.duration_s.most):
            yield f"{card.name}: a longer film is cheaper"


def cards_say_what_is_known(subject: Subject) -> Iterator[str]:
    """A card says how to write prompts, how long its clips are available, and where its prices come from"""
    gaps: list[str] = []
    for card in subject.cards.values():
        if not card.advice:
            gaps.append(f"{card.name}: no advice on prompts")
        if card.url_lifetime_s is None and card.job_lifetime_s is None:
            gaps.append(f"{card.name}: no lifetime of a job or of a clip's address")
        if card.price.extrapolated:
            gaps.append(f"{card.name}: no list price of its own ({card.price.why})")
    if gaps:
        raise Missing(gaps)
    yield from ()


def _price(card: Card, seconds: int) -> int:
    ask = fit(replace(plain(card), duration_s=Decimal(seconds)), card).ask
    return quote(card, ask).micros if ask else 0


def _unsound(found: Fit, card: Card) -> str:
    """What is wrong with a fit; nothing if it is sound."""
    if (found.ask is None) != bool(found.of(VerdictKind.UNSUPPORTED)):
        return "something is bought although a value is unsupported, or nothing although none is"
    if silent := [verdict.field for verdict in found.verdicts if verdict.kind is not VerdictKind.EXACT and not verdict.why]:
        return f"no reason is given for {', '.join(silent)}"
    return _unsold(found.ask, card) if found.ask else ""


def _unsold(ask: Ask, card: Card) -> str:
    if ask.size not in card.size:
        return f"{ask.size} is bought but not sold"
    if ask.fps not in card.fps:
        return f"{ask.fps} fps are bought but not sold"
    if card.frames is not None:
        return "" if ask.frames in card.frames else f"{ask.frames} frames are bought but not sold"
    return "" if ask.audio or ask.duration_s in card.duration_s else f"{ask.duration_s} s are bought but not sold"
