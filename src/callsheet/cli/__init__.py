"""The command: one small file per group of commands. Nothing heavy is imported before a command needs it."""

from __future__ import annotations

import sys
from typing import NoReturn

from callsheet.cli.app import run


def main() -> NoReturn:
    """The entry point of `callsheet` and `python -m callsheet`; ends the process with the contract's exit code."""
    code = run()
    if "prefect" in sys.modules:  # its threads could keep the process for ever where a server died
        from callsheet.cli.prefect.play_flow import leave  # noqa: PLC0415  # it is loaded by then, and no other command needs it

        leave(code)
    raise SystemExit(code)
