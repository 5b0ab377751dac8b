"""A take: one wanted clip of a shot, `S0010.t2`; with its list, `lighthouse:S0010.t2`."""

from __future__ import annotations

import re
from dataclasses import dataclass

_TAKE = re.compile(r"(?:(?P<list>[^:]+):)?(?P<shot>[^:]+?)(?:\.t(?P<n>[1-9][0-9]*)(?:\.a(?P<attempt>[1-9][0-9]*))?)?")


@dataclass(frozen=True, slots=True, order=True)
class TakeId:
    """Which take: list, shot and number from 1."""

    list: str
    shot: str
    n: int

    def __str__(self) -> str:
        return f"{self.shot}.t{self.n}"

    @property
    def full(self) -> str:
        """With the list's name, as one types it where two lists have the shot."""
        return f"{self.list}:{self}"


@dataclass(frozen=True, slots=True)
class TakeName:
    """What a person typed for a take or a shot: the list and the number may be missing. `attempt` names one of a take's clips: `S0010.t2.a1`."""

    list: str | None
    shot: str
    n: int | None
    attempt: int | None = None

    @classmethod
    def parse(cls, text: str) -> TakeName:
        """From `S0010`, `S0010.t2`, `S0010.t2.a1` or `LIST:S0010.t2`; ValueError if it is none of these."""
        found = _TAKE.fullmatch(text.strip())
        if not found:
            raise ValueError(f"{text!r} is not a take such as S0010.t2 or LIST:S0010.t2")
        n, attempt = found["n"], found["attempt"]
        return cls(found["list"], found["shot"], int(n) if n else None, int(attempt) if attempt else None)

    def matches(self, take: TakeId) -> bool:
        """Whether `take` is one that was meant."""
        return self.shot == take.shot and (self.list is None or self.list == take.list) and (self.n is None or self.n == take.n)
