"""`callsheet review --share` and `--import`: hand a review over, and import the comments that come back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from callsheet.cli.options import Common, Flag
from callsheet.cli.output.answer import Answer, schema
from callsheet.cli.output.documents_compared import ReviewImported, ReviewShared
from callsheet.cli.output.table import width, wrapped_lines
from callsheet.domain.errors import SetupError, UsageError
from callsheet.domain.mark import Role
from callsheet.domain.shots.foreign_text import clean
from callsheet.domain.typed import typed
from callsheet.review.comments import in_words, prices, read_comments, take_in
from callsheet.review.page_state import Snapshot
from callsheet.review.review_media import ReviewMedia
from callsheet.review.share import Share, write_share

_LONGEST_NAME = 60


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class HandedOver:
    """Options of `review` that do something other than serving a page."""

    share: Annotated[
        str | None, Parameter(help="Write to this folder or zip file a copy of the review for a client. The copy opens offline.")
    ] = None
    role: Annotated[Role, Parameter(help="With --share: the role of the person who opens the copy.")] = Role.CLIENT_A
    who: Annotated[str | None, Parameter(name="--for", help="With --share: the viewer's name, shown on every picture.")] = None
    until: Annotated[str | None, Parameter(help="With --share: the last day on which the copy can be opened, such as 2026-12-31.")] = None
    comments: Annotated[
        str | None,
        Parameter(
            name="--import", help="Import a client's comments from this file, and show the price of each retake that the client asks for."
        ),
    ] = None
    preview: Annotated[bool, Flag, Parameter(help="With --import: show the comments, but save nothing.")] = False


SERVED = HandedOver()


def share(snapshot: Snapshot, to: str, handed: HandedOver, common: Common) -> Answer:
    """Write a share for one client."""
    name = clean(handed.who or handed.role.value).strip()
    if not name or len(name) > _LONGEST_NAME:
        raise UsageError(f"--for has 1 to {_LONGEST_NAME} characters", help="name the viewer, such as 'Agency'")
    made = Share.new(handed.role, name, _day(handed.until))
    path = common.project.folder / to
    try:
        clips = write_share(snapshot, ReviewMedia(snapshot.project), made, path)
    except OSError as error:
        raise SetupError(f"{to} can't be written: {error.strerror}", help="name another folder, or free disk space") from None
    size = sum(file.stat().st_size for file in ([path] if path.is_file() else path.rglob("*")) if file.is_file())
    document: ReviewShared = {
        "schema": schema("review"),
        "share": to,
        "id": made.id,
        "role": made.role.value,
        "who": name,
        "until": handed.until,
        "clips": clips,
        "bytes": size,
    }
    lines = [
        f"{to}: {clips} clips for {name}, {size / 1e6:.1f} MB. Its index.html opens from any disk without a network.",
        f"When comments come back: {typed('review', '--import', 'FILE')}",
    ]
    return Answer(document=document, lines=wrapped_lines(lines, width()))


def _day(until: str | None) -> date | None:
    if until is None:
        return None
    try:
        return date.fromisoformat(until)
    except ValueError:
        raise UsageError(f"--until {until} is not a date", help="write it as 2026-12-31") from None


def take_comments(snapshot: Snapshot, file: str, common: Common, *, preview: bool) -> Answer:
    """Show a client's comments and what they would cost, and record them unless this is a preview."""
    comments = read_comments(
        Path(file) if Path(file).is_absolute() else common.project.folder / file, snapshot, ReviewMedia(snapshot.project)
    )
    priced = prices(comments, snapshot)
    new = 0 if preview else take_in(comments, snapshot)
    document: ReviewImported = {
        "schema": schema("review"),
        "import": file,
        "role": comments.share.role.value,
        "who": comments.share.who,
        "decisions": [
            {"kind": mark.kind.value, "list": mark.list, "shot": mark.shot, "take": mark.take, **mark.body} for mark in comments.marks
        ],
        "new": new,
        "refused": list(comments.refused),
        "retakes": priced,
    }
    lines = [f"{comments.share.who} says:", *(f"  {line}" for line in in_words(comments, snapshot))]
    lines += [f"  not taken: {reason}" for reason in comments.refused]
    lines += [
        f"a retake of {shot} costs {told['usd']} USD" if told["takes"] else f"a retake of {shot} can't be bought: {told['blocked']}"
        for shot, told in priced.items()
    ]
    lines.append(
        "Nothing was saved: this was a preview."
        if preview
        else f"{new} new. These are requests and notes; only your own decisions affect the next plan. `callsheet review` shows them."
    )
    return Answer(document=document, lines=wrapped_lines(lines, width()))
