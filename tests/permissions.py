"""What permissions allow, for root too."""

from __future__ import annotations

import ctypes
import os

#: CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH
_CAPABILITIES = (1, 2)
_VERSION = 0x20080522


class _Sets(ctypes.Structure):
    _fields_ = [("effective", ctypes.c_uint32), ("permitted", ctypes.c_uint32), ("inheritable", ctypes.c_uint32)]


def obey() -> None:
    """Root, too, may only read and write what permissions allow, in this thread and in every program that it starts from now on."""
    if os.geteuid() != 0:
        return
    library, header, sets = ctypes.CDLL(None), (ctypes.c_uint32 * 2)(_VERSION, 0), (_Sets * 2)()
    assert library.capget(header, sets) == 0
    for capability in _CAPABILITIES:
        assert library.prctl(24, capability, 0, 0, 0) == 0  # PR_CAPBSET_DROP
        sets[0].effective &= ~(1 << capability)
        sets[0].permitted &= ~(1 << capability)
    assert library.capset(header, sets) == 0
