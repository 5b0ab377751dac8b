"""The plan of a project: its files compared with its ledger. Writes nothing and contacts no service."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, nullcontext
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

from callsheet.assets.music import BedTable
from callsheet.budget import on_demand
from callsheet.budget.bought_elsewhere import bought_elsewhere
from callsheet.budget.project_ledger import open_existing
from callsheet.budget.rules.prices import PriceHistory
from callsheet.clock import Clock
from callsheet.cutting import conform
from callsheet.cutting.conform import Footage, bed_notes, sequences
from callsheet.domain.attempt import Attempt, ClipLength
from callsheet.domain.errors import InputError, MediaError, Problem
from callsheet.domain.run_request import RunRequest
from callsheet.domain.timebase import Fps
from callsheet.media.inspect.probe import probe
from callsheet.planning import chain_frames, fallback
from callsheet.planning.cut_lengths import cut_lengths, length_problems
from callsheet.planning.decide import decide_takes
from callsheet.planning.freezes import foreseen, freeze_notes
from callsheet.planning.handles import first_notes, followers, handle_notes, handle_problems
from callsheet.planning.notes import cap_preview
from callsheet.planning.notes.expected_cost import Forecast, learn
from callsheet.planning.notes.picture_notes import picture_notes, shape_notes
from callsheet.planning.notes.plan_notes import dropped_notes, ledger_notes, problems, retired, with_notes
from callsheet.planning.notes.subtitle_notes import subtitle_notes
from callsheet.planning.plan import Action, Plan, PlannedTake
from callsheet.planning.pricer import Pricer
from callsheet.planning.read_project import Sources, read_project
from callsheet.planning.without_gc import without_gc
from callsheet.pricing import fallback_offers, own_cards
from callsheet.pricing.longer_clips import bought_lengths, longer_prints
from callsheet.pricing.priced import Priced
from callsheet.services.cards.card import Card
from callsheet.services.protocol.media_ref import MediaRef
from callsheet.settings.values import Settings
from callsheet.status.project_view import View, view_of
from callsheet.store import clip_store
from callsheet.store.project_folder import Project

if TYPE_CHECKING:
    from callsheet.budget.ledger.standing import Standing
    from callsheet.budget.ledger.store import Ledger

#: reading what an attempt asked for takes as long as making up a request of another length, and most models sell some twenty
_READ_PER_ROW = 10
_NO_FRAMES = chain_frames.Frames()


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Prepared(Sources):
    """Everything that a run needs to know before it begins: the content of files, and the plan made from it with the ledger of that moment."""

    priced: tuple[Priced, ...]
    plan: Plan
    prices: PriceHistory
    view: View
    pricer: Pricer
    #: the ledger's position before it was read; None without a ledger or without a list
    stood: Standing | None

    @property
    def rehearsal(self) -> bool:
        """Whether everything is bought on this machine; without a list, whether everything was."""
        if self.shots is None:
            return self.view.rehearsal
        return bool(self.accounts) and all(place.rehearsal for place in self.accounts.values())

    def holds_for(self, ledger: Ledger) -> bool:
        """Whether nothing that the plan is made from has changed, so that it would be the same again."""
        mine = Project(self.order.folder).known_id  # another id, if the folder was made a project of its own meanwhile
        return (
            self.stood is not None
            and mine == self.project.known_id
            and self.stood == on_demand.standing.standing(ledger, mine, self.plan.list)
        )

    def keep_inputs(self) -> None:
        """Store the current content of the list's files, for the purchases that they are sent with and for the cut. Needs the project's
        lock.
        """
        for file in (*self.inputs.files.values(), *self.inputs.cut.values()):
            if file.data is not None and not file.to_come:
                clip_store.keep_input(self.project, file.sha256, file.data)

    def with_frames(self, planned: PlannedTake, frames: Mapping[chain_frames.Cell, MediaRef]) -> PlannedTake:
        """A waiting take, priced with the frames that have arrived; it may not cost more than planned, nor use another fallback."""
        pricer = replace(self.pricer, sources=replace(self, inputs=self.inputs.with_frames(frames)))
        shot = planned.shot
        here = replace(pricer.price(shot), begins_s=planned.priced.begins_s)
        here = replace(here, author=planned.priced.author) if planned.final_of else here  # its seed is the draft's
        offered = fallback_offers.offered(here, self.settings.fallback, pricer.price)
        return replace(planned, priced=fallback.agreed(offered, fallback.prices(planned.priced)))


def prepare(order: RunRequest, view: View | None = None) -> Prepared:
    """Read the files and plan with the current ledger; `view` is the project's if it was read already. Writes nothing. InputError with
    everything that is wrong in the list and the settings; what models can't make is in the plan's problems.
    """
    with without_gc():
        sources = read_project(order)
        ledger = open_existing(sources.project, sources.settings)
        with closing(ledger) if ledger else nullcontext():
            return plan_of(sources, ledger, view)


def plan_of(sources: Sources, ledger: Ledger | None, view: View | None = None) -> Prepared:
    """The plan from the files and the current ledger; None stands for a project without one. Reads no files except clips."""
    project = Project(sources.order.folder)  # its id may have changed since the files were read
    stood = on_demand.standing.standing(ledger, project.known_id, sources.shots.name) if ledger and sources.shots else None
    pricer = Pricer.of(sources, ledger)
    priced = pricer.rows()
    changed = own_cards.notes(priced, sources.cards, sources.shipped, lambda shot: pricer.price(shot, sources.shipped))
    rehearsal = all(place.rehearsal for place in sources.accounts.values()) if sources.shots else None
    name = sources.shots.name if sources.shots else None
    view = view or view_of(ledger, project, sources.settings, rehearsal=rehearsal, list=name)
    view = replace(view, doubts=(*view.doubts, *_bought_elsewhere(project, sources)))
    if ledger and sources.shots:
        day = Clock().day(sources.settings.timezone.value, sources.settings.day_starts_at)
        view = cap_preview.caps_of_next_run(view, project, ledger, sources.limits, day)
    plan = _plan(project, sources, pricer, priced, view, ledger)
    if sources.links:
        sources, pricer, priced, plan = _chained(project, _Made(sources, pricer, priced, plan), view, ledger)
    plan, further = _finished(plan, sources, priced, pricer)
    plan = with_freezes(plan, priced, sources, view, project)
    plan = _with_chosen_frames(plan, priced, sources, view, project)
    plan = with_notes(plan, sources.cards, sources.accounts, pricer.prices, sources.settings, (*changed, *further))
    return Prepared(
        order=sources.order,
        project=project,
        settings=sources.settings,
        cards=sources.cards,
        shipped=sources.shipped,
        shots=sources.shots,
        accounts=sources.accounts,
        limits=sources.limits,
        inputs=sources.inputs,
        deliveries=sources.deliveries,
        beds=sources.beds,
        tables=sources.tables,
        media=sources.media,
        links=sources.links,
        prompts=sources.prompts,
        pricer=pricer,
        priced=priced,
        plan=plan,
        prices=pricer.prices,
        view=view,
        stood=stood,
    )


class _Made(NamedTuple):
    """A plan with what it was made from."""

    sources: Sources
    pricer: Pricer
    priced: tuple[Priced, ...]
    plan: Plan


def _finished(plan: Plan, sources: Sources, priced: Sequence[Priced], pricer: Pricer) -> tuple[Plan, tuple[str, ...]]:
    """The plan with its films' gaps and lengths, and the notes on music and pictures."""
    films = sources.deliveries
    if films:
        shots = sources.shots.shots if sources.shots else ()
        follow = followers(shots)
        unmet = (*plan.problems, *handle_problems(plan.takes, follow))
        plan = replace(plan, problems=unmet, notes=(*plan.notes, *first_notes(shots), *handle_notes(plan.takes, follow)))
        plan = _with_lengths(plan, priced, films[0].fps, sources.settings)
    try:
        laid = bed_notes(sources.beds, priced, films)
    except InputError as error:
        laid, plan = [], replace(plan, problems=(*plan.problems, *error.problems))
    texts = subtitle_notes([item.shot for item in priced], films)
    return plan, (*laid, *picture_notes(priced, films, pricer.at_size), *shape_notes(priced, films), *texts)


