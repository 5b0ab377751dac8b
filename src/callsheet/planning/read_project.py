"""A project's files, read: what a plan is made from. No ledger is opened, nothing is written and no service is asked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from callsheet.assets.music import BedTable, read_beds
from callsheet.assets.shot_files import Inputs, read_inputs
from callsheet.assets.watermarks import with_watermarks
from callsheet.budget.rules.caps import Limit
from callsheet.domain.cut import Delivery
from callsheet.domain.errors import InputError
from callsheet.domain.run_request import RunRequest
from callsheet.planning import source_files
from callsheet.planning.deliveries import deliveries
from callsheet.planning.source_files import FileState
from callsheet.pricing import fallback_offers, model_params
from callsheet.pricing.price_row import price
from callsheet.services.cards.card import Card, load_cards
from callsheet.services.protocol.address import host_of
from callsheet.services.registry import SERVICES
from callsheet.settings.load import load
from callsheet.settings.values import Settings
from callsheet.shotlist.read import ShotList
from callsheet.shotlist.read import read as read_list
from callsheet.store.house import house_root
from callsheet.store.project_folder import Project
from callsheet.transport.account import Account, account


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """All that files say of a run that is to be made. `tables` and `media` are the files, as they were just before they were read."""

    order: RunRequest
    project: Project
    settings: Settings
    cards: Mapping[str, Card]
    #: the same without the project's own
    shipped: Mapping[str, Card]
    shots: ShotList | None
    accounts: Mapping[str, Account]
    limits: tuple[Limit, ...]
    inputs: Inputs
    deliveries: tuple[Delivery, ...]
    beds: tuple[BedTable, ...]
    tables: Mapping[Path, FileState]
    media: Mapping[Path, FileState]

    @property
    def changed(self) -> bool:
        """Whether a file is another one than it was when it was read, or a service is at another address."""
        if accounts_of(self.order, self.shots, self.cards, self.settings) != self.accounts:
            return True
        return source_files.changed(self.tables, self.media, self.order, house_root())


def read_project(order: RunRequest) -> Sources:
    """Read everything once. InputError with everything that is wrong in the list and the settings; what a model can't do for a shot is for the plan to say."""
    project = Project(order.folder)
    house = house_root()
    tables = source_files.table_states(order, house)
    settings = load(house / "configs" / "defaults.toml", project.settings_file)
    cards = load_cards(house / "configs" / "cards", project.cards)
    shots = read_list(project.list_file(order.list), order.list) if order.list else None
    fallback_offers.refuse_unknown(settings.fallback, cards)
    model_params.refuse_wrong(settings.params, cards)
    accounts = accounts_of(order, shots, cards, settings)
    media = source_files.media_states(project, order.list, shots, settings)
    inputs = read_inputs(shots.shots, project.list_file(order.list).parent, project.folder) if order.list and shots else Inputs()
    beds = read_beds(settings.beds, project) if shots else ()
    # a delivery takes its size and rate from the first shot that a model can make; what it costs doesn't matter here
    priced = (price(shot, settings, cards, accounts, inputs=inputs) for shot in (shots.shots if shots else ()))
    first = next((item for item in priced if item.ask), None)
    return Sources(
        order=order,
        project=project,
        settings=settings,
        cards=cards,
        shipped=load_cards(house / "configs" / "cards"),
        shots=shots,
        accounts=accounts,
        limits=limits_of(order, settings, shots),
        inputs=inputs,
        deliveries=with_watermarks(deliveries(house, settings, first), project),
        beds=beds,
        tables=tables,
        media=media,
    )


def accounts_of(order: RunRequest, shots: ShotList | None, cards: Mapping[str, Card], settings: Settings) -> dict[str, Account]:
    """An account for each service that the list names or that the project may still have jobs at."""
    fallbacks = set(settings.fallback.value if settings.fallback else ())
    models = {shot.model or settings.model.value for shot in shots.shots} | fallbacks if shots else set[str]()
    named = {cards[model].service for model in models if model in cards}
    accounts = {service: account(service, demo=order.demo) for service in sorted(named or set(SERVICES))}
    elsewhere = [one for one in accounts.values() if order.demo and not one.rehearsal]
    if elsewhere:  # the demo's one account would hide from every later run what was paid for
        message = f"the demo buys on this machine only, and {elsewhere[0].service} is at {host_of(elsewhere[0].url)}"
        raise InputError(message, help=f"run this list with `callsheet render`, or take {elsewhere[0].service}'s models out of it")
    return accounts


def limits_of(order: RunRequest, settings: Settings, shots: ShotList | None) -> tuple[Limit, ...]:
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
