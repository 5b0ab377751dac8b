"""A picture of the author's on a film's pictures, with its transparency. It is read from a copy that is named by its content, so the
picture that was checked is the one that is used.
"""

from __future__ import annotations

import shutil
from fractions import Fraction
from math import ceil, floor
from pathlib import Path

from callsheet.domain.cut import Delivery
from callsheet.domain.delivery.watermark import Watermark, WatermarkPosition
from callsheet.domain.errors import MediaError
from callsheet.domain.shots.shot import Size
from callsheet.media.ffmpeg import codec, filter_graph
from callsheet.media.inspect import measure_inputs
from callsheet.store import atomic_files

#: in what the pictures are while it is laid on them, by what the delivery's are: none loses depth or colour by it
_LAID_IN = {"yuv420p": "yuv420", "yuv422p": "yuv422", "yuv422p10le": "yuv422p10", "yuv444p10le": "yuv444p10"}
#: a picture with at least this ratio of height to width is for phones, whose players put buttons over its lowest fifth
_UPRIGHT, _UNDER_BUTTONS = Fraction(3, 2), Fraction(1, 5)


def written(mark: Watermark, folder: Path) -> None:
    """Copy the file to where `laid` lets ffmpeg read it. MediaError if it has changed since it was checked."""
    path = _file(mark, folder)
    if path.exists() and atomic_files.digest(path) == mark.sha256:  # it may have been cut off since
        return
    part = atomic_files.part_path(path)
    try:
        shutil.copyfile(mark.file, part)
        if atomic_files.digest(part) != mark.sha256:
            raise MediaError(
                f"the watermark {mark.stamp.name} was changed during the run", help="run the command again to read the new file"
            )
        atomic_files.replace(part, path)
    except FileNotFoundError:
        raise MediaError(f"the watermark {mark.stamp.name} no longer exists", help="put it back, or name another watermark_file") from None
    finally:
        part.unlink(missing_ok=True)


def laid(pad: filter_graph.Pad, mark: Watermark, delivery: Delivery, folder: Path, *, again: bool) -> filter_graph.Pad:
    """The pictures with the watermark; its copy is in `folder` (see `written`). It may come from anywhere: its demuxer is forced. `again`
    as in `filter_graph.source`.
    """
    size, left, top = placed(mark, delivery.size)
    read = filter_graph.source(_file(mark, folder), measure_inputs.guard(mark.mime), again=again)
    picture = read.stream(0).filter("setpts", "0").filter("trim", end_frame=1)
    # what is behind transparent pixels must not bleed into its edges
    bare = picture.filter("format", "gbrap16le").filter("premultiply", inplace=1)
    scaled = bare.filter("scale", size.width, size.height, flags="lanczos").filter("unpremultiply", inplace=1)
    faint = scaled.filter("colorchannelmixer", aa=float(mark.stamp.opacity))
    coloured = faint.filter("scale", out_color_matrix="bt709", out_range="tv").filter("format", "yuva444p")
    return pad.joined("overlay", coloured, left, top, format=_LAID_IN[codec.pixels(delivery)], alpha="straight")


def placed(mark: Watermark, frame: Size) -> tuple[Size, int, int]:
    """Its size, left and top in a picture of this size, all even, because colour is stored for every other pixel. It never enters the
    margins.
    """
    stamp = mark.stamp
    side, above = ceil(frame.width * stamp.margin), ceil(frame.height * stamp.margin)
    low = stamp.spot in (WatermarkPosition.BOTTOM_LEFT, WatermarkPosition.BOTTOM_RIGHT) and frame.height >= _UPRIGHT * frame.width
    below = max(above, ceil(frame.height * _UNDER_BUTTONS)) if low else above
    wide = min(frame.width * Fraction(stamp.width), Fraction(frame.width - 2 * side), (frame.height - above - below) * mark.aspect)
    size = Size(_even(wide), _even(wide / mark.aspect))
    right, bottom = 2 * ((frame.width - side - size.width) // 2), 2 * ((frame.height - below - size.height) // 2)
    left, top = 2 * ceil(side / 2), 2 * ceil(above / 2)
    middle = 2 * ((frame.width - size.width) // 4), 2 * ((frame.height - size.height) // 4)
    at = {
        WatermarkPosition.TOP_LEFT: (left, top),
        WatermarkPosition.TOP_RIGHT: (right, top),
        WatermarkPosition.BOTTOM_LEFT: (left, bottom),
        WatermarkPosition.BOTTOM_RIGHT: (right, bottom),
    }
    return size, *at.get(stamp.spot, middle)


def _file(mark: Watermark, folder: Path) -> Path:
    return folder / "pictures" / mark.sha256


def _even(length: Fraction) -> int:
    return max(2, 2 * floor(length / 2))
