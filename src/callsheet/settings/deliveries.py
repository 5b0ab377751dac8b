"""A delivery from its settings."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any

from callsheet.domain.cut import Delivery
from callsheet.domain.delivery.file_format import CONTAINERS, PROFILES, Codec, Container
from callsheet.domain.delivery.fitting import Fitting, FpsFit, Frame
from callsheet.domain.delivery.leader import Leader
from callsheet.domain.delivery.watermark import Stamp
from callsheet.domain.errors import InputError
from callsheet.domain.shots.shot import Size
from callsheet.domain.timebase import Fps, fps_text, half_up
from callsheet.domain.timecode import Timecode
from callsheet.settings.delivery_tables import DeliveryTables
from callsheet.settings.tables.delivery import AROUND, BYTES_PER_MB, STAMP
from callsheet.toml_file.document import Document

_RATE_DENOMINATORS = (1, 2, 1001)
_USUAL_RATES = tuple(Fraction(rate) for rate in ("24000/1001", "24", "25", "30000/1001", "30", "48", "50", "60000/1001", "60"))


def delivery_from(
    name: str,
    table: Mapping[str, object],
    size: Size,
    fps: Fps,
    *,
    house: Path,
    tables: Mapping[str, Mapping[str, object]] | None = None,
    document: Document | None = None,
) -> Delivery:
    """The delivery `name` from its table (may be empty), at `size` and `fps` unless it sets them. `house` is the folder with configs/,
    `tables` are the project's, for `like`, and `document` is their file, for the lines of errors. InputError with every unknown key and
    bad value at once.
    """
    own = {**(tables or {}), name: table}
    written = DeliveryTables(
        own, (document or Document(file="project.toml", tables={"deliver": own})).coded("deliver-value", "deliver-key"), house
    )
    values: dict[str, Any] = {"size": size, "fps": fps, **written.values(name)}
    aspect = values.pop("aspect", None)
    if aspect:
        values["size"] = _shaped(values["size"], aspect)
    if "max_mb" in values:
        values["max_bytes"] = int(values.pop("max_mb") * BYTES_PER_MB)
    values["around"] = Leader(**{key: values.pop(key) for key in AROUND if key in values})
    wrong = [*_impossible(values)]
    stamp = {field: values.pop(key) for key, field in STAMP.items() if key in values}
    values["stamp"] = Stamp(**stamp) if "name" in stamp else None
    wrong += _wrong_stamp(values["stamp"], stamp)
    if wrong:
        raise InputError.of(written.wrong(name, key, why) for key, why in wrong)
    fitting = Fitting(frame=values.pop("frame", Frame.PAD), fps=values.pop("fps_fit", FpsFit.DROP))
    return Delivery(name=name, fitting=fitting, **values)


def _wrong_stamp(stamp: Stamp | None, wanted: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What is wrong with the combination of the `watermark_` keys."""
    if stamp is None:
        return [(key, "it needs a watermark_file") for key, field in STAMP.items() if field in wanted]
    if stamp.width + 2 * stamp.margin > 1:
        return [("watermark_width", f"{stamp.width} with {stamp.margin} free on either side is wider than the picture")]
    return []


def film_rate(fps: Fps) -> Fps:
    """The rate of a film of pictures at `fps`: the same, or the nearest usual one if an own clip's rate is irregular."""
    return fps if fps.denominator in _RATE_DENOMINATORS else min(_USUAL_RATES, key=lambda usual: abs(usual - fps))


def _impossible(values: dict[str, Any]) -> list[tuple[str, str]]:
    """Combinations that no film can have, and those that a codec and its container don't allow. Without a container, the codec's usual one
    counts.
    """
    size, fps, profile = values["size"], values["fps"], values.get("profile")
    codec: Codec = values.get("codec", Codec.H264)
    container: Container = values.setdefault("container", CONTAINERS[codec][0])
    wrong: list[tuple[str, str]] = []
    if size.width % 2 or size.height % 2:
        wrong.append(("resolution", f"{size} has an odd side, but H.264 needs even ones"))
    if fps.denominator not in _RATE_DENOMINATORS:
        wrong.append(("fps", f"{fps_text(fps)} is not a film or video frame rate; use 23.976, 24, 25, 29.97, 30, 48, 50, 59.94 or 60"))
    if container not in CONTAINERS[codec]:
        wrong.append(("container", f"{codec} is delivered in {' or '.join(CONTAINERS[codec])}, not in {container}"))
    if profile is not None and profile not in PROFILES.get(codec, ()):
        wrong.append(("profile", f"{codec} has {', '.join(PROFILES[codec]) if codec in PROFILES else 'no profiles'}"))
    if timecode := values.get("timecode"):
        before = values["around"].front(fps)
        try:
            if before > Timecode.parse(timecode, fps).frame:
                why = f"the {before} frames before {timecode} would begin before midnight; set a later timecode"
                wrong.append(("timecode", why))
        except ValueError as error:
            wrong.append(("timecode", str(error)))
    return wrong


def _shaped(size: Size, aspect: tuple[int, int]) -> Size:
    """The size in this shape whose shorter edge is the given size's."""
    short, (wide, high) = min(size.width, size.height), aspect
    width, height = Fraction(short * max(wide, high), high), Fraction(short * max(wide, high), wide)
    return Size(*(2 * half_up(edge / 2) for edge in ((width, Fraction(short)) if wide >= high else (Fraction(short), height))))
