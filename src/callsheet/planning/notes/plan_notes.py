"""The notes of a plan: dropped values, missing shots, old prices, waiting lanes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from callsheet.budget.rules.prices import PriceHistory
from callsheet.clock import Clock
from callsheet.cutting.conform import vanished
from callsheet.domain.attempt import Attempt
from callsheet.domain.errors import Problem
from callsheet.domain.mark import Marks
from callsheet.domain.money import Micros
from callsheet.domain.money import text as money
from callsheet.domain.shots.shot import Shot, Status
from callsheet.domain.wording import listed
from callsheet.media.inspect.probe import probe
from callsheet.planning import fallback
from callsheet.planning.notes import failure_streaks, price_warnings
from callsheet.planning.plan import Action, Plan, PlannedTake
from callsheet.pricing.priced import Priced
from callsheet.qc.clip import quirks
from callsheet.services.cards.card import Card
from callsheet.services.cards.file_rules import COLUMNS
from callsheet.services.cards.fit import VerdictKind
from callsheet.services.registry import SERVICES
from callsheet.settings.values import Settings
from callsheet.transport.account import Account


def with_notes(
    plan: Plan, cards: Mapping[str, Card], accounts: Mapping[str, Account], prices: PriceHistory, settings: Settings, further: Sequence[str]
) -> Plan:
    """The plan with notes on its cards and everything else."""
    context = price_warnings.PriceContext(cards, accounts, prices, Clock().now().date(), settings.attempts.price_old_days)
    return replace(plan, notes=(*plan.notes, *price_warnings.notes(plan.takes, context), *further))


def problems(priced: Sequence[Priced]) -> tuple[Problem, ...]:
    """Everything that is wrong with the rows that are ready to be bought."""
    ready = [item for row in priced for item in row.in_each_shape if item.shot.status is Status.READY]
    wrong = (problem for item in ready for problem in (*item.problems, *(item.draft.problems if item.draft else ())))
    return (*wrong, *_shared_addresses(ready))


def _shared_addresses(ready: Sequence[Priced]) -> Iterator[Problem]:
    """Addresses to which more than one take would be uploaded: the second would replace the first."""
    takes: dict[tuple[str, str], list[tuple[Shot, str]]] = {}
    for item in ready:
        for name, param in item.offer.params.items() if item.offer and item.ask and item.ask.delivery else ():
            address = item.ask.delivery.get(param.path or name) if item.ask and param.delivery and param.type == "url" else None
            if isinstance(address, str):  # the address to which the service would upload the row's clips
                mine = [(item.shot, f"{item.shot.shot_id}.t{number}") for number in range(1, item.shot.takes + 1)]
                takes.setdefault((name, address), []).extend(mine)
    help = "give each shot its own address, and takes = 1"
    for (name, _), several in takes.items():
        message = f"{name} is shared by {listed([take for _, take in several], 4)}: each clip would replace the one before it"
        for shot in dict.fromkeys(shot for shot, _ in several) if len(several) > 1 else ():
            origin = shot.origin
            problem = Problem(code="shared-address", message=message, help=help)
            yield problem.at(file=origin.file, row=origin.row, line=origin.line, column="params", shot=shot.shot_id)


def retired(takes: Sequence[PlannedTake]) -> tuple[Problem, ...]:
    """Models that would be bought but are no longer sold, at the rows that name them; existing clips stay."""
    gone = ((take, take.priced.gone) for take in takes if take.action is Action.BLOCKED)
    return tuple(dict.fromkeys(problem for take, problem in gone if problem and take.reason.startswith(problem.message)))


def ledger_notes(
    takes: Sequence[PlannedTake], priced: Sequence[Priced], own: Sequence[Attempt], marks: Marks, settings: Settings
) -> Iterator[str]:
    """What a person should know from the ledger: a pause, shots that are missing from the list, lanes that wait for a decision, possible
    fallbacks.
    """
    if paused := marks.controls.paused_problem():
        yield f"{paused.message}; {paused.help}"
    if held_back := marks.controls.held_back_problem(take.take for take in takes if take.action is Action.BLOCKED):
        yield f"{held_back.message}; {held_back.help}"
    for shot in vanished(priced, {take.attempt.id for take in takes if take.attempt}, own, marks):
        yield f"{shot} is no longer in the list; its clip stays; to leave it out for good, add its row with status = omit"
    for service in sorted({take.priced.service for take in takes if take.action is Action.BUY}):
        if SERVICES[service].wire.recovery != "keyed":
            limit = f"{settings.lane(service).doubts} stop its lane for the rest of a run ([lanes.{service}] doubts)"
            yield f"{service} can't look up a request whose answer was lost: {limit}"
    if footage := [f"{item.shot.shot_id} ({item.own.name})" for item in priced if item.own]:
        yield f"own clips, for which nothing is bought: {listed(footage, 4)}"
    yield from footage_notes(priced)
    if cards := [item.shot.shot_id for item in priced if item.ground]:
        yield f"title cards, for which nothing is bought: {listed(cards, 4)}"
    if written := [f"{item.shot.shot_id} ({item.titles[0][0].text.splitlines()[0]})" for item in priced if item.titles]:
        yield f"titles are written over {listed(written, 4)}"
    yield from twin_notes(takes)
    yield from failure_streaks.notes(own, marks)
    yield from fallback.notes(takes, settings.fallback)
    yield from fallback.reading_notes(takes)


def footage_notes(priced: Sequence[Priced]) -> Iterator[str]:
    """Unusual properties of the author's own clips that finishing corrects, with their shots."""
    found: dict[str, list[str]] = {}
    for item in priced:
        for quirk in quirks(probe(item.own.file)) if item.own else ():
            found.setdefault(quirk, []).append(item.shot.shot_id)
    yield from (f"own clips: {quirk} ({listed(shots, 4)})" for quirk, shots in found.items())


