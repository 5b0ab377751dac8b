"""`callsheet settle`."""

from __future__ import annotations

from typing import Annotated

from cyclopts import Parameter

from callsheet.accounting.settle_cost import settle as settle_cost
from callsheet.cli.options import HERE, Common
from callsheet.cli.output.answer import Answer
from callsheet.cli.output.documents import Settle
from callsheet.domain.errors import UsageError
from callsheet.domain.money import text, usd_up
from callsheet.domain.run_request import RunRequest
from callsheet.domain.shots.foreign_text import clean
from callsheet.planning.project_plan import prepare


def settle(
    take: Annotated[str, Parameter(help="The take, such as S0010.t1.")],
    /,
    *,
    charged: Annotated[str, Parameter(help="What the service charged for the take, in USD.")],
    source: Annotated[str, Parameter(help="Your source, such as an invoice line, a web page or an e-mail.")],
    common: Common = HERE,
) -> Answer:
    """Record what a take cost if its reported cost is implausible."""
    source = clean(source).strip()
    try:
        micros = usd_up(charged)
    except ValueError as error:
        raise UsageError(f"--charged {error}", help="write an amount of USD such as 0.09") from None
    if micros < 0 or not source:
        raise UsageError(
            "--charged needs an amount of 0.00 or more, and --source your source", help="write --charged 0.09 --source 'invoice 17'"
        )
    done = settle_cost(prepare(RunRequest(folder=common.project.folder, buy=False)), take, micros, source)
    attempt = done.attempt
    document: Settle = {
        "schema": "callsheet.settle/1",
        "take": str(attempt.take),
        "list": attempt.take.list,
        "attempt": attempt.n,
        "before": text(done.before),
        "settled": text(attempt.settled),
        "source": source,
        "reopened": done.reopened,
    }
    then = f"; {attempt.model} sends again" if done.reopened else ""
    return Answer(
        document=document, lines=(f"{attempt.full_name} cost {text(attempt.settled)} USD, {text(done.before)} was counted{then}",)
    )
