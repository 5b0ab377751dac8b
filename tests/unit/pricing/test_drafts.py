"""A row as a draft, and the chosen one in full quality: what carries over, and what the row's fingerprints are."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from callsheet.domain.attempt import Attempt
from callsheet.domain.shots.shot import Size
from callsheet.pricing.drafts import drafted, final
from callsheet.pricing.priced import Priced, matches
from callsheet.settings.values import Settings
from tests.unit.pricing.test_price_row import SHOT, priced, settings
from tests.unit.report.made_up_project import attempt

ROW = replace(SHOT, model="deapi/ltx-2.3", size=Size(1024, 576), duration_s=Decimal(4))


@pytest.fixture
def drafts(tmp_path: Path) -> Settings:
    """Drafts of a smaller picture."""
    return settings(tmp_path, '[draft]\nresolution = "896x512"\n')


def made(item: Priced, **facts: Any) -> Attempt:
    """A clip that was bought for a row."""
    prints: dict[str, Any] = {"author_print": item.author_print, "request_print": item.request_print}
    return replace(attempt(), account=item.account, service=item.service, model=item.model, **{**prints, **facts})


def test_a_draft_is_the_row_at_the_tables_model_and_size(drafts: Settings) -> None:
    """Another request than the row's; where it would be the same there is none. A clip is known for what it was bought as."""
    item = drafted(priced(ROW, drafts), drafts.draft, lambda shot: priced(shot, drafts))
    assert item.draft
    assert item.draft.ask
    assert (item.draft.ask.size, item.draft.ask.prompt) == (Size(896, 512), ROW.prompt)
    assert item.as_bought(made(item.draft)) is item.draft
    assert item.as_bought(made(item)) is item
    assert item.as_bought(made(item, author_print="", request_print="", draft=True)) is item.draft
    small = replace(ROW, size=Size(896, 512))
    assert drafted(priced(small, drafts), drafts.draft, lambda shot: priced(shot, drafts)).draft is None


def test_full_quality_has_the_drafts_seed_and_the_rows_fingerprint(drafts: Settings) -> None:
    """So the clip is the row's whichever draft was chosen. A row's own seed stays, and a seed whose clip nobody wanted isn't tried again."""
    item, draft = priced(ROW, drafts), attempt(told={"seed": 4711})

    def bought(row: Priced, *tried: Attempt) -> Priced:
        return final(row, draft, tried, lambda shot: priced(shot, drafts))

    found = bought(item)
    assert found.ask
    assert found.ask.seed == 4711
    assert found.request_print != item.request_print
    assert matches(made(found), item)
    own = priced(replace(ROW, seed=7), drafts)
    assert bought(own) is own
    assert bought(item, attempt(n=2, told={"seed": 4711}, final_of="1")) is item
    unseeded = priced(replace(ROW, model="runware/ltx-2"), drafts)
    assert bought(unseeded) is unseeded  # the model's request takes no seed
