"""What a finding means, as data: `[qc]` of the shipped defaults, and a project's own over it. One code is one meaning, on clips, cuts and films alike."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from types import MappingProxyType

from callsheet.domain.finding import Finding, Judgement, Severity

_SEVERITIES = {Judgement.REJECT: Severity.FAIL, Judgement.FLAG: Severity.WARN, Judgement.PASS: Severity.NOTE}

#: nothing is taken otherwise than its check says
AS_CHECKED: Mapping[str, Judgement] = MappingProxyType({})


def judged(findings: Iterable[Finding], policy: Mapping[str, Judgement]) -> list[Finding]:
    """The findings as the policy, by their codes, takes them; what it doesn't name stays as its check says."""
    return [replace(one, severity=_SEVERITIES[policy[one.code]]) if one.code in policy else one for one in findings]
