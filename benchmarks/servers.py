"""Servers and commands that a benchmark starts, apart from whatever its user has set up."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def server(command: Sequence[str], env: Mapping[str, str]) -> Iterator[str]:
    """A server for the block; its first line is its address."""
    process = subprocess.Popen(command, env=env, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        assert process.stdout
        yield process.stdout.readline().strip()
    finally:
        process.terminate()
        process.wait(30)


def own_environment(place: Path) -> dict[str, str]:
    """Nothing of the user's own Prefect, callsheet or keys."""
    own = ("PREFECT_", "CALLSHEET_")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(own) and not name.endswith("_API_KEY")}
    return {**kept, "XDG_CACHE_HOME": str(place / "cache"), "HOME": str(place)}
