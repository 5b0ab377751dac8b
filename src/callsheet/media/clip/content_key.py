"""Content keys: what is made of the same things, in the same way, is made once. Nothing that makes it is loaded for its key."""

from __future__ import annotations

import hashlib
import json
from importlib.metadata import version

from callsheet.media.ffmpeg import runner

#: increased whenever the same inputs are to give other bytes
_RECIPE = 7
#: what copies packets and decodes sound
LIBRARY = f"pyav {version('av')}"
#: the muxer's version: another one may write other bytes. The number is increased when our own output changes
MUXER = f"{LIBRARY}, 5"


def key_of(*parts: object) -> str:
    """A content key: over `parts`, the recipe's version and the build of ffmpeg."""
    said = json.dumps([_RECIPE, runner.build(), *parts], default=str)
    return hashlib.sha256(said.encode()).hexdigest()
