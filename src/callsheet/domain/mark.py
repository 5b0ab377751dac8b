"""Marks: people's decisions on takes and clips, and their consequences. Pure; a mark moves no money and sends nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from fractions import Fraction
from typing import Any

from callsheet.domain.attempt import Attempt, State
from callsheet.domain.run_control import Controls
from callsheet.domain.take import TakeId
from callsheet.domain.timebase import Fps, half_up, parse_fps

Shot = tuple[str, str]


class MarkKind(StrEnum):
    """The kinds of marks."""

    PICK = "pick"  #: this clip is the take's; it is locked and used in the cut
    UNPICK = "unpick"  #: the take is no longer locked
    REJECT = "reject"  #: this clip is not wanted anywhere
    UNREJECT = "unreject"  #: it may be used in the cut again
    RETAKE = "retake"  #: the shot's attempts so far no longer count
    UNRETAKE = "unretake"  #: they count again, as before the last `retake`
    BASKET = "basket"  #: the shot is to be retaken, once the basket is ordered
    UNBASKET = "unbasket"  #: it isn't
    TRIM = "trim"  #: which frames of a clip are used in the cut, whenever the clip is
    JOIN = "join"  #: the shot is cut from these parts of its clips in sequence; the first one's take (`take`) is locked
    NOTE = "note"  #: a comment on a clip's frame
    ERASE = "erase"  #: a comment is deleted
    WITHDRAW = "withdraw"  #: a client undoes a request about a shot


class Role(StrEnum):
    """Whose decision it is. Only the producer's decisions steer plan and cut; clients' are opinions."""

    PRODUCER = "producer"
    CLIENT_A = "client-a"
    CLIENT_B = "client-b"


@dataclass(frozen=True, slots=True)
class Span:
    """Frames `first` to `end` (exclusive) of an attempt's clip, counted at the clip's own rate."""

    attempt: str
    first: int
    end: int
    fps: Fps

    @classmethod
    def of(cls, body: Mapping[str, Any], attempt: str | None = None) -> Span:
        """From a mark's body. ValueError if it is none."""
        try:
            span = cls(attempt or str(int(body["attempt"])), int(body["first"]), int(body["end"]), parse_fps(str(body["fps"])))
        except (KeyError, TypeError) as error:
            raise ValueError(f"a part of a clip needs first, end and fps: {error}") from None
        if not 0 <= span.first < span.end:
            raise ValueError(f"frames {span.first} to {span.end} are not a range")
        return span

    @property
    def body(self) -> dict[str, object]:
        """As a mark's body has it."""
        return {"attempt": self.attempt, "first": self.first, "end": self.end, "fps": str(self.fps)}

    def at(self, fps: Fps) -> tuple[int, int]:
        """First frame and end (exclusive) at another rate; one frame at least."""
        first, end = (half_up(Fraction(frame) / self.fps * fps) for frame in (self.first, self.end))
        return first, max(end, first + 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """One row: of a take (`pick`, `unpick`), of an attempt (`pick`, `reject`, `trim`, `note` …) or of a shot (`retake`, `join` …).

    `upto` is the ledger's newest attempt when a `retake` was made: it and those before are what the shot had. `uid` names a decision wherever it was made,
    so that it is written once; `number` is the row's, 0 before it has one.
    """

    kind: MarkKind
    list: str
    shot: str
    take: int | None = None
    attempt: str | None = None
    upto: int = 0
    note: str = ""
    at: str = ""
    who: str = ""
    role: Role = Role.PRODUCER
    uid: str = ""
    body: Mapping[str, Any] = field(default_factory=dict[str, Any])
    number: int = 0


#: marks that change which clip is used in a shot's cut
_DECIDE_CUT = (MarkKind.PICK, MarkKind.UNPICK, MarkKind.RETAKE, MarkKind.JOIN)


@dataclass(frozen=True, slots=True)
class Marks:
    """All marks of a project, folded: which attempt each picked take is locked to, what is rejected, up to where each shot was retaken, and which frames are cut."""

    picks: Mapping[TakeId, str] = field(default_factory=dict[TakeId, str])
    rejects: frozenset[str] = frozenset()
    retakes: Mapping[Shot, int] = field(default_factory=dict[Shot, int])
    trims: Mapping[str, Span] = field(default_factory=dict[str, Span])
    joins: Mapping[Shot, tuple[Span, ...]] = field(default_factory=dict[Shot, tuple[Span, ...]])
    #: the shots that are to be retaken once the basket is ordered, in the order in which they came in
    basket: tuple[Shot, ...] = ()
    #: pauses and takes held back; not marks, and from a separate log
    controls: Controls = field(default_factory=Controls)

    @classmethod
    def of(cls, marks: Iterable[Mark]) -> Marks:
        """The fold of marks, oldest first; only the producer's. A shot has at most one pick: the last."""
        said = [mark for mark in marks if mark.role is Role.PRODUCER]
        rejects, picks = _verdicts(said)
        joins, trims, retakes, basket = dict[Shot, tuple[Span, ...]](), dict[str, Span](), dict[Shot, list[int]](), dict[Shot, None]()
        for mark in said:
            shot, clip = (mark.list, mark.shot), str(mark.attempt)
            if mark.kind in _DECIDE_CUT:
                joins.pop(shot, None)
            match mark.kind:
                case MarkKind.RETAKE:
                    retakes.setdefault(shot, []).append(mark.upto)
                    basket.pop(shot, None)
                case MarkKind.UNRETAKE if retakes.get(shot):
                    retakes[shot].pop()
                case MarkKind.BASKET:
                    basket[shot] = None
                case MarkKind.UNBASKET:
                    basket.pop(shot, None)
                case MarkKind.TRIM:
                    trims.pop(clip, None)
                    trims.update({clip: Span.of(mark.body, clip)} if mark.body else {})
                case MarkKind.JOIN if mark.body:
                    joins[shot] = tuple(map(Span.of, mark.body["parts"]))
                case _:
                    pass
        kept = {shot: parts for shot, parts in joins.items() if not any(part.attempt in rejects for part in parts)}
        return cls(picks, rejects, {shot: upto[-1] for shot, upto in retakes.items() if upto}, trims, kept, tuple(basket))

    def of_finals(self, attempts: Iterable[Attempt]) -> Marks:
        """The marks as they hold once chosen drafts were bought in full quality: what a person decided on a draft (pick, in and out, parts)
        holds for the clip that was bought after it, the newest that nobody rejected or wants retaken.
        """
        finals = {
            one.final_of: one
            for one in sorted(attempts, key=lambda one: int(one.id))
            if one.final_of and one.state is State.RECEIVED and self.counts(one, one.take) and one.final_of not in self.rejects
        }
        if not finals:
            return self
        new = {draft: one.id for draft, one in finals.items()}
        trims = {new[clip]: replace(span, attempt=new[clip]) for clip, span in self.trims.items() if clip in new}
        joins = {shot: tuple(replace(p, attempt=new.get(p.attempt, p.attempt)) for p in parts) for shot, parts in self.joins.items()}
        picks = {take: new.get(clip, clip) for take, clip in self.picks.items()}
        return replace(self, picks=picks, trims={**trims, **self.trims}, joins=joins)

    def picked(self, take: TakeId) -> str | None:
        """The attempt that a take is locked to."""
        return self.picks.get(take)

    def rejected(self, attempt: Attempt) -> bool:
        """Whether a person wants this clip nowhere."""
        return attempt.id in self.rejects

    def retaken(self, attempt: Attempt, take: TakeId) -> bool:
        """Whether a person asked for another one since: for this take the attempt is history, and its clip an alternate."""
        return int(attempt.id) <= self.retakes.get((take.list, take.shot), 0)

    def counts(self, attempt: Attempt, take: TakeId) -> bool:
        """Whether the attempt's clip may be kept for this take without a person picking it."""
        return not self.rejected(attempt) and not self.retaken(attempt, take)


def _verdicts(said: Iterable[Mark]) -> tuple[frozenset[str], dict[TakeId, str]]:
    """Which clips are rejected, and which each take is locked to."""
    picks, rejected_at = dict[Shot, tuple[TakeId, str, int]](), dict[str, int]()
    rejects = set[str]()
    for number, mark in enumerate(said):
        shot, clip = (mark.list, mark.shot), str(mark.attempt)
        if mark.kind in _DECIDE_CUT:
            picks.pop(shot, None)
        match mark.kind:
            case MarkKind.PICK if mark.attempt and mark.take:
                picks[shot] = (TakeId(mark.list, mark.shot, mark.take), clip, number)
                rejects.discard(clip)
            case MarkKind.JOIN if mark.body:
                picks[shot] = (TakeId(mark.list, mark.shot, int(mark.body["take"])), str(mark.body["parts"][0]["attempt"]), number)
            case MarkKind.REJECT:
                rejects.add(clip)
                rejected_at[clip] = number
            case MarkKind.UNREJECT:
                rejects.discard(clip)
                rejected_at.pop(clip, None)
            case _:
                pass
    locked = {take: clip for take, clip, number in picks.values() if rejected_at.get(clip, -1) < number}
    return frozenset(rejects), locked
