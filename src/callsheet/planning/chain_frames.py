"""The frames that chains of shots depend on: which clip shows each today, what is still to come, and which clips were made from an older
frame.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from fractions import Fraction

from callsheet.assets.clip_frames import Wish, taken
from callsheet.domain.attempt import State
from callsheet.domain.errors import MediaError, MediaFault
from callsheet.domain.money import text
from callsheet.domain.shots.shot import Size, row_of
from callsheet.domain.take import TakeId
from callsheet.domain.typed import typed
from callsheet.media.clip.frame_still import Part
from callsheet.planning.continuity import Link, Links
from callsheet.planning.plan import Action, Chain, PlannedTake
from callsheet.pricing.priced import Priced
from callsheet.services.cards.file_rules import Field
from callsheet.services.protocol.media_ref import MediaRef
from callsheet.store import clip_store
from callsheet.store.project_folder import Project

Cell = tuple[Field, str]


@dataclass(frozen=True, slots=True)
class Frames:
    """The frames of a list's chains as far as they exist; why one can't be had, and notes on each, by its cell."""

    files: Mapping[Cell, MediaRef] = field(default_factory=dict[Cell, MediaRef])
    wrong: Mapping[Cell, str] = field(default_factory=dict[Cell, str])
    said: Mapping[Cell, str] = field(default_factory=dict[Cell, str])


def before(links: Iterable[Link], list: str, project: Project) -> dict[Cell, MediaRef]:
    """All frames as still to come, before anything is known of clips."""
    return {(link.column, link.cell): MediaRef.of_frame(link.cell, _meant(link, list, project)) for link in links}


def frames(links: Links, takes: Sequence[PlannedTake], priced: Sequence[Priced], project: Project, known: Frames) -> Frames:
    """The frames that today's plan provides. Frames on which only kept clips depend are not opened; `known` ones are not taken again."""
    shown, rows = showing(takes), {item.shot.shot_id: item for item in priced}
    bought = {row_of(take.take.shot) for take in takes if take.action in (Action.BUY, Action.BLOCKED)}
    files, wrong, said = dict(known.files), dict(known.wrong), dict(known.said)
    for shot, mine in links.of.items():
        for link in mine:
            cell = (link.column, link.cell)
            wish = wished(link, rows[link.frame.shot], shown.get(link.frame.shot), project)
            earlier = files.get(cell)
            if wish is None:
                target = rows[link.frame.shot]
                meant = _meant(link, target.shot.list, project)
                files[cell] = MediaRef.of_frame(link.cell, meant, size=target.ask.size if target.ask else None)
            elif shot in bought and not (earlier and earlier.source == wish.source):
                try:
                    found = taken(wish)
                    files[cell], said[cell] = found.file, found.said
                    wrong.pop(cell, None)
                except MediaFault:
                    raise
                except MediaError as error:
                    wrong[cell] = f"{link.cell} can't be used: {error.message}; {error.problems[0].help}"
            elif earlier is None or earlier.to_come:
                files[cell] = MediaRef.of_frame(link.cell, wish.reference, size=_size(rows[link.frame.shot]))
    return Frames(files, wrong, said)


def showing(takes: Iterable[PlannedTake]) -> dict[str, PlannedTake]:
    """For each shot, the take that others depend on: the picked one; otherwise take 1, or if that is unavailable, the first with a clip."""
    by_shot: dict[str, list[PlannedTake]] = {}
    for take in takes:
        by_shot.setdefault(take.take.shot, []).append(take)
    found: dict[str, PlannedTake] = {}
    for shot, several in by_shot.items():
        several.sort(key=lambda take: (take.final_of is None, take.take.n))  # of a picked draft, what is bought after it
        kept = [take for take in several if take.action is Action.KEEP]
        picked = [take for take in kept if take.picked]
        first = several[0]
        found[shot] = (picked or (kept if first.action is Action.BLOCKED else []) or [first])[0]
    return found


def wished(link: Link, target: Priced, shown: PlannedTake | None, project: Project) -> Wish | None:
    """The frame that a link shows today; None if its clip doesn't exist."""
    part = part_of(link, target)
    meant = _meant(link, target.shot.list, project)
    if target.own:
        return Wish(link.cell, f"{target.own.sha256}#{part}", target.own.file, target.own.sha256, part)
    attempt = shown.attempt if shown and shown.action is Action.KEEP else None
    if attempt is None or attempt.sha256 is None:
        return None
    return Wish(link.cell, meant, clip_store.clip_path(project, attempt.sha256), attempt.sha256, part)


def part_of(link: Link, target: Priced) -> Part:
    """The part of the target's clip in the cut, and the frame of it that the link refers to."""
    begins = Fraction(target.shot.in_s or Decimal(0))
    return Part(begins, begins + Fraction(target.used_s), link.frame.point, Fraction(link.frame.at))


