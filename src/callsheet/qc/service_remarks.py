"""What a service itself reports about a clip: adjusted, or not safe for work. Pure: its report goes in, findings come out."""

from __future__ import annotations

from collections.abc import Mapping

from callsheet.domain.finding import Finding, Severity
from callsheet.services.cards.negotiation import adjustments, unchanged
from callsheet.services.protocol.ask import Sold

#: values of a flag that mean no
_NOT_FLAGGED = frozenset({"", "0", "false", "no", "none", "null"})


def check_remarks(told: Mapping[str, object], asked: Sold | None) -> list[Finding]:
    """The findings in a service's report on a purchase that ordered `asked` (None if its bytes don't tell)."""
    found: list[Finding] = []
    for change in adjustments(told.get("adjustments")):
        if asked is not None and unchanged(asked, change):  # the plan predicted it, so it was ordered
            note = f"the service adjusted it as planned: {change}"
            found.append(Finding(code="adjusted-foretold", severity=Severity.NOTE, message=note))
        else:
            found.append(Finding(code="adjusted", severity=Severity.FAIL, message=f"the service adjusted it by itself: {change}"))
    if flagged(told):
        found.append(Finding(code="nsfw", severity=Severity.FAIL, message="the service flags it as not safe for work"))
    return found


def flagged(told: Mapping[str, object]) -> bool:
    """Whether the service flags the clip as not safe for work, in any of its forms."""
    return str(told.get("nsfw") or "").strip().casefold() not in _NOT_FLAGGED
