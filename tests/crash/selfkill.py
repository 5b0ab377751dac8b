"""`callsheet`, but it kills itself with signal 9 at the boundary that SELFKILL names: `python -m tests.crash.selfkill render LIST ...`."""

from __future__ import annotations

import os
import signal
import sys

import pytest

from callsheet.cli import main
from tests.crash import boundaries


def strike(name: str) -> None:
    """The end, with no time for a `finally`."""
    if name == os.environ["SELFKILL"]:
        os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    patch = pytest.MonkeyPatch()
    boundaries.watch(patch, strike)
    boundaries.watch_network(patch, strike)
    sys.exit(main())
