"""An environment of one's own: for runs that must reach nothing of the user's, the demo's and the rehearsals'."""

from __future__ import annotations

import os
from collections.abc import Generator, Mapping
from contextlib import contextmanager


@contextmanager
def environment(own: Mapping[str, str]) -> Generator[None]:
    """Within the block no key, base URL or setting of the user's holds, but for the ffmpeg and the house; so nothing can be sent or booked anywhere else."""
    before = dict(os.environ)
    for name in before:
        if name.endswith(("_API_KEY", "_BASE_URL")) or (
            name.startswith("CALLSHEET_") and name not in ("CALLSHEET_FFMPEG", "CALLSHEET_HOUSE")
        ):
            del os.environ[name]
    os.environ |= own
    try:
        yield
    finally:
        os.environ.clear()
        os.environ |= before
