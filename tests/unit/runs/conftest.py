"""All these runs buy the same few films."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.runners import remembering


@pytest.fixture(autouse=True)
def _remembered() -> Iterator[None]:
    """What ffmpeg made of the same bytes is given again."""
    with remembering():
        yield
