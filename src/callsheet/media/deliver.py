"""A delivery from its settings: the shipped ones of configs/deliveries, and over them a project's `[deliver.NAME]` table.

`like = "NAME"` begins with another delivery, of the project or shipped. What has no `like` begins with the shipped delivery of its name, else with `web`.
"""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Callable, Mapping
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from pathlib import Path
from string import Formatter
from typing import Any, cast

from callsheet.domain.around import Around
from callsheet.domain.cut import Delivery
from callsheet.domain.errors import InputError, PlaceError, Problem
from callsheet.domain.fitting import Fitting, FpsFit, Frame
from callsheet.domain.form import CONTAINERS, PROFILES, Beside, Codec, Container
from callsheet.domain.shot import Size
from callsheet.domain.timebase import Fps, fps_text, half_up, parse_fps
from callsheet.domain.timecode import Timecode
from callsheet.domain.watermark import Spot, Stamp
from callsheet.media import subtitles

_PRESETS = ("ultrafast", "superfast", "veryfast", "faster", "fast", "medium", "slow", "slower", "veryslow")
_LARGEST = 8192
_SMALLEST = 16
_DEFAULT = "web"
_RATE_DENOMINATORS = (1, 2, 1001)
_ASPECT = re.compile(r"([1-9]\d?):([1-9]\d?)")
_LANGUAGE = re.compile(r"dialogue|[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")
_LONGEST = 120
#: what a file's name may be made of
_WORDS = {"project", "sequence", "delivery", "version"}

Table = Mapping[str, object]


def delivery_from(name: str, table: Table, size: Size, fps: Fps, *, house: Path, tables: Mapping[str, Table] | None = None) -> Delivery:
    """The delivery `name` by its table (may be empty), at `size` and `fps` where nothing gives them. `house` is the folder that holds configs/,
    `tables` are the project's, for `like`.

    InputError with every unknown key and bad value at once.
    """
    shape: dict[str, Any] = {"size": size, "fps": fps}
    problems: list[Problem] = []
    values = {**shape, **_read(name, _inherited(name, {**(tables or {}), name: table}, house), problems)}
    aspect = values.pop("aspect", None)
    if aspect:
        values["size"] = _shaped(values["size"], aspect)
    values["around"] = Around(**{key: values.pop(key) for key in _AROUND if key in values})
    values["stamp"] = _stamp(name, {field: values.pop(key) for key, field in _STAMP.items() if key in values}, problems)
    problems += _unfit(name, values["size"], values["fps"]) + _unheld(name, values)
    if problems:
        raise InputError.of(problems)
    fitting = Fitting(frame=values.pop("frame", Frame.PAD), fps=values.pop("fps_fit", FpsFit.DROP))
    return Delivery(name=name, fitting=fitting, **values)


def _read(name: str, table: Table, problems: list[Problem]) -> dict[str, Any]:
    """A table's values as fields of Delivery; what is wrong with them is noted."""
    values: dict[str, Any] = {}
    for key, value in table.items():
        if key not in _KEYS:
            problems.append(_unknown(name, key))
            continue
        field, parse = _KEYS[key]
        try:
            values[field] = parse(value)
        except ValueError as error:
            problems.append(_bad(name, key, str(error)))
    return values


def _inherited(name: str, tables: Mapping[str, Table], house: Path, under: tuple[str, ...] = ()) -> Table:
    """A table over the one that it is like, over that one's own, down to a shipped one."""
    if name in under:
        raise InputError.of([_bad(under[0], "like", f"{' is like '.join((*under, name))}: a circle")])
    if name not in tables and _shipped(name, house) is None:
        raise InputError.of([_bad(under[0], "like", f"there is no delivery {name!r}; shipped are {', '.join(shipped(house))}")])
    if name not in tables:
        return _whole_shipped(name, house)
    own = {**tables[name]}
    like = str(own.pop("like", name))
    return _over(_whole_shipped(name, house) if like == name else _inherited(like, tables, house, (*under, name)), own)


def _whole_shipped(name: str, house: Path) -> Table:
    """A shipped delivery over the one that it is like; `web` where none has the name."""
    own = {**(_shipped(name, house) or _shipped(_DEFAULT, house) or {})}
    like = own.pop("like", None)
    return _over(_whole_shipped(str(like), house), own) if like else own


