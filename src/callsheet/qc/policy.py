"""What a finding means, as data: `[qc]` of the shipped defaults, and a project's own over it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from callsheet.domain.finding import Finding, Judgement, Severity

_SEVERITIES = {Judgement.REJECT: Severity.FAIL, Judgement.FLAG: Severity.WARN, Judgement.PASS: Severity.NOTE}


def judged(findings: Iterable[Finding], policy: Mapping[str, Judgement]) -> list[Finding]:
    """The findings as the policy, by their codes, takes them; what it doesn't name stays as its check says."""
    return [replace(one, severity=_SEVERITIES[policy[one.code]]) if one.code in policy else one for one in findings]
