"""Takes, attempts and ledger lines as pandas frames. pandas is imported only here, and only when a frame is requested."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast
from zoneinfo import ZoneInfo

from callsheet.domain.attempt import Attempt, State
from callsheet.services.registry import SERVICES
from callsheet.status.project_view import TakeView

if TYPE_CHECKING:
    import pandas as pd


def takes(folder: Path | str = ".") -> pd.DataFrame:
    """The takes of a project as its last `callsheet report` wrote them, one row per take. Money stays exact (Arrow decimals).
    FileNotFoundError if no report was written yet.
    """
    import pandas as pd  # noqa: PLC0415  # two seconds to import: only for who asks for a frame

    path = Path(folder) / "out" / "takes.parquet"
    return pd.read_parquet(path, dtype_backend="pyarrow")  # pyright: ignore[reportUnknownMemberType]  # its stub leaves keyword arguments untyped


#: columns of `attempts` by type; money is whole micro-USD, so its sums are exact
_WORDS = ("list", "shot", "sequence", "service", "model", "day", "week", "attempt", "client", "job")
_FLAGS = ("sent", "received", "closed", "retake")
_MONEY = ("quote", "settled", "held", "in_doubt")


def attempts(takes: Iterable[TakeView], zone: ZoneInfo, billing: Mapping[str, str] | None = None) -> pd.DataFrame:
    """One row per attempt, in the takes' order: whose it is (`list` to `job`, as `costs --by` names them), how it ended, its money in micro-USD,
    and `paid_s`, the seconds that were paid for (a Fraction; 0 where nothing was settled). `retake`: its take had a clip before. Days and ISO weeks are those of `zone`.
    """
    import pandas as pd  # noqa: PLC0415  # half a second to import

    whose = tuple((billing or {}).get(by, f"no {by} named") for by in ("client", "job"))
    rows = [row for take in takes for row in _rows(take, zone, whose)]
    frame = cast("Any", pd.DataFrame(rows, columns=[*_WORDS, *_FLAGS, *_MONEY, "paid_s"]))  # its stubs leave `astype` untyped
    return frame.astype({**dict.fromkeys(_FLAGS, "bool"), **dict.fromkeys(_MONEY, "int64")})


def _rows(take: TakeView, zone: ZoneInfo, whose: tuple[str, ...]) -> Iterable[tuple[object, ...]]:
    received = False
    for one in take.attempts:
        day = datetime.fromisoformat(one.made_at).astimezone(zone).date()
        year, week, _ = day.isocalendar()
        when = (day.isoformat(), f"{year}-W{week:02}")
        words = (
            take.take.list,
            f"{take.take.list}:{take.take.shot}",
            take.sequence,
            one.service,
            one.model,
            *when,
            f"{take.take} #{one.n}",
        )
        flags = (one.sent, one.state is State.RECEIVED, one.state is State.CLOSED, received)
        yield (*words, *whose, *flags, one.quote, one.settled, one.held, one.doubt, _paid_seconds(one))
        received = received or one.state is State.RECEIVED


def _paid_seconds(attempt: Attempt) -> Fraction:
    """The length that was paid for; 0 if nothing was settled, or the purchase's bytes don't tell."""
    if not attempt.settled or attempt.service not in SERVICES:
        return Fraction(0)
    sold = SERVICES[attempt.service].wire.sold(attempt.request)
    return sold.seconds if sold else Fraction(0)


def entries(file: Path | str) -> pd.DataFrame:
    """The lines of the book as `callsheet export --format parquet FILE` wrote them: `held`, `in_doubt` and `settled` are what each line moved, exact.

    FileNotFoundError if there is no such file.
    """
    import pandas as pd  # noqa: PLC0415  # as above

    return pd.read_parquet(file, dtype_backend="pyarrow")  # pyright: ignore[reportUnknownMemberType]  # as above
