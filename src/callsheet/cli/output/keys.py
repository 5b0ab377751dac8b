"""Single keys typed during a run. Read only if both ends are a terminal and this process is in its foreground; otherwise no key is offered."""

from __future__ import annotations

import contextlib
import os
import select
import sys
import termios
import threading
import tty
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

#: seconds between checks whether reading should end
_LOOK_S = 0.2


@dataclass(frozen=True, slots=True)
class KeyAction:
    """A key, its label, and its function, which is called in the reading thread."""

    key: str
    words: str
    act: Callable[[], None]


@contextmanager
def reading_keys(actions: Sequence[KeyAction]) -> Generator[Sequence[KeyAction]]:
    """Read keys until the block ends, and return the offered actions: none if keys can't be read. Ctrl-C keeps its meaning."""
    terminal = _terminal() if actions else None
    if terminal is None:
        yield ()
        return
    before = termios.tcgetattr(terminal)
    over = threading.Event()
    thread = threading.Thread(target=_read, args=(terminal, actions, over), name="keys", daemon=True)
    tty.setcbreak(terminal, termios.TCSANOW)
    thread.start()
    try:
        yield actions
    finally:
        over.set()
        thread.join(timeout=2 * _LOOK_S)
        if _in_front(terminal):  # else it is another's terminal now, and setting it would stop us
            with contextlib.suppress(termios.error):
                termios.tcsetattr(terminal, termios.TCSANOW, before)


def _terminal() -> int | None:
    """The terminal that keys come from; None if there is none, stdin is closed, or another process is in its foreground."""
    try:
        terminal = sys.stdin.fileno()
    except (OSError, ValueError, AttributeError):
        return None
    return terminal if _in_front(terminal) else None


def _read(terminal: int, actions: Sequence[KeyAction], over: threading.Event) -> None:
    by_key = {action.key: action.act for action in actions}
    while not over.is_set():
        if not _in_front(terminal):  # reading in the background would stop the process
            over.wait(_LOOK_S)
            continue
        ready, _, _ = select.select([terminal], [], [], _LOOK_S)
        if ready and _in_front(terminal):
            typed = os.read(terminal, 1).decode(errors="replace")
            if not typed:  # the terminal is gone
                return
            by_key.get(typed, lambda: None)()


def _in_front(terminal: int) -> bool:
    """Whether this process is in the terminal's foreground."""
    try:
        return os.isatty(terminal) and os.tcgetpgrp(terminal) == os.getpgrp()
    except OSError:
        return False
