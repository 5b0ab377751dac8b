"""A real PostgreSQL for a Prefect server. That one needs the extension pg_trgm, which the wheel that the ledger's tests use doesn't carry.

Debian's package does: .ci/run installs it where it is missing. `CALLSHEET_TEST_PG` names another server.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests import postgres

#: where Debian keeps its versions of PostgreSQL
_DEBIAN = Path("/usr/lib/postgresql")


@contextmanager
def prefects_postgres() -> Iterator[str]:
    """The URL, for asyncpg, of a fresh database on a server that has pg_trgm; ended with the block."""
    if os.environ.get("CALLSHEET_TEST_PG"):
        url = postgres.fresh()
        yield url.replace("postgresql://", "postgresql+asyncpg://", 1)
        postgres.drop(url)
        return
    with _server(_programs()) as socket:
        yield f"postgresql+asyncpg://postgres@/postgres?host={socket}"


def _programs() -> Path:
    found = [path for path in _DEBIAN.glob("*/bin") if (path.parent / "lib" / "pg_trgm.so").exists()]
    assert found, "no PostgreSQL with pg_trgm: apt-get install postgresql, or name a server in CALLSHEET_TEST_PG"
    return found[-1]


@contextmanager
def _server(programs: Path) -> Iterator[Path]:
    """A server on a socket in a folder of its own. It runs as Debian's user for it where we are root, which it refuses to be."""
    folder = Path(tempfile.mkdtemp(prefix="callsheet-pg-", dir="/tmp"))  # short, so that the socket's path fits
    user = "postgres" if os.geteuid() == 0 else None
    if user:
        shutil.chown(folder, user)
    data = folder / "data"
    control = [str(programs / "pg_ctl"), "-D", str(data), "-w"]
    options = f"-k {folder} -c listen_addresses= -c fsync=off"
    try:
        _run([str(programs / "initdb"), "-D", str(data), "-U", "postgres", "-A", "trust", "-E", "UTF8"], folder, user)
        _run([*control, "-l", str(folder / "log"), "-o", options, "start"], folder, user)
        yield folder
    finally:
        subprocess.run([*control, "-m", "immediate", "stop"], cwd=folder, user=user, capture_output=True, check=False)
        shutil.rmtree(folder, ignore_errors=True)


def _run(command: list[str], folder: Path, user: str | None) -> None:
    done = subprocess.run(command, cwd=folder, user=user, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode == 0, done.stderr
