"""A stand-in whose deAPI takes so many purchases in a minute, in a process of its own; its URL is the first line of stdout. Run by storm.py.

python limited.py PER_MINUTE SPEED SLOTS SEED FOLDER
"""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path

from callsheet.cli.serving import serve
from callsheet.standin.jobs.config import Config
from callsheet.standin.serve import server


def main() -> None:
    """Serve until SIGTERM."""
    per_minute, speed, slots, seed, folder = sys.argv[1:]
    config = Config(per_minute=int(per_minute), speed=float(speed), slots=int(slots), seed=int(seed), state=Path(folder))
    serve(partial(server, config), "127.0.0.1", 0, lambda url: print(url, flush=True))


if __name__ == "__main__":
    main()
