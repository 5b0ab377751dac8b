"""Spending as a page to print: for whom, on what, against which caps, and derived figures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from callsheet.report.receipt.page import money_bar
from callsheet.report.receipt.rendered_html import rendered
from callsheet.report.spend_groups import By, Group
from callsheet.status.project_view import View


@dataclass(frozen=True, slots=True, kw_only=True)
class Spending:
    """The page's content: the groups, and the figures and notes in words."""

    title: str
    billing: Mapping[str, str]
    view: View
    by: By
    groups: Sequence[Group]
    words: Sequence[str]


def costs_page(spent: Spending, made_at: datetime) -> str:
    """The page as HTML."""
    return rendered(
        "costs.html",
        title=spent.title,
        billing=[(name, spent.billing[name]) for name in ("client", "job") if spent.billing.get(name)],
        made_at=made_at.strftime("%Y-%m-%d %H:%M UTC"),
        rehearsal=spent.view.rehearsal,
        money=spent.view.money,
        bar=money_bar(spent.view),
        caps=spent.view.caps,
        by=spent.by,
        rows=spent.groups,
        words=spent.words,
    )
