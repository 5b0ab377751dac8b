"""An isolated environment, for runs that must not reach anything of the user's: the demo's and rehearsals'."""

from __future__ import annotations

import os
from collections.abc import Generator, Mapping
from contextlib import contextmanager


@contextmanager
def environment(own: Mapping[str, str]) -> Generator[None]:
    """Within the block, none of the user's keys, base URLs or settings apply, except for ffmpeg and the house; so nothing can be sent or
    booked anywhere else.
    """
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
