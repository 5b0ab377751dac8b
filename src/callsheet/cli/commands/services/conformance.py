"""`callsheet services test`."""

from __future__ import annotations

from collections import Counter
from typing import Literal

from callsheet.cli.options import Common
from callsheet.cli.output.answer import Answer, say, schema
from callsheet.cli.output.documents_compared import ServicesTest
from callsheet.conformance.suite import examine, subject_of
from callsheet.conformance.verdicts import Finding, Mark
from callsheet.domain.errors import Exit, Problem, UsageError
from callsheet.store.house import house_root


def conformance(name: str | None, common: Common) -> Answer:
    """Run the suite on a wire or a model: each check with pass, FAIL or missing, and what it found. Exit code 1 if one fails. UsageError if
    no wire or model is named, or none has that name.
    """
    if name is None:
        raise UsageError("which wire or model should be tested?", help="write `callsheet services test runware`, or a model's name")
    subject = subject_of(name, house_root(), common.project.cards)
    say("Testing against a local stand-in: nothing is paid. This takes up to a minute.")
    findings = list(examine(subject))
    counts = Counter(finding.mark for finding in findings)
    failed = [finding for finding in findings if finding.mark is Mark.FAIL]
    return Answer(
        document=_document(name, findings, counts),
        lines=_lines(name, findings, counts),
        exit=Exit.PARTIAL if failed else Exit.DONE,
        problems=tuple(
            Problem(code="conformance", message=f"{finding.subject}: {finding.check}: {said}", help="see docs/how-to/add-a-service.md")
            for finding in failed
            for said in finding.said
        ),
        notes=("see docs/how-to/add-a-service.md",) if failed else (),
    )


_RESULTS: dict[Mark, Literal["pass", "fail", "missing"]] = {Mark.PASS: "pass", Mark.FAIL: "fail", Mark.MISSING: "missing"}


def _document(name: str, findings: list[Finding], counts: Counter[Mark]) -> ServicesTest:
    return {
        "schema": schema("services-test"),
        "subject": name,
        "counts": {_RESULTS[mark]: counts[mark] for mark in Mark},
        "checks": [
            {"check": finding.check, "subject": finding.subject, "result": _RESULTS[finding.mark], "said": list(finding.said)}
            for finding in findings
        ],
    }


def _lines(name: str, findings: list[Finding], counts: Counter[Mark]) -> list[str]:
    lines: list[str] = []
    for finding in findings:
        lines.append(f"{finding.mark.value:<8}{finding.subject:<22}{finding.check}")
        lines += [f"{'':<30}{said}" for said in finding.said]
    return [*lines, f"{name}: {counts[Mark.PASS]} passed, {counts[Mark.FAIL]} failed, {counts[Mark.MISSING]} missing something"]
