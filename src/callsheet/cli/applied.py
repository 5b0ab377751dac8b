"""Options that apply to a whole command, its threads and its child processes: set as environment variables while it runs."""

from __future__ import annotations

import os
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from itertools import pairwise

from callsheet.cli.output.glyphs import VARIABLE as ASCII
from callsheet.store.house import VARIABLE as HOUSE


@contextmanager
def applied(tokens: Sequence[str]) -> Generator[None]:
    """Apply `--house DIR` and `--ascii` as if the environment had set them."""
    options = tokens[: tokens.index("--")] if "--" in tokens else tokens
    house = next((value for option, value in pairwise(options) if option == "--house"), None)
    house = house or next((token.partition("=")[2] for token in options if token.startswith("--house=")), None)
    with _set({HOUSE: house, ASCII: "1" if "--ascii" in options else None}):
        yield


@contextmanager
def _set(values: Mapping[str, str | None]) -> Generator[None]:
    """Set those that have a value, and put back what was there."""
    given = {name: value for name, value in values.items() if value}
    before = {name: os.environ.get(name) for name in given}
    os.environ.update(given)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
