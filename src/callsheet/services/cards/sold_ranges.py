"""The sizes, lengths and other numbers that a model sells, as in its card."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Annotated, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema, model_validator

from callsheet.domain.shots.shot import Size
from callsheet.toml_file.table import Expected


def _size(value: object) -> object:
    return Size.parse(value) if isinstance(value, str) else value


def _text_only(value: object) -> object:
    if not isinstance(value, str):
        raise ValueError(f'{value} has to be a number in quotes, such as "0.08", so that it stays exact')  # noqa: TRY004  # pydantic reports ValueErrors
    return value


_NUMBER_AS_TEXT = WithJsonSchema({"type": "string", "pattern": r"^[0-9]*\.?[0-9]+$"})
SizeText = Annotated[
    Size, BeforeValidator(_size), Expected("a resolution such as 1280x720"), WithJsonSchema({"type": "string", "pattern": r"^\d+[xX×]\d+$"})
]
UsdPerSecond = Annotated[Decimal, BeforeValidator(_text_only), Field(gt=0), _NUMBER_AS_TEXT]
Seconds = Annotated[Decimal, BeforeValidator(_text_only), Field(gt=0), _NUMBER_AS_TEXT]


class Frozen(BaseModel):
    """A table of a card: unknown keys are errors, and nothing changes after it is read."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True, arbitrary_types_allowed=True)


class Steps(Frozen):
    """Every value from `min` to `max` in steps of `step`."""

    min: int
    max: int
    step: int = Field(default=1, gt=0)

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.min > self.max or (self.max - self.min) % self.step:
            raise ValueError(f"{self.min} to {self.max} is not a range in steps of {self.step}")
        return self

    def __str__(self) -> str:
        return f"{self.min} to {self.max}" + (f" in steps of {self.step}" if self.step > 1 else "")

    def __contains__(self, value: object) -> bool:
        return isinstance(value, int | Fraction | Decimal) and self.min <= value <= self.max and not (value - self.min) % self.step

    def up(self, value: Fraction) -> int:
        """The smallest of these that is at least `value`; the largest if none is."""
        steps = -((self.min - value) // self.step)
        return min(max(self.min + int(steps) * self.step, self.min), self.max)

    def down(self, value: Fraction | int) -> int:
        """The largest of these that is at most `value`; the smallest if none is."""
        return min(max(self.min + int((value - self.min) // self.step) * self.step, self.min), self.max)


class Numbers(Frozen):
    """Numbers that are sold: a list, or steps; and the default."""

    exact: tuple[int, ...] = ()
    range: Steps | None = None
    default: int

    @model_validator(mode="after")
    def _one_form(self) -> Self:
        if bool(self.exact) == (self.range is not None):
            raise ValueError("give either exact = [...] or range = { min, max, step }")
        if list(self.exact) != sorted(set(self.exact)):
            raise ValueError("write exact in rising order, each once")
        if self.default not in self:
            raise ValueError(f"default {self.default} is not sold")
        return self

    def __contains__(self, value: object) -> bool:
        return value in (self.range if self.range is not None else self.exact)

    @property
    def least(self) -> int:
        """The smallest."""
        return self.range.min if self.range else self.exact[0]

    @property
    def most(self) -> int:
        """The largest."""
        return self.range.max if self.range else self.exact[-1]

    def __str__(self) -> str:
        return str(self.range) if self.range else ", ".join(str(number) for number in self.exact)


class Sizes(Frozen):
    """Pictures that are sold: a list of sizes, or steps for each edge within `most`; and the default. `upright`: `most` may be rotated.
    `listed`: in addition to steps, sizes that the service lists, which are sold even if an edge is outside the steps.
    """

    exact: tuple[SizeText, ...] = ()
    edge: Steps | None = None
    #: the largest width and the largest height, if they differ
    most: SizeText | None = None
    upright: bool = False
    listed: tuple[SizeText, ...] = ()
    default: SizeText

    @model_validator(mode="after")
    def _one_form(self) -> Self:
        if bool(self.exact) == (self.edge is not None):
            raise ValueError("give either exact = [...] or edge = { min, max, step }")
        if self.most and not (self.edge and self.most.width in self.edge and self.most.height in self.edge):
            raise ValueError("most needs edge, and both its edges must be sold")
        if (self.listed and self.edge is None) or (self.upright and self.most is None):
            raise ValueError("listed needs edge, and upright needs most")
        if self.default not in self:
            raise ValueError(f"default {self.default} is not sold")
        return self

    def __contains__(self, value: object) -> bool:
        if self.edge is None:
            return value in self.exact
        if not isinstance(value, Size):
            return False
        most = self.bound(value, self.edge)
        within = value.width <= most.width and value.height <= most.height
        return value in self.listed or (within and value.width in self.edge and value.height in self.edge)

    def bound(self, wanted: Size, edge: Steps) -> Size:
        """The largest picture for one of the shape of `wanted`, where edges are sold in steps."""
        most = self.most or Size(edge.max, edge.max)
        turn = self.upright and (wanted.height > wanted.width) is not (most.height > most.width)
        return Size(most.height, most.width) if turn else most

    def __str__(self) -> str:
        if self.edge is None:
            return ", ".join(str(size) for size in self.exact)
        turned = f" or {self.most.height}x{self.most.width}" if self.most and self.upright else ""
        beyond = [str(size) for size in self.listed if size.width not in self.edge or size.height not in self.edge]
        within = f" within {self.most}{turned}" if self.most else ""
        return f"edges {self.edge}{within}" + (f", and {', '.join(beyond)}" if beyond else "")
