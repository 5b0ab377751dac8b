"""Turns the storage's errors into one kind that explains itself."""

from __future__ import annotations

import sqlite3
from types import TracebackType
from typing import Generic, TypeVar

from sqlalchemy.exc import DBAPIError, IntegrityError

from callsheet.budget.ledger.database.migrate import Place
from callsheet.domain.errors import LedgerError

T = TypeVar("T")


class Explained(Generic[T]):
    """Within the block, errors of a place's storage are explained. Gives `value` to its block."""

    __slots__ = ("place", "value")

    def __init__(self, place: Place, value: T) -> None:
        self.place, self.value = place, value

    def __enter__(self) -> T:
        return self.value

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if error is not None:
            explain(self.place, error)


def explain(place: Place, error: BaseException) -> None:
    """Raise a LedgerError for an error of the storage. A refusal by the schema (IntegrityError) is none of these."""
    if isinstance(error, DBAPIError | sqlite3.Error) and not isinstance(error, IntegrityError):
        reason = str(error.orig if isinstance(error, DBAPIError) else error).strip().partition("\n")[0]
        raise LedgerError(f"the ledger {place} can't be used: {reason}", help=place.help) from error
