"""A delivery from its settings."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any

from callsheet.domain.cut import Delivery
from callsheet.domain.errors import InputError, Problem
from callsheet.domain.file_format import CONTAINERS, PROFILES, Codec, Container
from callsheet.domain.fitting import Fitting, FpsFit, Frame
from callsheet.domain.leader import Leader
from callsheet.domain.shot import Size
from callsheet.domain.timebase import Fps, fps_text, half_up
from callsheet.domain.timecode import Timecode
from callsheet.domain.watermark import Stamp
from callsheet.domain.wording import did_you_mean
from callsheet.settings.delivery_keys import AROUND, KEYS, STAMP
from callsheet.settings.delivery_tables import Table, bad_value, inherited

_RATE_DENOMINATORS = (1, 2, 1001)


def delivery_from(name: str, table: Table, size: Size, fps: Fps, *, house: Path, tables: Mapping[str, Table] | None = None) -> Delivery:
    """The delivery `name` by its table (may be empty), at `size` and `fps` where nothing gives them. `house` is the folder that holds configs/,
    `tables` are the project's, for `like`.

    InputError with every unknown key and bad value at once.
    """
    shape: dict[str, Any] = {"size": size, "fps": fps}
    problems: list[Problem] = []
    values = {**shape, **_read(name, inherited(name, {**(tables or {}), name: table}, house), problems)}
    aspect = values.pop("aspect", None)
    if aspect:
        values["size"] = _shaped(values["size"], aspect)
    values["around"] = Leader(**{key: values.pop(key) for key in AROUND if key in values})
    values["stamp"] = _stamp(name, {field: values.pop(key) for key, field in STAMP.items() if key in values}, problems)
    problems += _impossible(name, values)
    if problems:
        raise InputError.of(problems)
    fitting = Fitting(frame=values.pop("frame", Frame.PAD), fps=values.pop("fps_fit", FpsFit.DROP))
    return Delivery(name=name, fitting=fitting, **values)


def _read(name: str, table: Table, problems: list[Problem]) -> dict[str, Any]:
    """A table's values as fields of Delivery; what is wrong with them is noted."""
    values: dict[str, Any] = {}
    for key, value in table.items():
        if key not in KEYS:
            problems.append(_unknown(name, key))
            continue
        field, parse = KEYS[key]
        try:
            values[field] = parse(value)
        except ValueError as error:
            problems.append(bad_value(name, key, str(error)))
    return values


def _stamp(name: str, wanted: dict[str, Any], problems: list[Problem]) -> Stamp | None:
    """What the `watermark_` settings ask for."""
    if "name" not in wanted:
        keys = [key for key, field in STAMP.items() if field in wanted]
        problems += [bad_value(name, key, "there is no watermark_file that it could be for") for key in keys]
        return None
    stamp = Stamp(**wanted)
    if stamp.width + 2 * stamp.margin > 1:
        problems.append(
            bad_value(name, "watermark_width", f"{stamp.width} with {stamp.margin} free on either side is wider than the picture")
        )
    return stamp


def _impossible(name: str, values: dict[str, Any]) -> list[Problem]:
    """What a film can't be, whoever asked for it, and what a codec and its container can't hold. Without a container it is the codec's usual one."""
    size, fps, profile = values["size"], values["fps"], values.get("profile")
    codec: Codec = values.get("codec", Codec.H264)
    container: Container = values.setdefault("container", CONTAINERS[codec][0])
    wrong: list[tuple[str, str]] = []
    if size.width % 2 or size.height % 2:
        wrong.append(("resolution", f"{size} is odd, and H.264 pictures have even sides"))
    if fps.denominator not in _RATE_DENOMINATORS:
        wrong.append(("fps", f"{fps_text(fps)} is no film's rate: give a whole one, or an NTSC rate such as 23.976 or 24000/1001"))
    if container not in CONTAINERS[codec]:
        wrong.append(("container", f"{codec} is delivered in {' or '.join(CONTAINERS[codec])}, not in {container}"))
    if profile is not None and profile not in PROFILES.get(codec, ()):
        wrong.append(("profile", f"{codec} has {', '.join(PROFILES[codec]) if codec in PROFILES else 'no profiles'}"))
    if timecode := values.get("timecode"):
        before = values["around"].front(fps)
        try:
            if before > Timecode.parse(timecode, fps).frame:
                why = f"what stands before {timecode} ({before} frames) would begin before midnight: let it begin later"
                wrong.append(("timecode", why))
        except ValueError as error:
            wrong.append(("timecode", str(error)))
    return [bad_value(name, key, why) for key, why in wrong]


def _shaped(size: Size, aspect: tuple[int, int]) -> Size:
    """The size of this shape whose shorter edge is the given size's."""
    short, (wide, high) = min(size.width, size.height), aspect
    width, height = Fraction(short * max(wide, high), high), Fraction(short * max(wide, high), wide)
    return Size(*(2 * half_up(edge / 2) for edge in ((width, Fraction(short)) if wide >= high else (Fraction(short), height))))


def _unknown(name: str, key: str) -> Problem:
    return Problem(
        code="deliver-key",
        message=f"[deliver.{name}] has no setting {key!r}",
        help=did_you_mean(key, KEYS, f"there are: {', '.join(KEYS)}"),
        file="project.toml",
    )
