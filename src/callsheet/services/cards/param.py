"""One parameter of a model, as its card declares it: type, values, and place in a request. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema, model_validator

from callsheet.domain.shots.params import Plain
from callsheet.services.cards.sold_ranges import SizeText


def _whole(value: object) -> object:
    """A whole number without a decimal point, so that 1.0 and 1 are one request."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


#: what a request carries
Sent = bool | int | float | str
Always = Annotated[Sent, BeforeValidator(_whole)]
File = Literal["first_frame", "last_frame", "audio"]

_YES, _NO = frozenset({"on", "true", "yes"}), frozenset({"off", "false", "no"})


def _bound(value: object) -> object:
    if isinstance(value, float):
        raise ValueError(f'{value} has to be in quotes, such as "0.01", so that it stays exact')  # noqa: TRY004  # pydantic reports ValueErrors
    return value


Bound = Annotated[Decimal, BeforeValidator(_bound), WithJsonSchema({"type": ["integer", "string"]})]


class Param(BaseModel):
    """One parameter: its type, the values that are sold, and where it stands in the request (`path`, dotted; by default its own name).

    `default` is what the service takes where nothing is sent. `delivery`: it says how the clip is delivered, not what is filmed, and buys nothing anew.
    `outlasts_queue`: seconds that must be enough to wait for a job and fetch its clip. `sizes`: it only stands for a picture's size, and that is sent.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True, arbitrary_types_allowed=True)

    type: Literal["boolean", "integer", "number", "text", "url"]
    enum: tuple[Sent, ...] = ()
    min: Bound | None = None
    max: Bound | None = None
    step: Annotated[Bound, Field(gt=0)] | None = None
    default: Sent | None = None
    path: str | None = None
    delivery: bool = False
    outlasts_queue: bool = False
    sizes: Mapping[str, SizeText] = Field(default_factory=dict)
    #: files with which the service does not accept it
    not_with: tuple[File, ...] = ()
    #: files without which, and with which, it has no effect
    only_with: tuple[File, ...] = ()
    idle_with: tuple[File, ...] = ()
    #: why no other values are sold, for the author
    why: str = ""

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.type not in ("integer", "number") and (self.min, self.max, self.step) != (None, None, None):
            raise ValueError("only numbers have min, max and step")
        for value in (*self.enum, *([] if self.default is None else [self.default])):
            if self._typed(exact(value)) is None or not self._sold(exact(value)):
                raise ValueError(f"{value!r} is not of type {self.type}, or not among its values")
        if self.sizes and set(self.sizes) != set(self.enum):
            raise ValueError("sizes names exactly the values of enum")
        return self

    def read(self, value: Plain) -> Sent:
        """The value for a request. ValueError, with the allowed values, if it isn't sold."""
        found = self._typed(value)
        if found is None or not self._sold(found):
            raise ValueError(self.allowed)
        if self.enum and isinstance(found, str):
            return next(known for known in self.enum if isinstance(known, str) and known.casefold() == found.casefold())
        return float(found) if isinstance(found, Decimal) else found

    @property
    def allowed(self) -> str:
        """Its allowed values, in words."""
        if self.enum:
            return ", ".join(written(value) for value in self.enum)
        if self.type in ("integer", "number"):
            return self._range()
        return {"boolean": "on, off", "url": "an https address"}.get(self.type, "text")

    def _typed(self, value: Plain) -> bool | int | Decimal | str | None:
        match self.type:
            case "boolean":
                word = str(value).casefold()
                return True if word in _YES else False if word in _NO else None
            case "integer":
                return value if isinstance(value, int) and not isinstance(value, bool) else None
            case "number":
                return value if isinstance(value, int | Decimal) and not isinstance(value, bool) else None
            case "text":
                return value if isinstance(value, str) else None
            case "url":
                return value if isinstance(value, str) and _address(value) else None

    def _sold(self, value: bool | int | Decimal | str) -> bool:
        for known in self.enum:
            if isinstance(value, str) and isinstance(known, str) and value.casefold() == known.casefold():
                return True
            if isinstance(value, bool) == isinstance(known, bool) and value == exact(known):
                return True
        if self.enum:
            return False
        if isinstance(value, bool | str):
            return True
        inside = (self.min is None or value >= self.min) and (self.max is None or value <= self.max)
        return inside and (self.step is None or not (value - (self.min or 0)) % self.step)

    def _range(self) -> str:
        kind = "a whole number" if self.type == "integer" else "a number"
        ends = f"{self.min:f} to {self.max:f}" if self.min is not None and self.max is not None else ""
        one = f"{self.min:f} or more" if self.min is not None else f"{self.max:f} or less" if self.max is not None else ""
        steps = f" in steps of {self.step:f}" if self.step is not None and self.step != 1 else ""
        return f"{kind}, {ends or one}{steps}" if ends or one else kind + steps


class Drop(BaseModel):
    """A rule between two fields: `field` has no effect while the parameter at path `param` is at most `at_most`, so it is not sent."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    field: Literal["negative_prompt"]
    param: str
    at_most: Bound
    why: str = Field(min_length=1)


def _address(text: str) -> bool:
    """Whether a clip may be sent there: https; plain http on this machine alone, for rehearsals."""
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    here = parts.scheme == "http" and parts.hostname in ("127.0.0.1", "localhost", "::1")
    return bool(parts.hostname) and (parts.scheme == "https" or here) and " " not in text


def exact(value: Sent) -> Plain:
    """A card's value as an exact number, if it is one."""
    return Decimal(str(value)) if isinstance(value, float) else value


def written(value: Sent) -> str:
    """A value in words."""
    return ("on" if value else "off") if isinstance(value, bool) else str(value)
