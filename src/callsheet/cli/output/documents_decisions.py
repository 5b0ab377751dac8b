"""The JSON documents of decisions: marks on takes, takes held back, a pause, a background run."""

from __future__ import annotations

from typing import Literal

from typing_extensions import TypedDict

from callsheet.report.json_documents import Document
from callsheet.report.json_parts import Action, Money, ProblemPart


class Mark(TypedDict):
    """A mark on a take, or on a shot where take is null."""

    mark: str
    list: str
    shot: str
    take: str | None
    new: bool


class Follows(TypedDict):
    """What the next render does with a take."""

    take: str
    list: str
    action: Action
    reason: str
    price: Money


class ShotInCut(TypedDict):
    """What the next cut shows for a shot: a slate if take is null."""

    list: str
    shot: str
    take: str | None
    stale: bool


class Marked(Document):
    """`pick`, `reject`, `retake`: the marks, what the next render does, and what the next cut shows."""

    marks: list[Mark]
    takes: list[Follows]
    cut: list[ShotInCut]
    left_out: list[ProblemPart]


class HeldTakes(Document):
    """`hold`, `cancel`: the named takes, those for which it is new, and what the next render does; `run` is the one under way."""

    control: Literal["hold", "cancel", "release"]
    named: list[str]
    new: list[str]
    takes: list[Follows]
    cut: list[ShotInCut]
    run: str | None


class Paused(Document):
    """`pause`, `resume`: what is in force now, since when and by whom; `new` is false if nothing changed; `run` is the one under way."""

    paused: bool
    since: str | None
    who: str | None
    new: bool
    run: str | None


class Detached(Document):
    """`render --detach`: the background process, and its log."""

    pid: int
    log: str
