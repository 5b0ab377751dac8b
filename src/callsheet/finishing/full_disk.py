"""A disk that finishing can't write to."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager

from callsheet.domain.errors import SetupError
from callsheet.store import atomic_files


@contextmanager
def full_disk() -> Generator[None]:
    """A full or write-protected disk is a fault of the machine, and is reported as such."""
    try:
        yield
    except OSError as error:
        raise SetupError(
            f"finishing can't write: {atomic_files.refused(error)}",
            help="free disk space or fix what is named, then run `callsheet finish`, which continues here",
        ) from None
