"""callsheet's own non-ASCII characters, and their replacements if a terminal can't show them or plain text was requested."""

from __future__ import annotations

import os
import sys
from typing import TextIO

#: set for one command by `--ascii`
VARIABLE = "CALLSHEET_ASCII"
_PLAIN = {"█": "#", "▒": "=", "░": ".", "…": "~", "✓": "+", "✕": "x", "·": "-"}
_TABLE = str.maketrans(_PLAIN)


def plain(stream: TextIO | None = None) -> bool:
    """Whether to print only ASCII: `--ascii`, CALLSHEET_ASCII, or a stream (default: stdout) whose encoding lacks these characters."""
    if os.environ.get(VARIABLE, "0") not in ("", "0"):
        return True
    encoding = getattr(stream or sys.stdout, "encoding", None) or "utf-8"
    try:
        "".join(_PLAIN).encode(encoding)
    except (UnicodeEncodeError, LookupError):
        return True
    return False


def shown(text: str, stream: TextIO | None = None) -> str:
    """Text as the stream can show it. Other characters, in names and prompts, are left alone."""
    return text.translate(_TABLE) if plain(stream) else text
