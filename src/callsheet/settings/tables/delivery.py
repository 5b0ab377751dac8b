"""A `[deliver.NAME]` table, and a file of configs/deliveries: a format that sequences are finished in."""

from __future__ import annotations

import re
from string import Formatter
from typing import Annotated, Literal, cast

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints, WithJsonSchema
from pydantic_core import PydanticCustomError

from callsheet.domain.delivery.file_format import Codec, Container, Sidecar
from callsheet.domain.delivery.fitting import FpsFit, Frame
from callsheet.domain.delivery.watermark import WatermarkPosition
from callsheet.domain.shots.shot import Size
from callsheet.toml_file.table import Exact, Expected, PictureSize, Rate, Table, key

_LARGEST, _SMALLEST = 8192, 16
_ASPECT = re.compile(r"([1-9]\d?):([1-9]\d?)")
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")
#: the parts of a file name
_WORDS = {"project", "sequence", "delivery", "version"}


def _within(size: Size) -> Size:
    if not (_SMALLEST <= size.width <= _LARGEST and _SMALLEST <= size.height <= _LARGEST):
        raise ValueError(f"{size} is outside {_SMALLEST} to {_LARGEST} pixels a side")
    return size


def _language(value: str) -> str:
    if not _LANGUAGE.fullmatch(value):
        raise ValueError(f"{value!r} is not a language tag such as en or pt-BR")
    return value


def _burnt(value: str) -> str:
    if value != "dialogue" and not _LANGUAGE.fullmatch(value):
        raise ValueError(f"{value!r} is neither dialogue nor a language tag such as de or pt-BR")
    return value.casefold()


def _aspect(value: object) -> object:
    found = _ASPECT.fullmatch(value) if isinstance(value, str) else None
    if not found:
        raise PydanticCustomError("type", "")
    return int(found[1]), int(found[2])


def _file(value: str) -> str:
    """A template for file names, with a new name for each version."""
    try:
        used = {field for _, field, spec, conversion in Formatter().parse(value) if field is not None and not (spec or conversion)}
        plain = "".join(text for text, *_ in Formatter().parse(value))
    except ValueError as error:
        raise ValueError(f"{value!r}: {error}") from None
    if not used <= _WORDS or not {"sequence", "version"} <= used or value.count("{") != len(used):
        raise ValueError(f"{value!r} must name {{sequence}} and {{version}} once each, and may name {{project}} and {{delivery}}")
    if re.search(r'[/\\<>:"|?*\x00-\x1f]', plain):
        raise ValueError(f"{value!r} has a character that file names can't have")
    return value


def _several(value: object) -> object:
    """One word, or a list of them, each once."""
    given = cast("list[object]", value) if isinstance(value, list) else [value]
    return tuple(one for number, one in enumerate(given) if one not in given[:number])


Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=120)]
Aspect = Annotated[
    tuple[int, int],
    BeforeValidator(_aspect),
    Expected("a shape such as 16:9, 9:16, 1:1 or 4:5"),
    WithJsonSchema({"type": "string", "pattern": r"^[1-9]\d?:[1-9]\d?$"}),
]
Sidecars = Annotated[tuple[Annotated[Sidecar, Field(strict=False)], ...], BeforeValidator(_several)]
SubtitleFiles = Annotated[tuple[Literal["srt", "vtt"], ...], BeforeValidator(_several)]
Preset = Literal["ultrafast", "superfast", "veryfast", "faster", "fast", "medium", "slow", "slower", "veryslow"]


