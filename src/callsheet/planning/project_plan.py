"""Preparing a run: read the settings, the cards, the list and the book, and make the plan. Nothing is written and no service is asked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from callsheet.assets.music import BedTable, read_beds
from callsheet.assets.shot_files import Inputs
from callsheet.assets.watermarks import with_watermarks
from callsheet.budget.ledger import read
from callsheet.budget.ledger.marks import numbered
from callsheet.budget.ledger.prices import PriceHistory, read_prices
from callsheet.budget.ledger.receipts import recent
from callsheet.budget.ledger.store import Ledger
from callsheet.budget.project_ledger import open_existing
from callsheet.budget.rules.caps import Limit
from callsheet.clock import Clock, stamp
from callsheet.cutting.conform import bed_notes
from callsheet.domain.attempt import Attempt
from callsheet.domain.cut import Delivery
from callsheet.domain.run_request import Order
from callsheet.planning import cap_preview
from callsheet.planning.decide import make
from callsheet.planning.deliveries import deliveries
from callsheet.planning.expected_cost import Forecast, learn
from callsheet.planning.plan import Plan
from callsheet.planning.plan_notes import dropped_notes, ledger_notes, problems, retired, with_notes
from callsheet.planning.read_project import accounts_of, limits_of, read_inputs_of
from callsheet.pricing import fallback_offers, model_params
from callsheet.pricing.price_row import framed, price
from callsheet.pricing.priced import Priced
from callsheet.services.cards.card import Card, load_cards
from callsheet.settings.load import load
from callsheet.settings.values import Settings
from callsheet.shotlist.read import ShotList
from callsheet.shotlist.read import read as read_list
from callsheet.status.project_view import View, look
from callsheet.store import clip_store
from callsheet.store.house import house_root
from callsheet.store.project_folder import Project
from callsheet.transport.account import Account


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """All that a run needs to know before it begins."""

    order: Order
    project: Project
    settings: Settings
    cards: Mapping[str, Card]
    shots: ShotList | None
    priced: tuple[Priced, ...]
    plan: Plan
    accounts: Mapping[str, Account]
    limits: tuple[Limit, ...]
    prices: PriceHistory
    inputs: Inputs
    deliveries: tuple[Delivery, ...]
    beds: tuple[BedTable, ...]
    view: View

    @property
    def rehearsal(self) -> bool:
        """Whether everything is bought on this machine; without a list, whether everything was."""
        if self.shots is None:
            return self.view.rehearsal
        return bool(self.accounts) and all(place.rehearsal for place in self.accounts.values())

    def keep_inputs(self) -> None:
        """Keep what the list's files hold today: for the purchases that they go along with, and for the cut. For whoever holds the project."""
        for file in self.inputs.files.values():
            if file.data is not None:
                clip_store.keep_input(self.project, file.sha256, file.data)


def prepare(order: Order, view: View | None = None) -> Prepared:
    """Read and plan; `view` is the project's where it was read already. InputError with everything that is wrong in the list and the settings; what a shot can't have is in the plan's problems."""
    project = Project(order.folder)
    house = house_root(order.folder)
    settings = load(house / "configs" / "defaults.toml", project.settings_file)
    cards = load_cards(house / "configs" / "cards")
    shots = read_list(project.list_file(order.list), order.list) if order.list else None
    fallback_offers.refuse_unknown(settings.fallback, cards)
    model_params.refuse_wrong(settings.params, cards)
    accounts = accounts_of(order, shots, cards, settings)
    prices = _prices(project, settings)
    inputs = read_inputs_of(project, order.list, shots)
    beds = read_beds(settings.beds, project) if shots else ()
    priced = tuple(price(shot, settings, cards, accounts, prices, inputs) for shot in shots.shots) if shots else ()
    films = with_watermarks(deliveries(house, settings, priced), project)
    priced = tuple(framed(item, films[0].fps) for item in priced) if films else priced
    priced = tuple(
        fallback_offers.offered(item, settings.fallback, lambda shot: price(shot, settings, cards, accounts, prices, inputs))
        for item in priced
    )
    limits = limits_of(order, settings, shots)
    rehearsal = all(place.rehearsal for place in accounts.values()) if shots else None
    view = view or look(project, settings, rehearsal=rehearsal, list=shots.name if shots else None)
    return Prepared(
        order=order,
        project=project,
        settings=settings,
        cards=cards,
        shots=shots,
        priced=priced,
        plan=with_notes(
            _plan(project, settings, shots, priced, limits, view), cards, accounts, prices, settings, bed_notes(beds, priced, films)
        ),
        accounts=accounts,
        limits=limits,
        prices=prices,
        inputs=inputs,
        deliveries=films,
        beds=beds,
        view=view,
    )


def _prices(project: Project, settings: Settings) -> PriceHistory:
    """What receipts and people said of prices, where there is a ledger."""
    ledger = open_existing(project, settings)
    if ledger is None:
        return PriceHistory()
    try:
        fresh = Clock().now() - timedelta(seconds=settings.attempts.quote_fresh_s)
        return read_prices(ledger, stamp(fresh))
    finally:
        ledger.close()


def _plan(
    project: Project, settings: Settings, shots: ShotList | None, priced: Sequence[Priced], limits: Sequence[Limit], view: View
) -> Plan:
    if shots is None:
        return Plan(list="", file="", takes=())
    ledger = open_existing(project, settings)
    try:
        own = sorted((a for take in view.takes if take.take.list == shots.name for a in take.attempts), key=lambda a: int(a.id))
        marks = view.marks
        shared = [*_shared(ledger, priced), *numbered(ledger, marks.picks.values())] if ledger else []
        takes = make(priced, own, shared, lambda attempt: clip_store.has(project, attempt.sha256, attempt.size), marks)
        forecast = learn(recent(ledger, {item.account for item in priced})) if ledger else Forecast()
        takes = tuple(forecast.applied(take) for take in takes)
        notes = (*shots.notes, *dropped_notes(priced), *ledger_notes(takes, priced, own, marks, settings))
        plan = Plan(list=shots.name, file=shots.file, takes=takes, notes=notes, problems=(*problems(priced), *retired(takes)))
        return replace(
            plan, fits=cap_preview.fits(plan, project, ledger, limits, Clock().day(settings.timezone.value, settings.day_starts_at))
        )
    finally:
        if ledger:
            ledger.close()


def _shared(ledger: Ledger, priced: Sequence[Priced]) -> Iterator[Attempt]:
    offers = [offer for item in priced for offer in (item, *item.fallbacks) if offer.ask]
    for label in sorted({offer.account for offer in offers}):
        mine = [offer for offer in offers if offer.account == label]
        yield from read.matching(ledger, label, [digest for item in mine for digest in (item.request_print, item.author_print)])
