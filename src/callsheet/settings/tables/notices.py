"""Who is told of what happens in a run: the `[notify]` table."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from callsheet.toml_file.table import Says, Table, key


class Cause(StrEnum):
    """What a person may be told of."""

    THRESHOLD = "threshold"  #: a cap is filled to a percentage at which it warns
    CAP = "cap"  #: a cap ended the buying
    DOUBT = "doubt"  #: a purchase may have been charged, and nobody knows
    DECISION = "decision"  #: a run ended where a person has to decide
    DONE = "done"  #: a run ended, however it did


Variables = Annotated[tuple[str, ...], Field(strict=False), Says("a list of variables")]
Causes = Annotated[tuple[Annotated[Cause, Field(strict=False)], ...], Field(strict=False), Says(f"a list of {', '.join(Cause)}")]


class NotifyTable(Table):
    """Notifications through apprise. Addresses carry tokens, so they are read from the environment or the keyring, never from this file."""

    variables: Variables | None = key("variables that hold apprise URLs, several with blanks between them", ["CALLSHEET_NOTIFY"])
    on: Causes | None = key("what is told, each at most once in a run", ["doubt", "decision", "done"])
