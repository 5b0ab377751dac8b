"""A run's outcome for a CI service: failures with their rows, and everything as Markdown."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from html import escape

from callsheet.domain.errors import Problem
from callsheet.domain.money import text
from callsheet.domain.take import TakeId
from callsheet.domain.timebase import fps_text, seconds
from callsheet.domain.wording import listed
from callsheet.planning.project_plan import Prepared
from callsheet.report.remedies import failures
from callsheet.runs.outcome import Outcome
from callsheet.status.project_view import TakeView

_NAMED = 6


def failed_takes(takes: Sequence[TakeView], prepared: Prepared, also: Collection[TakeId]) -> tuple[Problem, ...]:
    """Each failed take at its row, with its cause and remedy."""
    rows = {take.take: take.shot.origin for take in prepared.plan.takes}
    found: list[Problem] = []
    for failure in failures(takes, prepared.plan.file, also, final=prepared.order.final):
        for take in failure.takes:
            origin = rows.get(take)
            problem = Problem(code="failed", message=f"{take}: {failure.cause}: {failure.messages[0]}", help=failure.remedy, take=str(take))
            found.append(problem.at(file=origin.file, row=origin.row, line=origin.line) if origin else problem)
    return tuple(found)


def run_summary(outcome: Outcome, takes: Sequence[TakeView], prepared: Prepared) -> list[str]:
    """State, counts, money, failures by cause, and the films."""
    counts, money, project = outcome.counts, outcome.money, prepared.project
    numbers = (("bought", counts.bought), ("kept", counts.kept), ("failed", counts.failed), ("in doubt", counts.in_doubt))
    cap = text(money.cap) if money.cap is not None else "none"
    lines = [
        f"### callsheet {markdown_text(prepared.plan.file or 'recover')}: {outcome.state.replace('_', ' ')}",
        "",
        *_table(
            ("bought", "kept", "failed", "in doubt", "not bought", "spent USD", "held USD", "cap USD"),
            [[*(str(count) for _, count in numbers), str(counts.not_bought), text(money.settled), text(money.held), cap]],
        ),
    ]
    failed = [
        [str(len(one.takes)), one.cause, listed([str(take) for take in one.takes], _NAMED), one.remedy]
        for one in failures(takes, prepared.plan.file, outcome.failed, final=prepared.order.final)
    ]
    lines += ["", *_table(("failed", "cause", "takes", "what to do"), failed)] if failed else []
    films = [
        [
            project.relative(film.file),
            f"{float(seconds(film.frames, film.delivery.fps)):.1f} s, {film.delivery.size}, {fps_text(film.delivery.fps)} fps",
            "complete" if film.complete else f"missing {listed(film.missing, _NAMED)}",
            ", ".join(film.failing),
        ]
        for film in outcome.sequences
    ]
    lines += ["", *_table(("film", "what it is", "complete", "failed checks"), films)] if films else []
    return [*lines, ""]


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """A table whose cells are text, whatever characters they contain."""
    lines = [[*head], ["---"] * len(head), *([markdown_text(cell) for cell in row] for row in rows)]
    return [f"| {' | '.join(cells)} |" for cells in lines]


def markdown_text(cell: str) -> str:
    """Text escaped for Markdown and HTML; a command between backticks stays code."""
    parts = " ".join(cell.split()).split("`")
    shown = [part.replace("|", "\\|") if at % 2 else _escaped(part) for at, part in enumerate(parts)]
    return "`".join(shown) if len(parts) % 2 else _escaped("'".join(parts))


def _escaped(part: str) -> str:
    return "".join(f"\\{sign}" if sign in "\\*_[]()#|~!" else sign for sign in escape(part, quote=False))
