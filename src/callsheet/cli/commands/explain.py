"""`callsheet explain`."""

from __future__ import annotations

from typing import Annotated

from cyclopts import Parameter

from callsheet.cli.options import HERE, Common
from callsheet.cli.output.answer import Answer, schema
from callsheet.domain.errors import UsageError
from callsheet.domain.wording import did_you_mean
from callsheet.shotlist.explain import CODES


def explain(
    code: Annotated[str | None, Parameter(help="A code that `check` showed, such as range. Without one: all of them.")] = None,
    /,
    *,
    common: Common = HERE,  # noqa: ARG001  # it has no folder to look at, and takes the options that all take
) -> Answer:
    """What a problem of a list is, why it is refused, and what to do."""
    if code is None:
        every = [{"code": name, **explained._asdict()} for name, explained in CODES.items()]
        return Answer(
            document={"schema": schema("explain"), "codes": every}, lines=[f"{name:<18} {found.what}" for name, found in CODES.items()]
        )
    found = CODES.get(code)
    if found is None:
        raise UsageError(f"there is no problem {code!r}", help=did_you_mean(code, CODES, "`callsheet explain` lists them"))
    lines = [f"{code}: {found.what}", f"  why:   {found.why}", f"  do:    {found.fix}"]
    lines += [f"  wrong: {found.wrong}"] if found.wrong else []
    lines += [f"  right: {found.right}"] if found.right else []
    return Answer(document={"schema": schema("explain"), "codes": [{"code": code, **found._asdict()}]}, lines=lines)
