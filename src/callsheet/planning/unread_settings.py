"""Rows whose values depend on settings that can't be read. Pure."""

from __future__ import annotations

from dataclasses import replace

from callsheet.domain.shots.shot import Shot
from callsheet.settings.values import Settings
from callsheet.shotlist.read import Reading
from callsheet.shotlist.row import counted_at

#: the settings of `[project]` that a row's own cell overrides
_OVERRIDDEN = ("model", "fps", "resolution", "duration_s", "also")


def with_unread(found: Reading, settings: Settings, *, cards_known: bool) -> Reading:
    """The list, its rows faulty in the columns whose values aren't known: what would be said of a default in their place may be wrong."""
    if not settings.unread and cards_known:
        return found
    rows = [*((shot, frozenset[str]()) for shot in found.list.shots), *found.faulty]
    unknown = [(shot, columns | _unread(shot, settings, cards_known=cards_known)) for shot, columns in rows]
    sound = tuple(shot for shot, columns in unknown if not columns)
    return replace(found, list=replace(found.list, shots=sound), faulty=tuple(row for row in unknown if row[1]))


def _unread(shot: Shot, settings: Settings, *, cards_known: bool) -> frozenset[str]:
    """The columns of a row whose values aren't known."""
    own = {name for name, _ in shot.cells}
    columns = {name for name in _OVERRIDDEN if name not in own and settings.missed("project", name)}
    if settings.missed("sequences", shot.sequence, "also"):
        columns |= {"also"} - own
    if settings.missed("project", "prompt") or settings.missed("sequences", shot.sequence, "prompt"):
        columns.add("prompt")
    if not cards_known:
        columns.add("model")
    return counted_at(columns - {"model"} if shot.clip is not None else columns)
