"""Spending, purchase by purchase and run by run, against the cap: an inline SVG."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from itertools import groupby

from callsheet.domain.money import Micros, text
from callsheet.status.project_view import TakeView

_LEFT, _WIDE, _HIGH = 70, 900, 150


@dataclass(frozen=True, slots=True)
class Step:
    """One purchase that cost something: when its run began, what it was, and what had been spent with it, micro-USD."""

    run_at: str
    words: str
    spent: Micros


def steps(takes: Iterable[TakeView]) -> tuple[Step, ...]:
    """Everything that was settled, in the order in which it ended."""
    paid = [attempt for take in takes for attempt in take.attempts if attempt.settled]
    begun: dict[str, str] = {}
    for attempt in sorted(paid, key=lambda one: one.made_at):
        begun.setdefault(attempt.run, attempt.made_at)
    found: list[Step] = []
    spent = 0
    for attempt in sorted(paid, key=lambda one: (begun[one.run], one.ended_at or one.made_at, int(one.id))):
        spent += attempt.settled
        found.append(Step(begun[attempt.run], f"{attempt.name}: {text(attempt.settled)} USD, {text(spent)} in all", spent))
    return tuple(found)


def svg(drawn: Sequence[Step], cap: Micros | None, committed: Micros = 0) -> str:
    """The steps as SVG markup, its text escaped, with the cap as a line and what is `committed` (held, in doubt) on top at the end; empty without any."""
    if not drawn:
        return ""
    whole = max(drawn[-1].spent + committed, cap or 0, 1)
    each = _WIDE / len(drawn)

    def y(micros: Micros) -> float:
        return round(_HIGH - (_HIGH - 12) * micros / whole, 1)

    bars = "".join(_bar(step, number, each, y(step.spent)) for number, step in enumerate(drawn))
    held = f'<rect class="held" x="{_LEFT + _WIDE}" y="{y(drawn[-1].spent + committed)}" width="14" height="{round(y(drawn[-1].spent) - y(drawn[-1].spent + committed), 1)}"><title>{text(committed)} USD held or in doubt</title></rect>'
    runs = "".join(_run(at, number, each) for at, number in _starts(drawn))
    limit = _line(y(cap), f"cap {text(cap)}") if cap else ""
    words = f"{text(drawn[-1].spent)} USD spent in {len(drawn)} purchases" + (f", cap {text(cap)}" if cap else "")
    return f'<svg viewBox="0 0 {_LEFT + _WIDE + 20} {_HIGH + 34}" role="img" aria-label="{words}">{_line(_HIGH, "0")}{limit}{bars}{held if committed else ""}{runs}</svg>'


def _bar(step: Step, number: int, each: float, top: float) -> str:
    x = round(_LEFT + number * each, 1)
    return f'<rect class="spent" x="{x}" y="{top}" width="{round(each, 1)}" height="{round(_HIGH - top, 1)}"><title>{escape(step.words)}</title></rect>'


def _starts(drawn: Sequence[Step]) -> Iterable[tuple[str, int]]:
    """Where each run's first purchase stands."""
    number = 0
    for at, those in groupby(drawn, lambda step: step.run_at):
        yield at, number
        number += len([*those])


def _run(at: str, number: int, each: float) -> str:
    x = round(_LEFT + number * each, 1)
    stamp = at[:16].replace("T", " ")
    # labels that would lie on each other are left to the tooltips of their bars
    label = f'<text x="{x}" y="{_HIGH + 28}">{stamp}</text>' if number == 0 or number * each > 130 else ""
    return f'<line x1="{x}" y1="8" x2="{x}" y2="{_HIGH + 14}"/>{label}'


def _line(y: float, words: str) -> str:
    return f'<line class="level" x1="{_LEFT}" y1="{y}" x2="{_LEFT + _WIDE + 14}" y2="{y}"/><text x="{_LEFT - 8}" y="{y + 4}" text-anchor="end">{escape(words)}</text>'
