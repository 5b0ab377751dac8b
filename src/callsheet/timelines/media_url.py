"""How an edit names its files. Pure."""

from __future__ import annotations

from urllib.parse import quote

from callsheet.domain.edit import Edit


def media_url(edit: Edit, file: str) -> str:
    """A file by its path relative to the edit's own file, or by file URL if the edit requires that."""
    return (edit.root / file).as_uri() if edit.root else quote(file)
