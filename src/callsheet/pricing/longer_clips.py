"""Clips that were bought with the same request except for their length: a longer one contains the frames of a shorter one. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

from callsheet.domain.attempt import Attempt
from callsheet.domain.fingerprint import digest
from callsheet.domain.timebase import half_up
from callsheet.services.cards.card import Card
from callsheet.services.protocol.ask import Ask
from callsheet.services.registry import SERVICES

_MICROS = 1_000_000


def bought_longer(attempt: Attempt, ask: Ask, service: str) -> Fraction | None:
    """Seconds of an attempt whose request was `ask` except for a greater length; None if it was another request, or a shorter one. If a
    sound drives the shot, its length is not a choice.
    """
    wire = SERVICES[service].wire
    sold = wire.sold(attempt.request) if ask.audio is None and attempt.service == service else None
    if sold is None or sold.seconds <= Fraction(ask.duration_s):
        return None
    return sold.seconds if attempt.request_print == digest(wire.essence(_lasting(ask, sold.seconds))) else None


def bought_lengths(requests: Iterable[bytes], service: str) -> frozenset[int]:
    """The lengths that requests asked for, whole microseconds, rounded down. A request whose bytes don't tell is nobody's longer clip
    (`bought_longer`).
    """
    wire = SERVICES[service].wire
    return frozenset(int(sold.seconds * _MICROS) for sold in map(wire.sold, requests) if sold)


def longer_prints(ask: Ask, card: Card, bought: Collection[int] | None = None) -> Iterator[str]:
    """The fingerprints of the same request at every greater length that the model sells; only at the lengths in `bought`, if given."""
    if ask.audio is not None:
        return
    if card.frames is not None:
        frames = range(card.frames.min, card.frames.max + 1, card.frames.step)
        lengths = [Fraction(count) / ask.fps for count in frames if count > ask.frames]
    else:
        sold = card.duration_s
        seconds = range(sold.range.min, sold.range.max + 1, sold.range.step) if sold.range else sold.exact
        lengths = [Fraction(count) for count in seconds if count > ask.duration_s]
    wire = SERVICES[card.service].wire
    for length in lengths:
        if bought is None or int(length * _MICROS) in bought:
            yield digest(wire.essence(_lasting(ask, length)))


def _lasting(ask: Ask, seconds: Fraction) -> Ask:
    """The same purchase at another length, as `cards.fit` would write it: to the microsecond, rounded down."""
    length = Decimal(int(seconds * _MICROS)).scaleb(-6).normalize()
    return replace(ask, duration_s=Decimal(f"{length:f}"), frames=half_up(seconds * ask.fps))
