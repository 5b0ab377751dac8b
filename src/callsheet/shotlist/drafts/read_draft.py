"""Makes a first list from a file that isn't a list; its name decides which kind it is."""

from __future__ import annotations

from pathlib import Path

from callsheet.domain.timebase import Fps
from callsheet.shotlist.drafts.draft import Draft
from callsheet.shotlist.drafts.edl import edl
from callsheet.shotlist.drafts.fountain import fountain
from callsheet.shotlist.drafts.otio import otio
from callsheet.shotlist.drafts.storyboarder import storyboarder
from callsheet.shotlist.files.encoding import decode
from callsheet.shotlist.load import bytes_of

#: the endings of such files
ENDINGS = (".fountain", ".storyboarder", ".otio", ".edl")


def read_draft(path: Path, shown_as: str, encoding: str | None, fps: Fps | None) -> Draft:
    """The first list of a file whose name ends in one of `ENDINGS`; `fps` is the project's, for an EDL. InputError if none can be made."""
    text, notes = decode(bytes_of(path, shown_as), shown_as, encoding)
    match path.suffix.lower():
        case ".fountain":
            draft = fountain(text, shown_as)
        case ".storyboarder":
            draft = storyboarder(text, shown_as, path.parent)
        case ".otio":
            draft = otio(text, shown_as)
        case _:
            draft = edl(text, shown_as, fps)
    return Draft(draft.rows, (*notes, *draft.notes))
