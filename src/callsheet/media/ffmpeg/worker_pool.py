"""Limited children that read files from outside, each kept for the next file: starting one takes ten times as long as reading a clip.

A child limits itself anew for every file, so a file that makes it use too much ends that child and is refused; the next file gets another.
"""

from __future__ import annotations

import atexit
import json
import os
import threading

from callsheet.domain.errors import MediaFault
from callsheet.media.ffmpeg import runner


class WorkerPool:
    """The children that run one of our modules, which ends in `worker.answer`. As many are kept as there are processors."""

    def __init__(self, module: str) -> None:
        self._module = module
        self._idle: list[runner.Child] = []
        self._lock = threading.Lock()
        atexit.register(self.close)

    def ask(self, *words: object, what: str) -> str:
        """One child's answer to `words`. MediaFault if it ended during the work. Thread-safe: each thread gets its own child."""
        child = self._idle_child() or runner.open_python(self._module)
        try:
            said = _said(child, words)
        except BaseException:
            child.kill()
            _close(child)
            raise
        if not said:
            raise MediaFault(
                f"{what} failed ({_close(child)}): it took too much time or memory, or may be malicious", help="fetch it again"
            )
        with self._lock:
            keep = len(self._idle) < (os.cpu_count() or 1)
            if keep:
                self._idle.append(child)
        if not keep:
            _close(child)
        return said

    def close(self) -> None:
        """End the idle children."""
        with self._lock:
            children, self._idle = self._idle, []
        for child in children:
            _close(child)

    def _idle_child(self) -> runner.Child | None:
        with self._lock:
            while self._idle:
                child = self._idle.pop()
                if child.poll() is None:
                    return child
                _close(child)
        return None


def _said(child: runner.Child, words: tuple[object, ...]) -> str:
    assert child.stdin is not None
    assert child.stdout is not None
    try:
        child.stdin.write(json.dumps(words).encode() + b"\n")
        child.stdin.flush()
    except BrokenPipeError:
        return ""
    line = child.stdout.readline()
    return line.decode() if line.endswith(b"\n") else ""


def _close(child: runner.Child) -> str:
    """The child's end, in words: it ends by itself where nothing more is asked."""
    with child:
        pass
    return runner.exit_reason(child.returncode)
