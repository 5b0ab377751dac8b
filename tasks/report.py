"""What Prefect shows of a run: the takes as a table, the money as text."""

from __future__ import annotations

from prefect import State, task
from prefect.artifacts import acreate_markdown_artifact, acreate_table_artifact

from callsheet.budget.caps import CapState
from callsheet.domain.money import Micros, text
from callsheet.engine.outcome import Outcome
from callsheet.engine.run import Run, current
from tasks.policy import TERMS, raise_defect, slug


@task(name="report", task_run_name="report", **TERMS)
async def report() -> None:
    """Publish both artifacts. Their keys are the project's, so that runs stack up as a history."""
    run = current()
    key = slug(run.prepared.settings.name)
    await acreate_table_artifact(key=f"{key}-takes", table=takes_table(run), description="Takes of this run")
    await acreate_markdown_artifact(key=f"{key}-money", markdown=money_page(run.outcome()), description="Money")


async def reported() -> None:
    """Make and await the task."""
    state: State[None] = await report(return_state=True)
    raise_defect(state)


def takes_table(run: Run) -> list[dict[str, str]]:
    """One row per take of the plan, as it came out."""
    results = {result.take: result for result in run.outcome().takes}
    rows: list[dict[str, str]] = []
    for planned in run.prepared.plan.takes:
        result = results.get(planned.take)
        rows.append({
            "take": str(planned.take),
            "sequence": planned.shot.sequence,
            "model": planned.model,
            "end": result.end.value if result else planned.action.value,
            "price": text(planned.price),
            "cost": text(result.cost) if result else "",
            "message": result.message if result and result.message else planned.reason,
        })
    return rows


def money_page(outcome: Outcome) -> str:
    """Money and caps as markdown."""
    money = outcome.money
    lines = [
        f"# {outcome.state.replace('_', ' ')}",
        f"**{text(money.settled)} USD** settled of {_amount(money.cap)} · {text(money.held)} held · {text(money.in_doubt)} in doubt",
        "",
        "| cap | limit | used | left |",
        "|---|---:|---:|---:|",
        *(_cap_row(cap) for cap in outcome.caps),
    ]
    return "\n".join(lines) + "\n"


def _cap_row(cap: CapState) -> str:
    return f"| {f'{cap.scope} {cap.name}'.strip()} | {text(cap.amount)} | {text(cap.used)} | {text(cap.headroom)} |"


def _amount(cap: Micros | None) -> str:
    return "no cap" if cap is None else f"{text(cap)} USD"
