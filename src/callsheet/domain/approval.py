"""Approvals: which version of a film a person has approved. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

FilmName = tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """One person's approval of one film, `sha256` its bytes; `withdrawn` if it undoes an earlier one."""

    sequence: str
    delivery: str
    version: int
    sha256: str
    who: str
    at: str
    withdrawn: bool = False

    @property
    def film(self) -> FilmName:
        """Sequence and delivery: they have at most one approved version."""
        return self.sequence, self.delivery


def in_force(said: Iterable[Approval]) -> Mapping[FilmName, Approval]:
    """The approved version of each film; `said` is oldest first. After a withdrawal there is none: an older approval doesn't return."""
    last = {one.film: one for one in said}
    return {film: one for film, one in last.items() if not one.withdrawn}
