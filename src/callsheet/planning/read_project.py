"""Reads a project's files, from which a plan is made. Opens no ledger, writes nothing and contacts no service."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TypeVar

from callsheet.assets.fonts import unshown, with_fonts
from callsheet.assets.music import BedTable, read_beds
from callsheet.assets.shot_files import Inputs, read_inputs
from callsheet.assets.watermarks import with_watermarks
from callsheet.budget.rules.caps import Limit
from callsheet.domain.cut import Delivery
from callsheet.domain.delivery.title import card_ground
from callsheet.domain.errors import InputError, Problem
from callsheet.domain.run_request import RunRequest
from callsheet.domain.shots.shot import Shot, Status
from callsheet.planning import source_files
from callsheet.planning.chain_frames import before
from callsheet.planning.continuity import Links, Resolved, resolve
from callsheet.planning.cut_faults import known_handles, of_films
from callsheet.planning.deliveries import deliveries
from callsheet.planning.final_prompts import Prompts
from callsheet.planning.handles import followers, no_handle
from callsheet.planning.notes.plan_notes import problems
from callsheet.planning.project_shots import completed, cut_notes
from callsheet.planning.source_files import FileState
from callsheet.planning.unread_settings import with_unread
from callsheet.pricing import drafts, fallback_offers, model_params
from callsheet.pricing.price_row import InCut, price
from callsheet.pricing.priced import Priced
from callsheet.services.cards.card import Card, load_cards
from callsheet.services.cards.file_rules import COLUMNS as FILES
from callsheet.services.protocol.address import host_of
from callsheet.services.registry import SERVICES
from callsheet.settings.load import load_readable
from callsheet.settings.values import Settings
from callsheet.shotlist.read import Reading, ShotList, read_all
from callsheet.shotlist.refs import NO_REFS, read_refs
from callsheet.shotlist.row import UNKNOWN_RATE
from callsheet.store.house import house_root
from callsheet.store.project_folder import Project
from callsheet.transport.account import Account, account

T = TypeVar("T")

#: columns whose files are checked whatever the model
_BY_FILE = frozenset({*FILES, "clip", "title"})


class Faults:
    """Everything that is wrong with a project's files, collected so that it is reported at once."""

    def __init__(self) -> None:
        self._problems: list[Problem] = []

    def of(self, step: Callable[[], T]) -> T | None:
        """The result of a reading step; None if something is wrong, which is recorded."""
        try:
            return step()
        except InputError as error:
            self.add(*error.problems)
            return None

    def and_of(self, read: tuple[T, Iterable[Problem]]) -> T:
        """What could be read; what is wrong with the rest is recorded."""
        found, problems = read
        self.add(*problems)
        return found

    def add(self, *problems: Problem) -> None:
        """Record what is wrong."""
        self._problems += problems

    def __bool__(self) -> bool:
        return bool(self._problems)

    @property
    def error(self) -> InputError:
        """All of it, the list's rows in their order before the rest, each reported once."""
        once = dict.fromkeys(self._problems)
        return InputError.of(sorted(once, key=lambda one: (one.row is None, one.row or 0)))


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)  # asyncio logs a task's result, here a whole list
class Sources:
    """Everything that files say about a run to be made. `tables` and `media` are the files, as they were just before they were read."""

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
    #: which shots begin or end with a frame of which
    links: Links
    #: what makes prompts of its rows
    prompts: Prompts

    @property
    def changed(self) -> bool:
        """Whether a file has changed since it was read, or a service is at another address."""
        if accounts_of(self.order, self.shots, self.cards, self.settings) != self.accounts:
            return True
        return source_files.changed(self.tables, self.media, self.order, house_root())


