"""What Prefect shows of a run: the takes as a table, the money as text."""

from __future__ import annotations

from prefect import task
from prefect.artifacts import acreate_markdown_artifact, acreate_table_artifact

from callsheet.domain.money import text
from callsheet.planning.project_plan import Prepared
from callsheet.runs.outcome import Outcome
from tasks.policy import TERMS, awaited, slug

#: rows per table: with more, Prefect's page gets slow
PAGE = 500


@task(name="report", task_run_name="report", **TERMS)
async def report(key: str, rows: list[dict[str, str]], money: str, films: list[dict[str, str]], folder: str) -> None:
    """Publish takes, money and films, which are in `folder`. Their keys belong to the project, so that runs form a history."""
    for number, start in enumerate(range(0, max(len(rows), 1), PAGE), start=1):
        page = rows[start : start + PAGE]
        title = "The takes of this run" + (f", {start + 1} to {start + len(page)} of {len(rows)}" if len(rows) > PAGE else "")
        await acreate_table_artifact(key=f"{key}-takes" + (f"-{number}" if number > 1 else ""), table=page, description=title)
    await acreate_table_artifact(key=f"{key}-films", table=films, description=f"The films of this run, in {folder} on the worker")
    await acreate_markdown_artifact(key=f"{key}-money", markdown=money, description="The project's money after this run")


async def reported(prepared: Prepared, outcome: Outcome) -> None:
    """Create and await the task."""
    project = slug(prepared.settings.name)
    films, folder = films_table(prepared, outcome), str(prepared.project.folder)
    await awaited(report(project, takes_table(prepared, outcome), money_page(outcome), films, folder, return_state=True))


def takes_table(prepared: Prepared, outcome: Outcome) -> list[dict[str, str]]:
    """One row per take of the plan, with its end: the price and the cost of its clip, whichever run bought that."""
    results = {result.take: result for result in outcome.takes}
    rows: list[dict[str, str]] = []
    for planned in prepared.plan.takes:
        result = results.get(planned.take)
        attempt = (result and result.attempt) or planned.attempt
        doubt = f" ({text(attempt.doubt)} in doubt)" if attempt and attempt.doubt else ""
        rows.append(
            {
                "take": str(planned.take),
                "sequence": planned.shot.sequence,
                "model": planned.model,
                "end": result.end.value if result else planned.action.value,
                "price": text(attempt.quote if attempt else planned.price),
                "cost": f"{text(attempt.settled)}{doubt}" if attempt else "",
                "message": result.message if result and result.message else planned.reason,
            }
        )
    return rows


def films_table(prepared: Prepared, outcome: Outcome) -> list[dict[str, str]]:
    """One row per film, with a link that opens it if the folder is accessible."""
    return [
        {
            "film": f"[{film.file.name}]({film.file.resolve().as_uri()})",
            "sequence": film.sequence,
            "delivery": film.delivery.name,
            "complete": "yes" if film.complete else f"missing {', '.join(film.missing)}",
            "check": ", ".join(film.failing) or "passed",
            "file": prepared.project.relative(film.file),
        }
        for film in outcome.sequences
    ]


def money_page(outcome: Outcome) -> str:
    """Money and caps as Markdown."""
    money = outcome.money
    cap = "no cap" if money.cap is None else f"{text(money.cap)} USD"
    lines = [
        f"# {outcome.state.replace('_', ' ')}",
        f"**{text(money.settled)} USD** spent of {cap} · {text(money.held)} on hold · {text(money.in_doubt)} in doubt",
        *([f"\n{outcome.capped.message}.\n\n{outcome.capped.help}"] if outcome.capped else []),
        "",
        "| cap | limit | used | left |",
        "|---|---:|---:|---:|",
        *(f"| {cap.title} | {text(cap.amount)} | {text(cap.used)} | {text(cap.headroom)} |" for cap in outcome.caps),
    ]
    return "\n".join(lines) + "\n"