def _over(base: Table, own: Table) -> Table:
    """Own values win; of a size and a shape the later counts."""
    hidden = "aspect" if "resolution" in own else "resolution" if "aspect" in own else None
    return {**{key: value for key, value in base.items() if key != hidden}, **own}


def shipped(house: Path) -> list[str]:
    """The deliveries that callsheet brings along."""
    return sorted(path.stem for path in (house / "configs" / "deliveries").glob("*.toml"))


def _stamp(name: str, wanted: dict[str, Any], problems: list[Problem]) -> Stamp | None:
    """What the `watermark_` settings ask for."""
    if "name" not in wanted:
        keys = [key for key, field in _STAMP.items() if field in wanted]
        problems += [_bad(name, key, "there is no watermark_file that it could be for") for key in keys]
        return None
    stamp = Stamp(**wanted)
    if stamp.width + 2 * stamp.margin > 1:
        problems.append(_bad(name, "watermark_width", f"{stamp.width} with {stamp.margin} free on either side is wider than the picture"))
    return stamp


def _unfit(name: str, size: Size, fps: Fps) -> list[Problem]:
    """What a film can't be, whoever asked for it: the table, the project or the first shot."""
    problems: list[Problem] = []
    if size.width % 2 or size.height % 2:
        problems.append(_bad(name, "resolution", f"{size} is odd, and H.264 pictures have even sides"))
    if fps.denominator not in _RATE_DENOMINATORS:
        problems.append(
            _bad(name, "fps", f"{fps_text(fps)} is no film's rate: give a whole one, or an NTSC rate such as 23.976 or 24000/1001")
        )
    return problems


def _unheld(name: str, values: dict[str, Any]) -> list[Problem]:
    """What a codec and its container can't hold, or its timecode can't count. Without a container it is the codec's usual one."""
    codec: Codec = values.get("codec", Codec.H264)
    container: Container = values.setdefault("container", CONTAINERS[codec][0])
    problems: list[Problem] = []
    if container not in CONTAINERS[codec]:
        problems.append(_bad(name, "container", f"{codec} is delivered in {' or '.join(CONTAINERS[codec])}, not in {container}"))
    profile = values.get("profile")
    if profile is not None and profile not in PROFILES.get(codec, ()):
        problems.append(_bad(name, "profile", f"{codec} has {', '.join(PROFILES[codec]) if codec in PROFILES else 'no profiles'}"))
    if values.get("timecode"):
        problems += _mislabelled(name, values["timecode"], values["fps"], values["around"])
    return problems


def _mislabelled(name: str, timecode: str, fps: Fps, around: Around) -> list[Problem]:
    try:
        begins = Timecode.parse(timecode, fps)
    except ValueError as error:
        return [_bad(name, "timecode", str(error))]
    before = around.front(fps)
    if before > begins.frame:
        return [_bad(name, "timecode", f"what stands before {timecode} ({before} frames) would begin before midnight: let it begin later")]
    return []


def _shaped(size: Size, aspect: tuple[int, int]) -> Size:
    """The size of this shape whose shorter edge is the given size's."""
    short, (wide, high) = min(size.width, size.height), aspect
    width, height = Fraction(short * max(wide, high), high), Fraction(short * max(wide, high), wide)
    return Size(*(2 * half_up(edge / 2) for edge in ((width, Fraction(short)) if wide >= high else (Fraction(short), height))))


def _shipped(name: str, house: Path) -> dict[str, object] | None:
    """A shipped delivery's table; None where there is none of the name."""
    folder = house / "configs" / "deliveries"
    path = folder / f"{name}.toml"
    if name != _DEFAULT and ("/" in name or not path.is_file()):
        return None
    try:
        return tomllib.loads(path.read_text())
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise PlaceError(f"the delivery's defaults can't be read: {error}", help="install callsheet again") from None


def _unknown(name: str, key: str) -> Problem:
    near = difflib.get_close_matches(key, _KEYS, n=1)
    known = ", ".join(_KEYS)
    return Problem(
        code="deliver-key",
        message=f"[deliver.{name}] has no setting {key!r}",
        help=f"did you mean {near[0]}?" if near else f"there are: {known}",
        file="project.toml",
    )


def _bad(name: str, key: str, why: str) -> Problem:
    return Problem(
        code="deliver-value", message=f"[deliver.{name}] {key}: {why}", help=f"correct {key} in project.toml", file="project.toml"
    )


