"""Continuity: resolves cells that refer to another shot's picture into which shot waits for which. Pure.

`@prev` and `@S0010` become `@S0010#last`; `@S0010#input` becomes that shot's own first_frame. References to nothing, circles and chains
that are too long are all reported at their cells at once.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from callsheet.domain.delivery.title import card_ground
from callsheet.domain.errors import Problem
from callsheet.domain.shots.frame_ref import PREVIOUS, SIGN, FrameRef
from callsheet.domain.shots.shot import Shot, Status, row_of
from callsheet.domain.wording import did_you_mean
from callsheet.shotlist.columns.cells import CellError
from callsheet.shotlist.row import shown

Picture = Literal["first_frame", "last_frame"]
#: the columns that may refer to a picture of another shot
PICTURES: tuple[Picture, ...] = ("first_frame", "last_frame")
_MOST_NAMED = 8


@dataclass(frozen=True, slots=True)
class Link:
    """A shot's cell that refers to a picture of another shot. `cell` is the reference in canonical form."""

    shot: str
    column: Picture
    cell: str
    frame: FrameRef


@dataclass(frozen=True, slots=True)
class Links:
    """Which shots depend on which: the links of each shot, how many generated pictures come before its own, and its place in buying order."""

    of: Mapping[str, tuple[Link, ...]] = field(default_factory=dict[str, tuple[Link, ...]])
    depth: Mapping[str, int] = field(default_factory=dict[str, int])
    ranks: Mapping[str, tuple[int, int, int, int]] = field(default_factory=dict[str, tuple[int, int, int, int]])

    def __bool__(self) -> bool:
        return bool(self.of)

    def mine(self, shot: str) -> tuple[Link, ...]:
        """The links of a shot, in whichever shape it is bought: `S0010@9x16` hangs on what its row hangs on."""
        return self.of.get(row_of(shot), ())

    def depth_of(self, shot: str) -> int:
        """How many generated pictures lie behind a shot's own, in whichever shape it is bought."""
        return self.depth.get(row_of(shot), 0)

    def rank(self, shot: Shot) -> tuple[int, int, int, int]:
        """Buying order: priority, then row. A shot is bought before those that depend on it, as early as the most urgent of them."""
        return self.ranks.get(shot.row_id, (shot.priority, shot.origin.row, 0, shot.origin.row))


@dataclass(frozen=True, slots=True)
class Resolved:
    """Rows with their references resolved, in their order; the links among them, all valid references, and the problems."""

    shots: tuple[Shot, ...]
    links: Links = Links()
    every: tuple[Link, ...] = ()
    problems: tuple[Problem, ...] = ()


def resolve(shots: Sequence[Shot], max_links: int) -> Resolved:
    """Resolve every reference of a list's rows; a chain may have `max_links`."""
    if not any((getattr(shot, column) or "").startswith(SIGN) for shot in shots for column in PICTURES):
        return Resolved(tuple(shots))
    graph = _Graph(shots)
    resolved = tuple(graph.resolved(shot) for shot in shots)
    links: dict[str, tuple[Link, ...]] = {}
    for shot in resolved:
        if shot.status is not Status.OMIT and (mine := tuple(_links(shot, graph.lost))):
            links[shot.shot_id] = mine
    by_id = {shot.shot_id: shot for shot in resolved}
    circles, ends = _circles(links, by_id)
    open_links = {shot: mine for shot, mine in links.items() if shot not in ends}
    depth = _depths(open_links, by_id)
    long = _too_long(open_links, depth, by_id, max_links)
    every = tuple(link for mine in links.values() for link in mine)
    ranked = Links(open_links, depth, _ranks(open_links, depth, by_id))
    return Resolved(resolved, ranked, every, (*graph.problems, *circles, *long))


