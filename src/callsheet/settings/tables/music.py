"""A `[[bed]]` table of project.toml: music or a voice-over under sequences."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated

from pydantic import BeforeValidator, Field, PlainValidator, StringConstraints, ValidationInfo, WithJsonSchema, field_validator
from pydantic_core import PydanticCustomError

from callsheet.toml_file.table import Exact, Expected, Table, due, key, wrong

#: how far `true` lowers the sound, dB
_DUCK_DB = 12.0
_LONGEST_S = 3600


def _duck(value: object) -> object:
    return (_DUCK_DB if value else 0.0) if isinstance(value, bool) else value


def _where(value: object) -> Decimal | str:
    if isinstance(value, str) and value.strip():
        return value.strip()
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= _LONGEST_S:
        raise PydanticCustomError("type", "")
    return Decimal(str(float(value)))


Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=1000)]
Duck = Annotated[
    float,
    BeforeValidator(_duck),
    Field(ge=0, le=40),
    Expected("true, false or a number from 0 to 40"),
    WithJsonSchema({"type": ["boolean", "number"]}),
]
#: seconds, a timecode counted from 00:00:00:00, or a shot's name
Where = Annotated[
    Decimal | str,
    PlainValidator(_where),
    Expected("a shot, a timecode, or a number of seconds from 0 to 3600"),
    WithJsonSchema({"type": ["string", "number"]}),
]


class MusicTable(Table):
    """Music or a voice-over under a sequence, in every delivery and in the animatic. Fields are named like those of `BedTable`."""

    name: Words = due("sound file in the project's folder", "music/theme.m4a", alias="file")
    sequence: Words | None = key("its sequence; default: every one", "SQ010")
    begins: Where | None = key("where it begins: a shot, a timecode or seconds; default: the start", "S0020", alias="from")
    ends: Where | None = key("where it ends: a shot, a timecode or seconds; default: the end", "S0040", alias="to")
    gain_db: float | None = key("level; 0 is as loud as the clips", -10, unit="dB", ge=-60, le=24)
    duck_db: Duck | None = key("lower it during speech: true (12 dB) or a number", example=True, unit="dB", alias="duck")
    duck_others_db: Duck | None = key(
        "lower clips and music during its speech: true (12 dB) or a number", example=True, unit="dB", alias="duck_others"
    )
    fade_in_s: Exact | None = key("fade in", 1.0, unit="s", ge=0, le=3600)
    fade_out_s: Exact | None = key("fade out", 2.5, unit="s", ge=0, le=3600)

    @field_validator("begins", "ends")
    @classmethod
    def _of_a_sequence(cls, value: Decimal | str, info: ValidationInfo) -> Decimal | str:
        if isinstance(value, str) and ":" not in value and info.data.get("sequence") is None:
            raise wrong("it names a shot, so name its sequence too", 'write sequence = "SQ010"')
        return value

    @field_validator("duck_others_db")
    @classmethod
    def _one_way(cls, value: float, info: ValidationInfo) -> float:
        if value and info.data.get("duck_db"):
            raise wrong("use either duck or duck_others, not both", "write one of them")
        return value
