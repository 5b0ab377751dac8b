"""The takes as a table, for notebooks and spreadsheets: Parquet, one row per take."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from callsheet.domain.attempt import State
from callsheet.report.documents import nsfw
from callsheet.report.money_table import Kind, dollars, write_table
from callsheet.status.project_view import TakeView
from callsheet.store.project_folder import Project

_COLUMNS: dict[str, Kind] = {
    "take": "text",
    "list": "text",
    "shot": "text",
    "n": "int32",
    "sequence": "text",
    "service": "text",
    "model": "text",
    "state": "text",
    "picked": "flag",
    "stale": "flag",
    "attempts": "int32",
    "price": "usd",
    "settled": "usd",
    "held": "usd",
    "in_doubt": "usd",
    "file": "text",
    "sha256": "text",
    "bytes": "int64",
    "seed": "int64",
    "asset": "text",
    "nsfw": "flag",
    "message": "text",
    "bought_at": "text",
    "ended_at": "text",
}


def write_takes(takes: Iterable[TakeView], project: Project, path: Path) -> None:
    """Write the takes to `path`. Money is decimal(18, 6) USD, so sums are exact; paths are relative to the project folder."""
    write_table((row(take, project) for take in takes), _COLUMNS, "callsheet.takes/1", path)


def row(take: TakeView, project: Project) -> dict[str, object]:
    """A take as a row."""
    last = take.attempts[-1] if take.attempts else None
    got = next((attempt for attempt in reversed(take.attempts) if attempt.state is State.RECEIVED), None)
    told: Mapping[str, object] = got.told if got else {}
    seed, asset = told.get("seed"), told.get("asset")
    return {
        "take": str(take.take),
        "list": take.take.list,
        "shot": take.take.shot,
        "n": take.take.n,
        "sequence": take.sequence,
        "service": take.service,
        "model": take.model,
        "state": take.state,
        "picked": take.picked,
        "stale": take.stale,
        "attempts": len(take.attempts),
        "price": dollars(last.quote if last else 0),
        "settled": dollars(take.settled),
        "held": dollars(take.held),
        "in_doubt": dollars(sum(attempt.doubt for attempt in take.attempts)),
        "file": project.relative(take.file) if take.file else None,
        "sha256": take.sha256,
        "bytes": got.size if got else None,
        "seed": seed if isinstance(seed, int) and not isinstance(seed, bool) and abs(seed) < 1 << 63 else None,
        "asset": str(asset) if asset is not None else None,
        "nsfw": nsfw(told),
        "message": last.message if last else None,
        "bought_at": last.made_at if last else None,
        "ended_at": last.ended_at if last else None,
    }