class _Graph:
    """The rows by id and by position, and the references that were followed."""

    def __init__(self, shots: Sequence[Shot]) -> None:
        self._by_id = {shot.shot_id: shot for shot in shots if shot.shot_id}
        self._before: dict[str, str | None] = {}
        last: dict[str, str] = {}
        for shot in sorted(shots, key=lambda one: one.origin.row):
            self._before[shot.shot_id] = last.get(shot.sequence)
            if shot.status is not Status.OMIT:
                last[shot.sequence] = shot.shot_id
        self.problems: list[Problem] = []
        #: shots and columns whose references are invalid
        self.lost: set[tuple[str, str]] = set()

    def resolved(self, shot: Shot) -> Shot:
        """The row with its references in canonical form; a reference that can't be followed is recorded, and its cell stays as it is."""
        changed: dict[str, str | None] = {}
        for column in PICTURES:
            cell: str | None = getattr(shot, column)
            if cell and cell.startswith(SIGN) and shot.status is not Status.OMIT:
                try:
                    changed[column] = self._meant(shot, column, cell)
                except CellError as error:
                    self.lost.add((shot.shot_id, column))
                    self.problems.append(_placed(shot, column, f"{shown(cell)} {error.why}", error.fix))
        return replace(shot, **changed) if changed else shot

    def _meant(self, shot: Shot, column: Picture, cell: str) -> str | None:
        """The meaning of a cell: a full reference, or the content of the cell whose picture it uses. CellError if it refers to nothing."""
        seen: set[tuple[str, Picture]] = set()
        while cell.startswith(SIGN):
            ref = self._ref(shot, cell)
            target = self._by_id[ref.shot]
            if ref.point != "input":
                if card_ground(target.clip):
                    raise _wrong(f"refers to {ref.shot}, a title card, which has no picture of its own", "name a shot with a picture")
                return str(ref)
            seen.add((shot.shot_id, column))
            shot, column = target, "first_frame"
            if (shot.shot_id, column) in seen:
                raise _wrong("leads back to itself", "name a file in one of the cells of the circle")
            if not shot.first_frame:
                why = f"uses the first_frame of {shot.shot_id}, which has none"
                raise _wrong(why, f"give {shot.shot_id} a first_frame, or write {SIGN}{shot.shot_id}#first for the first frame of its clip")
            cell = shot.first_frame
        return cell

    def _ref(self, shot: Shot, cell: str) -> FrameRef:
        try:
            ref = FrameRef.parse(cell)
        except ValueError as error:
            raise _wrong(str(error), "name a shot of this list, or a file, such as refs/pier.png") from None
        if ref.shot == PREVIOUS and PREVIOUS not in self._by_id:
            before = self._before.get(shot.shot_id)
            if before is None:
                why = f"is used in the first shot of {shot.sequence}, which has no shot before it"
                raise _wrong(why, "name a file, or the shot that it follows")
            ref = replace(ref, shot=before)
        target = self._by_id.get(ref.shot)
        if target is None:
            fix = did_you_mean(ref.shot, self._by_id, "name a shot of this list, or a file")
            raise _wrong(f"refers to {ref.shot}, which is not in this list", fix)
        if target.status is Status.OMIT:
            raise _wrong(f"refers to {ref.shot}, which has status omit", "name another shot or a file, or change its status")
        if target.shot_id == shot.shot_id and ref.point != "input":
            raise _wrong("refers to its own shot", "name the shot that it follows, or a file")
        if ref.point == "t" and target.duration_s is not None and ref.at >= target.duration_s:
            fix = f"write a time below {target.duration_s.normalize():f}, or {SIGN}{ref.shot}#last"
            raise _wrong(f"is beyond {ref.shot}, which takes {target.duration_s.normalize():f} s in the cut", fix)
        return ref


def _wrong(why: str, fix: str) -> CellError:
    return CellError("bad-reference", why, fix)


def _links(shot: Shot, lost: Collection[tuple[str, str]]) -> Iterator[Link]:
    for column in PICTURES:
        cell: str | None = getattr(shot, column)
        if cell and cell.startswith(SIGN) and (shot.shot_id, column) not in lost:
            yield Link(shot.shot_id, column, cell, FrameRef.parse(cell))


def _circles(links: Mapping[str, Sequence[Link]], by_id: Mapping[str, Shot]) -> tuple[list[Problem], set[str]]:
    """Each circle once, at the cell of its first row; and all shots that are in a circle or depend on one."""
    state: dict[str, int] = {}
    problems: list[Problem] = []
    bad: set[str] = set()

    def visit(start: str) -> None:
        path: list[tuple[str, Iterator[Link]]] = [(start, iter(links.get(start, ())))]
        state[start] = 1
        while path:
            shot, rest = path[-1]
            link = next(rest, None)
            if link is None:
                state[shot] = 2
                path.pop()
                continue
            target = link.frame.shot
            if state.get(target) == 1:
                circle = [name for name, _ in path[[name for name, _ in path].index(target) :]]
                bad.update(circle)
                problems.append(_circle(circle, links, by_id))
            elif target not in state and target in links:
                state[target] = 1
                path.append((target, iter(links[target])))

    for shot in links:
        if shot not in state:
            visit(shot)
    grown = True
    while grown:
        more = {shot for shot, mine in links.items() if shot not in bad and any(link.frame.shot in bad for link in mine)}
        bad |= more
        grown = bool(more)
    return problems, bad


