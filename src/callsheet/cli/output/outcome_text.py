"""A run's outcome for people: what was bought, kept, failed, in doubt or not bought; the money; the films; what to do next."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, nullcontext

from callsheet.budget.project_ledger import open_existing
from callsheet.budget.rules.purse import Money
from callsheet.cli.output.answer import Answer
from callsheet.cli.output.errors import problem_lines
from callsheet.cli.output.run_summary import failed_takes, run_summary
from callsheet.cli.output.table import width, wrapped_lines
from callsheet.clock import Clock
from callsheet.domain.attempt import Attempt, State
from callsheet.domain.cut import Finished
from callsheet.domain.errors import DeliveryError, Problem
from callsheet.domain.finding import Severity
from callsheet.domain.money import text
from callsheet.domain.take import TakeId
from callsheet.domain.timebase import fps_text, seconds
from callsheet.domain.typed import typed
from callsheet.domain.wording import counted, listed
from callsheet.planning.project_plan import Prepared
from callsheet.report.remedies import doubts, failures, remedy
from callsheet.runs.outcome import Outcome
from callsheet.status.job_lifetime import kept
from callsheet.status.project_view import TakeView, view_of
from callsheet.store.project_folder import Project

_NAMED = 6
_CONTINUES = frozenset({State.SUBMITTING, State.SUBMITTED, State.READY})


def run_answer(document: Mapping[str, object], outcome: Outcome, prepared: Prepared, following: Sequence[str]) -> Answer:
    """The answer of a run: its outcome as lines, its document, its exit code."""
    takes = _takes(prepared)
    waiting = [job.summary(Clock().now()) for job in kept(takes, prepared.cards)]
    lines = [
        *outcome_lines(outcome, takes, prepared.project, (), prepared.plan.file),
        *waiting,
        *(f"next: {command}" for command in following),
    ]
    lines = wrapped_lines((part for line in lines for part in line.split("\n")), width())
    problems = (*outcome.all_problems, *film_problems(outcome.sequences, prepared.project))
    failed = failed_takes(takes, prepared, outcome.failed)
    summary = run_summary(outcome, takes, prepared)
    return Answer(
        document=document, lines=lines, exit=outcome.exit, problems=problems, notes=problem_lines(problems), failed=failed, summary=summary
    )


def _takes(prepared: Prepared) -> Sequence[TakeView]:
    """The list's takes as the ledger has them now: as they were planned with, where nothing was written since."""
    ledger = open_existing(prepared.project, prepared.settings)
    with closing(ledger) if ledger else nullcontext():
        if ledger and prepared.holds_for(ledger):
            return prepared.view.takes
        return view_of(ledger, prepared.project, prepared.settings, list=prepared.plan.list or None).takes


def outcome_lines(outcome: Outcome, takes: Sequence[TakeView], project: Project, following: Sequence[str], file: str = "LIST") -> list[str]:
    """The outcome as lines; `following` are commands that make sense next, `file` is the list that was rendered."""
    return [
        counts_line(outcome),
        *(_continuing(takes) if outcome.interrupted else ()),
        *_attempt_lines(takes, file, outcome.failed),
        *(f"! {problem.message}\n  {problem.help}" for problem in outcome.all_problems),
        money_line(outcome.money),
        *(line for finished in outcome.sequences for line in _film_lines(finished, project)),
        *(f"next: {command}" for command in following),
    ]


def counts_line(outcome: Outcome) -> str:
    """`completed: 12 bought, 0 kept, ...`; zero counts are left out, except for bought and kept."""
    counts = outcome.counts
    parts = [f"{counts.bought} bought", f"{counts.kept} kept"]
    parts += [
        f"{n} {word}" for n, word in ((counts.failed, "failed"), (counts.in_doubt, "in doubt"), (counts.not_bought, "not bought")) if n
    ]
    state = "interrupted, state saved" if outcome.interrupted else outcome.state.replace("_", " ")
    return f"{state}: {', '.join(parts)}"


