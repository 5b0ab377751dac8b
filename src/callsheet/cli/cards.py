"""`callsheet cards`."""

from __future__ import annotations

from typing import Annotated, Literal

from cyclopts import Parameter

from callsheet.budget.ledger import prices
from callsheet.cli.answer import Answer
from callsheet.cli.options import HERE, Common, amount
from callsheet.domain.errors import InputError, UsageError
from callsheet.domain.money import text
from callsheet.engine.accounts import account
from callsheet.engine.clock import Clock
from callsheet.engine.view import open_named
from callsheet.project import house_root
from callsheet.services.cards import Card, load_cards, unknown_model
from callsheet.settings import load


def cards(
    action: Annotated[Literal["price"], Parameter(help="`price` records a list price that you looked up.")],
    model: Annotated[str, Parameter(help="The model, such as runware/ltx-2.")],
    /,
    *,
    usd_per_s: Annotated[
        str,
        Parameter(
            metavar="X", help="Price of a second of film in USD, at the card's default size; other sizes keep the card's proportions."
        ),
    ],
    source: Annotated[str, Parameter(metavar="TEXT", help="Where you read it: an address and a date.")],
    demo: Annotated[bool, Parameter(negative="", help="For the demo's own stand-in.")] = False,
    common: Common = HERE,
) -> Answer:
    """Record a model's price in the ledger, for the account that the environment names. It ends a freeze; new holds use it."""
    del action
    card = _card(model, common)
    per_second = amount("--usd-per-s", usd_per_s) or 0
    if not per_second or not source.strip():
        raise UsageError(
            "a price needs an amount above 0 and a source", help="write --usd-per-s 0.04 --source 'https://... read on 2026-11-21'"
        )
    place = account(card.service, demo=demo)
    project = common.project
    ledger = open_named(project, load(house_root(project.folder) / "configs" / "defaults.toml", project.settings_file))
    try:
        prices.record(ledger, place.label, model, per_second, source=source.strip(), at=Clock().text())
    finally:
        ledger.close()
    document = {
        "schema": "callsheet.cards/1",
        "model": model,
        "account": place.label,
        "usd_per_s": text(per_second),
        "source": source.strip(),
    }
    return Answer(
        document=document, lines=[f"{model} at {place.label}: {text(per_second)} USD/s at {card.size.default}, from {source.strip()}"]
    )


def _card(model: str, common: Common) -> Card:
    known = load_cards(house_root(common.project.folder) / "configs" / "cards")
    if model not in known:
        raise InputError.of([unknown_model(model, known)])
    return known[model]