def _chained(project: Project, made: _Made, view: View, ledger: Ledger | None) -> _Made:
    """The plan with the frames that clips provide today: each round resolves one more link of every chain, until nothing changes."""
    found = chain_frames.Frames()
    for _ in range(len(made.sources.links.of) + 2):
        more = chain_frames.frames(made.sources.links, made.plan.takes, made.priced, project, found)
        if more == found:
            break
        found = more
        sources = replace(made.sources, inputs=made.sources.inputs.with_frames(found.files))
        pricer = replace(made.pricer, sources=sources)
        priced = pricer.rows()
        made = _Made(sources, pricer, priced, _plan(project, sources, pricer, priced, view, ledger, found))
    return made


def _plan(
    project: Project,
    sources: Sources,
    pricer: Pricer,
    priced: Sequence[Priced],
    view: View,
    ledger: Ledger | None,
    found: chain_frames.Frames = _NO_FRAMES,
) -> Plan:
    settings, shots = sources.settings, sources.shots
    if shots is None:
        return Plan(list="", file="", takes=())
    own = sorted((a for take in view.takes if take.take.list == shots.name for a in take.attempts), key=lambda a: int(a.id))
    marks = view.marks
    shared = [*_alike(ledger, priced, own), *on_demand.marks.numbered(ledger, marks.picks.values())] if ledger else []

    def in_place(attempt: Attempt) -> bool:
        return clip_store.has(project, attempt.sha256, attempt.size)

    rank = sources.links.rank
    finals = pricer.final if sources.order.final else None
    takes = decide_takes(priced, own, shared, in_place, marks, rank=rank, finals=finals)
    longer = _longer(takes, sources.cards, ledger) if ledger else {}
    wider = (
        [found for label, prints in longer.items() for found in on_demand.read.matching(ledger, label, chain(*prints.values()))]
        if ledger
        else []
    )
    if wider:
        by_print = {asked: more for prints in longer.values() for asked, more in prints.items()}
        takes = decide_takes(priced, own, [*shared, *wider], in_place, marks, by_print, rank, finals)
    forecast = learn(on_demand.receipts.recent(ledger, {item.account for item in priced})) if ledger else Forecast()
    takes = tuple(forecast.applied(take) for take in takes)
    takes = chain_frames.waiting(takes, sources.links, found)
    chained = chain_frames.notes(takes, found)
    notes = (*shots.notes, *dropped_notes(priced), *ledger_notes(takes, priced, own, marks, settings), *chained)
    seconds = on_demand.receipts.job_seconds(ledger, {item.account for item in priced}) if ledger and sources.links else {}
    links = chain_frames.longest(takes, sources.links, seconds) if sources.links else None
    plan = Plan(
        list=shots.name,
        file=shots.file,
        takes=takes,
        shots=len(shots.shots),
        notes=notes,
        problems=(*problems(priced), *retired(takes)),
        chain=links,
        final=sources.order.final,
    )
    day = Clock().day(settings.timezone.value, settings.day_starts_at)
    return replace(plan, fits=cap_preview.fits(plan, project, ledger, sources.limits, day))