def waiting(takes: Sequence[PlannedTake], links: Links, found: Frames) -> tuple[PlannedTake, ...]:
    """The plan's takes; those that depend on frames with what they wait for, or with why they can't be bought; kept ones with whether they
    are stale.
    """
    if not links:
        return tuple(takes)
    shown = showing(takes)
    decided: dict[TakeId, PlannedTake] = {}
    stale: dict[str, str] = {}
    for take in sorted(takes, key=lambda take: (links.depth_of(take.take.shot), take.take.n)):
        mine = links.mine(take.take.shot)
        now = take
        if mine and take.action is Action.BUY:
            now = _bought(take, mine, shown, found)
        elif mine and take.action is Action.KEEP and (why := _stale(take, mine, shown, stale)):
            stale.setdefault(take.take.shot, why)
            now = replace(take, stale=why, reason=f"{take.reason}; stale: {why}")
        decided[take.take] = now
        if shown.get(take.take.shot) is take:
            shown[take.take.shot] = now
    return tuple(decided[take.take] for take in takes)


def _bought(take: PlannedTake, mine: Sequence[Link], shown: Mapping[str, PlannedTake], found: Frames) -> PlannedTake:
    """A take to buy, with the takes that it waits for; blocked if one of them won't provide a frame."""
    waits: list[TakeId] = []
    for link in mine:
        target = shown.get(link.frame.shot)
        if why := found.wrong.get((link.column, link.cell)):
            return replace(take, action=Action.BLOCKED, reason=why)
        if target is None:  # the author's own clip
            continue
        if target.draft and not take.draft:
            why = f"waits for {link.cell} in full quality, but no draft of {target.take.shot} is picked"
            return replace(take, action=Action.BLOCKED, reason=why)
        if target.action is Action.BLOCKED:
            return replace(take, action=Action.BLOCKED, reason=f"waits for {link.cell}, but {target.take} is not bought: {target.reason}")
        if target.action is Action.KEEP and target.attempt and target.attempt.failing and not target.picked:
            return replace(take, action=Action.BLOCKED, reason=unfit(link.cell, target.take, target.attempt.failures))
        if target.action is not Action.KEEP:
            waits.append(target.take)
    return replace(take, waits=tuple(waits), reason=f"{take.reason}; waits for {', '.join(link.cell for link in mine)}") if waits else take


def unfit(cell: str, target: TakeId, failures: Sequence[str]) -> str:
    """Why nothing is bought from a clip with failing findings."""
    return f"depends on {cell}, but {target} has findings ({', '.join(failures)}): `{typed('pick', target)}` accepts it, `{typed('retake', target.shot)}` buys another"


def _stale(take: PlannedTake, mine: Sequence[Link], shown: Mapping[str, PlannedTake], stale: Mapping[str, str]) -> str:
    """Why a kept clip was made from another frame than the list refers to today; "" if it wasn't, or nothing says so."""
    attempt = take.attempt
    sources = {file.column: file.source for file in attempt.files} if attempt else {}
    for link in mine:
        target = shown.get(link.frame.shot)
        if target is None:
            continue
        if take.draft and not target.draft:
            continue  # a draft shows what it was chosen for, whatever was bought after
        if link.frame.shot in stale:
            return f"{link.frame.shot} is stale itself"
        source = sources.get(link.column, "")
        if target.action is Action.BUY and source:
            return f"{target.take} is bought anew"
        clip = target.attempt.sha256 if target.attempt and target.attempt.state is State.RECEIVED else None
        if clip and source and source != f"{clip}#{part_of(link, target.priced)}":
            what = "another clip" if not source.startswith(f"{clip}#") else "another frame"
            return f"{link.cell} is {what} now than when {attempt.name if attempt else take.take} was bought"
    return ""


def notes(takes: Sequence[PlannedTake], found: Frames) -> Iterator[str]:
    """Notes on chains: frames that were skipped, and clips that are stale, with the price of buying them again."""
    yield from (said for said in found.said.values() if said)
    stale = [take for take in takes if take.stale]
    if not stale:
        return
    shots = list(dict.fromkeys(take.take.shot for take in stale))
    yield f"stale, kept: {len(stale)}; `{typed('retake', *shots)}` and the next render buy them again for {text(sum(take.again for take in stale))} USD"


def longest(takes: Sequence[PlannedTake], links: Links, seconds: Mapping[tuple[str, str], float]) -> Chain | None:
    """The chain that takes longest to buy; None if no take waits for another."""
    todo = {take.take.shot: take for take in takes if take.action in (Action.BUY, Action.WAIT) and take.take.n == 1}
    best: dict[str, tuple[float, int, str | None]] = {}
    for shot in sorted(todo, key=links.depth_of):
        own = seconds.get((todo[shot].priced.account, todo[shot].model), 0.0)
        behind = [(best[link.frame.shot], link.frame.shot) for link in links.mine(shot) if link.frame.shot in best]
        before_it, name = max(behind, default=((0.0, 0, None), None))
        best[shot] = (before_it[0] + own, before_it[1] + 1, name)
    last = max(best, key=lambda name: best[name][:2], default=None)
    if last is None or best[last][1] < 2:
        return None
    shots: list[str] = []
    at: str | None = last
    while at is not None:
        shots.append(at)
        at = best[at][2]
    known = all((todo[shot].priced.account, todo[shot].model) in seconds for shot in shots)
    return Chain(tuple(reversed(shots)), best[last][0] if known else None)


def _meant(link: Link, list: str, project: Project) -> str:
    """What the author wrote, apart from what it shows today: the same words in another project or list refer to another picture."""
    return f"{project.known_id}/{list}:{link.cell}"


def _size(target: Priced) -> Size | None:
    if target.own:
        return target.own.size
    return target.ask.size if target.ask else None
