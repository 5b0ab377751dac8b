"""Tables of TOML as models: what every one has, how a key is declared, and forms of values that several share."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any, cast

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema
from pydantic.fields import FieldInfo
from pydantic_core import PydanticCustomError

from callsheet.domain.money import Micros, usd
from callsheet.domain.shots.shot import Size
from callsheet.domain.timebase import Fps, parse_fps

#: the type of the errors whose words and fix are ours
OURS = "callsheet"


@dataclass(frozen=True, slots=True)
class Says:
    """Metadata of a type: what its values are, in words that follow "is not"."""

    words: str


class Table(BaseModel):
    """A table that a person writes: an unknown key is an error, a key that isn't written is None, and no text is taken for a number.

    Nothing is compiled before a table of the kind is read.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False, arbitrary_types_allowed=True, defer_build=True)

    @property
    def written(self) -> dict[str, Any]:
        """The keys that are written, by the names of their fields."""
        return {name: getattr(self, name) for name in type(self).model_fields if name in self.model_fields_set}


def key(says: str, example: object, *, unit: str = "", **limits: Any) -> Any:
    """A key of a table that may be left out: what it means, an example, its unit, and its limits as pydantic's `Field` has them."""
    return Field(default=None, description=says, examples=[example], json_schema_extra={"unit": unit} if unit else None, **limits)


def due(says: str, example: object, **limits: Any) -> Any:
    """A key that has to be written."""
    return Field(description=says, examples=[example], **limits)


def wrong(message: str, help: str = "") -> PydanticCustomError:
    """An error of a validator, in our words: what is wrong, and what to write."""
    return PydanticCustomError(OURS, "{message}", {"message": message, "help": help})


def unit_of(field: FieldInfo) -> str:
    """The unit of a key's numbers; "" if it has none."""
    extra = field.json_schema_extra
    return str(cast("dict[str, object]", extra).get("unit", "")) if isinstance(extra, dict) else ""


def plain_text(value: object) -> str:
    """A text, or a number as it is written; an error of its type where it is neither."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise PydanticCustomError("type", "")
    return str(value)


def exact_text(value: object) -> Decimal:
    """A number exactly as it is written, in quotes or not; an error of its type where it is none."""
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


#: a number exactly as it is written
Exact = Annotated[Decimal, BeforeValidator(_exact), WithJsonSchema({"type": "number"})]
#: a name; one that is all digits may stand without quotes
Name = Annotated[str, BeforeValidator(_named), Says("a text"), WithJsonSchema({"type": ["string", "number"]})]
Rate = Annotated[
    Fps,
    BeforeValidator(lambda value: parse_fps(plain_text(value))),
    Says("a frame rate such as 24, 23.976 or 24000/1001"),
    WithJsonSchema({"type": ["string", "number"]}),
]
PictureSize = Annotated[
    Size,
    BeforeValidator(lambda value: Size.parse(value) if isinstance(value, str) else value),
    Says("a resolution such as 1280x720"),
    WithJsonSchema({"type": "string", "pattern": r"^\d+[xX×]\d+$"}),
]
Usd = Annotated[
    Micros,
    BeforeValidator(lambda value: usd(plain_text(value))),
    Says("an amount in USD, such as 25.00"),
    WithJsonSchema({"type": ["string", "number"]}),
]
