"""A service's wire and card against its stand-in, with the real engine and their own ledger: what is bought, what trouble costs, what is
left behind. Nothing real can be reached: the environment has only a made-up key and the stand-in's address.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from callsheet.conformance.hearing import CANARY
from callsheet.conformance.location import Location, Ran, open_location, smallest
from callsheet.conformance.verdicts import Missing, Subject
from callsheet.domain.attempt import Attempt, State
from callsheet.domain.money import text
from callsheet.services.cards.card import Card
from callsheet.services.protocol.abilities import ReportsSpending
from callsheet.store import clip_store


@dataclass(frozen=True, slots=True)
class Trouble:
    """Faults of the stand-in that strike one take, as a prompt requests them, and how the take may end: on a wire with a key of ours, and
    on others.
    """

    faults: tuple[str, ...]
    keyed: frozenset[State]
    other: frozenset[State]
    #: how long to wait for the job; None: as long as films take to make
    patience_s: float | None = None
    #: how a doubt may end if the service reports its balance: what it never accepted is bought again
    cleared: frozenset[State] = frozenset()


_HERE, _OVER, _DOUBT = frozenset({State.RECEIVED}), frozenset({State.CLOSED}), frozenset({State.IN_DOUBT})
_OPEN = frozenset({State.SUBMITTED})
#: one for each place where something may go wrong: before the request is accepted, after it, at the job, at the poll, at the clip
TROUBLES: tuple[Trouble, ...] = (
    Trouble(("busy*1", "fail*1", "poll-502*1", "status-synonyms", "no-cost", "download-503*1", "truncate*1"), _HERE, _HERE),
    Trouble(("lost-request*1",), _HERE, _DOUBT, cleared=_HERE),
    Trouble(("unavailable*1",), _HERE, _DOUBT, cleared=_HERE),
    Trouble(("lost-ack*1",), _HERE, _DOUBT),
    Trouble(("unavailable-after*1",), _HERE, _DOUBT),
    Trouble(("retired",), _OVER, _OVER),
    Trouble(("refuse",), _OVER, _OVER),
    Trouble(("forgotten",), _OPEN, _OVER, 0.3),
    Trouble(("stuck",), _OPEN, _OPEN, 0.3),
)


@dataclass(frozen=True, slots=True)
class Death:
    """A place at which a run is killed, recognised by what it reports there; `faults` lead to it."""

    place: str
    tells: str
    faults: tuple[str, ...] = ()
    #: whether the purchase's answer may be lost with it
    loses: bool = True


DEATHS: tuple[Death, ...] = (
    Death("the intent is written, nothing has left", "submit"),
    Death("the answer is here, not in the book", "accepted"),
    Death("the clip is paid, not fetched", "retry", ("download-503*1",), loses=False),
)


def cheapest(cards: Mapping[str, Card]) -> Card:
    """The service's card whose smallest film is the least work (pixels times seconds). A retired one only if there is no other."""
    alive = [card for card in cards.values() if card.status != "retired"] or list(cards.values())
    return min(alive, key=lambda card: smallest(card).pixels * card.duration_s.least)


def three_takes_and_the_bill(subject: Subject) -> Iterator[str]:
    """Three takes are bought at the stand-in, and the ledger matches its bill"""
    with _open(subject) as place:
        ran = place.buy("A pier at dusk", "A lamp is lit", "A boat leaves")
        yield from ran.problems
        if len(ran.attempts) != 3:
            yield f"{len(ran.attempts)} attempts were made for three takes"
        for attempt in ran.attempts:
            if attempt.state is not State.RECEIVED:
                yield f"{attempt.take}: {attempt.state.value}, {attempt.message or 'not received'}"
        if ran.booked != place.bill():
            yield f"the ledger says {text(ran.booked)}, the bill says {text(place.bill())}"
        yield from _missing_files(place, ran.attempts)


