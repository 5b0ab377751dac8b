"""The JSON documents of the contract, built from values. Pure: money becomes decimal text, paths relative; nothing is read or written."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, cast

from callsheet.budget.rules.caps import CapState
from callsheet.budget.rules.purse import Money
from callsheet.domain.attempt import Attempt
from callsheet.domain.cut import Finished, PlacedShot
from callsheet.domain.errors import Problem
from callsheet.domain.finding import Finding
from callsheet.domain.money import Micros, text
from callsheet.domain.timebase import fps_text, seconds
from callsheet.planning.cut_lengths import CutLength
from callsheet.planning.freezes import Freeze
from callsheet.planning.outlook.full_quality import full_price, full_quality
from callsheet.planning.plan import Action, Plan, PlannedTake
from callsheet.qc.service_remarks import flagged
from callsheet.services.cards.fit import Verdict
from callsheet.status.project_view import TakeView, View
from callsheet.store.house import house
from callsheet.store.project_folder import Project

if TYPE_CHECKING:
    from callsheet.report import json_documents as models
    from callsheet.report import json_parts as parts
    from callsheet.runs.outcome import Outcome

Document = dict[str, object]


def problem_part(problem: Problem) -> parts.ProblemPart:
    """A problem as every document has it, with its location as far as it is known."""
    return cast("parts.ProblemPart", problem.json())  # a test compares the fields


def plan_document(plan: Plan, view: View) -> models.PlannedTakes:
    """`callsheet.plan/1`: every take with what would be done and why, the totals, and what fits under the caps."""
    told: models.PlannedTakes = {
        "schema": "callsheet.plan/1",
        "list": plan.list,
        "file": plan.file,
        "takes": [_planned(take) for take in plan.takes],
        "totals": {
            "buy": len(plan.buys),
            "keep": len(plan.keeps),
            "price": text(plan.price),
            "expected": text(plan.expected),
            "paid_s": number(plan.paid_s),
            "used_s": number(plan.used_s),
        },
        "money": money(view.money),
        "caps": caps(view.caps),
        "cuts": [_cut_length(cut) for cut in plan.cuts],
        "freezes": [_freeze(one) for one in plan.freezes],
        "chain": {"shots": [*plan.chain.shots], "seconds": plan.chain.seconds} if plan.chain else None,
        "fits": {"takes": plan.fits.takes, "usd": text(plan.fits.usd)},
        "notes": list(plan.notes),
        "doubts": [problem_part(problem) for problem in view.doubts],
        "house": house_of(),
    }
    if plan.buys_drafts:
        told["full_quality"] = _full_quality(plan)
    return told


def _cut_length(cut: CutLength) -> parts.CutPart:
    length = number(seconds(cut.frames, cut.fps))
    return {"sequence": cut.sequence, "frames": cut.frames, "fps": fps_text(cut.fps), "duration_s": length, "wanted": cut.wanted}


def _freeze(one: Freeze) -> models.Freeze:
    return {
        "sequence": one.sequence,
        "delivery": one.delivery,
        "shot": one.shot,
        "take": str(one.take) if one.take else None,
        "padded_frames": one.frames,
        "padded_under": one.under,
    }


def house_of() -> parts.HousePart:
    """The origin of the flows, cards and configs in use."""
    used = house()
    return {"origin": used.origin, "folder": str(used.root)}


def outcome_document(name: str, outcome: Outcome, project: Project) -> models.Run:
    """`callsheet.render/1`, `demo`, `recover`: how the run ended, what it bought, and what was finished."""
    counts = outcome.counts
    return {
        "schema": f"callsheet.{name}/1",
        "state": outcome.state,
        "counts": {
            "bought": counts.bought,
            "kept": counts.kept,
            "failed": counts.failed,
            "in_doubt": counts.in_doubt,
            "not_bought": counts.not_bought,
        },
        "money": money(outcome.money),
        "caps": caps(outcome.caps),
        "sequences": [sequence(finished, project) for finished in outcome.sequences],
        "takes": [
            {
                "take": str(result.take),
                "list": result.take.list,
                "shot": result.take.shot,
                "end": result.end.value,
                "cost": text(result.cost),
                "message": result.message,
            }
            for result in outcome.takes
        ],
    }


def finish_document(outcome: Outcome, project: Project) -> models.Finish:
    """`callsheet.finish/1`: the sequences."""
    return {"schema": "callsheet.finish/1", "sequences": [sequence(finished, project) for finished in outcome.sequences]}


def animatic_document(films: Iterable[tuple[Finished, Collection[str]]], project: Project) -> models.Animatic:
    """`callsheet.animatic/1`: the sequences like those of `finish`, plus the shots that are still `slates`, and their frames."""
    made: list[models.AnimaticSequence] = []
    for film, slates in films:
        named = frozenset(slates)
        frames = sum(shot.frames for shot in film.shots if shot.shot in named)
        made.append({**sequence(film, project), "slates": [*slates], "slate_frames": frames})
    return {"schema": "callsheet.animatic/1", "sequences": made}


def view_document(name: str, view: View, project: Project, notes: Iterable[str]) -> models.View:
    """`callsheet.status/1`, `callsheet.costs/1`: money, caps and every take with its attempts."""
    return {
        "schema": f"callsheet.{name}/1",
        "state_folder": project.relative(project.state),
        "ledger_folder": project.relative(project.locks),
        "doubts": [problem_part(problem) for problem in view.doubts],
        "money": money(view.money),
        "caps": caps(view.caps),
        "takes": [taken(take, project) for take in view.takes],
        "notes": [*notes],
    }


def check_document(shots: int, notes: Iterable[str], problems: Iterable[Problem], cuts: Iterable[CutLength] = ()) -> models.Check:
    """`callsheet.check/1`: the number of shots, the lengths of their cuts, and everything that is wrong (an empty list if nothing is)."""
    return {
        "schema": "callsheet.check/1",
        "shots": shots,
        "cuts": [_cut_length(cut) for cut in cuts],
        "notes": list(notes),
        "errors": [problem_part(problem) for problem in problems],
    }


def money(now: Money) -> parts.MoneyPart:
    """The contract's `money`; without a cap in force `cap` and `headroom` are null."""
    return {
        "currency": "USD",
        "cap": optional(now.cap),
        "settled": text(now.settled),
        "held": text(now.held),
        "in_doubt": text(now.in_doubt),
        "headroom": optional(now.headroom),
    }


