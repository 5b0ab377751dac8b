"""The command: one small file per group of commands. Nothing heavy is imported before a command needs it."""

from __future__ import annotations

from typing import NoReturn


def main() -> NoReturn:
    """The entry point of `callsheet` and `python -m callsheet`; ends the process with the contract's exit code."""
    from callsheet.cli.app import run

    raise SystemExit(run())
