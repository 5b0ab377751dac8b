"""Signs beyond ASCII that callsheet itself prints, and what stands for them where a terminal can't show them, or a person asked for plain text."""

from __future__ import annotations

import os
import sys
from typing import TextIO

#: set for one command by `--ascii`
VARIABLE = "CALLSHEET_ASCII"
_PLAIN = {"█": "#", "▒": "=", "░": ".", "…": "~", "✓": "+", "✕": "x", "·": "-"}
_TABLE = str.maketrans(_PLAIN)


def plain(stream: TextIO | None = None) -> bool:
    """Whether only ASCII is to be printed: `--ascii`, CALLSHEET_ASCII, or a stream (default: stdout) whose encoding hasn't these signs."""
    if os.environ.get(VARIABLE, "0") not in ("", "0"):
        return True
    encoding = getattr(stream or sys.stdout, "encoding", None) or "utf-8"
    try:
        "".join(_PLAIN).encode(encoding)
    except (UnicodeEncodeError, LookupError):
        return True
    return False


def shown(text: str, stream: TextIO | None = None) -> str:
    """Text as the stream can show it. Other signs, of names and prompts, are left alone."""
    return text.translate(_TABLE) if plain(stream) else text
