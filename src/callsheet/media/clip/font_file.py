"""The characters of a font and their widths: read from its `cmap`, `hmtx` and `head` tables (OpenType 1.9). TrueType and OpenType fonts, no
collections.
"""

from __future__ import annotations

import struct
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

#: subtables of `cmap` for all of Unicode, and for its first plane: (platform, encoding), the better ones first
_SUBTABLES = ((3, 10), (0, 6), (0, 4), (3, 1), (0, 3), (0, 2), (0, 1), (0, 0))
_KINDS = (b"\x00\x01\x00\x00", b"OTTO", b"true")
#: categories of characters that are never drawn: they control others, or line breaks
_UNDRAWN = frozenset({"Cc", "Cf", "Zl", "Zp"})
_SELECTORS = range(0xFE00, 0xFE10)


@dataclass(frozen=True, slots=True)
class FontFile:
    """Widths by code point, as shares of the font size."""

    widths: dict[int, float]
    #: from the lowest to the highest point of a line, as a share of the font size
    height: float

    def lacking(self, text: str) -> str:
        """The characters of a text that the font doesn't have, each once, in their order."""
        drawn = (sign for sign in text if unicodedata.category(sign) not in _UNDRAWN and ord(sign) not in _SELECTORS)
        return "".join(dict.fromkeys(sign for sign in drawn if ord(sign) not in self.widths))

    def width(self, text: str) -> float:
        """How wide a line is, as a share of the font size; joined letters may be narrower."""
        return sum(self.widths.get(ord(sign), 0.0) for sign in text if not unicodedata.combining(sign))


def read_font(file: Path) -> FontFile:
    """A font file, read once until it is written again. ValueError with a message if it isn't one."""
    stands = file.stat()
    return _read(file, stands.st_mtime_ns, stands.st_size)


@lru_cache(maxsize=8)
def _read(file: Path, _changed_ns: int, _size: int) -> FontFile:
    try:
        return _parsed(file.read_bytes())
    except (struct.error, IndexError, KeyError, UnicodeError):
        raise ValueError("is not a readable font: name a TrueType or OpenType file (.ttf, .otf)") from None


def _parsed(data: bytes) -> FontFile:
    if data[:4] not in _KINDS:
        raise ValueError("is not a TrueType or OpenType font (.ttf, .otf)")
    count = struct.unpack_from(">H", data, 4)[0]
    records = (struct.unpack_from(">4sIII", data, 12 + 16 * n) for n in range(count))
    tables = {name: data[at : at + length] for name, _, at, length in records}
    units = struct.unpack_from(">H", tables[b"head"], 18)[0]
    measured = struct.unpack_from(">H", tables[b"hhea"], 34)[0]
    advances = [struct.unpack_from(">H", tables[b"hmtx"], 4 * n)[0] for n in range(measured)]
    glyphs = _glyphs(tables[b"cmap"])
    ascends, descends = struct.unpack_from(">hh", tables[b"hhea"], 4)
    return FontFile({code: advances[min(glyph, measured - 1)] / units for code, glyph in glyphs.items()}, (ascends - descends) / units)


def _glyphs(cmap: bytes) -> dict[int, int]:
    """The glyph of each code point."""
    count = struct.unpack_from(">H", cmap, 2)[0]
    places = {(platform, encoding): at for platform, encoding, at in (struct.unpack_from(">HHI", cmap, 4 + 8 * n) for n in range(count))}
    table = cmap[next(places[one] for one in _SUBTABLES if one in places) :] if set(places) & set(_SUBTABLES) else b"\0\0"
    form = struct.unpack_from(">H", table)[0]
    found: dict[int, int] = {}
    if form == 12:
        for n in range(struct.unpack_from(">I", table, 12)[0]):
            first, last, glyph = struct.unpack_from(">III", table, 16 + 12 * n)
            found.update(zip(range(first, min(last, 0x10FFFF) + 1), range(glyph, glyph + last - first + 1), strict=False))
    elif form == 4:
        half = struct.unpack_from(">H", table, 6)[0]
        ends, starts, deltas, offsets = (
            struct.unpack_from(f">{half // 2}H", table, at) for at in (14, 16 + half, 16 + 2 * half, 16 + 3 * half)
        )
        for n, (end, start, delta, offset) in enumerate(zip(ends, starts, deltas, offsets, strict=True)):
            for code in range(start, min(end, 0xFFFE) + 1):
                at = 16 + 3 * half + 2 * n + offset + 2 * (code - start)
                glyph = struct.unpack_from(">H", table, at)[0] if offset else code
                if glyph and (glyph + delta) & 0xFFFF:
                    found[code] = (glyph + delta) & 0xFFFF
    return {code: glyph for code, glyph in found.items() if glyph}
