"""Inside a limited child that reads files from outside: one question after another. It imports little, so that it starts soon."""

from __future__ import annotations

import json
import resource
import signal
import sys
from collections.abc import Callable
from math import ceil

from callsheet.media.ffmpeg.child_process import SUSPECT, Limits


def answer(read: Callable[..., str], limits: Limits = SUSPECT) -> None:
    """One line of words in, one line out, until nothing more is asked. Every answer has `limits`' processor and wall-clock seconds."""
    for line in sys.stdin:
        used, most = resource.getrusage(resource.RUSAGE_SELF), resource.getrlimit(resource.RLIMIT_CPU)[1]
        resource.setrlimit(resource.RLIMIT_CPU, (ceil(used.ru_utime + used.ru_stime) + limits.cpu_s, most))
        signal.setitimer(signal.ITIMER_REAL, limits.wall_s)
        sys.stdout.write(read(*json.loads(line)) + "\n")
        sys.stdout.flush()
        signal.setitimer(signal.ITIMER_REAL, 0)
