"""Every cell of the house's table of crash points: what can go wrong, at each place, on each kind of wire, and how it must end."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from tests.crash.boundaries import NAMES, PEN
from tests.crash.simulation import KINDS

_DEATHS = ("kill", "exception", "power")
_ANSWERS = ("lost-before", "lost-after", "late", "503-before", "503-after", "429", "402", "dripped")
_POLLS = ("502", "empty", "unknown", "stale", "dripped")
_FETCHES = ("truncated", "503", "expired", "wrong", "dripped")
_WRITES = ("hold", "intent", "accepted", "ready", "received")


@dataclass(frozen=True)
class Cell:
    """One thing that goes wrong once, on the way of the first of two takes."""

    kind: str
    place: str
    fault: str

    @property
    def doubtful(self) -> bool | None:
        """Whether the take must end in doubt: on a wire that can't be asked by key, what left unanswered; None where it is the bytes' own luck."""
        if self.kind == "keyed":
            return False
        if self.place == "submit" and self.fault in ("lost-before", "503-before"):
            return True
        if self.place == "submit" and self.fault in ("lost-after", "503-after", "late", "dripped"):
            return self.kind == "blind"
        unsent = self.place in ("b2", "committed intent")
        if self.fault not in _DEATHS or not (unsent or self.place in ("b3", "b4", "b5")):
            return False
        if self.kind == "blind" or unsent:
            return True
        return None if self.place == "b3" else False


def cells() -> Iterator[Cell]:
    """All of them: 129 for each kind of wire."""
    for kind in KINDS:
        yield from (Cell(kind, place, fault) for place in NAMES for fault in (*_DEATHS, "double", "clock+", "clock-"))
        yield from (Cell(kind, "submit", fault) for fault in _ANSWERS)
        yield from (Cell(kind, "poll", fault) for fault in _POLLS)
        yield from (Cell(kind, "fetch", fault) for fault in _FETCHES)
        yield from (Cell(kind, f"write:{row}", fault) for row in _WRITES for fault in ("locked", "full"))
        yield from (Cell(kind, place, "full") for place in ("disk:part", "disk:link"))
        yield from (Cell(kind, place, fault) for place in PEN for fault in _DEATHS)
