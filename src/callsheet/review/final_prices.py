"""What the picked drafts cost in full quality, as the page says it. Nothing is written or bought."""

from __future__ import annotations

from callsheet.domain.money import text
from callsheet.domain.typed import typed
from callsheet.planning.outlook.full_quality import full_price
from callsheet.review.page_state import Document, Snapshot


def final_prices(snapshot: Snapshot) -> list[Document]:
    """For each list that has drafts: how many are picked now, their price in full quality (null if one is unknown), and the command."""
    marks, found = snapshot.marks, list[Document]()
    joined = {part.attempt for parts in marks.joins.values() for part in parts}
    for prepared in snapshot.lists:
        drafts = [(take, take.full) for take in prepared.plan.takes if take.full]
        picked = [full for take, full in drafts if marks.picked(take.take) or (take.attempt and take.attempt.id in joined)]
        if not drafts:
            continue
        prices = [full_price(full) for full in picked]
        known = [price for price in prices if price is not None]
        usd = text(sum(known)) if len(known) == len(prices) else None
        found.append(
            {"file": prepared.plan.file, "takes": len(picked), "usd": usd, "command": typed("render", prepared.plan.file, "--final")}
        )
    return found
