"""Notifications about a run: the `[notify]` table."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from callsheet.toml_file.table import Expected, Table, key


class Cause(StrEnum):
    """Reasons for a notification."""

    THRESHOLD = "threshold"  #: a cap has reached one of its warning percentages
    CAP = "cap"  #: a cap stopped the buying
    DOUBT = "doubt"  #: a purchase may have been charged
    DECISION = "decision"  #: a run ended and a person has to decide
    DONE = "done"  #: a run ended, in any way


Variables = Annotated[tuple[str, ...], Field(strict=False), Expected("a list of variables")]
Causes = Annotated[tuple[Annotated[Cause, Field(strict=False)], ...], Field(strict=False), Expected(f"a list of {', '.join(Cause)}")]


class NotifyTable(Table):
    """Notifications through apprise. Addresses carry tokens, so they are read from the environment or the keyring, never from this file."""

    variables: Variables | None = key("environment variables with apprise URLs, separated by spaces", ["CALLSHEET_NOTIFY"])
    on: Causes | None = key("reasons to notify, each at most once per run", ["doubt", "decision", "done"])
