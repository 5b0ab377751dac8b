"""What a service itself says of a clip that it made: adjusted, or not safe for work. Pure: what was told goes in, findings come out."""

from __future__ import annotations

from collections.abc import Mapping

from callsheet.domain.finding import Finding, Severity
from callsheet.services.cards.negotiation import Adjustment, adjustments, unchanged
from callsheet.services.protocol.ask import Sold

#: how a flag says that there is nothing
_NOT_FLAGGED = frozenset({"", "0", "false", "no", "none", "null"})


def check_remarks(told: Mapping[str, object], asked: Sold | None) -> list[Finding]:
    """The findings in what was told of a purchase that asked for `asked` (None where its bytes don't tell)."""
    changes = adjustments(told.get("adjustments"))
    return [_adjusted(change, asked) for change in changes] + ([_NSFW] if _flagged(told.get("nsfw")) else [])


_NSFW = Finding(code="nsfw", severity=Severity.FAIL, message="the service flags it as not safe for work")


def _adjusted(change: Adjustment, asked: Sold | None) -> Finding:
    """What the plan has foretold, and so asked for, is worth a note; anything else is not what was ordered."""
    if asked is not None and unchanged(asked, change):
        return Finding(code="adjusted-foretold", severity=Severity.NOTE, message=f"the service adjusted it as the plan foretold: {change}")
    return Finding(code="adjusted", severity=Severity.FAIL, message=f"the service adjusted it by itself: {change}")


def _flagged(flag: object) -> bool:
    return str(flag or "").strip().casefold() not in _NOT_FLAGGED
