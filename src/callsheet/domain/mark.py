"""Marks: what people said of takes and clips, and what follows from it. Pure; a mark moves no money and sends nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from callsheet.domain.attempt import Attempt
from callsheet.domain.take import TakeId

Shot = tuple[str, str]


class MarkKind(StrEnum):
    """What can be said."""

    PICK = "pick"  #: this clip is the take's; it is locked and stands in the cut
    UNPICK = "unpick"  #: the take is no longer locked
    REJECT = "reject"  #: this clip is not wanted anywhere
    RETAKE = "retake"  #: what the shot has so far no longer counts


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """One row: of a take (`pick`, `unpick`), of a take's attempt (`pick`, `reject`) or of a shot (`retake`).

    `upto` is the ledger's newest attempt when a `retake` was made: it and those before are what the shot had.
    """

    kind: MarkKind
    list: str
    shot: str
    take: int | None = None
    attempt: str | None = None
    upto: int = 0
    note: str = ""
    at: str = ""


@dataclass(frozen=True, slots=True)
class Marks:
    """All marks of a project, folded: which attempt each picked take is locked to, what is rejected, up to where each shot was retaken."""

    picks: Mapping[TakeId, str] = field(default_factory=dict[TakeId, str])
    rejects: frozenset[str] = frozenset()
    retakes: Mapping[Shot, int] = field(default_factory=dict[Shot, int])

    @classmethod
    def of(cls, marks: Iterable[Mark]) -> Marks:
        """The fold of marks, oldest first. A shot has one pick at most: the last."""
        picks = dict[Shot, tuple[TakeId, str, int]]()
        rejects, rejected_at, retakes = set[str](), dict[str, int](), dict[Shot, int]()
        for number, mark in enumerate(marks):
            shot, clip = (mark.list, mark.shot), str(mark.attempt)
            if mark.kind is MarkKind.REJECT:
                rejects.add(clip)
                rejected_at[clip] = number
                continue
            picks.pop(shot, None)
            if mark.kind is MarkKind.PICK and mark.attempt and mark.take:
                picks[shot] = (TakeId(mark.list, mark.shot, mark.take), clip, number)
                rejects.discard(clip)
            elif mark.kind is MarkKind.RETAKE:
                retakes[shot] = mark.upto
        locked = {take: clip for take, clip, number in picks.values() if rejected_at.get(clip, -1) < number}
        return cls(locked, frozenset(rejects), retakes)

    def picked(self, take: TakeId) -> str | None:
        """The attempt that a take is locked to."""
        return self.picks.get(take)

    def rejected(self, attempt: Attempt) -> bool:
        """Whether a person wants this clip nowhere."""
        return attempt.id in self.rejects

    def retaken(self, attempt: Attempt, take: TakeId) -> bool:
        """Whether a person asked for another since: for this take the attempt is history, its clip an alternate."""
        return int(attempt.id) <= self.retakes.get((take.list, take.shot), 0)

    def counts(self, attempt: Attempt, take: TakeId) -> bool:
        """Whether the attempt's clip may be kept as this take's without a person picking it."""
        return not self.rejected(attempt) and not self.retaken(attempt, take)
