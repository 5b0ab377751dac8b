"""The `[draft]` table: how takes are bought to choose from."""

from __future__ import annotations

from callsheet.toml_file.table import PictureSize, Table, key


class DraftTable(Table):
    """How every take is bought first. The takes that you pick are bought again as their rows say, with `render --final`."""

    model: str | None = key("model of the drafts; default: each row's own", "runware/ltx-2")
    resolution: PictureSize | None = key("picture size of the drafts; default: each row's own", "1280x720", unit="pixels")
