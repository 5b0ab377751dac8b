"""The command: one small file per group of commands. Nothing heavy is imported before a command needs it."""

from __future__ import annotations

import gc
import os
import sys
from typing import NoReturn

from callsheet.cli.app import run

#: new objects before Python looks for unreachable ones: a list makes many rows and takes, and none of them is garbage
LOOK_EVERY = 200_000


def main() -> NoReturn:
    """The entry point of `callsheet` and `python -m callsheet`; ends the process with the contract's exit code."""
    gc.set_threshold(LOOK_EVERY)
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")  # to look for them reads what every installed package says of itself
    code = run()
    gc.freeze()  # the process ends: going through all that is left once more would take an eighth of a check
    if "prefect" in sys.modules:  # its threads could keep the process alive for ever after a server died
        from callsheet.cli.prefect.play_flow import leave  # noqa: PLC0415  # it is loaded by then, and no other command needs it

        leave(code)
    raise SystemExit(code)
