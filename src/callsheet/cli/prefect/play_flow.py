"""Loads the render flow by path, plays it in this process, and ends the process after it. Only the flows in the house import Prefect, never
this module. The flow has a thread of its own: if a server dies during a run, Prefect can hang for good at its end, long after the ledger
is written.
"""

from __future__ import annotations

import importlib
import os
import sys
import threading
import time
from collections.abc import Coroutine, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, NoReturn, Protocol, cast

from callsheet.cli.prefect.find_server import WITHOUT
from callsheet.cli.prefect.flow_thread import FlowThread, stop_on_signals
from callsheet.cli.prefect.server import Host
from callsheet.domain.errors import Problem, SetupError
from callsheet.domain.run_request import RunRequest
from callsheet.runs.outcome import Outcome
from callsheet.runs.session import Shown
from callsheet.store.house import house_root

#: longest wait at the end of a run for its events to be recorded, seconds
DRAIN_S = 30.0
#: how long Prefect may take to end once the outcome is known, seconds
TEARDOWN_S = 45.0
#: how long Prefect's threads may keep the process alive at its end, seconds
_LEAVE_S = 5.0


class _Play(Protocol):
    def __call__(self, flow: object, parameters: Mapping[str, object], *, drain_s: float) -> Coroutine[None, None, None]: ...


def run_flow(host: Host, order: RunRequest, shown: Shown) -> Outcome:
    """Run the render flow for `order`, whose plan was `shown`, in this process and return the outcome; Ctrl-C and SIGTERM end it cleanly.
    Raises what the run raised (LockedError, InputError, SetupError ...), SetupError if the server doesn't answer, KeyboardInterrupt if
    the run was stopped before it had opened. Once the run has closed, it returns the outcome whatever happens to Prefect.
    """
    flow, play = load_flow("render")
    host.ready()
    thread = FlowThread(lambda: play(flow, order.parameters(), drain_s=DRAIN_S if host.private else 0.0))
    with stop_on_signals(thread.stop):
        thread.start()
        failure = thread.watch(lambda: shown.outcome is not None, teardown_s=TEARDOWN_S)
    if shown.outcome is None:
        raise failure or KeyboardInterrupt
    record: tuple[Problem, ...] = ()
    if isinstance(failure, SetupError) and failure.problems[0].code == "prefect":  # Prefect failed, but the run ended well
        record = failure.problems
    elif failure:
        raise failure
    elif thread.is_alive():
        help = "the ledger is complete; the server may go on showing this run as Running: delete it on its page"
        record = (Problem(code="prefect", message="the Prefect server stopped answering", help=help),)
    return replace(shown.outcome, problems=(*shown.outcome.problems, *record))


def load_flow(name: str) -> tuple[object, _Play]:
    """The flow and the function that plays it, from the house in use: never from another package of the same name."""
    root = house_root()
    sys.modules.setdefault("rfc3987_syntax", cast("Any", None))  # as in private_server
    sys.path.insert(0, str(root))
    try:
        module = importlib.import_module(f"flows.{name}")
        play = importlib.import_module("flows._host").play
    finally:
        sys.path.remove(str(root))
    if not Path(module.__file__ or "").resolve().is_relative_to(root.resolve()):
        raise SetupError(
            f"another package called flows, {module.__file__}, was in the way", help=f"run in an environment without it, {WITHOUT}"
        )
    return getattr(module, name), cast("_Play", play)


def leave(code: int) -> NoReturn:
    """End this process with `code`, at most a few seconds later, even if Prefect's threads would keep it alive for ever."""

    def leave_anyway() -> None:
        threading.main_thread().join()
        time.sleep(_LEAVE_S)
        os._exit(code)

    threading.Thread(target=leave_anyway, daemon=True).start()
    raise SystemExit(code)
