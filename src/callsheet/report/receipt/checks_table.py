"""What the checks found, by finding: severity, number and place."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from callsheet.domain.cut import Finished
from callsheet.domain.wording import counted
from callsheet.status.project_view import TakeView

_GRAVE = ("fail", "warn", "note")
_SHOWN = 12


@dataclass(frozen=True, slots=True)
class Check:
    """A finding of the same kind wherever it was made."""

    code: str
    severity: str
    times: int
    where: str


def checks(takes: Iterable[TakeView], films: Iterable[Finished]) -> tuple[Check, ...]:
    """All findings on the clips that takes show and on films, the most severe first."""
    found: dict[tuple[str, str], list[str]] = {}
    for take in takes:
        for one in take.findings:
            found.setdefault((str(one.get("severity")), str(one.get("code"))), []).append(str(take.take))
    for film in films:
        for finding in film.findings:
            found.setdefault((finding.severity.value, finding.code), []).append(film.file.name)
    order = sorted(found.items(), key=lambda item: (_GRAVE.index(item[0][0]) if item[0][0] in _GRAVE else len(_GRAVE), item[0][1]))
    return tuple(Check(code, severity, len(where), _where(where)) for (severity, code), where in order)


def _where(names: list[str]) -> str:
    each = [*dict.fromkeys(names)]
    more = len(each) - _SHOWN
    return ", ".join(each[:_SHOWN]) + (f" and {counted(more, 'other')}" if more > 0 else "")
