"""How an edit names its files. Pure."""

from __future__ import annotations

from urllib.parse import quote

from callsheet.domain.edit import Edit


def media_url(edit: Edit, file: str) -> str:
    """A file by its path from the edit's own file, or by file URL where the edit says where they lie."""
    return (edit.root / file).as_uri() if edit.root else quote(file)
