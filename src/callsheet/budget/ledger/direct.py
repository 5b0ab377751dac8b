"""Statements that every purchase needs, compiled once and passed to the driver directly. SQLAlchemy spends some 90 microseconds of
processor time on a statement that SQLite answers in 6, even if it is already compiled. Statements that run for each event of each take
bypass it; rare ones use it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from operator import itemgetter
from typing import Any

from sqlalchemy import Connection, Dialect, Executable, text
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.sql import ClauseElement

#: a statement's values by its parameters' names, or all of them in the statement's order
Values = Mapping[str, Any] | tuple[Any, ...]
#: how a value is marked by its place
_MARKS = {"sqlite": "qmark", "postgresql": "format"}
_Order = Callable[[Mapping[str, Any]], Sequence[Any]]


class Direct:
    """One statement, for either kind of database. `order` names its parameters as they stand in it one after the other: the columns that an INSERT sets. Only
    with it may values be given as a tuple.
    """

    def __init__(self, statement: Executable, order: Sequence[str] | None = None) -> None:
        assert isinstance(statement, ClauseElement), "a statement that is executed here can be compiled"
        self._statement, self._named = statement, order
        #: by dialect: the text, and what puts named values in their order
        self._texts: dict[str, tuple[str, _Order]] = {}

    def rows(self, connection: Connection, values: Values) -> list[tuple[Any, ...]]:
        """The database's rows, within the connection's transaction. Errors are SQLAlchemy's, as for any other statement."""
        return self._execute(connection, values).fetchall()

    def write(self, connection: Connection, values: Values) -> None:
        """Execute a statement that returns no rows."""
        self._execute(connection, values)

    def try_write(self, connection: Connection, values: Values) -> None:
        """Execute a statement that the schema may refuse; the transaction stays usable after that. SQLite undoes only the statement, PostgreSQL needs a
        savepoint.
        """
        if connection.dialect.name != "postgresql":
            self._execute(connection, values)
            return
        _SAVE.write(connection, ())
        try:
            self._execute(connection, values)
        except IntegrityError:
            _UNDO.write(connection, ())
            raise
        _KEEP.write(connection, ())

    def _execute(self, connection: Connection, values: Values) -> Any:
        dialect, driver = connection.dialect, connection.connection.dbapi_connection
        words, order = self._texts.get(dialect.name) or self._compiled(dialect)
        assert driver is not None, "a connection in use has a driver"
        try:
            return driver.execute(words, values if isinstance(values, tuple) else order(values))
        except dialect.loaded_dbapi.Error as error:
            raise DBAPIError.instance(words, None, error, dialect.loaded_dbapi.Error, hide_parameters=True, dialect=dialect) from error

    def _compiled(self, dialect: Dialect) -> tuple[str, _Order]:
        kind: Any = type(dialect)
        made: Any = self._statement.compile(dialect=kind(paramstyle=_MARKS[dialect.name]), column_keys=self._named)
        names = [*made.positiontup]
        assert self._named is None or names == [*self._named], "the parameters stand in the order that was given"
        return self._texts.setdefault(dialect.name, (str(made), _in_order(names)))


def _in_order(names: Sequence[str]) -> _Order:
    """What gives the values of these names, in this order."""
    return itemgetter(*names) if len(names) > 1 else lambda values: [values[name] for name in names]


_SAVE, _UNDO, _KEEP = (Direct(text(f"{words} tried"), ()) for words in ("SAVEPOINT", "ROLLBACK TO SAVEPOINT", "RELEASE SAVEPOINT"))