def read_project(order: RunRequest) -> Sources:
    """Read everything once. InputError with everything that is wrong in the list, the settings and the files that they name. What a model
    can't do for a valid row is left to the plan, unless something else is wrong: then it is reported, too.
    """
    project = Project(order.folder)
    house = house_root()
    faults = Faults()
    tables = source_files.table_states(order, house)
    settings = faults.and_of(load_readable(house / "configs" / "defaults.toml", project.settings_file))
    cards = _cards(house, project, settings, order, faults)
    name = order.list
    found = _listed(project, name, settings, faults) if name else None
    if name and not found:
        raise faults.error
    found, prompts = _worded(found, settings, project, faults)
    chains, found = _followed(found, settings, faults)
    found = with_unread(found, settings, cards_known=bool(cards)) if found else None
    shots, rows = found.list if found else None, tuple[Shot, ...]()
    if found:
        rows = faults.and_of(_completed(found, settings))
        shots = _noted(found, rows, settings, prompts)
    every = [*(shots.shots if shots else ()), *(shot for shot, _ in (found.faulty if found else ()))]
    accounts = accounts_of(order, replace(shots, shots=tuple(every)) if shots else None, cards, settings)
    media = source_files.media_states(project, name, shots, settings)
    inputs = read_inputs(every, project.list_file(name).parent, project.folder) if name and shots else Inputs()
    inputs = inputs.with_frames(before(chains.every, shots.name, project)) if shots and chains.every else inputs
    beds = faults.of(lambda: read_beds(settings.beds, project, settings.document)) if shots else ()
    # a delivery takes its size and rate from the first shot that a model can make, whatever it costs
    priced = (price(shot, settings, cards, accounts, inputs=inputs) for shot in (shots.shots if shots else ()))
    first = next((item for item in priced if item.ask or item.own), None)
    rated = settings.fps is not None or not (settings.missed("project", "fps") or (found and found.faulty))
    films = _films(house, project, settings, first, faults, rated=rated)
    faults.add(*unshown(every, films, inputs.fonts))
    if faults and found:
        faults.add(*of_films(settings, rows, found.faulty, beds or (), films[0].fps if films and rated else None))
        cuts = {shot_id: InCut(seconds) for shot_id, seconds in known_handles(rows, found.faulty, settings).items()}
        follow = None if project.exists or settings.ledger else followers(rows)
        faults.add(*_of_models(found, partial(_priced, settings, cards, accounts, inputs, cuts), follow))
    if faults or beds is None:
        raise faults.error
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
        deliveries=films if first or any(card_ground(row.clip) for row in every) else (),
        beds=beds,
        tables=tables,
        media=media,
        links=chains.links,
        prompts=prompts,
    )


def _cards(house: Path, project: Project, settings: Settings, order: RunRequest, faults: Faults) -> Mapping[str, Card]:
    """All models, and what the settings say of them; none if a card can't be read."""
    cards = faults.of(lambda: load_cards(house / "configs" / "cards", project.cards)) or {}
    if cards:
        faults.of(lambda: fallback_offers.refuse_unknown(settings.fallback, cards))
        faults.of(lambda: model_params.refuse_wrong(settings.params, cards))
    if cards and not settings.missed("draft"):
        faults.of(lambda: drafts.refuse(settings.draft, cards, final=order.final))
    return cards


def _films(house: Path, project: Project, settings: Settings, first: Priced | None, faults: Faults, *, rated: bool) -> tuple[Delivery, ...]:
    """The deliveries with their logos and fonts; one whose font can't be read is left out."""
    wrong: list[Problem] = []
    found = deliveries(house, settings, first, wrong, rated=rated)
    faults.add(*wrong)
    marked = [one for film in found for one in faults.of(partial(with_watermarks, [film], project)) or (film,)]
    return tuple(one for film in marked for one in faults.of(partial(with_fonts, [film], project)) or ())


def _listed(project: Project, name: str, settings: Settings, faults: Faults) -> Reading | None:
    """The list as read; its problems are recorded."""
    rate = settings.fps.value if settings.fps else UNKNOWN_RATE if settings.missed("project", "fps") else None
    found = faults.of(lambda: read_all(project.list_file(name), name, rate))
    faults.add(*(found.problems if found else ()))
    return found


def _worded(found: Reading | None, settings: Settings, project: Project, faults: Faults) -> tuple[Reading | None, Prompts]:
    """The list with its final prompts; names that refs.csv doesn't have are recorded."""
    refs = faults.of(lambda: read_refs(project.folder)) or NO_REFS
    prompts = Prompts(settings, refs)
    if found is None:
        return None, prompts
    sound = [(shot, frozenset[str]()) for shot in found.list.shots]
    faults.add(*prompts.problems([*sound, *found.faulty]))
    shots = tuple(map(prompts.of, found.list.shots))
    faulty = tuple((prompts.of(shot), columns) for shot, columns in found.faulty)
    return replace(found, list=replace(found.list, shots=shots), faulty=faulty), prompts


def _completed(found: Reading, settings: Settings) -> tuple[tuple[Shot, ...], list[Problem]]:
    """The rows completed from project.toml, and all problems with that. A table may name a faulty row; if a row's own name or
    sequence can't be read, a shot that isn't found may be that one.
    """
    rows = sorted([*found.list.shots, *(shot for shot, _ in found.faulty)], key=lambda shot: shot.origin.row)
    named = all(shot.shot_id for shot in rows) and not any({"shot_id", "sequence"} & columns for _, columns in found.faulty)
    whole, wrong = completed([shot for shot in rows if shot.shot_id], settings, all_named=named)
    return whole, wrong