def caps(states: Iterable[CapState]) -> list[parts.CapPart]:
    """The contract's `caps`, plus `source` (command, file or row), `percent` used, and the thresholds `warned` of at this amount."""
    return [
        {
            "scope": cap.scope,
            "name": cap.name,
            "usd": text(cap.amount),
            "used": text(cap.used),
            "headroom": text(cap.headroom),
            "source": cap.source,
            "percent": cap.percent,
            "warned": [*cap.warned],
        }
        for cap in states
    ]


def taken(take: TakeView, project: Project) -> parts.TakePart:
    """A take as in `status` and `costs`."""
    return {
        "take": str(take.take),
        "list": take.take.list,
        "shot": take.take.shot,
        "sequence": take.sequence,
        "service": take.service,
        "model": take.model,
        "state": take.state,
        "picked": take.picked,
        "stale": take.stale,
        "rejected": take.rejected,
        "clip": take.chosen.full_name if take.chosen else None,
        "file": project.relative(take.file) if take.file else None,
        "sha256": take.sha256,
        "held": text(take.held),
        "settled": text(take.settled),
        "findings": [dict(finding) for finding in take.findings],
        "attempts": [attempted(attempt) for attempt in take.attempts],
    }


def attempted(attempt: Attempt) -> parts.AttemptPart:
    """An attempt as in `status`."""
    told: parts.AttemptPart = {
        "n": attempt.n,
        "state": attempt.state.value,
        "reason": attempt.reason.value if attempt.reason else None,
        "billed": attempt.billed,
        "key": attempt.key,
        "job": attempt.job,
        "price": text(attempt.quote),
        "held": text(attempt.held),
        "settled": text(attempt.settled),
        "in_doubt": text(attempt.doubt),
        "message": attempt.message,
        "seed": attempt.told.get("seed"),
        "asset": attempt.told.get("asset"),
        "nsfw": nsfw(attempt.told),
        "model_reported": attempt.told.get("model"),
        "made_at": attempt.made_at,
        "ended_at": attempt.ended_at,
    }
    if attempt.draft:
        told["draft"] = True
    return told


def nsfw(told: Mapping[str, object]) -> bool | None:
    """Whether the service flags the clip as not safe for work; None if it doesn't say."""
    return flagged(told) if told.get("nsfw") is not None else None


