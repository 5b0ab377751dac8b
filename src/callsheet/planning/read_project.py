"""A project's files, read: what a plan is made from."""

from __future__ import annotations

from collections.abc import Mapping

from callsheet.assets.shot_files import Inputs, read_inputs
from callsheet.budget.rules.caps import Limit
from callsheet.domain.errors import InputError
from callsheet.domain.run_request import Order
from callsheet.services.cards.card import Card
from callsheet.services.protocol.address import host_of
from callsheet.services.registry import SERVICES
from callsheet.settings.values import Settings
from callsheet.shotlist.read import ShotList
from callsheet.store.project_folder import Project
from callsheet.transport.account import Account, account


def read_inputs_of(project: Project, list: str | None, shots: ShotList | None) -> Inputs:
    """The files that the list names, seen from the list's folder."""
    return read_inputs(shots.shots, project.list_file(list).parent, project.folder) if list and shots else Inputs()


def accounts_of(order: Order, shots: ShotList | None, cards: Mapping[str, Card], settings: Settings) -> dict[str, Account]:
    """An account for each service that the list names or that the project may still have jobs at."""
    fallbacks = set(settings.fallback.value if settings.fallback else ())
    models = {shot.model or settings.model.value for shot in shots.shots} | fallbacks if shots else set[str]()
    named = {cards[model].service for model in models if model in cards}
    accounts = {service: account(service, demo=order.demo) for service in sorted(named or set(SERVICES))}
    if order.demo:
        _refuse_elsewhere(accounts)
    return accounts


def _refuse_elsewhere(accounts: Mapping[str, Account]) -> None:
    """The demo buys on this machine only: elsewhere its one account would hide from every later run what was paid for."""
    elsewhere = [place for place in accounts.values() if not place.rehearsal]
    if elsewhere:
        message = f"the demo buys on this machine only, and {elsewhere[0].service} is at {host_of(elsewhere[0].url)}"
        raise InputError(message, help=f"run this list with `callsheet render`, or take {elsewhere[0].service}'s models out of it")


def limits_of(order: Order, settings: Settings, shots: ShotList | None) -> tuple[Limit, ...]:
    """Every limit that this run puts in force: the command's, project.toml's, and each row's own."""
    command = (
        [Limit(scope="project", name="", amount=order.cap, source="command", origin="--cap", warn_at=settings.warn_at)]
        if order.cap is not None
        else []
    )
    file = [
        Limit(scope=r.scope, name=r.name, amount=r.amount, source="file", origin=r.origin, warn_at=r.warn_at, on_reach=r.on_reach)
        for r in settings.caps
    ]
    rows = [
        Limit(scope="shot", name=f"{s.list}:{s.shot_id}", amount=s.max_cost, source="row", origin=f"{s.origin.file} row {s.origin.row}")
        for s in (shots.shots if shots else ())
        if s.max_cost is not None
    ]
    return (*command, *file, *rows)
