"""The effect of a decision: what the next render does with each take, and what the cut shows for each shot."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence

from callsheet.cli.output.documents_decisions import Follows, ShotInCut
from callsheet.domain.cut import CutShot
from callsheet.domain.money import text
from callsheet.planning.plan import Action, PlannedTake
from callsheet.planning.plan_cuts import cuts
from callsheet.planning.project_plan import Prepared

_VERBS = {Action.BUY: "buys", Action.KEEP: "keeps", Action.WAIT: "goes on with", Action.BLOCKED: "doesn't buy"}

#: list and shot
Shot = tuple[str, str]


def of_shots(lists: Iterable[Prepared], shots: Collection[Shot]) -> list[PlannedTake]:
    """The planned takes of these shots."""
    return [take for one in lists for take in one.plan.takes if (take.take.list, take.take.shot) in shots]


def take_parts(takes: Iterable[PlannedTake]) -> list[Follows]:
    """Each take for scripts."""
    return [
        {"take": str(take.take), "list": take.take.list, "action": take.action.value, "reason": take.reason, "price": text(take.price)}
        for take in takes
    ]


def take_lines(takes: Sequence[PlannedTake]) -> list[str]:
    """Each take for people, and what all of them cost together where several are bought."""
    bought = [take for take in takes if take.action is Action.BUY]
    sums = [f"  together {text(sum(take.price for take in bought))} USD for {len(bought)} takes"] if len(bought) > 1 else []
    return [*map(_line, takes), *sums]


def shots_in_cut(lists: Iterable[Prepared], shots: Collection[Shot]) -> list[ShotInCut]:
    """What the next cut shows for these shots: a take, or a slate if that is null; several if a shot is joined from several."""
    shown = [
        (one.plan.list, name, None if shot.take is None else str(shot.take), shot.stale)
        for one in lists
        if any(list == one.plan.list for list, _ in shots)
        for name, shot in _each_shape(one)
        if (one.plan.list, name) in shots
    ]
    return [{"list": list, "shot": shot, "take": take, "stale": stale} for list, shot, take, stale in dict.fromkeys(shown)]


def _each_shape(one: Prepared) -> Iterator[tuple[str, CutShot]]:
    """Every shot of every cut, by its name in the delivery's shape: `S030@9x16` in an upright film, if the row is bought upright, too."""
    rows = {row.shot.shot_id: row for row in one.priced}
    for cut, delivery in cuts(one):
        for shot in cut.shots:
            yield rows[shot.shot].shown_in(delivery.size)[0].shot.shot_id, shot


def cut_lines(shots: Iterable[ShotInCut]) -> Iterator[str]:
    """The same for people."""
    for shot in shots:
        shown = f"{shot['take']}{', marked as stale' if shot['stale'] else ''}" if shot["take"] else "a slate"
        yield f"  the next cut shows {shown} for {shot['shot']}"


def _line(take: PlannedTake) -> str:
    price = f" for {text(take.price)} USD" if take.action is Action.BUY else ""
    return f"  the next render {_VERBS[take.action]} {take.take}{price}: {take.reason}"
