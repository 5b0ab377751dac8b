"""An empty database of Prefect's server, up to date: made once for all workers of a session, since each server would spend four CPU seconds on making its own."""

from __future__ import annotations

import importlib.metadata
import os
import shutil
import subprocess
import sys
from pathlib import Path

from filelock import FileLock


def put_into(home: Path) -> None:
    """Put it where a server looks that has `home` as its PREFECT_HOME."""
    kept = Path(os.environ["CALLSHEET_TEST_HOME"]) / "prefect"
    with FileLock(f"{kept}.lock"):
        if not (kept / "made").exists():
            own = {name: value for name, value in os.environ.items() if not name.startswith("PREFECT_")}
            command = [sys.executable, "-m", "prefect", "server", "database", "upgrade", "-y"]
            subprocess.run(command, env=own | {"PREFECT_HOME": str(kept), "DO_NOT_TRACK": "1"}, capture_output=True, check=True)
            (kept / "made").touch()
    home.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(kept / "prefect.db", home / "prefect.db")


def put_into_cache(cache: Path) -> None:
    """Put it where a command's private server looks that has `cache` as its XDG_CACHE_HOME."""
    put_into(cache / "callsheet" / f"prefect-{importlib.metadata.version('prefect')}")
