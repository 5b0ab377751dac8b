"""`callsheet status`."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import PurePath
from typing import Annotated

from cyclopts import Parameter
from rich.console import Console
from rich.live import Live
from rich.text import Text

from callsheet.cli.choosing import Selected, refuse_further_lists
from callsheet.cli.following import until_it_ends
from callsheet.cli.options import ANY, HERE, Choosing, Common, Flag, OptionalList
from callsheet.cli.output.answer import Answer
from callsheet.cli.output.outcome_text import money_line
from callsheet.cli.output.plan_text import caps_lines, doubt_lines
from callsheet.cli.output.table import Column, table, width, wrapped_lines
from callsheet.cli.project_state import ProjectState, all_takes, bought_takes
from callsheet.clock import Clock
from callsheet.domain.attempt import State
from callsheet.domain.money import text
from callsheet.domain.shots.list_file import by_list, may_be_list
from callsheet.domain.typed import typed
from callsheet.domain.wording import counted
from callsheet.report.documents import view_document
from callsheet.report.json_documents import Status
from callsheet.services.cards.card import load_cards
from callsheet.status.job_lifetime import kept
from callsheet.status.project_view import TakeView, summary
from callsheet.store.house import house_root

_COLUMNS = (
    Column("take"),
    Column("sequence", folds=3, elastic=True),
    Column("model", folds=2),
    Column("state"),
    Column("tries", right=True, folds=4),
    Column("held $", right=True, folds=1),
    Column("paid $", right=True),
    Column("notes", elastic=True, wraps=True, least=44),
)


#: with more attempts than this, people see totals per list; the JSON document always has every take
_MANY = 5000
_LISTS = (
    Column("list", elastic=True),
    Column("takes", right=True),
    Column("received", right=True),
    Column("open", right=True),
    Column("tries", right=True),
    Column("held $", right=True),
    Column("paid $", right=True),
)


def status(
    list: OptionalList = None,
    /,
    *shots: Annotated[str, Parameter(help="Show only these shots or takes: S0010, SEQUENCE/*, S0010-S0040. Default: all.")],
    watch: Annotated[
        bool, Flag, Parameter(help="Keep the status up to date until the run ends. Ctrl-C ends `status`, but the run continues.")
    ] = False,
    choosing: Choosing = ANY,
    common: Common = HERE,
) -> Answer:
    """Every take and its state; in a project with thousands, totals per list."""
    if list is not None and not may_be_list(PurePath(list)) and not (common.folder / list).is_file():
        list, shots = None, (list, *shots)
    refuse_further_lists(shots)
    selected = Selected(shots, choosing)
    if watch and not common.json:
        _watch(lambda: _status(list, selected, common).lines, common)
    return _status(list, selected, common)


def _watch(lines: Callable[[], Sequence[str]], common: Common) -> None:
    """Redraw the status in place on a terminal; elsewhere, print it whenever it changes."""
    if sys.stdout.isatty():
        with Live(console=Console(highlight=False), auto_refresh=False, transient=True) as live:
            until_it_ends(common.project, lambda: live.update(Text("\n".join(lines()), no_wrap=True), refresh=True))
        return
    shown: tuple[str, ...] = ()

    def look() -> None:
        nonlocal shown
        now = tuple(lines())
        if now != shown and shown:
            sys.stdout.write("".join(f"{line}\n" for line in (*shown, "")))
            sys.stdout.flush()
        shown = now

    until_it_ends(common.project, look)


def _status(list: str | None, selected: Selected, common: Common) -> Answer:
    if list is None and not common.json and selected.everything and (figures := _figures(common)):
        return figures
    found = bought_takes(common, list) if list is not None or selected.everything else all_takes(common)
    takes = selected.among(found)
    if takes is not None:
        found = replace(found, view=replace(found.view, takes=tuple(take for take in found.view.takes if take.take in takes)))
    waiting = [*kept(found.view.takes, load_cards(house_root() / "configs" / "cards", found.project.cards))]
    document: Status = {
        **view_document("status", found.view, found.project, found.notes),
        "paused": found.view.marks.controls.paused is not None,
        "held_back": [take.full for take in sorted(found.view.marks.controls.held_back)],
        "kept_until": [
            {
                "take": str(job.attempt.take),
                "list": job.attempt.take.list,
                "service": job.attempt.service,
                "job": str(job.attempt.job),
                "until": job.until_text,
            }
            for job in waiting
        ],
    }
    return Answer(document=document, lines=_lines(found, [job.summary(Clock().now()) for job in waiting], width()))


def _figures(common: Common) -> Answer | None:
    """Totals per list, for a project with too many takes to list each."""
    project = common.project
    settings = common.settings
    found = summary(project, settings, over=_MANY)
    if found is None:
        return None
    rows = [
        [each.list, f"{each.takes:,}", f"{each.received:,}", f"{each.open:,}", f"{each.attempts:,}", text(each.held), text(each.settled)]
        for each in found.lists
    ]
    named = by_list(project.tables())
    files = [file for each in found.lists for file in named.get(each.list, [])]
    lines = (
        f"{settings.name}: {sum(each.takes for each in found.lists):,} takes; state in {project.relative(project.state)}",
        "",
        *(f"  {line}" for line in table(_LISTS, rows, width() - 2)),
        "",
        *(f"  for each take: `{typed('status', file)}`, or --json for everything" for file in files[:1]),
        *doubt_lines(found.view),
        *caps_lines(found.view.caps, no_cap=found.view.money.cap is None),
        money_line(found.view.money),
    )
    return Answer(document={}, lines=lines)


def _lines(found: ProjectState, waiting: Sequence[str], within: int) -> tuple[str, ...]:
    takes = found.view.takes
    controls = found.view.marks.controls
    rows = [_row(take, controls.why(take.take)) for take in takes]
    head = f"{found.settings.name}: {counted(len(takes), 'take')}; state in {found.project.relative(found.project.state)}"
    if found.project.network:
        head += f", ledger in {found.project.locks} ({found.project.network} is a network file system)"
    body = ["", *(f"  {line}" for line in table(_COLUMNS, rows, within - 2)), ""] if rows else ["  nothing has been bought yet"]
    notes = [f"  note: {note}" for note in found.notes]
    paused = controls.paused_problem()
    below = (
        *([f"  ! {paused.message}; {paused.help}"] if paused else []),
        *notes,
        *(f"  ! {job}" for job in waiting),
        *doubt_lines(found.view),
        *caps_lines(found.view.caps, no_cap=found.view.money.cap is None),
        money_line(found.view.money),
    )
    return (*wrapped_lines([head], within), *body, *wrapped_lines(below, within))


def _row(take: TakeView, held_back: str | None) -> list[str]:
    tries = sum(attempt.sent for attempt in take.attempts)
    state = "not sent" if take.state == State.CLOSED.value and not tries else take.state.replace("_", " ")
    return [
        str(take.take),
        take.sequence,
        take.model,
        state,
        str(tries),
        text(take.held),
        text(take.settled),
        "; ".join([*([held_back] if held_back else []), *_notes(take)]),
    ]


def _notes(take: TakeView) -> list[str]:
    last = take.attempts[-1] if take.attempts else None
    marks = (
        ("picked", take.picked),
        ("stale: row changed since, or waiting for its retake", take.stale),
        ("rejected: the next render buys another", take.rejected),
    )
    notes = [word for word, holds in marks if holds]
    notes += ["its clip is missing on disk; `callsheet recover` fetches it again"] if take.sha256 and not take.file else []
    notes += [str(finding["message"]) for finding in take.findings]
    return [*notes, last.message] if last and last.message else notes