def _noted(found: Reading, rows: Sequence[Shot], settings: Settings, prompts: Prompts) -> ShotList:
    """The list with its valid rows as completed, and the notes on them."""
    shots, sound = found.list, {shot.origin.row for shot in found.list.shots}
    notes = (*shots.notes, *cut_notes(shots.shots, settings), *prompts.notes(shots.shots)) if not found.faulty else shots.notes
    return replace(shots, shots=tuple(shot for shot in rows if shot.origin.row in sound), notes=notes)


def _followed(found: Reading | None, settings: Settings, faults: Faults) -> tuple[Resolved, Reading | None]:
    """The list with its references to other shots' pictures resolved; rows with an invalid reference are among the faulty ones."""
    if found is None:
        return Resolved(()), None
    sound = found.list.shots
    chains = resolve([*sound, *(shot for shot, _ in found.faulty)], settings.max_links)
    faults.add(*chains.problems)
    lost: dict[str | None, set[str]] = {}
    for problem in chains.problems:
        lost.setdefault(problem.shot, set()).add(problem.column or "")
    rows = [
        (shot, columns) for shot, columns in zip(chains.shots, [frozenset[str]()] * len(sound) + [c for _, c in found.faulty], strict=True)
    ]
    rows = [(shot, columns | lost.get(shot.shot_id, set())) for shot, columns in rows]
    kept = tuple(shot for shot, columns in rows[: len(sound)] if not columns)
    faulty = tuple((shot, columns) for shot, columns in rows if columns)
    return chains, replace(found, list=replace(found.list, shots=kept), faulty=faulty)


def _of_models(found: Reading, price_of: Callable[[Shot], Priced], follow: Mapping[str, Shot] | None) -> Iterator[Problem]:
    """What models and files say about a list with errors: everything for its valid rows, and for the others what doesn't depend on a cell
    that is already wrong. `follow` has the next shot by the one before it; None if clips that are there may be long enough for it.
    """
    asked = {shot.shot_id for shot in found.list.shots if shot.params}  # otherwise the error is in project.toml's parameters
    items = tuple(price_of(shot) for shot in found.list.shots)
    yield from (problem for problem in problems(items) if problem.column != "params" or problem.shot in asked)
    if follow is not None:
        yield from (no_handle(item, follow.get(item.shot.shot_id)) for item in items if item.no_handle)
    for shot, columns in found.faulty:
        item = price_of(shot) if shot.status is not Status.OMIT else None
        known = columns | ({"resolution"} if columns & {"width", "height"} else set[str]()) | (set[str]() if shot.params else {"params"})
        for problem in item.problems if item else ():
            by_file = problem.column in _BY_FILE and problem.code != "unsupported"
            if problem.column not in known and (by_file or "model" not in columns):
                yield problem.at(shot=shot.shot_id or None)


def _priced(
    settings: Settings, cards: Mapping[str, Card], accounts: Mapping[str, Account], inputs: Inputs, cuts: Mapping[str, InCut], shot: Shot
) -> Priced:
    return price(shot, settings, cards, accounts, inputs=inputs, cut=cuts.get(shot.shot_id, InCut()))


def accounts_of(order: RunRequest, shots: ShotList | None, cards: Mapping[str, Card], settings: Settings) -> dict[str, Account]:
    """An account for each service that the list names or that the project may still have jobs at."""
    fallbacks = set(settings.fallback.value if settings.fallback else ())
    fallbacks |= {settings.draft.model.value} if settings.draft and settings.draft.model else set()
    models = {shot.model or settings.model.value for shot in shots.shots if shot.clip is None} | fallbacks if shots else set[str]()
    named = {cards[model].service for model in models if model in cards}
    accounts = {service: account(service, demo=order.demo) for service in sorted(named or set(SERVICES))}
    elsewhere = [one for one in accounts.values() if order.demo and not one.rehearsal]
    if elsewhere:  # the demo's single account would hide purchases from every later run
        message = f"the demo buys only on this machine, but {elsewhere[0].service} is at {host_of(elsewhere[0].url)}"
        raise InputError(message, help=f"run this list with `callsheet render`, or remove {elsewhere[0].service}'s models from it")
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
        for row in (shots.shots if shots else ())
        for s in (row, *row.in_shapes)
        if s.max_cost is not None
    ]
    return (*command, *file, *rows)
