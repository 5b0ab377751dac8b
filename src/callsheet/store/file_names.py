"""Names that are valid on every file system."""

from __future__ import annotations

import re
import unicodedata

from callsheet.domain.fingerprint import digest

_RESERVED = {"con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(1, 10))}
_LONGEST = 60


def safe(name: str) -> str:
    """A name that is valid on every file system. A changed name carries a few digits of the original's hash, so that two never collide."""
    name = unicodedata.normalize("NFC", name)
    plain = re.sub(r"[^\w .-]+", "_", name).strip("._ ")[:_LONGEST]
    if plain and plain == name and plain.casefold().split(".")[0] not in _RESERVED:
        return plain
    return f"{plain or 'sequence'}-{digest(name.encode())[:6]}"