def sequence(finished: Finished, project: Project) -> parts.SequencePart:
    """A finished sequence as the contract has it."""
    delivery = finished.delivery
    return {
        "sequence": finished.sequence,
        "delivery": delivery.name,
        "version": finished.version,
        "file": project.relative(finished.file),
        "sha256": finished.sha256,
        "frames": finished.frames,
        "programme": {"record_in": delivery.front, "frames": finished.frames - delivery.front - delivery.back},
        "fps": fps_text(delivery.fps),
        "width": delivery.size.width,
        "height": delivery.size.height,
        "duration_s": number(seconds(finished.frames, delivery.fps)),
        "crf": finished.crf,
        "loudness_lufs": finished.loudness_lufs,
        "true_peak_dbtp": finished.true_peak_dbtp,
        "complete": finished.complete,
        "missing": list(finished.missing),
        "removed": list(finished.removed),
        "kept": finished.kept,
        "beside": [project.relative(path) for path in finished.beside],
        "current": project.relative(finished.current) if finished.current else None,
        "failing": list(finished.failing),
        "findings": [_finding(finding) for finding in finished.findings],
        "shots": [_placed(shot, project) for shot in finished.shots],
    }


def _finding(finding: Finding) -> parts.FindingPart:
    return {
        "code": finding.code,
        "severity": finding.severity.value,
        "message": finding.message,
        "frame": finding.frame,
        "clip_frame": finding.clip_frame,
        "shot": finding.shot,
        "take": finding.take,
        "again_usd": optional(finding.again),
    }


def number(value: Decimal | Fraction) -> float | int:
    """Seconds as a JSON number, to the microsecond; whole numbers without a decimal point."""
    rounded = round(float(value), 6)
    return int(rounded) if rounded.is_integer() else rounded


def optional(micros: Micros | None) -> str | None:
    """Money as text, or null."""
    return None if micros is None else text(micros)


def _planned(take: PlannedTake) -> models.PlannedTake:
    told: models.PlannedTake = {
        "take": str(take.take),
        "list": take.take.list,
        "shot": take.take.shot,
        "sequence": take.shot.sequence,
        "model": take.model,
        "action": take.action.value,
        "reason": take.reason,
        "price": text(take.price),
        "price_from": take.priced.quote.price_ref if take.priced.quote else None,
        "price_basis": take.priced.quote.basis if take.priced.quote else None,
        "quoted": (take.priced.quote.quoted or None) if take.priced.quote else None,
        "extrapolated": take.priced.quote.extrapolated if take.priced.quote else False,
        "expected": text(take.expected),
        "picked": take.picked,
        "waits_for": [str(other) for other in take.waits],
        "stale": bool(take.stale),
        "again": text(take.again),
        "source": take.attempt.full_name if take.attempt and take.action is Action.KEEP else None,
        "fallbacks": [{"model": other.model, "price": text(other.quote.micros)} for other in take.priced.fallbacks if other.quote],
        "receipts": take.receipts,
        "frames": take.priced.frames,
        "paid_s": number(take.paid_s),
        "used_s": number(take.used_s),
        "verdicts": [_verdict(verdict) for verdict in take.priced.fit.verdicts],
    }
    if take.full:
        told["draft"], told["full_price"] = True, optional(full_price(take.full))
    return told


def _full_quality(plan: Plan) -> parts.FullQualityPart:
    """What full quality costs where the project buys drafts first."""
    found = full_quality(plan)
    return {
        "bought": plan.final,
        "picked": {"takes": found.picked.takes, "price": optional(found.picked.price)},
        "one_each": {"takes": found.one_each.takes, "price": optional(found.one_each.price)},
        "all": {"takes": found.every.takes, "price": optional(found.every.price)},
    }


def _verdict(verdict: Verdict) -> models.Verdict:
    return {
        "field": verdict.field,
        "kind": verdict.kind.value,
        "wanted": verdict.wanted,
        "granted": verdict.granted,
        "why": verdict.why,
    }


def _placed(shot: PlacedShot, project: Project) -> parts.PlacedPart:
    """`voice` is the author's sound that is used, and `service_sound` the clip with the service's own sound."""
    told: parts.PlacedPart = {
        "shot": shot.shot,
        "take": str(shot.take) if shot.take else None,
        "record_in": shot.record_in,
        "frames": shot.frames,
        "padded_frames": shot.padded_frames,
        "stale": shot.stale,
        "failing": list(shot.failing),
        "loudness_lufs": shot.loudness_lufs,
        "gain_db": shot.gain_db,
        "voice": shot.voice,
        "service_sound": project.relative(shot.clip) if shot.voice and shot.clip else None,
    }
    if shot.draft:
        told["draft"] = True
    return told
