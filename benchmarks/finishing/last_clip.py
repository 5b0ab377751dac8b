"""The command, which then says what processor time it and its children took after its last clip was received. Arguments are the command's own."""

from __future__ import annotations

import json
import os
import sys
import time

from callsheet import cli
from callsheet.domain.attempt import Attempt
from callsheet.planning.plan import PlannedTake
from callsheet.runs.cut_room import CutRoom

#: at each receipt: processor seconds so far, the time, and how many clips were still to be conformed
_RECEIPTS: list[tuple[float, float, int]] = []
_landed = CutRoom.landed


def _noted(room: CutRoom, attempt: Attempt, planned: PlannedTake) -> None:
    _landed(room, attempt, planned)
    _RECEIPTS.append((_spent_s(), time.perf_counter(), sum(not task.done() for task in room._normalizing.values())))  # noqa: SLF001  # who else counts them?


def _spent_s() -> float:
    used = os.times()
    return used.user + used.system + used.children_user + used.children_system


if __name__ == "__main__":
    CutRoom.landed = _noted
    code = cli.run()
    spent_s, at, open_ = _RECEIPTS[-1]
    after = {
        "CPU s after the last clip": round(_spent_s() - spent_s, 2),
        "wall s": round(time.perf_counter() - at, 2),
        "clips to conform": open_,
    }
    sys.stdout.write(f"\n{json.dumps(after)}\n")
    sys.exit(code)