def _resolution(value: object) -> Size:
    size = Size.parse(str(value))
    if not (_SMALLEST <= size.width <= _LARGEST and _SMALLEST <= size.height <= _LARGEST):
        raise ValueError(f"{size} is outside {_SMALLEST} to {_LARGEST} pixels a side")
    return size


def _number(low: float, high: float) -> Callable[[object], float]:
    def parse(value: object) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
            raise ValueError(f"{value!r} is not a number from {low:g} to {high:g}")
        return float(value)

    return parse


def _exact(low: float, high: float) -> Callable[[object], Decimal]:
    number = _number(low, high)
    return lambda value: Decimal(str(number(value)))


def _whole(low: int, high: int) -> Callable[[object], int]:
    def parse(value: object) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            raise ValueError(f"{value!r} is not a whole number from {low} to {high}")
        return value

    return parse


def _word(words: type[StrEnum]) -> Callable[[object], StrEnum]:
    def parse(value: object) -> StrEnum:
        if value not in list(words):
            raise ValueError(f"{value!r} is none of {', '.join(words)}")
        return words(str(value))

    return parse


def _some(words: type[StrEnum]) -> Callable[[object], tuple[StrEnum, ...]]:
    one = _word(words)

    def parse(value: object) -> tuple[StrEnum, ...]:
        given = cast("list[object]", value) if isinstance(value, list) else [value]
        return tuple(dict.fromkeys(one(word) for word in given))

    return parse


def _switch(value: object) -> bool:
    if value is True or value is False:
        return value
    raise ValueError(f"{value!r} is neither true nor false")


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


def _words(value: object) -> str:
    if not isinstance(value, str) or not value.strip() or len(value) > _LONGEST:
        raise ValueError(f"{value!r} is no text of 1 to {_LONGEST} letters")
    return value.strip()


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
_AROUND = {"slate_s": 120, "countdown_s": 60, "head_s": 600, "tail_s": 600}
#: the keys of a picture that is laid on, and the field of Stamp that each sets
_STAMP = {
    "watermark_file": "name",
    "watermark_place": "spot",
    "watermark_width": "width",
    "watermark_opacity": "opacity",
    "watermark_margin": "margin",
}
#: a table's keys: the field of Delivery that each sets, and how it is read
_KEYS: dict[str, tuple[str, Callable[[object], Any]]] = {
    "resolution": ("size", _resolution),
    "fps": ("fps", lambda value: parse_fps(str(value))),
    "loudness_lufs": ("loudness_lufs", _number(-40, -5)),
    "true_peak_dbtp": ("true_peak_dbtp", _number(-9, 0)),
    "crf": ("crf", _whole(1, 51)),
    "preset": ("preset", _preset),
    "gop_s": ("gop_s", _whole(1, 10)),
    "audio_bitrate": ("audio_bitrate", _whole(64_000, 320_000)),
    "codec": ("codec", _word(Codec)),
    "container": ("container", _word(Container)),
    "profile": ("profile", str),
    "aspect": ("aspect", _aspect),
    "max_mb": ("max_bytes", lambda value: int(_number(0.01, 1_000_000)(value) * 1_000_000)),
    "max_bitrate": ("max_bitrate", _whole(50_000, 2_000_000_000)),
    "file": ("file", _file),
    "beside": ("beside", _some(Beside)),
    "subtitles": ("subtitles", _subtitles),
    "subtitle_tracks": ("subtitle_tracks", _switch),
    "language": ("language", _tag),
    "burn_subtitles": ("burn_subtitles", _language),
    "burn_names": ("burn_names", _switch),
    "watermark": ("watermark", _words),
    "watermark_file": ("watermark_file", _words),
    "watermark_place": ("watermark_place", _word(Spot)),
    "watermark_width": ("watermark_width", _exact(0.01, 1)),
    "watermark_opacity": ("watermark_opacity", _exact(0, 1)),
    "watermark_margin": ("watermark_margin", _exact(0, 0.25)),
    "chapters": ("chapters", _switch),
    "timecode": ("timecode", str),
    "fit": ("frame", _word(Frame)),
    "fps_fit": ("fps_fit", _word(FpsFit)),
    **{key: (key, _exact(0, most)) for key, most in _AROUND.items()},
}
