"""The state of a project, read from its ledger: takes, attempts, money. Takes no lock and writes nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, nullcontext
from dataclasses import dataclass, field, replace
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from callsheet.budget import ledger_identity, on_demand
from callsheet.budget.project_ledger import open_existing
from callsheet.budget.rules.caps import CapState, own_names, tightest
from callsheet.budget.rules.purse import Money
from callsheet.clock import Clock
from callsheet.domain.attempt import Attempt, State
from callsheet.domain.errors import Problem
from callsheet.domain.mark import Marks
from callsheet.domain.money import Micros
from callsheet.domain.take import TakeId
from callsheet.settings.values import Settings
from callsheet.status.run_controls import controls
from callsheet.store import clip_store
from callsheet.store.project_folder import Project

if TYPE_CHECKING:
    from callsheet.budget.ledger.store import Ledger
    from callsheet.budget.ledger.tally import Tally

#: how many of the ledger's newest attempts are read in addition to a list's: recent findings on any lane are among them
_RECENT = 2000


TakeState = Literal["held", "submitting", "in_doubt", "submitted", "ready", "received", "closed", "not_bought"]


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeView:
    """A take and its state. `state` is an attempt's state or `not_bought`; `file` is its clip, if it exists."""

    take: TakeId
    sequence: str
    service: str
    model: str
    state: TakeState
    attempts: tuple[Attempt, ...]
    chosen: Attempt | None = None
    file: Path | None = None
    picked: bool = False
    stale: bool = False
    #: all its clips were rejected: the next render buys another
    rejected: bool = False

    @property
    def sha256(self) -> str | None:
        """The clip's content hash."""
        return self.chosen.sha256 if self.chosen else None

    @property
    def held(self) -> Micros:
        """Its money on hold or in doubt."""
        return sum(attempt.held + attempt.doubt for attempt in self.attempts)

    @property
    def settled(self) -> Micros:
        """Money spent on it."""
        return sum(attempt.settled for attempt in self.attempts)

    @property
    def findings(self) -> tuple[Mapping[str, object], ...]:
        """The checks' findings on its clip."""
        return self.chosen.findings if self.chosen else ()


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """A project's money and takes. `rehearsal`: everything was bought on this machine."""

    money: Money
    caps: tuple[CapState, ...]
    takes: tuple[TakeView, ...]
    rehearsal: bool
    marks: Marks = field(default=Marks())
    #: why nothing is bought until a person decides about the ledger or the folder
    doubts: tuple[Problem, ...] = ()


def read_view(project: Project, settings: Settings, *, rehearsal: bool | None = None, list: str | None = None) -> View:
    """The project as its ledger has it. `rehearsal` selects which money counts; None shows rehearsals only if there is nothing else. With a
    `list`, only its takes are complete: of others, only open and recent ones, so that reading stays fast in a large ledger.
    """
    ledger = open_existing(project, settings)
    with closing(ledger) if ledger else nullcontext():
        return view_of(ledger, project, settings, rehearsal=rehearsal, list=list)


def view_of(ledger: Ledger | None, project: Project, settings: Settings, *, rehearsal: bool | None = None, list: str | None = None) -> View:
    """Like `read_view`, with an open ledger; None stands for a project without one."""
    doubts = tuple(ledger_identity.identity_problems(project, settings))
    if ledger is None:
        caps = _before_the_first_run(settings)
        tight = tightest(caps)
        nothing = Money(cap=None, settled=0, held=0, in_doubt=0, headroom=tight.headroom if tight else None)
        said = Marks(controls=controls(project))
        return View(money=nothing, caps=caps, takes=(), rehearsal=False, marks=said, doubts=doubts)
    mine = project.known_id
    if list is None:
        attempts = on_demand.read.attempts(ledger, mine)
    else:  # the list's, all that is open, and the newest of the project
        some = (
            on_demand.read.attempts(ledger, mine, list=list),
            on_demand.read.open_attempts(ledger, mine),
            on_demand.read.latest(ledger, mine, _RECENT, besides=list),
        )
        known = {attempt.id: attempt for attempts in some for attempt in attempts}
        attempts = sorted(known.values(), key=lambda attempt: int(attempt.id))
    return replace(_view_of(ledger, project, attempts, settings, rehearsal=rehearsal), doubts=doubts)


def _before_the_first_run(settings: Settings) -> tuple[CapState, ...]:
    """The caps of project.toml, which the first run puts in force; caps on each shot, sequence and the like have no name yet."""
    today = Clock().day(settings.timezone.value, settings.day_starts_at)
    names = own_names(today)
    return tuple(
        CapState(scope=rule.scope, name=names.get(rule.scope, rule.name), amount=rule.amount, used=0, source="file")
        for rule in settings.caps
    )


