"""The attempts of the last run over time, as an inline SVG: sent, at the service, ended."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from html import escape
from itertools import groupby

from callsheet.domain.attempt import State
from callsheet.status.project_view import TakeView

_LEFT, _WIDE, _ROW = 150, 820, 16
_CLASSES = {State.RECEIVED: "ok", State.CLOSED: "bad", State.IN_DOUBT: "doubt"}


@dataclass(frozen=True, slots=True)
class Bar:
    """An attempt in seconds since the run's first: held, sent, and its end (now, if it is still open)."""

    name: str
    words: str
    look: str
    made: float
    sent: float
    ended: float
    lane: str = ""


def bars(takes: Iterable[TakeView], now: datetime) -> tuple[Bar, ...]:
    """The attempts of the newest run that sent something, lane by lane, in the order of their holds."""
    attempts = sorted(
        (attempt for take in takes for attempt in take.attempts if attempt.intent_at), key=lambda attempt: (attempt.made_at, attempt.id)
    )
    if not attempts:
        return ()
    last = [attempt for attempt in attempts if attempt.run == attempts[-1].run]
    start = datetime.fromisoformat(last[0].made_at)

    def since(at: str | None) -> float:
        return max(0.0, ((datetime.fromisoformat(at) if at else now) - start).total_seconds())

    found: list[Bar] = []
    for attempt in last:
        words = f"{attempt.take} attempt {attempt.n}: {attempt.reason.value if attempt.reason else attempt.state.value}"
        made = since(attempt.made_at)
        sent = max(made, since(attempt.intent_at))
        look = _CLASSES.get(attempt.state, "open")
        found.append(Bar(str(attempt.take), words, look, made, sent, max(sent, since(attempt.ended_at)), attempt.model))
    return tuple(sorted(found, key=lambda bar: bar.lane))


def svg(drawn: Sequence[Bar]) -> str:
    """The bars as SVG markup, its text escaped; empty if there are none."""
    if not drawn:
        return ""
    whole = max(1.0, *(bar.ended for bar in drawn))
    lines = [one for lane, those in groupby(drawn, lambda bar: bar.lane) for one in (lane, *those)]
    height = _ROW * len(lines) + 24
    marks = "".join(_mark(whole * part / 4, whole, height) for part in range(5))
    rows = "".join(_row(bar, number, whole) if isinstance(bar, Bar) else _lane(bar, number) for number, bar in enumerate(lines))
    return f'<svg viewBox="0 0 {_LEFT + _WIDE + 40} {height}" role="img" aria-label="attempts over time">{marks}{rows}</svg>'


def _lane(name: str, number: int) -> str:
    return f'<text class="lane" x="0" y="{number * _ROW + 12}">{escape(name)}</text>'


def _row(bar: Bar, number: int, whole: float) -> str:
    top = number * _ROW
    waits = f'<rect class="wait" x="{_x(bar.made, whole)}" y="{top + 6}" width="{_w(bar.sent - bar.made, whole)}" height="3"/>'
    works = f'<rect class="{bar.look}" x="{_x(bar.sent, whole)}" y="{top + 3}" width="{max(2.0, _w(bar.ended - bar.sent, whole))}" height="10" rx="2"/>'
    words = f"<title>{escape(bar.words)}, {bar.ended - bar.sent:.1f} s</title>"
    return f'<g>{words}<text x="{_LEFT - 8}" y="{top + 12}" text-anchor="end">{escape(bar.name[:22])}</text>{waits}{works}</g>'


def _mark(at: float, whole: float, height: int) -> str:
    x, clock = _x(at, whole), f"{at:.0f}" if whole >= 40 else f"{at:.1f}"
    return f'<line x1="{x}" y1="0" x2="{x}" y2="{height - 18}"/><text x="{x}" y="{height - 4}" text-anchor="middle">{clock} s</text>'


def _x(at: float, whole: float) -> float:
    return round(_LEFT + _w(at, whole), 1)


def _w(length: float, whole: float) -> float:
    return round(_WIDE * length / whole, 1)
