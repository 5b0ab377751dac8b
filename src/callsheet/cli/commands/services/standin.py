"""`callsheet standin`."""

from __future__ import annotations

import json
import sys
from decimal import Decimal, InvalidOperation
from functools import partial
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from callsheet.cli.options import HERE, Common, Flag, Port
from callsheet.cli.output.answer import schema
from callsheet.cli.serving import serve
from callsheet.domain.errors import UsageError
from callsheet.standin.jobs.config import Config
from callsheet.standin.jobs.faults import FAULTS, parse_fault
from callsheet.standin.serve import server


def standin(  # noqa: PLR0913  # one parameter per option
    *,
    port: Port = 0,
    host: Annotated[str, Parameter(help="Address to listen on.")] = "127.0.0.1",
    seed: Annotated[int, Parameter(help="Seed for random choices: how long jobs take and which faults occur.")] = 0,
    speed: Annotated[float, Parameter(help="Speed of the jobs, as a multiple of real time. With 0, jobs finish immediately.")] = 1.0,
    slots: Annotated[int, Parameter(help="How many jobs run at the same time.")] = 8,
    discount: Annotated[str, Parameter(metavar="D", help="Share of the list price that the stand-in charges, such as 0.75.")] = "1",
    fault: Annotated[
        tuple[str, ...],
        Parameter(
            negative="",
            metavar="NAME=P",
            show_default=False,
            help=f"Cause the fault NAME with probability P. You can repeat this option. Faults: {', '.join(FAULTS)}.",
        ),
    ] = (),
    state: Annotated[
        Path | None, Parameter(metavar="DIR", help="Keep jobs and bill in DIR. Otherwise, they are lost when the stand-in stops.")
    ] = None,
    burn: Annotated[bool, Flag, Parameter(help="Draw clip and frame numbers into the picture.")] = False,
    common: Common = HERE,
) -> None:
    """Serve until Ctrl-C or SIGTERM. Prints its URL on stdout itself, because it is needed while the command runs."""
    config = Config(
        seed=seed,
        speed=speed,
        slots=slots,
        discount=_share(discount),
        faults=dict(parse_fault(one) for one in fault),
        state=common.folder / state if state else None,
        burn=burn,
    )

    def announce(url: str) -> None:
        sys.stdout.write((json.dumps({"schema": schema("standin"), "url": url}) if common.json else url) + "\n")
        sys.stdout.flush()

    serve(partial(server, config), host, port, announce)


def _share(value: str) -> Decimal:
    try:
        return Decimal(value)
    except InvalidOperation:
        raise UsageError(f"--discount: {value!r} is not a number", help="write --discount 0.75") from None
