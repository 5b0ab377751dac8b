"""The part of a review's log that doesn't steer the cut: clients' requests, and notes. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from callsheet.domain.mark import Mark, MarkKind, Marks, Role, Shot


@dataclass(frozen=True, slots=True)
class Wishes:
    """One client's current requests for a shot: the pick, the rejects and the retake, newest last."""

    role: Role
    marks: tuple[Mark, ...]

    @property
    def verdict(self) -> str:
        """The result: the picked attempt, `retake`, or nothing."""
        last = [mark for mark in self.marks if mark.kind in (MarkKind.PICK, MarkKind.RETAKE)]
        return "" if not last else "retake" if last[-1].kind is MarkKind.RETAKE else str(last[-1].attempt)


def wishes(log: Iterable[Mark]) -> dict[Shot, dict[Role, Wishes]]:
    """Every client's current requests by shot: a later one replaces an earlier one about the same thing."""
    standing: dict[tuple[Shot, Role], list[Mark]] = {}
    for mark in log:
        if mark.role is Role.PRODUCER or mark.kind not in _REPLACES:
            continue
        mine = standing.setdefault(((mark.list, mark.shot), mark.role), [])
        mine[:] = [one for one in mine if one.kind not in _REPLACES[mark.kind] and (one.attempt is None or one.attempt != mark.attempt)]
        if mark.kind in (MarkKind.PICK, MarkKind.REJECT, MarkKind.RETAKE):
            mine.append(mark)
    found: dict[Shot, dict[Role, Wishes]] = {}
    for (shot, role), marks in standing.items():
        if marks:
            found.setdefault(shot, {})[role] = Wishes(role, tuple(marks))
    return found


#: which earlier requests of the same client for the shot each mark ends, whatever clip they are about
_REPLACES: dict[MarkKind, tuple[MarkKind, ...]] = {
    MarkKind.PICK: (MarkKind.PICK, MarkKind.RETAKE),
    MarkKind.REJECT: (),
    MarkKind.UNREJECT: (),
    MarkKind.RETAKE: (MarkKind.PICK, MarkKind.RETAKE),
    MarkKind.UNRETAKE: (MarkKind.RETAKE,),
    MarkKind.UNPICK: (MarkKind.PICK,),
    MarkKind.WITHDRAW: (MarkKind.PICK, MarkKind.REJECT, MarkKind.RETAKE),
}


def notes(log: Iterable[Mark]) -> list[Mark]:
    """The current notes, oldest first. Their author may erase them, and so may the producer."""
    written: dict[str, Mark] = {}
    for mark in log:
        if mark.kind is MarkKind.NOTE:
            written[mark.uid or str(mark.number)] = mark
        elif mark.kind is MarkKind.ERASE:
            meant = str(mark.body.get("note", ""))
            if meant in written and mark.role in (Role.PRODUCER, written[meant].role):
                del written[meant]
    return list(written.values())


def in_conflict(shot: Shot, marks: Marks, said: Collection[Wishes], decided: int) -> bool:
    """Whether a person has to decide: clients disagree with each other, or with the producer's earlier decision (row `decided`, 0: none
    yet).
    """
    picked = next((clip for take, clip in marks.picks.items() if (take.list, take.shot) == shot), "")
    own = "retake" if shot in marks.basket or (not picked and shot in marks.retakes) else picked
    later = {one.verdict for one in said if one.verdict and one.marks[-1].number > decided}
    return len(later) > 1 or bool(own and later - {own})
