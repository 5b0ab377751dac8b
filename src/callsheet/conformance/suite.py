"""The suite: its checks, and their results for a service or one of its models."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from callsheet.conformance import hearing, rehearsal, selling, sending
from callsheet.conformance.examples import load_examples
from callsheet.conformance.verdicts import Check, Finding, Subject, run_check
from callsheet.domain.errors import UsageError
from callsheet.domain.wording import did_you_mean
from callsheet.services.cards.card import load_cards
from callsheet.services.registry import SERVICES

#: of a wire, whatever it sells
WIRE: tuple[Check, ...] = (
    sending.key_is_stable,
    sending.essence_is_the_purchase,
    sending.packed_requests_round_trip,
    sending.files_go_in_their_places,
    sending.sold_reads_back,
    hearing.answers_mean_what_they_say,
    hearing.families_are_covered,
    hearing.strange_answers_prove_nothing,
    hearing.strange_answers_are_no_news,
    hearing.unknown_states_are_no_success,
    hearing.money_is_exact,
    hearing.secrets_stay_secret,
)
#: of each card
CARD: tuple[Check, ...] = (
    sending.requests_are_the_vendors,
    selling.every_wish_is_answered,
    selling.what_is_sold_can_be_sent,
    selling.what_is_sold_has_a_price,
    selling.cards_say_what_is_known,
)
#: against the service's stand-in, with the real engine and its own ledger; for the service's cheapest card, or the one that was named
TWIN: tuple[Check, ...] = (
    rehearsal.three_takes_and_the_bill,
    rehearsal.trouble_costs_nothing_twice,
    rehearsal.a_killed_run_is_resumed,
    rehearsal.a_key_leaves_no_trace,
)


def subject_of(name: str, house: Path, own: Path | None = None) -> Subject:
    """The subject of a name: a wire with all its cards (`runware`), or with one (`runware/ltx-2`). `house` is the folder with configs/,
    `own` a project's own cards/. UsageError if there is none of that name.
    """
    cards = load_cards(house / "configs" / "cards", own)
    service, _, model = name.partition("/")
    mine = {card.name: card for card in cards.values() if card.service == service and (not model or card.name == name)}
    if service not in SERVICES or (model and not mine):
        known = [*SERVICES, *cards]
        raise UsageError(f"no wire or model {name!r}", help=did_you_mean(name, known, f"there are {', '.join(known)}"))
    return Subject(SERVICES[service], mine, load_examples(house / "configs" / "examples", service))


def examine(subject: Subject) -> Iterator[Finding]:
    """Every check with its result: of the wire, of each named card, and of the cheapest of these at the stand-in."""
    for check in WIRE:
        yield run_check(check, subject, subject.service.name)
    for card in subject.cards.values():
        yield from (run_check(check, replace(subject, cards={card.name: card}), card.name) for check in CARD)
    if subject.cards:
        card = rehearsal.cheapest(subject.cards)
        yield from (run_check(check, replace(subject, cards={card.name: card}), card.name) for check in TWIN)
