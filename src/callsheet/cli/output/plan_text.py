"""A plan for people: what would be bought and why, what it costs at list price, and what fits under the caps."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from decimal import Decimal
from fractions import Fraction

from callsheet.budget.rules.caps import CapState
from callsheet.cli.output.plan_further import cap_to_type
from callsheet.cli.output.table import Column, table, wrapped_lines
from callsheet.domain.money import text
from callsheet.domain.wording import counted, listed
from callsheet.planning.plan import NOT_CHOSEN, Action, Chain, Plan, PlannedTake
from callsheet.services.cards.fit import VerdictKind
from callsheet.status.project_view import View
from callsheet.transport.account import loopback_label

#: shots of a chain that are named; and the time, in seconds, from which minutes are shown
_CHAIN, _MINUTES_FROM = 8, 90

_MARKS = {Action.BUY: "+", Action.KEEP: "=", Action.WAIT: "W", Action.BLOCKED: "x"}
_COLUMNS = (
    Column(""),
    Column("sequence", elastic=True, wraps=True, least=12),
    Column("takes", right=True),
    Column("why", elastic=True, wraps=True),
    Column("model", folds=1),
    Column("paid s", right=True, folds=3),
    Column("used s", right=True, folds=4),
    Column("list $", right=True),
    Column("expect $", right=True, folds=2),
)
_EACH = (
    Column(""),
    Column("take"),
    Column("why", elastic=True, wraps=True),
    Column("model", folds=1),
    Column("frames", right=True, folds=4),
    Column("paid s", right=True, folds=3),
    Column("used s", right=True, folds=5),
    Column("list $", right=True),
    Column("expect $", right=True, folds=2),
)


def plan_lines(plan: Plan, view: View, within: int, *, verbose: bool = False, further: Sequence[str] = ()) -> list[str]:
    """The whole plan as lines: head, notes, table, changes made for the models, `further`, caps, and one line with the sum. Wrapped if
    there is a width.
    """
    if verbose:
        rows = [[_mark(take), str(take.take), take.reason, take.model, str(take.priced.frames), *_sums([take])] for take in plan.takes]
    else:
        rows = _group_rows(plan.takes)
    shown = table(_EACH if verbose else _COLUMNS, rows, within - 2)
    missing, fits = len(plan.buys) - plan.fits.takes, plan.fits
    fit_line = f"  fits: {fits.takes} of {len(plan.buys)} takes for {text(fits.usd)} USD, in buying order; the first that doesn't fit is {fits.first}"
    head = [
        f"{plan.list}  {plan.file}  {counted(plan.shots, 'shot')}, {counted(len(plan.takes), 'take')}",
        *(f"  note: {note}" for note in plan.notes),
    ]
    below = [
        *_verdicts(plan.takes),
        *(f"  cut: {cut.summary}" for cut in plan.cuts),
        *([f"  chain: {chain_text(plan.chain)}"] if plan.chain else []),
        *further,
        *doubt_lines(view),
        *caps_lines(view.caps, no_cap=view.money.cap is None),
        *([fit_line, ""] if missing > 0 else []),
        *([f"  to buy: {recipients(plan)}"] if plan.fits.takes else []),
        *cap_to_type(plan, view),
        _sum_line(plan),
    ]
    return [*wrapped_lines(head, within), "", *(f"  {line}" for line in shown), "", *wrapped_lines(below, within)]


def chain_text(chain: Chain) -> str:
    """The chain that takes longest, and its time."""
    shots = [*chain.shots] if len(chain.shots) <= _CHAIN else [*chain.shots[:2], "...", *chain.shots[-2:]]
    if chain.seconds is None:
        lasts = "the time is known after the first clips"
    else:
        lasts = f"about {chain.seconds / 60:.0f} min" if chain.seconds >= _MINUTES_FROM else f"about {max(chain.seconds, 1):.0f} s"
    return f"{' > '.join(shots)}: {len(chain.shots)} shots, each started when the one before is received; {lasts}"


def recipients(plan: Plan) -> str:
    """What fits under the caps, and from whom it would be bought: `12 takes from runware (LIVE, https://api.runware.ai/v1)`."""
    parts: list[str] = []
    for label, count in plan.fits.recipients:
        service, _, url = label.partition(" ")
        place = "rehearsal" if loopback_label(label) else f"LIVE, {url}"
        parts.append(f"{counted(count, 'take')} from {service} ({place})")
    return listed(parts, len(parts))


def doubt_lines(view: View) -> list[str]:
    """Why nothing would be bought here until a person decides."""
    return [f"  ! {problem.message}; nothing is bought until you decide: {problem.help}" for problem in view.doubts]


def caps_lines(caps: Sequence[CapState], *, no_cap: bool) -> list[str]:
    """Each cap with what is used and what is left."""
    if no_cap and not caps:
        return ["  cap: none in force; set one with --cap", ""]
    lines = [f"  {cap.summary()}" for cap in caps if cap.scope != "shot" or cap.passed]  # a list may have a limit in each row
    return [*lines, ""] if lines else []


def plain(value: Decimal | Fraction) -> str:
    """Seconds to the millisecond, without trailing zeros."""
    return f"{float(value):.3f}".rstrip("0").rstrip(".")


def _group_rows(takes: Sequence[PlannedTake]) -> list[list[str]]:
    """A row for the takes of a sequence that share action, reason and model; sequences in the order of the list."""
    sequences = {name: at for at, name in enumerate(dict.fromkeys(take.shot.sequence for take in takes))}
    groups: dict[tuple[int, Action, str, str], list[PlannedTake]] = {}
    for take in takes:
        groups.setdefault((sequences[take.shot.sequence], take.action, _why(take), take.model), []).append(take)
    rows: list[list[str]] = []
    for (*_, reason, model), members in sorted(groups.items()):
        rows.append([_mark(members[0]), members[0].shot.sequence, str(len(members)), reason, model, *_sums(members)])
    return rows


def _mark(take: PlannedTake) -> str:
    return "-" if take.reason == NOT_CHOSEN else _MARKS[take.action]


def _why(take: PlannedTake) -> str:
    """The reason in words that several takes can share."""
    if take.action is Action.KEEP and not take.picked and take.attempt and take.attempt.take == take.take:
        kept = "bought before, stale" if take.stale else "bought before, unchanged"
        return f"draft, {kept}" if take.draft else kept
    if (
        take.action is Action.KEEP
        and not take.picked
        and take.attempt
        and take.reason.startswith(f"bought as {take.attempt.take.list}:{take.take}, the same request")
    ):
        return f"uses the clips of {take.attempt.take.list}"
    name = str(take.take)
    return re.sub(rf"(\S+:)?\b{re.escape(name)}(\.a\d+)?", "it", take.reason) if name in take.reason else take.reason


def _sums(takes: Sequence[PlannedTake]) -> list[str]:
    bought = [take for take in takes if take.action is Action.BUY]
    if not bought:
        return ["-", "-", "0.00", "0.00"]
    return [
        plain(sum((take.paid_s for take in bought), Decimal())),
        plain(sum((take.used_s for take in bought), Fraction())),
        text(sum(take.price for take in bought)),
        text(sum(take.expected for take in bought)),
    ]


def _verdicts(takes: Iterable[PlannedTake]) -> list[str]:
    """What the models change, each change once with the takes that it affects."""
    changes: dict[str, list[str]] = {}
    for take in takes:
        for verdict in take.priced.fit.verdicts if take.action is not Action.KEEP else ():
            if verdict.kind is not VerdictKind.EXACT:
                granted = f" -> {verdict.granted}" if verdict.granted else ""
                change = f"{verdict.kind.value}: {verdict.field} {verdict.wanted}{granted} ({take.model}): {verdict.why}"
                changes.setdefault(change, []).append(str(take.take))
    lines = [f"  {change}  ({listed(names, 3)})" for change, names in changes.items()]
    return [*lines, ""] if lines else []


def _sum_line(plan: Plan) -> str:
    """The plan in one line."""
    parts = [f"{len(plan.buys)} to buy", f"{len(plan.keeps)} kept"]
    left_out = sum(take.reason == NOT_CHOSEN for take in plan.takes)
    blocked = sum(take.action is Action.BLOCKED for take in plan.takes) - left_out
    waiting = sum(take.action is Action.WAIT for take in plan.takes)
    parts += [f"{count} {word}" for count, word in ((waiting, "waiting"), (blocked, "blocked"), (left_out, "left out")) if count]
    cost = f"{text(plan.price)} USD at list price" + (f", {text(plan.expected)} expected" if plan.expected != plan.price else "")
    paid = f"; {plain(plan.paid_s)} s paid, {plain(plan.used_s)} s used" if plan.buys else ""
    return f"Plan: {', '.join(parts)}. {cost}{paid}."
