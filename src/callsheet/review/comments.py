"""Comments that come back from a share: read as untrusted input, priced, and stored as that client's requests and notes. They spend
nothing.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from callsheet.domain.attempt import Attempt, State
from callsheet.domain.errors import InputError, UsageError
from callsheet.domain.mark import Mark, MarkKind
from callsheet.domain.shots.foreign_text import clean
from callsheet.domain.take import TakeId
from callsheet.regular_file import read_regular
from callsheet.report.json_documents import RetakePrice
from callsheet.review.decisions import Author, read_decision, write
from callsheet.review.page_state import Snapshot
from callsheet.review.retake_prices import retake_prices
from callsheet.review.review_media import ReviewMedia
from callsheet.review.share import Share, known_share

SCHEMA = "callsheet.review-comments/1"
#: largest file of comments, bytes, and most decisions in one
_MOST_BYTES, _MOST = 8 << 20, 5000
#: what a client says no longer
_TAKEN_BACK = {
    MarkKind.UNPICK: "no pick any more",
    MarkKind.UNREJECT: "not rejected any more",
    MarkKind.UNRETAKE: "no retake any more",
    MarkKind.WITHDRAW: "everything is taken back",
    MarkKind.ERASE: "a note is erased",
}


@dataclass(frozen=True, slots=True)
class Comments:
    """A client's comments: the resulting marks, and what was refused, in words."""

    share: Share
    marks: tuple[Mark, ...]
    refused: tuple[str, ...]


def read_comments(path: Path, snapshot: Snapshot, media: ReviewMedia) -> Comments:
    """Read a file of comments. They count as those of the client to whom the review was handed over, whatever the file says. InputError if
    it isn't such a file, or is from another project's review.
    """
    said = _document(path)
    share = known_share(snapshot.project, said.get("share"))
    decisions = said.get("decisions")
    if not isinstance(decisions, list) or len(cast("list[object]", decisions)) > _MOST:
        raise InputError(f"{path.name} has no list of at most {_MOST} decisions", help="ask for the file again")
    author = Author(share.role, share.who)
    marks: list[Mark] = []
    refused: list[str] = []
    for one in cast("list[object]", decisions):
        try:
            marks.append(read_decision(cast("Mapping[str, Any]", one) if isinstance(one, dict) else {}, author, snapshot, media))
        except UsageError as error:
            refused.append(error.message)
    return Comments(share, tuple(marks), tuple(dict.fromkeys(refused)))


def take_in(comments: Comments, snapshot: Snapshot) -> int:
    """Store the comments, and return how many are new: importing a file twice adds nothing."""
    return sum(write(mark, snapshot) for mark in comments.marks)


def prices(comments: Comments, snapshot: Snapshot) -> dict[str, RetakePrice]:
    """What each requested retake would cost, by `LIST:SHOT`, according to the last comment on each shot."""
    wanted: dict[str, bool] = {}
    for mark in comments.marks:
        if mark.kind in (MarkKind.RETAKE, MarkKind.UNRETAKE, MarkKind.PICK, MarkKind.WITHDRAW):
            wanted[f"{mark.list}:{mark.shot}"] = mark.kind is MarkKind.RETAKE
    shots = [shot for shot, again in wanted.items() if again]
    told = retake_prices(snapshot) if shots else {}
    return {shot: told[shot] for shot in shots if shot in told}


def in_words(comments: Comments, snapshot: Snapshot) -> Sequence[str]:
    """Each comment as a line, with the attempt of a take that was bought several times."""
    takes = {take.take: take.attempts for take in snapshot.view.takes}
    return [_line(mark, takes.get(TakeId(mark.list, mark.shot, mark.take or 0), ())) for mark in comments.marks]


def _line(mark: Mark, attempts: Sequence[Attempt]) -> str:
    clips = [one for one in attempts if one.state is State.RECEIVED]
    named = [one.name for one in clips if one.id == mark.attempt] if len(clips) > 1 else []
    take = named[0] if named else f"{mark.shot}.t{mark.take}" if mark.take else mark.shot
    text = str(mark.body.get("text", ""))
    words = _TAKEN_BACK.get(mark.kind, mark.kind.value)
    return f"{take} frame {mark.body['frame']}: {text}" if mark.kind is MarkKind.NOTE else f"{take}: {words}"


def _document(path: Path) -> Mapping[str, Any]:
    try:
        raw = read_regular(path, _MOST_BYTES + 1)
    except OSError as error:
        raise InputError(f"{path.name} can't be read: {error.strerror}", help="name the file that was sent back") from None
    try:
        said = json.loads(raw) if len(raw) <= _MOST_BYTES else None
    except (ValueError, RecursionError):
        said = None
    if not isinstance(said, dict) or cast("dict[str, object]", said).get("schema") != SCHEMA:
        what = clean(str(cast("dict[str, object]", said).get("schema", "")))[:60] if isinstance(said, dict) else ""
        raise InputError(
            f"{path.name} is not a comments file{f' but {what}' if what else ''}", help="`Save comments` on a shared page writes one"
        )
    return cast("Mapping[str, Any]", said)