def purse(project: Project, settings: Settings) -> Money | None:
    """Only the project's money, which is fast however much it has bought; None if it has no ledger."""
    ledger = open_existing(project, settings)
    if ledger is None:
        return None
    try:
        return overview(ledger, project, settings).money
    finally:
        ledger.close()


def overview(ledger: Ledger, project: Project, settings: Settings) -> View:
    """Only money and today's caps: no attempt is read, so it is fast however much the project has bought."""
    rehearsal = on_demand.read.has_attempts(ledger, project.known_id) and not any(
        on_demand.read.totals(ledger, project.known_id, rehearsal=False)
    )
    return _view_of(ledger, project, (), settings, rehearsal=rehearsal)


@dataclass(frozen=True, slots=True)
class Summary:
    """A large project in totals: its money, caps and lists."""

    view: View
    lists: tuple[Tally, ...]


def summary(project: Project, settings: Settings, *, over: int) -> Summary | None:
    """The project in totals if it has made more than `over` attempts, too many to list each take; otherwise None."""
    ledger = open_existing(project, settings)
    if ledger is None:
        return None
    try:
        if on_demand.tally.attempts_count(ledger, project.known_id) <= over:
            return None
        seen = replace(overview(ledger, project, settings), doubts=tuple(ledger_identity.identity_problems(project, settings)))
        return Summary(seen, tuple(on_demand.tally.tallies(ledger, project.known_id)))
    finally:
        ledger.close()


def money(ledger: Ledger, project: Project, *, rehearsal: bool, caps: Sequence[CapState]) -> Money:
    """The project's money, summed from the ledger."""
    held, doubt, settled = on_demand.read.totals(ledger, project.known_id, rehearsal=rehearsal)
    tight = tightest(caps)
    return Money(
        cap=on_demand.read.project_cap(ledger, project.known_id),
        settled=settled,
        held=held,
        in_doubt=doubt,
        headroom=tight.headroom if tight else None,
    )


def _view_of(ledger: Ledger, project: Project, attempts: Sequence[Attempt], settings: Settings, *, rehearsal: bool | None) -> View:
    """The view of a project's attempts, and of the caps of days and months today's."""
    if rehearsal is None:
        rehearsal = bool(attempts) and not any(on_demand.read.totals(ledger, project.known_id, rehearsal=False))
    today = Clock().day(settings.timezone.value, settings.day_starts_at)
    caps = tuple(on_demand.read.caps(ledger, project.known_id, rehearsal=rehearsal, day=today))
    said = replace(on_demand.marks.marks(ledger, project.known_id).of_finals(attempts), controls=controls(project))
    sums = money(ledger, project, rehearsal=rehearsal, caps=caps)
    if sums.held or sums.in_doubt:
        mine = project.known_id
        with ledger.reading() as connection:
            caps = tuple(replace(cap, unspent=on_demand.read.unspent(connection, cap, mine, rehearsal=rehearsal)) for cap in caps)
    return View(
        money=sums,
        caps=caps,
        takes=tuple(_take_views(project, attempts, said)),
        rehearsal=rehearsal,
        marks=said,
    )


def _take_views(project: Project, attempts: Iterable[Attempt], said: Marks) -> Iterator[TakeView]:
    """Takes with their attempts, in the order of list, shot and number; `said` are people's marks. What a row asks for today is not known
    here: see `report.take_standing`.
    """
    ordered = sorted(attempts, key=lambda attempt: (attempt.take, attempt.n))
    by_id = {attempt.id: attempt for attempt in ordered}
    for take, group in groupby(ordered, key=lambda attempt: attempt.take):
        tried = tuple(group)
        received = [attempt for attempt in tried if attempt.state is State.RECEIVED]
        picked = by_id.get(said.picked(take) or "")
        chosen = picked or _stands(take, received, said)
        in_place = chosen is not None and clip_store.has(project, chosen.sha256, chosen.size)
        yield TakeView(
            take=take,
            sequence=tried[-1].sequence,
            service=tried[-1].service,
            model=tried[-1].model,
            state=(chosen or tried[-1]).state.value,
            attempts=tried,
            chosen=chosen,
            file=clip_store.clip_path(project, chosen.sha256) if in_place and chosen and chosen.sha256 else None,
            picked=picked is not None,
            stale=picked is None and chosen is not None and said.retaken(chosen, take),
            rejected=bool(received) and chosen is None,
        )


def _stands(take: TakeId, received: Sequence[Attempt], said: Marks) -> Attempt | None:
    """The newest clip that nobody rejected: preferably one that counts and has no failing finding."""
    wanted = [attempt for attempt in received if not said.rejected(attempt)]
    fresh = [attempt for attempt in wanted if not said.retaken(attempt, take)]
    good = [attempt for attempt in fresh if not attempt.failing]
    return next((some[-1] for some in (good, fresh, wanted) if some), None)
