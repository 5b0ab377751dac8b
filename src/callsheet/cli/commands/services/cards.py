"""`callsheet cards`."""

from __future__ import annotations

from typing import Annotated, Literal

from cyclopts import Parameter

from callsheet.budget.ledger import prices
from callsheet.budget.project_ledger import open_named
from callsheet.cli.options import HERE, Common, Flag, amount
from callsheet.cli.output.answer import Answer
from callsheet.cli.output.documents import CardPrice
from callsheet.clock import Clock
from callsheet.domain.errors import InputError, UsageError
from callsheet.domain.money import Micros, text
from callsheet.domain.shots.foreign_text import clean
from callsheet.domain.typed import typed
from callsheet.services.cards.card import Card, load_cards, unknown_model
from callsheet.store.house import house_root
from callsheet.transport.account import Account, account


def cards(
    action: Annotated[
        Literal["price"],
        Parameter(help="`price` records a list price that you looked up or, with --as-quoted, trusts the service's quotes again."),
    ],
    model: Annotated[str, Parameter(help="The model, such as runware/ltx-2.")],
    /,
    *,
    usd_per_s: Annotated[
        str | None,
        Parameter(
            metavar="X",
            help="Price of one second of a clip in USD, at the card's default size. The prices of other sizes change in proportion.",
        ),
    ] = None,
    as_quoted: Annotated[
        bool,
        Flag,
        Parameter(help="For a model without a list price: trust the service's quotes again after it charged more than it quoted."),
    ] = False,
    source: Annotated[
        str, Parameter(metavar="TEXT", help="Your source for the price or for trusting the quotes, such as a URL and a date.")
    ],
    demo: Annotated[bool, Parameter(negative="", help="Record the price for the demo's stand-in.")] = False,
    common: Common = HERE,
) -> Answer:
    """Record a model's price in the ledger, for the account that the environment names. It ends a freeze; new holds use it."""
    del action
    card = _card(model, common)
    per_second = 0 if card.price.quote else amount("--usd-per-s", usd_per_s) or 0
    if not (card.price.quote or per_second):
        raise UsageError(
            f"a price of {card.name} needs an amount above 0", help="write --usd-per-s 0.04 --source 'https://... read on 2026-11-21'"
        )
    if card.price.quote and not (as_quoted and usd_per_s is None):
        raise UsageError(
            f"{model} has no list price to record: {card.service} is asked for the price before each purchase",
            help=f"if a charge exceeded its quote: {typed('cards', 'price', model)} --as-quoted --source 'what the service says of it'",
        )
    if as_quoted and not card.price.quote:
        raise UsageError(f"{model} has a list price, so {card.service} is not asked for one", help="write --usd-per-s X")
    source = clean(source).strip()
    if not source:
        raise UsageError("a price needs a source", help="write --source 'https://... read on 2026-11-21'")
    at = account(card.service, demo=demo)
    _record(common, at, card, per_second, source)
    document: CardPrice = {
        "schema": "callsheet.cards/1",
        "model": model,
        "account": at.label,
        "usd_per_s": None if as_quoted else text(per_second),
        "as_quoted": as_quoted,
        "source": source,
    }
    price = "as quoted by the service" if as_quoted else f"{text(per_second)} USD/s at {card.size.default}"
    return Answer(document=document, lines=[f"{model} at {at.label}: {price}, from {source}"])


def _record(common: Common, at: Account, card: Card, per_second: Micros, source: str) -> None:
    project = common.project
    assert project.identity, "a project with an id has a ledger"
    ledger = open_named(project, common.settings)
    try:
        prices.record(ledger, at.label, card.name, per_second, source=source, at=Clock().text())
    finally:
        ledger.close()


def _card(model: str, common: Common) -> Card:
    known = load_cards(house_root() / "configs" / "cards", common.project.cards)
    if model not in known:
        raise InputError.of([unknown_model(model, known)])
    return known[model]
