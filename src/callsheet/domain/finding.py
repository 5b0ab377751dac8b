"""A finding: what a check says of a clip, a cut or a delivery. A value; policy decides what to do about it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from callsheet.domain.money import Micros, text


class Severity(StrEnum):
    """How much a finding matters."""

    NOTE = "note"  #: worth knowing
    WARN = "warn"  #: look at it
    FAIL = "fail"  #: not what was ordered; another clip is preferred


class Judgement(StrEnum):
    """What is done about a finding."""

    REJECT = "reject"  #: another clip is preferred
    FLAG = "flag"  #: it is shown, to be looked at
    PASS = "pass"  # noqa: S105  # no password: it is only noted


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What is wrong, in which frame (0-based, None where it is the whole file), of which take, and what that costs to buy again."""

    code: str
    severity: Severity
    message: str
    frame: int | None = None
    take: str | None = None
    again: Micros | None = None

    def json(self) -> dict[str, object]:
        """As the commands give it."""
        again = None if self.again is None else text(self.again)
        said = {"code": self.code, "severity": self.severity.value, "message": self.message, "frame": self.frame}
        return {**said, "take": self.take, "again_usd": again}