def _continuing(takes: Iterable[TakeView]) -> Iterator[str]:
    """What goes on at which service though the run was stopped, and what collects it."""
    jobs: dict[str, list[Attempt]] = {}
    for take in takes:
        for attempt in take.attempts:
            if attempt.state in _CONTINUES:
                jobs.setdefault(attempt.service, []).append(attempt)
    for service, mine in sorted(jobs.items()):
        held = sum(attempt.held for attempt in mine)
        goes = "continues" if len(mine) == 1 else "continue"
        yield f"  {counted(len(mine), 'job')} {goes} at {service}{f' ({text(held)} USD on hold)' if held else ''}: run again, or `{typed('recover')}` to collect without buying"
    if not jobs:
        yield "  nothing is under way at a service; run again to go on"


def money_line(money: Money) -> str:
    """What this project has cost so far, and what is left."""
    parts = [f"{text(money.settled)} USD spent"]
    parts += [f"{text(micros)} {word}" for micros, word in ((money.held, "held"), (money.in_doubt, "in doubt")) if micros]
    cap = f" of {text(money.cap)}" if money.cap is not None else ""
    left = f"; {text(money.headroom)} left" if money.headroom is not None else ""
    return f"money: {', '.join(parts)}{cap}{left}"


def film_problems(films: Iterable[Finished], project: Project) -> tuple[Problem, ...]:
    """The problems of films that failed their check, for scripts."""
    help = "fix what its findings name (the clip, the row, the delivery's table) and run again, or allow it under [qc]"
    return tuple(
        Problem(
            code=DeliveryError.code,
            message=f"{project.relative(film.file)} failed its check: {', '.join(film.failing)}",
            help=help,
        )
        for film in films
        if film.failing
    )


def _attempt_lines(takes: Sequence[TakeView], file: str, failed: Collection[TakeId]) -> list[str]:
    """Failures by cause, and takes in doubt; each with what to do about it."""
    lines: list[str] = []
    for failure in failures(takes, file, failed):
        lines += [f"x {len(failure.takes)} failed: {failure.cause}: {listed([str(take) for take in failure.takes], _NAMED)}"]
        lines += [f"  {message}" for message in failure.messages[:3]]
        lines += [f"  help: {failure.remedy}"]
    for take, attempt in doubts(takes):
        lines += [f"? {take.take} may have been charged ({attempt.model}, sent {attempt.intent_at}): {text(attempt.doubt)} stays counted"]
        lines += [f"  help: {remedy(take, attempt)}"]
    return lines


def _film_lines(finished: Finished, project: Project) -> list[str]:
    """A film's path, its properties, and what is wrong with it."""
    delivery = finished.delivery
    length = float(seconds(finished.frames, delivery.fps))
    sound = f"{finished.loudness_lufs:.1f} LUFS" if finished.loudness_lufs is not None else "silent"
    state = "" if not finished.kept else "  (unchanged)"
    lines = [
        f"film: {project.relative(finished.file)}  {length:.1f} s, {finished.frames} frames, {delivery.size}, {fps_text(delivery.fps)} fps, {sound}{state}"
    ]
    if finished.current:
        lines.append(f"  current: {project.relative(finished.current)}")
    if finished.lowered:
        lines.append(f"  quality crf {finished.crf} instead of {delivery.crf}, to fit its size limit")
    if finished.missing:
        lines.append(
            f"  incomplete: {listed(finished.missing, _NAMED)} {'is' if len(finished.missing) == 1 else 'are'} replaced by {'a slate' if len(finished.missing) == 1 else 'slates'}"
        )
    if finished.removed:
        lines.append(
            f"  incomplete: {listed(finished.removed, _NAMED)} was bought, but is no longer in the list; to leave it out, add its row with status = omit"
        )
    if finished.drafts:
        lines.append(f"  drafts: {listed(finished.drafts, _NAMED)}")
    stale = [shot.shot for shot in finished.shots if shot.stale]
    if stale:
        lines.append(f"  row changed since, or clip from a rehearsal: {listed(stale, _NAMED)}")
    failing = [f"{shot.shot} ({', '.join(shot.failing)})" for shot in finished.shots if shot.failing]
    if failing:
        lines.append(f"  clip not as ordered, and no better one exists: {listed(failing, _NAMED)}")
    if finished.failing:
        lines.append(f"  it failed its check: {listed(finished.failing, _NAMED)}; the file is kept")
    found = (finding for finding in finished.findings if finding.severity is not Severity.NOTE)
    return [*lines, *(f"  {finding.severity.value}: {finding.sentence}" for finding in found)]