def trouble_costs_nothing_twice(subject: Subject) -> Iterator[str]:
    """Whatever goes wrong, nothing is bought twice, lost, or counted as a success by mistake"""
    keyed = subject.wire.recovery == "keyed"
    with _open(subject) as first:
        for trouble in TROUBLES:
            place = first.fresh() if trouble.patience_s is None else first.fresh(patience_s=trouble.patience_s)
            known = () if trouble.other != _DOUBT else _first(subject)
            place.buy(*known, _prompt(trouble.faults))
            other = trouble.other | trouble.cleared if known else trouble.other
            wrong = _unlawful(place, place.go_on(), trouble.keyed if keyed else other)
            yield from (f"{', '.join(trouble.faults)}: {one}" for one in wrong)


def a_killed_run_is_resumed(subject: Subject) -> Iterator[str]:
    """A run that is killed around a purchase is continued by the next, and pays nothing twice"""
    with _open(subject) as first:
        for death in DEATHS:
            place = first.fresh()
            doubtful = death.loses and subject.wire.recovery != "keyed"
            known = _first(subject) if doubtful else ()
            if known:
                place.buy(*known)
            if not place.buy(*known, _prompt(death.faults), dies_at=death.tells).died:
                yield f"no run came to where {death.place}"
            wanted = _HERE | _DOUBT if doubtful else _HERE
            yield from (f"struck dead where {death.place}: {one}" for one in _unlawful(place, place.go_on(), wanted))


def a_key_leaves_no_trace(subject: Subject) -> Iterator[str]:
    """The key is in nothing that a run reports or leaves behind, and a refused key buys nothing"""
    with _open(subject) as place:
        place.buy("A pier at dusk [[fault:refuse]]")
        yield from place.traces()
        refused = place.fresh(f"bad-{CANARY}")
        ran = refused.buy("A pier at dusk")
        if not ran.problems:
            yield "the run reports no problem for a refused key"
        if ran.counted or refused.jobs():
            yield "something was bought with a refused key"
        yield from refused.traces()


def _first(subject: Subject) -> Sequence[str]:
    """What is bought before a doubt where the service's balance may clear it: how long jobs take is known then, and no doubt waits for a job's patience."""
    return ("A quay",) if subject.wire.recovery != "keyed" and isinstance(subject.wire, ReportsSpending) else ()


@contextmanager
def _open(subject: Subject) -> Generator[Location]:
    """A place to buy the subject's first card at. Missing where the service has no stand-in."""
    card = next(iter(subject.cards.values()))
    with open_location(subject.service, card) as place:
        if not place.answers():
            raise Missing([f"no stand-in speaks {subject.service.name}: write src/callsheet/standin/{subject.service.name}.py"])
        yield place


def _unlawful(place: Location, ran: Ran, wanted: frozenset[State]) -> Iterator[str]:
    """Which rule is broken after everything, or how the take's end differs from what is allowed."""
    last = ran.attempts[-1].state if ran.attempts else None
    if last not in wanted:
        said = f" ({ran.attempts[-1].message})" if ran.attempts and ran.attempts[-1].message else ""
        yield f"the take is {last.value if last else 'not bought'}{said}, it should be {' or '.join(sorted(wanted))}"
    if len(place.jobs()) > len(ran.attempts):
        yield f"{len(place.jobs())} jobs were accepted for {len(ran.attempts)} attempts"
    if place.billed() > ran.counted:
        yield f"the bill says {text(place.billed())}, only {text(ran.counted)} is counted"
    if last is State.RECEIVED and place.billed() != ran.booked:
        yield f"the ledger says {text(ran.booked)}, the bill says {text(place.billed())}"
    yield from _missing_files(place, ran.attempts)


def _prompt(faults: Sequence[str]) -> str:
    """A prompt with these faults."""
    return " ".join(("A pier", *(f"[[fault:{fault}]]" for fault in faults)))


def _missing_files(place: Location, attempts: Sequence[Attempt]) -> Iterator[str]:
    for attempt in attempts:
        if attempt.state is State.RECEIVED and not clip_store.has(place.project, attempt.sha256, attempt.size):
            yield f"{attempt.take} is received, but its clip is missing"
