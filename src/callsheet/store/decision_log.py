"""Logs of decisions in `.callsheet/NAME.json`: rows that are only ever added, by any process."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from callsheet.domain.errors import SetupError
from callsheet.store import atomic_files
from callsheet.store.project_folder import Project

Row = Mapping[str, Any]


def read_log(project: Project, name: str) -> list[Row]:
    """The rows, oldest first; none if there is no log. SetupError if it can't be read."""
    try:
        body = json.loads((project.state / f"{name}.json").read_text(encoding="utf-8"))
        return [dict(row) for row in body[name]]
    except FileNotFoundError:
        return []
    except (ValueError, KeyError, TypeError, OSError) as error:
        raise unreadable(name, error) from None


def add_rows(project: Project, name: str, rows: Iterable[Row]) -> None:
    """Add rows after those that other processes have added. SetupError if the log can't be read or written."""
    from filelock import FileLock  # noqa: PLC0415  # it imports asyncio and TLS, which reading commands don't need

    project.locks.mkdir(parents=True, exist_ok=True)
    with FileLock(project.locks / f"{name}.lock"):
        body = {"schema": f"callsheet.{name}/1", name: [*read_log(project, name), *rows]}
        try:
            atomic_files.write(project.state / f"{name}.json", json.dumps(body, ensure_ascii=False, indent=1) + "\n")
        except OSError as error:
            raise SetupError(f".callsheet/{name}.json can't be written: {error.strerror}", help="free disk space, then run again") from None


def unreadable(name: str, error: Exception) -> SetupError:
    """The error for an invalid log."""
    return SetupError(
        f".callsheet/{name}.json can't be read: {error}", help=f"restore it from a backup; or delete it, which loses the {name} in it"
    )
