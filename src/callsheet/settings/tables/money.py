"""The `[[cap]]` tables of project.toml: limits on spending."""

from __future__ import annotations

from datetime import time
from typing import Annotated, Literal, cast

from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo, WithJsonSchema, field_validator

from callsheet.domain.wording import nearest
from callsheet.toml_file.table import Expected, Name, Table, Usd, due, key, wrong

#: what a cap can limit (contract)
SCOPES = ("run", "list", "shot", "sequence", "project", "day", "month", "service", "model", "ledger")


def _scope(value: str) -> str:
    if value.partition(":")[0] not in SCOPES:
        near = nearest(value, SCOPES)
        raise wrong(f'"{value}" is not one of {", ".join(SCOPES)}', f'write scope = "{near}"' if near else "")
    return value


def _time(value: object) -> object:
    try:
        return time.fromisoformat(value) if isinstance(value, str) else value
    except ValueError:
        raise wrong(f'"{value}" is not a time of day') from None


def _percents(value: object) -> object:
    """One percentage, or a list of them; rising, each once."""
    given = cast("list[object]", value) if isinstance(value, list) else [value]
    whole = [one for one in given if isinstance(one, int) and not isinstance(one, bool)]
    return tuple(sorted(set(whole))) if len(whole) == len(given) else given


Scope = Annotated[
    str,
    AfterValidator(_scope),
    Expected(f"one of {', '.join(SCOPES)}, or one with a name"),
    WithJsonSchema({"type": "string", "pattern": f"^({'|'.join(SCOPES)})(:.+)?$"}),
]
TimeOfDay = Annotated[time, BeforeValidator(_time), Expected("a time of day such as 06:00"), WithJsonSchema({"type": "string"})]
Percents = Annotated[
    tuple[Annotated[int, Field(ge=1, le=100)], ...],
    BeforeValidator(_percents),
    Expected("a list of whole percentages from 1 to 100"),
]


class CapTable(Table):
    """A limit on spending. The tightest of all caps that apply decides."""

    scope: Scope = due("what it limits: a scope, or one with a name such as `model:runware/ltx-2`", "project")
    usd: Usd = due("the most that may be spent, in USD", "25.00", ge=0)
    name: Name | None = key("the one list, shot, sequence, service or model that it limits; default: each of them", "SQ010")
    warn_at: Percents | None = key("how much of it is used when a warning is printed, in percent", [50, 80, 95])
    on_reach: Literal["drain", "cancel"] | None = key("`drain` lets running jobs finish, `cancel` cancels them", "drain")
    starts_at: TimeOfDay | None = key("when the day starts; for caps on a day or a month", "06:00")

    @field_validator("starts_at")
    @classmethod
    def _of_a_day(cls, value: time, info: ValidationInfo) -> time:
        if info.data.get("scope") not in ("day", "month", None):
            raise wrong("it is only for caps on a day or a month", "leave it out")
        return value
