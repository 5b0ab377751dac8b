"""The numbered files of one sequence in one delivery, and the record of what each was made from. New bytes get the next number, and nothing
is overwritten. The record is written after the file; if a run died between the two, the file is recognised by its bytes.
"""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

from callsheet.domain.cut import Delivery, Finished
from callsheet.finishing import film_record
from callsheet.finishing.film_record import Version
from callsheet.store import atomic_files
from callsheet.store.file_names import safe
from callsheet.store.project_folder import Project


class Versions:
    """Finished files of one sequence in one delivery."""

    def __init__(self, project: Project, sequence: str, delivery: Delivery) -> None:
        self.stem = f"{safe(sequence)}_{safe(delivery.name)}"
        self._sequence, self._delivery = sequence, delivery.name
        self._name = f"{delivery.file}.{delivery.container}"
        self._words = {"sequence": safe(sequence), "delivery": safe(delivery.name)}
        self._out = project.out
        self._record = project.finished / f"{self.stem}.json"

    def path(self, number: int) -> Path:
        """A version's path."""
        return self._out / self._name.format(**self._words, version=f"{number:03d}")

    def find(self, key: str) -> Version | None:
        """The newest version made from this, if its file exists and is unchanged."""
        return next((one for one in reversed(self._known()) if one.key == key and self._holds(one.number, one.sha256)), None)

    def due(self, key: str) -> int:
        """The number for a film made from this: its earlier number if its file was deleted, otherwise the next free one."""
        deleted = (one.number for one in reversed(self._known()) if one.key == key and not self.path(one.number).exists())
        return next(deleted, self._next())

    def place(self, part: Path, key: str, told: dict[str, Any]) -> Version:
        """Store `part`: under the earlier number of these bytes, otherwise the next free one. Then record it."""
        sha256 = atomic_files.digest(part)
        number = self._number_of(sha256, part.stat().st_size)
        if number is None:
            number = self._add(part)
        elif self.path(number).exists():
            part.unlink()
        else:
            atomic_files.add(part, self.path(number))
        made = Version(number, key, sha256, told)
        self._write([*(one for one in self._known() if (one.number, one.key) != (number, key)), made])
        return made

    def describe(self, film: Finished) -> None:
        """Record what a film is, for approval and handover, unless that is recorded already."""
        known, facts = self._known(), film_record.facts_of(film)
        told = [replace(one, facts=facts) if (one.number, one.sha256) == (film.version, film.sha256) else one for one in known]
        if told != [*known]:
            self._write(told)

    def _number_of(self, sha256: str, size: int) -> int | None:
        """The number of a file with these bytes, even if it was deleted. Files of another size aren't read."""
        recorded = [one.number for one in self._known() if one.sha256 == sha256]
        free = (number for number in reversed(recorded) if not self.path(number).exists())
        alike = (number for number in sorted({*recorded, *self._numbers()}, reverse=True) if self._measures(number, size))
        there = (number for number in alike if self._holds(number, sha256))
        return next(there, None) or next(free, None)

    def _add(self, part: Path) -> int:
        number = self._next()
        while True:
            try:
                atomic_files.add(part, self.path(number))
            except FileExistsError:
                number += 1
            else:
                return number

    def _next(self) -> int:
        return 1 + max([0, *self._numbers(), *(one.number for one in self._known())])

    def _numbers(self) -> list[int]:
        before, after = (re.escape(part) for part in self._name.format(**self._words, version="\0").split("\0"))
        names = re.compile(rf"{before}(\d+){after}")
        found = (names.fullmatch(path.name) for path in self._out.glob("*"))
        return [int(match[1]) for match in found if match]

    def _measures(self, number: int, size: int) -> bool:
        path = self.path(number)
        return path.is_file() and path.stat().st_size == size

    def _holds(self, number: int, sha256: str) -> bool:
        path = self.path(number)
        return path.is_file() and atomic_files.digest(path) == sha256

    def _known(self) -> tuple[Version, ...]:
        return film_record.load(self._record)

    def _write(self, versions: list[Version]) -> None:
        film_record.write(self._record, self._sequence, self._delivery, versions)
