"""Encoded pictures that are copied: the position of each in its file, so that the file needn't be parsed as a film again."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from struct import Struct
from typing import NamedTuple

from callsheet.domain.errors import MediaError

_FORM = Struct("<QII?")


class Stored(NamedTuple):
    """One picture: its first byte, its size in bytes, its frame (0-based, as shown), and whether it is a key frame."""

    at: int
    size: int
    frame: int
    key: bool


@dataclass(frozen=True, slots=True)
class Pictures:
    """All pictures of one clip in the order in which they are stored and decoded."""

    file: Path
    index: bytes
    #: the hash of what their encoder was set to: pictures of the same can stand in one stream
    settings: str

    def __iter__(self) -> Iterator[Stored]:
        """Where each lies."""
        return map(Stored._make, _FORM.iter_unpack(self.index))

    def __len__(self) -> int:
        return len(self.index) // _FORM.size

    @property
    def delay(self) -> int:
        """How many frames before it is shown a picture has to be decoded at most."""
        return max((n - stored.frame for n, stored in enumerate(self)), default=0)

    @property
    def keys(self) -> list[int]:
        """The frames at which these can be entered: all groups are closed."""
        return sorted(stored.frame for stored in self if stored.key)

    def first(self, frames: int) -> Pictures:
        """So many that are stored first."""
        return replace(self, index=self.index[: frames * _FORM.size])

    def read(self, first: int, frames: int) -> Generator[tuple[Stored, bytes]]:
        """Those of some frames, and their bytes. MediaError if the file has ended before."""
        with self.file.open("rb") as file:
            for stored in self:
                if first <= stored.frame < first + frames:
                    file.seek(stored.at)
                    data = file.read(stored.size)
                    if len(data) < stored.size:
                        raise MediaError(f"{self.file.name} was cut short", help="run `callsheet finish` again")
                    yield stored, data


def packed(pictures: Iterable[Stored]) -> bytes:
    """An index of these."""
    return b"".join(_FORM.pack(*stored) for stored in pictures)
