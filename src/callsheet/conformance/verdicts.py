"""What a check is, what it compares, and its possible results."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from callsheet.conformance.examples import Examples
from callsheet.services.cards.card import Card
from callsheet.services.protocol.wire import Wire
from callsheet.services.registry import Service


class Mark(StrEnum):
    """A check's result."""

    PASS = "pass"  # noqa: S105 # not a password: the result of a check that found nothing wrong
    FAIL = "FAIL"
    MISSING = "missing"  #: nothing wrong was found, but something that the check needs is missing


@dataclass(frozen=True, slots=True)
class Finding:
    """One check's result: what it checks, on what, and what it found."""

    check: str
    subject: str
    mark: Mark
    said: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Subject:
    """A service as in the registry, the cards to check, and the vendor's examples; None if there are none."""

    service: Service
    cards: Mapping[str, Card]
    examples: Examples | None

    @property
    def wire(self) -> Wire:
        """Its wire."""
        return self.service.wire

    def given(self) -> Examples:
        """The examples. Missing if there are none."""
        if self.examples is None:
            raise Missing([f"no examples: write configs/examples/{self.service.name}.json"])
        return self.examples


class Missing(Exception):
    """Something that a check needs is missing."""

    def __init__(self, said: Iterable[str]) -> None:
        self.said = tuple(said)
        super().__init__("; ".join(self.said))


#: returns what is wrong, in sentences; the first line of its docstring says what should be true
Check = Callable[[Subject], Iterable[str]]
_MOST = 12


def run_check(check: Check, subject: Subject, name: str) -> Finding:
    """Run one check. Any exception from a wire is a finding, too."""
    asked = (check.__doc__ or check.__name__).partition("\n")[0]
    try:
        wrong = tuple(dict.fromkeys(check(subject)))
    except Missing as missing:
        return Finding(asked, name, Mark.MISSING, missing.said)
    except Exception as error:  # noqa: BLE001 # the check is to find errors of any kind in a wire that anybody may have written
        wrong = (f"{type(error).__name__}: {error}",)
    shown = wrong if len(wrong) <= _MOST else (*wrong[:_MOST], f"and {len(wrong) - _MOST} more")
    return Finding(asked, name, Mark.FAIL if wrong else Mark.PASS, shown)
