"""What a person or a schedule requests of a run, and the events that it reports."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from callsheet.domain.money import Micros, text, usd
from callsheet.domain.take import TakeId


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRequest:
    """A run to be made. `list` is the shot list as given, relative to `folder`; None: only collect earlier purchases."""

    folder: Path
    list: str | None = None
    #: the most that this project may ever cost, micro-USD; None leaves what is in force
    cap: Micros | None = None
    #: False: nothing new is bought
    buy: bool = True
    #: buy the chosen takes as their rows say, where the project buys drafts first
    final: bool = False
    #: wait for a run that has the project locked
    wait: bool = False
    #: takes to look after, as typed; empty means all
    takes: tuple[str, ...] = ()
    #: the services are the demo's own stand-in, on this machine: one account whatever its port. Not a flow's parameter: there it would buy every clip again
    demo: bool = False

    def parameters(self) -> dict[str, object]:
        """The order as plain values that fit a form: what a Prefect flow is given."""
        return {
            "folder": str(self.folder),
            "list": self.list or "",
            "cap": "" if self.cap is None else text(self.cap),
            "buy": self.buy,
            "wait": self.wait,
            **({"final": True} if self.final else {}),
        }

    @classmethod
    def of(cls, *, folder: str, list: str, cap: str | float = "", buy: bool = True, wait: bool = False, final: bool = False) -> RunRequest:
        """The order that such values mean. A form's number, 1.5, is the amount that was typed. ValueError if the cap is no amount, or below 0."""
        limit = None if cap == "" else usd(str(cap))
        if limit is not None and limit < 0:
            raise ValueError(f"{text(limit)} is negative")
        return cls(folder=Path(folder), list=list or None, cap=limit, buy=buy, wait=wait, final=final)


@dataclass(frozen=True, slots=True, kw_only=True)
class RunEvent:
    """One event of a run, for people. `at` is ISO 8601 UTC."""

    kind: str
    text: str
    take: TakeId | None = None
    at: str


Listener = Callable[[RunEvent], None]


def silent(_told: RunEvent) -> None:
    """Listens to nothing."""
