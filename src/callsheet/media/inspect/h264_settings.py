"""What H.264's settings say about all pictures that follow them, read from a film's header (ISO 14496-15) as far as needed (ITU-T H.264, 7.3.2.1.1)."""

from __future__ import annotations

#: of a unit's first byte, what tells its kind; and the kinds that say how what follows is encoded
_KIND, _PARAMETERS = 0x1F, (7, 8)
#: profiles whose settings also tell of chroma, depth and scaling
_HIGH = frozenset({44, 83, 86, 100, 110, 118, 122, 128, 134, 135, 138, 139, 244})
#: in a header: the first byte of the first settings' length
_SETTINGS_AT = 6


def whole_frames(header: bytes) -> bool:
    """Whether the header promises that every picture is one of whole frames: none is of two fields. False where it doesn't say."""
    size = int.from_bytes(header[_SETTINGS_AT : _SETTINGS_AT + 2])
    unit = header[_SETTINGS_AT + 2 : _SETTINGS_AT + 2 + size]
    try:
        return bool(size) and _frames_only(_Bits(unit[1:].replace(b"\0\0\3", b"\0\0")))
    except IndexError:
        return False


def brought_by(picture: bytes, header: bytes) -> bool:
    """Whether a picture comes with sequence or picture parameters of its own, beside its film's header."""
    if not header:
        return False
    width, at = (header[4] & 3) + 1, 0  # bytes of each unit's length
    while at + width < len(picture):
        if picture[at + width] & _KIND in _PARAMETERS:
            return True
        at += width + int.from_bytes(picture[at : at + width])
    return False


def _frames_only(bits: _Bits) -> bool:
    profile = bits.number(8)
    bits.number(16)  # constraints and level
    bits.coded()
    if profile in _HIGH:
        if bits.coded() == 3:  # 4:4:4
            bits.number(1)
        bits.coded()
        bits.coded()
        bits.number(1)
        if bits.number(1):
            return False  # scaling lists: rare, and long
    bits.coded()
    order = bits.coded()
    if order == 0:
        bits.coded()
    elif order == 1:
        bits.number(1)
        bits.coded()
        bits.coded()
        for _ in range(bits.coded()):
            bits.coded()
    bits.coded()
    bits.number(1)
    bits.coded()
    bits.coded()
    return bool(bits.number(1))


class _Bits:
    """Bits in their order. IndexError at their end."""

    def __init__(self, data: bytes) -> None:
        self._bits = "".join(f"{byte:08b}" for byte in data)
        self._at = 0

    def number(self, bits: int) -> int:
        """The next so many, as a number."""
        self._at += bits
        if self._at > len(self._bits):
            raise IndexError
        return int(self._bits[self._at - bits : self._at], 2)

    def coded(self) -> int:
        """The next Exp-Golomb code, unsigned; a signed one is as long."""
        zeros = len(self._bits[self._at :].partition("1")[0])
        return self.number(2 * zeros + 1) - 1
