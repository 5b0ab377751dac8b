"""The caps that a plan shows are those that the next run begins with."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from callsheet.budget.ledger.store import open_ledger
from callsheet.budget.rules.caps import CapState, Limit
from callsheet.budget.rules.purse import Money
from callsheet.cli.commands.buying.plan import view_under_cap
from callsheet.planning.notes.cap_preview import caps_of_next_run
from callsheet.status.project_view import View
from callsheet.store.project_folder import Project

DAY = "2026-11-29"


def cap(scope: str, name: str, amount: int, source: str = "file") -> CapState:
    return CapState(scope=scope, name=name, amount=amount, used=7, source=source)


def limit(scope: str, name: str, amount: int) -> Limit:
    return Limit(scope=scope, name=name, amount=amount, source="file", origin="project.toml")


def test_what_project_toml_says_today_is_shown(tmp_path: Path) -> None:
    """A changed amount, a new cap and one that was taken out; what `--cap` set and what another project asks of the ledger stay."""
    known = (
        cap("project", "", 90, "command"),
        cap("day", DAY, 50),
        cap("sequence", "spot:A", 40),
        cap("ledger", "", 80),
        cap("month", "2026-11", 60),
    )
    money = Money(cap=90, settled=7, held=0, in_doubt=0, headroom=33)
    view = View(money=money, caps=known, takes=(), rehearsal=False)
    limits = [
        limit("day", "", 20),
        limit("sequence", "", 45),
        limit("sequence", "A", 45),
        limit("project", "", 70),
        limit("model", "", 5),
        limit("model", "runware/ltx-2", 65),
    ]
    ledger = open_ledger(tmp_path / "ledger.db")
    found = caps_of_next_run(view, Project(tmp_path), ledger, limits, DAY)
    ledger.close()
    assert {(one.scope, one.name, one.source): (one.amount, one.used) for one in found.caps} == {
        ("project", "", "command"): (90, 7),
        ("day", DAY, "file"): (20, 7),
        ("sequence", "spot:A", "file"): (45, 7),
        ("ledger", "", "file"): (80, 7),
        ("project", "", "file"): (70, 0),
        ("model", "runware/ltx-2", "file"): (65, 0),
    }
    assert found.money == replace(money, headroom=13)


def test_money_on_hold_is_not_called_used_under_another_cap() -> None:
    """`render --cap` shows it as `plan` does."""
    money = Money(cap=90, settled=20_000, held=30_000, in_doubt=10_000, headroom=33)
    [cap] = view_under_cap(View(money=money, caps=(), takes=(), rehearsal=False), 100_000).caps
    assert cap.summary() == "cap project 0.10, used 0.02, held 0.04, left 0.04"