def twin_notes(takes: Sequence[PlannedTake]) -> Iterator[str]:
    """Shots that would be bought although an earlier one has their prompt, model, seed and files, with their cost: intended, or a row too
    many.
    """
    first: dict[tuple[object, ...], str] = {}
    costs: dict[str, Micros] = {}
    twins: dict[str, str] = {}
    for take in takes:
        shot = take.shot
        like = (shot.prompt, take.model, shot.seed, shot.first_frame, shot.last_frame, shot.audio, shot.shape)
        earlier = first.setdefault(like, shot.shot_id)
        if earlier != shot.shot_id and take.action is Action.BUY:
            twins[shot.shot_id] = earlier
            costs[shot.shot_id] = costs.get(shot.shot_id, 0) + take.price
    if len(twins) == 1:
        [(shot, earlier)] = twins.items()
        yield f"{shot} has the same prompt, model and seed as {earlier}, and is bought as well, for {money(costs[shot])} USD"
    elif twins:
        pairs = listed([f"{shot} as {earlier}" for shot, earlier in twins.items()], 4)
        yield f"{len(twins)} shots have the same prompt, model and seed as an earlier one, and are bought as well, for {money(sum(costs.values()))} USD ({pairs})"


def dropped_notes(priced: Sequence[Priced]) -> Iterator[str]:
    """Values that are dropped, and files that don't fit, once for each kind and model."""
    seen: dict[str, list[str]] = {}
    for item in priced:
        files = [verdict for verdict in item.fit.of(VerdictKind.SNAPPED) if verdict.field in COLUMNS]
        for verdict in (*item.fit.of(VerdictKind.DROPPED), *files):
            seen.setdefault(f"{verdict.field}: {verdict.why}", []).append(item.shot.shot_id)
    return _with_shots(seen)


def snapped_notes(priced: Sequence[Priced]) -> Iterator[str]:
    """What a model makes other than requested, once for each change; except for files, which are in `dropped_notes`."""
    seen: dict[str, list[str]] = {}
    for item in priced:
        for verdict in item.fit.of(VerdictKind.SNAPPED) if item.shot.status is Status.READY else ():
            if verdict.field not in COLUMNS:
                seen.setdefault(f"{verdict.field} {verdict.wanted} becomes {verdict.granted}: {verdict.why}", []).append(item.shot.shot_id)
    return _with_shots(seen)


def hint_notes(priced: Sequence[Priced], cards: Mapping[str, Card]) -> Iterator[str]:
    """The services' advice for rows like these, each once with its shots."""
    seen: dict[str, list[str]] = {}
    for item in priced:
        card = cards.get(item.model)
        if card and item.ask and item.shot.status is Status.READY:
            for hint in card.hints:
                if hint.meant(item.ask):
                    seen.setdefault(f"{hint.about}: {hint.says}", []).append(item.shot.shot_id)
    return _with_shots(seen)


def _with_shots(seen: Mapping[str, Sequence[str]]) -> Iterator[str]:
    for why, shots in seen.items():
        yield f"{why} ({listed(shots, 4)})"
