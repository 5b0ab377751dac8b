"""How findings are judged, as data: `[qc]` of the shipped defaults, overridden by the project's. A code has one meaning, on clips, cuts and
films alike.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from types import MappingProxyType

from callsheet.domain.finding import Finding, Judgement, Severity

_SEVERITIES = {Judgement.REJECT: Severity.FAIL, Judgement.FLAG: Severity.WARN, Judgement.PASS: Severity.NOTE}

#: every finding keeps its check's own severity
AS_CHECKED: Mapping[str, Judgement] = MappingProxyType({})


def judged(findings: Iterable[Finding], policy: Mapping[str, Judgement]) -> list[Finding]:
    """The findings as the policy judges them by their codes; others keep their check's severity."""
    return [replace(one, severity=_SEVERITIES[policy[one.code]]) if one.code in policy else one for one in findings]
