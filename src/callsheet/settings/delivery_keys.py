"""The keys of a delivery's table: the field of `Delivery` that each sets, and how its value is read."""

from __future__ import annotations

import re
from collections.abc import Callable
from string import Formatter
from typing import Any, cast

from callsheet.domain import subtitles
from callsheet.domain.file_format import Codec, Container, Sidecar
from callsheet.domain.fitting import FpsFit, Frame
from callsheet.domain.shot import Size
from callsheet.domain.tablevalue import exact, number, some, switch, text, whole, word
from callsheet.domain.timebase import parse_fps
from callsheet.domain.watermark import WatermarkPosition

_PRESETS = ("ultrafast", "superfast", "veryfast", "faster", "fast", "medium", "slow", "slower", "veryslow")
_LARGEST = 8192
_SMALLEST = 16
_ASPECT = re.compile(r"([1-9]\d?):([1-9]\d?)")
_LANGUAGE = re.compile(r"dialogue|[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")
_LONGEST = 120
#: what a file's name may be made of
_WORDS = {"project", "sequence", "delivery", "version"}


def _resolution(value: object) -> Size:
    size = Size.parse(str(value))
    if not (_SMALLEST <= size.width <= _LARGEST and _SMALLEST <= size.height <= _LARGEST):
        raise ValueError(f"{size} is outside {_SMALLEST} to {_LARGEST} pixels a side")
    return size


def _subtitles(value: object) -> tuple[str, ...]:
    given = [str(kind) for kind in cast("list[object]", value)] if isinstance(value, list) else [str(value)]
    unknown = [kind for kind in given if kind not in subtitles.WRITERS]
    if unknown:
        raise ValueError(f"{unknown[0]!r} is none of {', '.join(subtitles.WRITERS)}")
    return tuple(dict.fromkeys(given))


def _language(value: object) -> str | None:
    if not _LANGUAGE.fullmatch(str(value)):
        raise ValueError(f"{value!r} is neither dialogue nor a language such as de or pt-BR")
    return str(value).casefold()


def _tag(value: object) -> str:
    if str(value) == "dialogue" or not _LANGUAGE.fullmatch(str(value)):
        raise ValueError(f"{value!r} is no language such as en or pt-BR")
    return str(value)


def _aspect(value: object) -> tuple[int, int]:
    found = _ASPECT.fullmatch(str(value))
    if not found:
        raise ValueError(f"{value!r} is not a shape such as 16:9, 9:16, 1:1 or 4:5")
    return int(found[1]), int(found[2])


def _file(value: object) -> str:
    """A name for files: its words are filled in later, and every version has its own."""
    try:
        used = {field for _, field, spec, conversion in Formatter().parse(str(value)) if field is not None and not (spec or conversion)}
        plain = "".join(text for text, *_ in Formatter().parse(str(value)))
    except ValueError as error:
        raise ValueError(f"{value!r}: {error}") from None
    if not used <= _WORDS or not {"sequence", "version"} <= used or str(value).count("{") != len(used):
        raise ValueError(f"{value!r} must name {{sequence}} and {{version}} once each, and may name {{project}} and {{delivery}}")
    if re.search(r'[/\\<>:"|?*\x00-\x1f]', plain):
        raise ValueError(f"{value!r} holds a sign that file names can't have")
    return str(value)


def _preset(value: object) -> str:
    if value not in _PRESETS:
        raise ValueError(f"{value!r} is none of {', '.join(_PRESETS)}")
    return str(value)


#: the keys that say what stands around the programme, and the longest that each may be, seconds
AROUND = {"slate_s": 120, "countdown_s": 60, "head_s": 600, "tail_s": 600}
#: the keys of a picture that is laid on, and the field of Stamp that each sets
STAMP = {
    "watermark_file": "name",
    "watermark_place": "spot",
    "watermark_width": "width",
    "watermark_opacity": "opacity",
    "watermark_margin": "margin",
}
#: a table's keys: the field of Delivery that each sets, and how it is read
KEYS: dict[str, tuple[str, Callable[[object], Any]]] = {
    "resolution": ("size", _resolution),
    "fps": ("fps", lambda value: parse_fps(str(value))),
    "loudness_lufs": ("loudness_lufs", number(-40, -5)),
    "true_peak_dbtp": ("true_peak_dbtp", number(-9, 0)),
    "crf": ("crf", whole(1, 51)),
    "preset": ("preset", _preset),
    "gop_s": ("gop_s", whole(1, 10)),
    "audio_bitrate": ("audio_bitrate", whole(64_000, 320_000)),
    "codec": ("codec", word(Codec)),
    "container": ("container", word(Container)),
    "profile": ("profile", str),
    "aspect": ("aspect", _aspect),
    "max_mb": ("max_bytes", lambda value: int(number(0.01, 1_000_000)(value) * 1_000_000)),
    "max_bitrate": ("max_bitrate", whole(50_000, 2_000_000_000)),
    "file": ("file", _file),
    "beside": ("beside", some(Sidecar)),
    "subtitles": ("subtitles", _subtitles),
    "subtitle_tracks": ("subtitle_tracks", switch),
    "language": ("language", _tag),
    "burn_subtitles": ("burn_subtitles", _language),
    "burn_names": ("burn_names", switch),
    "watermark": ("watermark", text(_LONGEST)),
    "font": ("font", text(_LONGEST)),
    "watermark_file": ("watermark_file", text(_LONGEST)),
    "watermark_place": ("watermark_place", word(WatermarkPosition)),
    "watermark_width": ("watermark_width", exact(0.01, 1)),
    "watermark_opacity": ("watermark_opacity", exact(0, 1)),
    "watermark_margin": ("watermark_margin", exact(0, 0.25)),
    "chapters": ("chapters", switch),
    "timecode": ("timecode", str),
    "fit": ("frame", word(Frame)),
    "fps_fit": ("fps_fit", word(FpsFit)),
    **{key: (key, exact(0, most)) for key, most in AROUND.items()},
}
