"""A command that kills itself with signal 9 at the boundary that SELFKILL names: `arm` is what tests/command.py has done in it before it begins."""

from __future__ import annotations

import os
import signal

import pytest

from tests.crash import boundaries


def strike(name: str) -> None:
    """The end, with no time for a `finally`."""
    if name == os.environ["SELFKILL"]:
        os.kill(os.getpid(), signal.SIGKILL)


def arm() -> None:
    """Have every boundary watched in this process, for good."""
    patch = pytest.MonkeyPatch()
    boundaries.watch(patch, strike)
    boundaries.watch_network(patch, strike)