class DeliveryTable(Table):
    """A delivery. A missing key is inherited from the delivery named by `like`; without `like`, from the shipped one of the same name,
    otherwise from `web`. Fields are named like those of `Delivery`, `Stamp` and `Leader`; the keys in the file are the aliases.
    """

    like: str | None = key("the delivery to start from, shipped or of the project", "broadcast-ebu")
    size: Annotated[PictureSize, AfterValidator(_within)] | None = key("picture size", "1080x1920", unit="pixels", alias="resolution")
    aspect: Aspect | None = key("shape; the shorter edge is that of the project's size", "9:16")
    fps: Rate | None = key("frame rate", "25", unit="frames/s")
    frame: Annotated[Frame, Field(strict=False)] | None = key("how a clip of another shape fills the frame", "crop", alias="fit")
    fps_fit: Annotated[FpsFit, Field(strict=False)] | None = key("how a clip of another frame rate is fitted", "retime")
    codec: Annotated[Codec, Field(strict=False)] | None = key("video codec", "h265")
    container: Annotated[Container, Field(strict=False)] | None = key("file format; default: the codec's usual one", "mov")
    profile: str | None = key("ProRes: proxy, lt, standard, hq or 4444; DNxHR: lb, sq, hq, hqx or 444", "hq")
    crf: int | None = key("quality: 1 is best, 51 is smallest", 18, ge=1, le=51)
    preset: Preset | None = key("encoding effort: slower is smaller at the same quality", "veryfast")
    gop_s: int | None = key("time between key frames", 2, unit="s", ge=1, le=10)
    audio_bitrate: int | None = key("AAC or Opus bitrate", 256_000, unit="bits/s", ge=64_000, le=320_000)
    loudness_lufs: float | None = key("integrated loudness of the encoded film", -14.0, unit="LUFS", ge=-40, le=-5)
    true_peak_dbtp: float | None = key("highest true peak of the encoded film", -1.0, unit="dBTP", ge=-9, le=0)
    max_mb: float | None = key("largest file", 8, unit="million bytes", ge=0.01, le=1_000_000)
    max_bitrate: int | None = key("highest average bitrate of the file", 6_000_000, unit="bits/s", ge=50_000, le=2_000_000_000)
    timecode: str | None = key("timecode of the first shot's first frame; `;` before the frames is drop-frame", "01:00:00:00")
    chapters: bool | None = key("a chapter for each shot", example=False)
    slate_s: Exact | None = key("length of the slate before the first shot", 10, unit="s", ge=0, le=120)
    countdown_s: Exact | None = key("length of the countdown", 7, unit="s", ge=0, le=60)
    head_s: Exact | None = key("black before the first shot", 3, unit="s", ge=0, le=600)
    tail_s: Exact | None = key("black after the last shot", 5, unit="s", ge=0, le=600)
    file: Annotated[str, AfterValidator(_file)] | None = key(
        "file name; {sequence} and {version} are required, {project} and {delivery} may be used", "{sequence}_{delivery}_v{version}"
    )
    beside: Sidecars | None = key("sidecar files: a poster, a contact sheet, a GIF", ["poster", "contact-sheet"])
    subtitles: SubtitleFiles | None = key("subtitle files next to the film", ["srt", "vtt"])
    subtitle_tracks: bool | None = key("a subtitle track for each language inside the film", example=True)
    language: Annotated[str, AfterValidator(_language)] | None = key("language of the dialogue", "en")
    burn_subtitles: Annotated[str, AfterValidator(_burnt)] | None = key(
        "subtitles burnt into the picture: the dialogue, or a language", "de"
    )
    burn_names: bool | None = key("burn the take's name into each picture", example=True)
    watermark: Words | None = key("text in the corner of each picture", "REVIEW COPY")
    font: Words | None = key("font file for burnt-in text", "fonts/Brand.ttf")
    watermark_file: Words | None = key("watermark picture on each picture", "art/logo.png")
    watermark_place: Annotated[WatermarkPosition, Field(strict=False)] | None = key("position of the watermark", "bottom-right")
    watermark_width: Exact | None = key("width of the watermark, as a share of the film's width", 0.12, ge=0.01, le=1)
    watermark_opacity: Exact | None = key("opacity of the watermark, times its own transparency", 0.7, ge=0, le=1)
    watermark_margin: Exact | None = key("free margin around the watermark, as a share of each edge", 0.05, ge=0, le=0.25)


#: the keys for what comes before and after the programme
AROUND = ("slate_s", "countdown_s", "head_s", "tail_s")
#: the keys of a watermark picture, and the field of Stamp that each sets
STAMP = {
    "watermark_file": "name",
    "watermark_place": "spot",
    "watermark_width": "width",
    "watermark_opacity": "opacity",
    "watermark_margin": "margin",
}

#: what `max_mb` counts
BYTES_PER_MB = 1_000_000
