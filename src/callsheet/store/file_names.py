"""Names that are valid on every file system."""

from __future__ import annotations

import os
import re
import sys
import unicodedata

from callsheet.domain.errors import SetupError
from callsheet.domain.fingerprint import digest

_RESERVED = {"con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(1, 10))}
_LONGEST = 60


def safe(name: str) -> str:
    """A name that is valid on every file system. A changed name carries a few digits of the original's hash, so that two never collide.

    SetupError if this process can't name such a file: a system with another code page than UTF-8 doesn't have every letter.
    """
    name = unicodedata.normalize("NFC", name)
    plain = re.sub(r"[^\w .-]+", "_", name).strip("._ ")[:_LONGEST]
    _refuse_foreign(plain)
    if plain and plain == name and plain.casefold().split(".")[0] not in _RESERVED:
        return plain
    return f"{plain or 'sequence'}-{digest(name.encode())[:6]}"


def _refuse_foreign(name: str) -> None:
    try:
        os.fsencode(name)
    except UnicodeEncodeError:
        message = f"no file can be named {name!r} here: names of files are in {sys.getfilesystemencoding()}, which doesn't have every letter of it"
        raise SetupError(message, help="export PYTHONUTF8=1") from None
