"""What the numbers in a picture's tags mean (ISO/IEC 23091-2), as ffmpeg's filters name it."""

from __future__ import annotations

#: AVColorSpace as swscale names it, or zscale what swscale doesn't know; whatever isn't here is taken as untagged
MATRICES = {1: "bt709", 4: "fcc", 5: "bt601", 6: "bt601", 7: "smpte240m", 9: "bt2020", 10: "bt2020c", 14: "ictcp"}
#: AVColorPrimaries and AVColorTransferCharacteristic as zscale names them; likewise
PRIMARIES = {
    1: "bt709", 4: "bt470m", 5: "bt470bg", 6: "smpte170m", 7: "smpte240m", 8: "film", 9: "bt2020", 10: "smpte428", 11: "smpte431", 12: "smpte432",
    22: "ebu3213",
}  # fmt: skip
TRANSFERS = {
    1: "bt709", 4: "bt470m", 5: "bt470bg", 6: "smpte170m", 7: "smpte240m", 8: "linear", 11: "iec61966-2-4", 13: "iec61966-2-1", 14: "bt2020-10",
    15: "bt2020-12", 16: "smpte2084", 18: "arib-std-b67",
}  # fmt: skip
