"""A finding: what a check says of a clip, a cut or a delivery. A value; policy decides what to do about it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """How much a finding matters."""

    NOTE = "note"  #: worth knowing
    WARN = "warn"  #: look at it
    FAIL = "fail"  #: not what was ordered; another clip is preferred


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What is wrong, in which frame (0-based, None where it is the whole file)."""

    code: str
    severity: Severity
    message: str
    frame: int | None = None

    def json(self) -> dict[str, object]:
        """As the commands give it."""
        return {"code": self.code, "severity": self.severity.value, "message": self.message, "frame": self.frame}
