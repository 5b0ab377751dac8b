"""People's control of a project's runs: paused, takes held back or cancelled. Pure; nothing here moves money or sends anything."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from callsheet.domain.errors import CallsheetError, Exit, Problem
from callsheet.domain.take import TakeId
from callsheet.domain.typed import typed
from callsheet.domain.wording import listed


class ControlKind(StrEnum):
    """The kinds of control."""

    PAUSE = "pause"  #: nothing new is bought
    RESUME = "resume"  #: it is again
    HOLD = "hold"  #: these takes aren't bought; what is under way is collected
    CANCEL = "cancel"  #: these takes aren't bought, and services that can are asked to stop what is under way
    RELEASE = "release"  #: these takes may be bought again


_WORDS = {ControlKind.HOLD: "held back", ControlKind.CANCEL: "cancelled"}
#: most takes named in a message and its command
_NAMED = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Control:
    """One row of the log: who said what, when (ISO 8601 UTC), and of which takes."""

    kind: ControlKind
    at: str
    who: str
    takes: tuple[TakeId, ...] = ()


@dataclass(frozen=True, slots=True)
class Controls:
    """The folded log: whether the project is paused, and which takes aren't bought."""

    paused: Control | None = None
    held_back: Mapping[TakeId, Control] = field(default_factory=dict[TakeId, Control])

    @classmethod
    def of(cls, rows: Iterable[Control]) -> Controls:
        """The fold of rows, oldest first."""
        paused: Control | None = None
        held_back = dict[TakeId, Control]()
        for row in rows:
            match row.kind:
                case ControlKind.PAUSE:
                    paused = paused or row
                case ControlKind.RESUME:
                    paused = None
                case ControlKind.HOLD | ControlKind.CANCEL:
                    held_back |= dict.fromkeys(row.takes, row)
                case ControlKind.RELEASE:
                    held_back = {take: control for take, control in held_back.items() if take not in row.takes}
        return cls(paused, held_back)

    def cancelled(self) -> frozenset[TakeId]:
        """The takes whose jobs are to be stopped if a service can."""
        return frozenset(take for take, control in self.held_back.items() if control.kind is ControlKind.CANCEL)

    def why(self, take: TakeId) -> str | None:
        """Why a take isn't bought; None if it may be."""
        control = self.held_back.get(take)
        return None if control is None else f"{_WORDS[control.kind]} by {control.who}"

    def held_back_problem(self, takes: Iterable[TakeId]) -> Problem | None:
        """Which of `takes` aren't bought because of that, and the command to change it; None if there are none."""
        mine = [take for take in takes if take in self.held_back]
        if not mine:
            return None
        names = [take.full for take in mine] if len(mine) <= _NAMED else [f"{list}:*" for list in sorted({take.list for take in mine})]
        message = f"held back or cancelled, so not bought: {listed([str(take) for take in mine], _NAMED)}"
        return Problem(code=HeldBack.code, message=message, help=f"`{typed('hold', '--undo', *names)}` allows buying them")

    def paused_problem(self) -> Problem | None:
        """The problem that nothing new is bought until somebody resumes; None if nothing is paused."""
        if self.paused is None:
            return None
        message = f"paused by {self.paused.who} at {self.paused.at}: nothing new is bought; what is under way is collected"
        return Problem(code="paused", message=message, help=f"`{typed('resume')}` allows buying again")


def changes(before: Controls, now: Controls) -> Iterator[tuple[str, str]]:
    """What has changed in `now`, as events: kind and message."""
    if now.paused and not before.paused:
        yield "pause", f"paused by {now.paused.who}: nothing new is bought; what is under way is collected; `{typed('resume')}` continues"
    if before.paused and not now.paused:
        yield "resume", "no longer paused: buying continues"
    for take in sorted(now.held_back.keys() | before.held_back.keys()):
        if now.held_back.get(take) != before.held_back.get(take):
            yield "hold", f"{take}: {now.why(take) or 'may be bought again'}"


class HeldBack(CallsheetError):
    """A person doesn't want this take to be bought now; other takes continue."""

    exit, code = Exit.PARTIAL, "held-back"
