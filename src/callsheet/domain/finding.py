"""A finding: what a check found in a clip, a cut or a delivery. A value; policy decides what to do about it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from callsheet.domain.money import Micros, text


class Severity(StrEnum):
    """How much a finding matters."""

    NOTE = "note"  #: worth knowing
    WARN = "warn"  #: worth looking at
    FAIL = "fail"  #: not as ordered; another clip is preferred


class Judgement(StrEnum):
    """What to do about a finding."""

    REJECT = "reject"  #: another clip is preferred
    FLAG = "flag"  #: it is shown, for a person to check
    PASS = "pass"  # noqa: S105 # not a password: the finding is only recorded


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What is wrong, in which frame (0-based, None if it is the whole file), of which shot and take, and the cost of buying it again."""

    code: str
    severity: Severity
    message: str
    #: in the inspected file: a clip, or a film
    frame: int | None = None
    #: in the clip; for a finding on a film, counted from the clip's first frame at the film's rate
    clip_frame: int | None = None
    shot: str | None = None
    take: str | None = None
    #: micro-USD; None if buying another clip doesn't help
    again: Micros | None = None

    @property
    def sentence(self) -> str:
        """The message with its place in a film and its fix, as people read it."""
        at = [] if self.frame is None else [f"frame {self.frame} of the film"]
        within = [] if self.clip_frame is None else [f"{self.clip_frame} of its clip"]
        mends = [] if self.again is None else [f"another clip costs {text(self.again)} USD"]
        place = [*([self.take] if self.take else []), *at, *within, *mends]
        return f"{self.message} ({', '.join(place)})" if place else self.message

    def json(self) -> dict[str, object]:
        """As in commands' JSON."""
        again = None if self.again is None else text(self.again)
        place = {"frame": self.frame, "clip_frame": self.clip_frame, "shot": self.shot, "take": self.take}
        return {"code": self.code, "severity": self.severity.value, "message": self.message, **place, "again_usd": again}
