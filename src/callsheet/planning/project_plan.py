"""Preparing a run: read the settings, the cards, the list and the book, and make the plan. Nothing is written and no service is asked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from callsheet.assets.music import BedTable, read_beds
from callsheet.assets.shot_files import Inputs, read_inputs
from callsheet.assets.watermarks import with_watermarks
from callsheet.budget.ledger import read
from callsheet.budget.ledger.marks import numbered
from callsheet.budget.ledger.prices import PriceBook, read_book
from callsheet.budget.ledger.receipts import recent
from callsheet.budget.ledger.store import Ledger
from callsheet.budget.rules.caps import Limit
from callsheet.buying import canary
from callsheet.clock import Clock, stamp
from callsheet.cutting.conform import bed_notes, deliveries, vanished
from callsheet.domain.attempt import Attempt
from callsheet.domain.cut import Delivery
from callsheet.domain.errors import Problem
from callsheet.domain.mark import Marks
from callsheet.domain.run_request import Order
from callsheet.domain.shot import Status
from callsheet.planning import cap_preview, fallback, price_warnings
from callsheet.planning.decide import make
from callsheet.planning.expected_cost import Forecast, learn
from callsheet.planning.plan import Action, Plan, PlannedTake, Priced
from callsheet.pricing import model_params
from callsheet.pricing.price_row import framed, price
from callsheet.services.cards.card import Card, load_cards
from callsheet.services.cards.file_rules import COLUMNS
from callsheet.services.cards.fit import Kind
from callsheet.services.registry import SERVICES
from callsheet.settings.load import load
from callsheet.settings.values import Settings
from callsheet.shotlist.read import ShotList
from callsheet.shotlist.read import read as read_list
from callsheet.status.project_view import View, look, open_existing
from callsheet.store import clip_store
from callsheet.store.project_folder import Project, house_root
from callsheet.transport.account import Account, account


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
    prices: PriceBook
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
    fallback.refuse_unknown(settings.fallback, cards)
    model_params.refuse_wrong(settings.params, cards)
    accounts = _accounts(order, shots, cards, settings)
    prices = _prices(project, settings)
    inputs = _inputs(project, order.list, shots)
    beds = read_beds(settings.beds, project) if shots else ()
    priced = tuple(price(shot, settings, cards, accounts, prices, inputs) for shot in shots.shots) if shots else ()
    films = with_watermarks(deliveries(house, settings, priced), project)
    priced = tuple(framed(item, films[0].fps) for item in priced) if films else priced
    priced = tuple(
        fallback.offered(item, settings.fallback, lambda shot: price(shot, settings, cards, accounts, prices, inputs)) for item in priced
    )
    limits = _limits(order, settings, shots)
    rehearsal = all(place.rehearsal for place in accounts.values()) if shots else None
    view = view or look(project, settings, rehearsal=rehearsal, list=shots.name if shots else None)
    return Prepared(
        order=order,
        project=project,
        settings=settings,
        cards=cards,
        shots=shots,
        priced=priced,
        plan=_noted(
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


def _inputs(project: Project, list: str | None, shots: ShotList | None) -> Inputs:
    """The files that the list names, seen from the list's folder."""
    return read_inputs(shots.shots, project.list_file(list).parent, project.folder) if list and shots else Inputs()


def _prices(project: Project, settings: Settings) -> PriceBook:
    """What receipts and people said of prices, where there is a ledger."""
    ledger = open_existing(project, settings)
    if ledger is None:
        return PriceBook()
    try:
        fresh = Clock().now() - timedelta(seconds=settings.attempts.quote_fresh_s)
        return read_book(ledger, stamp(fresh))
    finally:
        ledger.close()


def _accounts(order: Order, shots: ShotList | None, cards: Mapping[str, Card], settings: Settings) -> dict[str, Account]:
    """An account for each service that the list names or that the project may still have jobs at."""
    fallbacks = set(settings.fallback.value if settings.fallback else ())
    models = {shot.model or settings.model.value for shot in shots.shots} | fallbacks if shots else set[str]()
    named = {cards[model].service for model in models if model in cards}
    return {service: account(service, demo=order.demo) for service in sorted(named or set(SERVICES))}


def _limits(order: Order, settings: Settings, shots: ShotList | None) -> tuple[Limit, ...]:
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
        notes = (*shots.notes, *_notes(priced), *_told(takes, priced, own, marks, settings))
        plan = Plan(list=shots.name, file=shots.file, takes=takes, notes=notes, problems=(*_problems(priced), *_retired(takes)))
        return replace(
            plan, fits=cap_preview.fits(plan, project, ledger, limits, Clock().day(settings.timezone.value, settings.day_starts_at))
        )
    finally:
        if ledger:
            ledger.close()


def _noted(
    plan: Plan, cards: Mapping[str, Card], accounts: Mapping[str, Account], prices: PriceBook, settings: Settings, further: Sequence[str]
) -> Plan:
    """The plan with what there is to know of its cards, and what else is told."""
    desk = price_warnings.Desk(cards, accounts, prices, Clock().now().date(), settings.attempts.price_old_days)
    return replace(plan, notes=(*plan.notes, *price_warnings.notes(plan.takes, desk), *further))


def _shared(ledger: Ledger, priced: Sequence[Priced]) -> Iterator[Attempt]:
    offers = [offer for item in priced for offer in (item, *item.fallbacks) if offer.ask]
    for label in sorted({offer.account for offer in offers}):
        mine = [offer for offer in offers if offer.account == label]
        yield from read.matching(ledger, label, [digest for item in mine for digest in (item.request_print, item.author_print)])


def _problems(priced: Sequence[Priced]) -> tuple[Problem, ...]:
    return tuple(problem for item in priced for problem in item.problems if item.shot.status is Status.READY)


def _retired(takes: Sequence[PlannedTake]) -> tuple[Problem, ...]:
    """Models that would be bought and are sold no more, at the rows that name them; clips that are there stay."""
    gone = ((take, take.priced.gone) for take in takes if take.action is Action.BLOCKED)
    return tuple(dict.fromkeys(problem for take, problem in gone if problem and take.reason.startswith(problem.message)))


def _told(
    takes: Sequence[PlannedTake], priced: Sequence[Priced], own: Sequence[Attempt], marks: Marks, settings: Settings
) -> Iterator[str]:
    """What a person should know of the book: shots that vanished from the list, lanes that wait for a decision, possible fallbacks."""
    for shot in vanished(priced, {take.attempt.id for take in takes if take.attempt}, own, marks):
        yield f"{shot} is not in the list any more; its clip stays: write its row with status = omit to leave it out for good"
    yield from canary.notes(own, marks)
    yield from fallback.notes(takes, settings.fallback)


def _notes(priced: Sequence[Priced]) -> Iterator[str]:
    """What is dropped, and what becomes of files that don't fit, once for each kind and model."""
    seen: dict[str, list[str]] = {}
    for item in priced:
        for verdict in (*item.fit.of(Kind.DROPPED), *(found for found in item.fit.of(Kind.SNAPPED) if found.field in COLUMNS)):
            seen.setdefault(f"{verdict.field}: {verdict.why}", []).append(item.shot.shot_id)
    for why, shots in seen.items():
        yield f"{why} ({', '.join(shots[:4])}{f' and {len(shots) - 4} more' if len(shots) > 4 else ''})"
