"""A delivery from its settings: the shipped defaults of configs/deliveries, and over them a project's `[deliver.NAME]` table."""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from callsheet.domain.cut import Delivery
from callsheet.domain.errors import InputError, PlaceError, Problem
from callsheet.domain.shot import Size
from callsheet.domain.timebase import Fps, fps_text, parse_fps

_PRESETS = ("ultrafast", "superfast", "veryfast", "faster", "fast", "medium", "slow", "slower", "veryslow")
_LARGEST = 8192
_SMALLEST = 16
_DEFAULT = "web"
_RATE_DENOMINATORS = (1, 2, 1001)


def delivery_from(name: str, table: Mapping[str, object], size: Size, fps: Fps, *, house: Path) -> Delivery:
    """The delivery `name` by its table (may be empty), at `size` and `fps` where the table gives none. `house` is the folder that holds configs/.

    The defaults are configs/deliveries/NAME.toml, else web.toml. InputError with every unknown key and bad value at once.
    """
    values: dict[str, Any] = {"size": size, "fps": fps}
    problems: list[Problem] = []
    for key, value in {**_defaults(name, house), **table}.items():
        if key not in _KEYS:
            problems.append(_unknown(name, key))
            continue
        field, parse = _KEYS[key]
        try:
            values[field] = parse(value)
        except ValueError as error:
            problems.append(_bad(name, key, str(error)))
    problems += _unfit(name, values["size"], values["fps"])
    if problems:
        raise InputError.of(problems)
    return Delivery(name=name, **values)


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


def _defaults(name: str, house: Path) -> dict[str, object]:
    folder = house / "configs" / "deliveries"
    own = folder / f"{name}.toml"
    path = own if "/" not in name and own.is_file() else folder / f"{_DEFAULT}.toml"
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


def _whole(low: int, high: int) -> Callable[[object], int]:
    def parse(value: object) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            raise ValueError(f"{value!r} is not a whole number from {low} to {high}")
        return value

    return parse


def _preset(value: object) -> str:
    if value not in _PRESETS:
        raise ValueError(f"{value!r} is none of {', '.join(_PRESETS)}")
    return str(value)


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
}
