"""What a check is, what it is held against, and what it may find."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from callsheet.conformance.examples import Examples
from callsheet.services.cards.card import Card
from callsheet.services.protocol.wire import Wire
from callsheet.services.registry import Service


class Mark(StrEnum):
    """How a check ended."""

    PASS = "pass"  # noqa: S105  # no password: the word for a check that found nothing wrong
    FAIL = "FAIL"
    MISSING = "missing"  #: nothing wrong was found, and something that the check needs isn't there


@dataclass(frozen=True, slots=True)
class Finding:
    """One check's end: what it asks, of whom, and what it found."""

    check: str
    subject: str
    mark: Mark
    said: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Subject:
    """A service as the registry has it, those of its cards that are asked about, and the vendor's examples; None if none are given."""

    service: Service
    cards: Mapping[str, Card]
    examples: Examples | None

    @property
    def wire(self) -> Wire:
        """Its wire."""
        return self.service.wire

    def given(self) -> Examples:
        """The examples. Missing where there are none."""
        if self.examples is None:
            raise Missing([f"no examples: write configs/examples/{self.service.name}.json"])
        return self.examples


class Missing(Exception):
    """What a check needs isn't there."""

    def __init__(self, said: Iterable[str]) -> None:
        self.said = tuple(said)
        super().__init__("; ".join(self.said))


#: finds what is wrong, in sentences; its docstring's first line says what should be so
Check = Callable[[Subject], Iterable[str]]
_MOST = 12


def run_check(check: Check, subject: Subject, name: str) -> Finding:
    """Run one check. Whatever a wire raises on the way is a finding, too."""
    asked = (check.__doc__ or check.__name__).partition("\n")[0]
    try:
        wrong = tuple(dict.fromkeys(check(subject)))
    except Missing as missing:
        return Finding(asked, name, Mark.MISSING, missing.said)
    except Exception as error:  # noqa: BLE001  # an error of any kind, out of a wire that anybody may write, is what the check is to find
        wrong = (f"{type(error).__name__}: {error}",)
    shown = wrong if len(wrong) <= _MOST else (*wrong[:_MOST], f"and {len(wrong) - _MOST} more")
    return Finding(asked, name, Mark.FAIL if wrong else Mark.PASS, shown)