def with_freezes(plan: Plan, priced: Sequence[Priced], sources: Sources, view: View, project: Project) -> Plan:
    """The plan with every repeated frame that its films will have."""
    if not sources.deliveries:
        return plan
    due = frozenset(take.take.shot for take in plan.takes if take.action in (Action.BUY, Action.WAIT))
    locked = frozenset(take.take for take in plan.takes if take.picked)
    due -= {take.shot for take in locked}
    found = tuple(
        foreseen(sequences(priced), footage_of(plan, priced, view, project), due, sources.deliveries, partial(_measured, project))
    )
    return replace(plan, freezes=found, notes=(*plan.notes, *freeze_notes(found, locked)))


def _bought_elsewhere(project: Project, sources: Sources) -> Iterator[Problem]:
    """The doubt that a list of another project is to be bought again here."""
    if sources.shots and sources.order.list and not sources.order.demo:
        labels = [account.label for account in sources.accounts.values()]
        file = project.list_file(sources.order.list)
        if problem := bought_elsewhere(project, sources.settings, file, sources.shots.name, labels):
            yield problem


def footage_of(plan: Plan, priced: Sequence[Priced], view: View, project: Project, beds: Sequence[BedTable] = ()) -> Footage:
    """What a plan's cuts are made of."""
    kept = {take.take: take.attempt for take in plan.keeps if take.attempt}
    tried = [attempt for take in view.takes if take.take.list == plan.list for attempt in take.attempts]
    return Footage.of(priced, kept, sorted(tried, key=lambda attempt: int(attempt.id)), project, view.marks, beds, plan.outrun)


