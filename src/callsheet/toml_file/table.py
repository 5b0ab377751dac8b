"""Tables of TOML as models: what all have in common, how a key is declared, and shared types of values."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any, cast

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema
from pydantic.fields import FieldInfo
from pydantic_core import PydanticCustomError

from callsheet.domain.money import Micros, corrected_amount, usd
from callsheet.domain.shots.shot import Size
from callsheet.domain.timebase import Fps, parse_fps

#: the type of errors with our own message and fix
OURS = "callsheet"


@dataclass(frozen=True, slots=True)
class Expected:
    """Metadata of a type: a description of its values that follows "is not"."""

    words: str


class Table(BaseModel):
    """A table that a person writes: an unknown key is an error, a missing key is None, and no text is taken for a number. Models are
    compiled only when a table of their kind is read.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False, arbitrary_types_allowed=True, defer_build=True)

    @property
    def written(self) -> dict[str, Any]:
        """The keys that are in the file, by their field names."""
        return {name: getattr(self, name) for name in type(self).model_fields if name in self.model_fields_set}


def key(says: str, example: object, *, unit: str = "", **limits: Any) -> Any:
    """An optional key of a table: its meaning, an example, its unit, and its limits as in pydantic's `Field`."""
    return Field(default=None, description=says, examples=[example], json_schema_extra={"unit": unit} if unit else None, **limits)


def due(says: str, example: object, **limits: Any) -> Any:
    """A required key."""
    return Field(description=says, examples=[example], **limits)


def wrong(message: str, help: str = "") -> PydanticCustomError:
    """A validator's error with our own message and fix."""
    return PydanticCustomError(OURS, "{message}", {"message": message, "help": help})


def unit_of(field: FieldInfo) -> str:
    """The unit of a key's numbers; "" if it has none."""
    extra = field.json_schema_extra
    return str(cast("dict[str, object]", extra).get("unit", "")) if isinstance(extra, dict) else ""


def plain_text(value: object) -> str:
    """A text, or a number as written; a type error if it is neither."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise PydanticCustomError("type", "")
    return str(value)


def exact_text(value: object) -> Decimal:
    """A number exactly as written, with or without quotes; a type error if it isn't one."""
    try:
        return Decimal(plain_text(value).strip())
    except InvalidOperation:
        raise PydanticCustomError("type", "") from None


def _exact(value: object) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise PydanticCustomError("type", "")
    return Decimal(str(float(value)))  # 1 and 1.0 are one value: its text decides which films are the same


def _named(value: object) -> str:
    found = plain_text(value).strip()
    if not found:
        raise PydanticCustomError("type", "")
    return found


def _usd(value: object) -> Micros:
    written = plain_text(value)
    try:
        return usd(written)
    except ValueError as error:
        meant = corrected_amount(written)
        raise wrong(str(error), f'write "{meant}"' if meant else 'write it with a point before the cents: "4.80"') from None


#: a number exactly as written
Exact = Annotated[Decimal, BeforeValidator(_exact), WithJsonSchema({"type": "number"})]
#: a name; one of only digits may be written without quotes
Name = Annotated[str, BeforeValidator(_named), Expected("a text"), WithJsonSchema({"type": ["string", "number"]})]
Rate = Annotated[
    Fps,
    BeforeValidator(lambda value: parse_fps(plain_text(value))),
    Expected("a frame rate such as 24, 23.976 or 24000/1001"),
    WithJsonSchema({"type": ["string", "number"]}),
]
PictureSize = Annotated[
    Size,
    BeforeValidator(lambda value: Size.parse(value) if isinstance(value, str) else value),
    Expected("a resolution such as 1280x720"),
    WithJsonSchema({"type": "string", "pattern": r"^\d+[xX×]\d+$"}),
]
Usd = Annotated[
    Micros,
    BeforeValidator(_usd),
    Expected("an amount in USD, such as 25.00"),
    WithJsonSchema({"type": ["string", "number"]}),
]
