"""This machine, told apart from others: a folder that was copied to another one at the same path looks the same there."""

from __future__ import annotations

import hashlib
import os
import sys
from contextlib import suppress
from pathlib import Path

_IDS = (Path("/etc/machine-id"), Path("/var/lib/dbus/machine-id"))
#: a container's own id is its image's, or another one each time
_CONTAINER = (Path("/.dockerenv"), Path("/run/.containerenv"))


def this_machine() -> str:
    """The same for every run on this machine, and for none on another; empty where that can't be told, as in a container. `CALLSHEET_MACHINE` goes before what
    the system says: machines that take turns at one folder have one name. A digest: the system's own id is nobody else's business.
    """
    own = os.environ.get("CALLSHEET_MACHINE", "").strip() or _systems_id()
    return hashlib.sha256(f"callsheet {own}".encode()).hexdigest()[:16] if own else ""


def local_state(project: str) -> Path:
    """A folder on this machine, outside the project's own, for what has to stay here."""
    home = os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state"
    return Path(home) / "callsheet" / project


def _systems_id() -> str:
    if sys.platform == "darwin":
        return _mac_id()
    if any(sign.exists() for sign in _CONTAINER):
        return ""
    for file in _IDS:
        with suppress(OSError, ValueError):
            if found := file.read_text(encoding="ascii").strip():
                return found
    return ""


def _mac_id() -> str:
    """The hardware's UUID: gethostuuid(2), with no wait."""
    import ctypes  # noqa: PLC0415  # only on this system

    id, no_wait = (ctypes.c_ubyte * 16)(), (ctypes.c_long * 2)()
    return bytes(id).hex() if ctypes.CDLL(None).gethostuuid(id, no_wait) == 0 else ""