def _measured(project: Project, attempt: Attempt) -> ClipLength | None:
    """The length of an attempt's clip by its packets; None if they can't be read, which finishing reports."""
    try:
        probed = probe(clip_store.clip_path(project, attempt.sha256 or ""))
    except (MediaError, OSError):
        return None
    return ClipLength(probed.duration, probed.fps)


def _with_lengths(plan: Plan, priced: Sequence[Priced], fps: Fps, settings: Settings) -> Plan:
    """The plan with the lengths of its cuts; a wanted length that isn't valid at the rate is a problem."""
    wrong = {name: [*length_problems({name: length}, fps)] for name, length in settings.lengths.items()}
    problems = [problem for each in wrong.values() for problem in each]
    wanted = {name: length.value for name, length in settings.lengths.items() if not wrong[name]}
    known = sequences(priced)
    notes = tuple(
        f"{one.origin} is for a sequence that this list doesn't have" for name, one in settings.lengths.items() if name not in known
    )
    cuts = cut_lengths(priced, fps, wanted)
    return replace(plan, cuts=cuts, problems=(*plan.problems, *problems), notes=(*plan.notes, *notes))


def _with_chosen_frames(plan: Plan, priced: Sequence[Priced], sources: Sources, view: View, project: Project) -> Plan:
    """The plan with cuts as long as the frames that people chose: in and out points, or parts of several clips."""
    if not (view.marks.trims or view.marks.joins) or not sources.deliveries:
        return plan
    footage = footage_of(plan, priced, view, project)
    return replace(plan, cuts=tuple(cut.of(conform.cut(cut.sequence, footage, sources.deliveries[0])) for cut in plan.cuts))


def _alike(ledger: Ledger, priced: Sequence[Priced], own: Sequence[Attempt]) -> Iterator[Attempt]:
    """Attempts of any project of the ledger for one of these requests, as a draft or as its row says; `own` are the list's attempts, which are
    already read.
    """
    items = [one for row in priced for item in row.in_each_shape for one in (item, item.draft) if one]
    offers = [offer for item in items for offer in (item, *item.fallbacks) if offer.ask]
    for label in sorted({offer.account for offer in offers}):
        mine = [offer for offer in offers if offer.account == label]
        yield from on_demand.read.matching(
            ledger, label, [digest for item in mine for digest in (item.request_print, item.author_print)], own
        )


def _longer(takes: Sequence[PlannedTake], cards: Mapping[str, Card], ledger: Ledger) -> dict[str, dict[str, tuple[str, ...]]]:
    """By account, and by the request of each take that would be bought, the requests for the same film at greater lengths."""
    sold = on_demand.read.sold_at(ledger)
    wanted: dict[tuple[str, str], list[Priced]] = {}
    for take in takes:
        place = (take.priced.account, take.priced.model)
        if take.action in (Action.BUY, Action.BLOCKED) and take.priced.ask and place in sold:
            wanted.setdefault(place, []).append(take.priced)
    found: dict[str, dict[str, tuple[str, ...]]] = {}
    for (account, model), items in wanted.items():
        known: frozenset[int] | None = None
        if sold[account, model] <= _READ_PER_ROW * len(items):  # otherwise constructing requests is cheaper than reading them
            known = bought_lengths(on_demand.read.requests_at(ledger, account, model), cards[model].service)
        mine = found.setdefault(account, {})
        for item in items:
            if item.ask and item.request_print not in mine:
                mine[item.request_print] = tuple(longer_prints(item.ask, cards[model], known))
    return found
