"""`callsheet services`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated

from cyclopts import Parameter

from callsheet.cli.options import HERE, Common
from callsheet.cli.output.answer import Answer, schema
from callsheet.cli.output.documents import Model as ModelDocument
from callsheet.cli.output.documents import Service as ServiceDocument
from callsheet.cli.output.documents import Services
from callsheet.cli.output.table import Column, table, width
from callsheet.domain.errors import UsageError
from callsheet.domain.typed import typed
from callsheet.services import table as page
from callsheet.services.cards.card import Card, load_cards
from callsheet.services.protocol.abilities import HandsOver, Quotes, ReportsSpending
from callsheet.services.registry import SERVICES, Service
from callsheet.store.house import house_root


def services(
    what: Annotated[
        str | None,
        Parameter(
            help="A model or service to show in detail; or `test`, to run the conformance suite. Default: an overview of all models."
        ),
    ] = None,
    tested: Annotated[
        str | None,
        Parameter(name="WIRE|MODEL", help="After `test`: the model to test, or the wire, which is the code that speaks with a service."),
    ] = None,
    /,
    *,
    common: Common = HERE,
) -> Answer:
    """How every model handles each column, by the function that plans use. Contacts no service."""
    if what == "test":
        from callsheet.cli.commands.services.conformance import conformance  # noqa: PLC0415  # it needs the engine and a stand-in; showing needs neither

        return conformance(tested, common)
    cards = load_cards(house_root() / "configs" / "cards", common.project.cards)
    if tested is not None:
        name = next((word for word in (what, tested) if word in cards or word in SERVICES), next(iter(cards)))
        raise UsageError(f"what is {tested!r} for?", help=f"write `{typed('services', name)}`, or `{typed('services', 'test', name)}`")
    chosen = {name: card for name, card in cards.items() if what in (None, name, card.service)}
    if not chosen:
        raise UsageError(f"there is no service or model {what!r}", help=f"there are {', '.join((*SERVICES, *cards))}")
    lines = _overview(chosen) if what is None else [line for card in chosen.values() for line in _card_lines(card)]
    named = {card.service for card in chosen.values()}
    document: Services = {
        "schema": schema("services"),
        "services": [_service_document(service) for name, service in SERVICES.items() if name in named],
        "models": [_model_document(card) for card in chosen.values()],
    }
    return Answer(document=document, lines=lines)


def _overview(cards: Mapping[str, Card]) -> list[str]:
    """What is sold, and how each column is handled, with one column per model; parameters by name."""
    names = list(cards)
    rows: list[list[str]] = []
    for wish, field, change in page.WISHES:  # abbreviated, so that all models fit side by side
        verdicts = [page.verdict(card, field, change) for card in cards.values()]
        rows.append([wish, *(_SHORT.get(verdict, verdict.replace("snapped to", "->")) for verdict in verdicts)])
    columns = [Column(""), *(Column(name, elastic=True) for name in names)]
    params = [f"  {name}: {', '.join(card.params) or 'none'}" for name, card in cards.items()]
    return [
        *table(columns, rows, width()),
        "",
        "Parameters, for the column params:",
        *params,
        "",
        _MORE,
        f"`{typed('services', names[0])}` shows one model with its sizes, prices, parameters and notes.",
    ]


_SHORT = {"unsupported": "no", "snapped": "-> other"}
_MORE = "-> what is bought instead; finishing does the rest. dropped: not sent, with a note in the plan. no: refused."


def _card_lines(card: Card) -> Iterator[str]:
    yield f"{card.name}  {card.title}, {card.model}"
    for head, rows in (
        ("sold", page.sold(card)),
        ("wishes", page.wishes(card)),
        ("parameters", [(name, page.parameter(card, name)) for name in card.params]),
    ):
        yield f"  {head}"
        yield from (f"    {name:<32}{text}" for name, text in rows)
    yield from (f"  note: {note}" for note in card.notes)
    yield from (f"  sent besides: {name}: {why}" for name, why in card.adds.items())
    yield from (f"  prompts: {advice}" for advice in card.advice)
    yield ""


def _service_document(service: Service) -> ServiceDocument:
    wire = service.wire
    return {
        "service": service.name,
        "key_env": service.key_env,
        "url_env": service.url_env,
        "base_url": service.base_url,
        "recovery": wire.recovery,
        "hands_over": isinstance(wire, HandsOver),
        "quotes": isinstance(wire, Quotes),
        "tells_account": isinstance(wire, ReportsSpending),
    }


def _model_document(card: Card) -> ModelDocument:
    return {
        "model": card.name,
        "service": card.service,
        "vendor_name": card.model,
        "status": card.status,
        "replaced_by": card.replaced_by,
        "as_of": card.as_of.isoformat(),
        "source": card.source,
        "sold": dict(page.sold(card)),
        "wishes": dict(page.wishes(card)),
        "params": {name: page.parameter(card, name) for name in card.params},
        "notes": list(card.notes),
        "adds": dict(card.adds),
        "advice": list(card.advice),
    }
