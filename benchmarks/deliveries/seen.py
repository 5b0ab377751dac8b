"""What a finished file is and shows, read from the file alone: its streams, all of it decoded, a meter on its sound, and some of its frames in one picture."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import av

from callsheet.domain.timebase import sample_at
from callsheet.media.ffmpeg import runner
from callsheet.media.ffmpeg.command import Command
from callsheet.media.inspect.packets import read_packets
from callsheet.media.inspect.probe import decodes, sniff
from callsheet.media.sound.loudness import measure

#: a picture's width in docs, pixels
WIDE = 960
_COLUMNS_WIDE, _COLUMNS_TALL = 3, 6
#: WebP's own matrix and range
_WEBP = "scale=out_color_matrix=bt601:out_range=tv,format=yuv420p"

Row = dict[str, object]


def measured(film: Path) -> Row:
    """The figures of one file, as people read them."""
    with av.open(str(film)) as file:
        picture, sound = file.streams.video[0], file.streams.audio[0]
        told: Row = {
            "in": film.suffix[1:],
            "picture": f"{picture.codec_context.name} {picture.profile or ''}".strip(),
            "pixels": f"{picture.width}x{picture.height} {picture.pix_fmt}",
            "colour": _colour(picture),
            "fps": str(picture.average_rate),
            "sound": f"{sound.codec_context.name} {sound.sample_rate} {sound.layout.name}",
            "timecode": picture.metadata.get("timecode") or file.metadata.get("timecode"),
            "chapters": len(file.chapters()),
            "languages": " ".join(str(stream.metadata.get("language")) for stream in file.streams.subtitles) or None,
        }
    frames, samples = decodes(film, read_packets(str(film), sniff(film)))
    heard = measure(film)
    whole: Row = {"frames": frames, "sound - picture, samples": samples - sample_at(frames, Fraction(str(told["fps"])))}
    return told | whole | {"LUFS": heard.lufs, "dBTP": heard.peak_db, "MB": round(film.stat().st_size / 1e6, 2)}


def _colour(picture: Any) -> str:
    """Primaries, transfer and matrix by ISO 23001-8's numbers, and the range; 1/1/1 is BT.709."""
    context = picture.codec_context
    return f"{context.color_primaries}/{context.color_trc}/{context.colorspace} {'full' if context.color_range == 2 else 'video'}"


def sheet(film: Path, frames: Sequence[int], to: Path) -> None:
    """These frames (0-based, ascending) side by side in one WebP, through the tags that the file has."""
    with av.open(str(film)) as file:
        picture = file.streams.video[0]
        columns = _COLUMNS_WIDE if picture.width > picture.height else _COLUMNS_TALL
    columns = min(columns, len(frames))
    rows = -(-len(frames) // columns)
    picked = "+".join(f"eq(n\\,{frame})" for frame in frames)
    laid = f"select='{picked}',setpts=N/TB,scale={WIDE // columns}:-2:flags=area,tile={columns}x{rows}:padding=4:color=white,{_WEBP}"
    one = ["-an", "-sn", "-vf", laid, "-frames:v", "1", "-c:v", "libwebp", "-quality", "92", "-f", "webp", "-map_metadata", "-1"]
    runner.run(Command(("-v", "error", *_read(film), *one, "-y", str(to))), what=f"taking frames of {film.name}")


def _read(film: Path) -> list[str]:
    return ["-f", sniff(film), "-i", str(film)]
