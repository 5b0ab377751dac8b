"""The rehearsals at a stand-in buy and cut the same few films."""

from __future__ import annotations

import pytest

from tests.known import remember


@pytest.fixture(autouse=True)
def _remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    """What ffmpeg made of the same bytes is given again."""
    remember(monkeypatch)