def _circle(circle: list[str], links: Mapping[str, Sequence[Link]], by_id: Mapping[str, Shot]) -> Problem:
    first = min(circle, key=lambda name: by_id[name].origin.row)
    at = circle.index(first)
    around = [*circle[at:], *circle[:at], first]
    link = next(link for link in links[first] if link.frame.shot == around[1])
    said = (
        ", which waits for ".join(around[1:]) if len(around) <= _MOST_NAMED else f"{around[1]}, and after {len(circle)} shots for {first}"
    )
    message = f"{shown(link.cell)} is part of a circle: {first} waits for {said}"
    return _placed(by_id[first], link.column, message, "name a file in one of these cells")


def _depths(links: Mapping[str, Sequence[Link]], by_id: Mapping[str, Shot]) -> dict[str, int]:
    """How many generated pictures come before each shot's own; the author's own clips don't count."""
    depth: dict[str, int] = {}

    def of(shot: str) -> int:
        stack = [shot]
        while stack:
            top = stack[-1]
            open_ = [link.frame.shot for link in links.get(top, ()) if link.frame.shot not in depth]
            if open_:
                stack.extend(open_)
                continue
            behind = (0 if by_id[link.frame.shot].clip else depth[link.frame.shot] + 1 for link in links.get(top, ()))
            depth[top] = max(behind, default=0)
            stack.pop()
        return depth[shot]

    for shot in links:
        of(shot)
    return depth


def _too_long(links: Mapping[str, Sequence[Link]], depth: Mapping[str, int], by_id: Mapping[str, Shot], most: int) -> Iterator[Problem]:
    """The first shot of each chain that is more than `most` links from its beginning."""
    for shot, mine in links.items():
        link = max(mine, key=lambda one: depth.get(one.frame.shot, 0))
        if depth[shot] != most + 1 or by_id[link.frame.shot].clip:
            continue
        longest = max((depth[other] for other in _behind(shot, links)), default=depth[shot])
        chain = chain_to(shot, links, depth)
        message = f"{shown(link.cell)} is link {depth[shot]} of a chain ({' > '.join(chain)}), but each link softens the picture, so only {most} are allowed"
        fix = f"begin {shot} with a file, or write [continuity] max_links = {longest} in project.toml"
        yield _placed(by_id[shot], link.column, message, fix)


def _behind(shot: str, links: Mapping[str, Sequence[Link]]) -> set[str]:
    """The shots that depend on this one, directly or indirectly, and itself."""
    found = {shot}
    while more := {other for other, mine in links.items() if other not in found and any(link.frame.shot in found for link in mine)}:
        found |= more
    return found


def chain_to(shot: str, links: Mapping[str, Sequence[Link]], depth: Mapping[str, int]) -> list[str]:
    """The longest chain that ends with a shot, from its beginning."""
    chain = [shot]
    while mine := links.get(chain[-1]):
        chain.append(max(mine, key=lambda link: depth.get(link.frame.shot, 0)).frame.shot)
    return chain[::-1]


def _ranks(
    links: Mapping[str, Sequence[Link]], depth: Mapping[str, int], by_id: Mapping[str, Shot]
) -> dict[str, tuple[int, int, int, int]]:
    """Places in buying order for all shots of chains: a shot is as urgent as those that wait for it, and comes before them."""
    urgent = {name: (by_id[name].priority, by_id[name].origin.row) for name in depth}
    for name in sorted(depth, key=lambda one: -depth[one]):
        for link in links.get(name, ()):
            urgent[link.frame.shot] = min(urgent[link.frame.shot], urgent[name])
    return {name: (*urgent[name], depth[name], by_id[name].origin.row) for name in depth}


def _placed(shot: Shot, column: str, message: str, fix: str) -> Problem:
    origin = shot.origin
    return Problem(
        code="bad-reference",
        message=message,
        help=fix,
        file=origin.file,
        row=origin.row,
        line=origin.line,
        column=column,
        shot=shot.shot_id,
    )
