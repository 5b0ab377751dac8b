"""Turns decisions from a page or a file of comments into marks: validated, limited, and stored. Invalid input from a stranger is refused
with a message.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, cast

from callsheet.budget.ledger.marks import put_mark
from callsheet.budget.project_ledger import open_existing
from callsheet.clock import Clock
from callsheet.cutting import typed_marks
from callsheet.domain.attempt import Attempt, State
from callsheet.domain.errors import UsageError
from callsheet.domain.mark import Mark, MarkKind, Role, Span
from callsheet.domain.shots.foreign_text import clean
from callsheet.domain.timebase import fps_text
from callsheet.review.page_state import Snapshot
from callsheet.review.review_media import ReviewMedia
from callsheet.status.project_view import TakeView

#: longest comment, in characters; most points of a drawing, and most parts of a shot
LONGEST_TEXT, MOST_POINTS, MOST_PARTS = 4000, 4000, 20
_UID = re.compile(r"[A-Za-z0-9-]{8,64}")
#: marks that only the producer may set
_PRODUCERS = frozenset({MarkKind.BASKET, MarkKind.UNBASKET, MarkKind.TRIM, MarkKind.JOIN})
#: a client may undo only a request of their own, not the producer's decision
_OWN_WISHES = frozenset({MarkKind.UNPICK, MarkKind.UNREJECT, MarkKind.UNRETAKE})


@dataclass(frozen=True, slots=True)
class Author:
    """The role and name of an author."""

    role: Role
    who: str = ""


def read_decision(said: Mapping[str, Any], author: Author, snapshot: Snapshot, media: ReviewMedia) -> Mark:
    """The mark for a decision: `kind`, `uid`, `list`, `shot`, and for a clip `clip` (its attempt) and `body`. UsageError if it is invalid
    or not allowed, by the same rules as the commands.
    """
    uid, kind = str(said.get("uid", "")), _kind(said.get("kind"))
    if not _UID.fullmatch(uid):
        raise UsageError("a decision needs a uid of 8 to 64 letters, digits and hyphens", help="reload the page")
    client = author.role is not Role.PRODUCER
    if client and kind in _PRODUCERS:
        raise UsageError(f"{kind.value} is for the producer to decide", help="write a note instead")
    mark = _wish(kind, said, snapshot) if client and kind in _OWN_WISHES else _mark(kind, said, snapshot, media)
    return replace(mark, role=author.role, who=clean(author.who)[:80], uid=uid)


def write(mark: Mark, snapshot: Snapshot, *, seen: int | None = None) -> bool:
    """Store a mark; False if it exists. HumanError and Overtaken as in `put_mark`; a note is never overtaken."""
    ledger = open_existing(snapshot.project, snapshot.settings)
    if ledger is None:
        raise UsageError("nothing has been bought in this project yet", help="`callsheet render` buys")
    free = mark.role is not Role.PRODUCER or mark.kind in (MarkKind.NOTE, MarkKind.ERASE)
    try:
        return put_mark(ledger, snapshot.project.identity, mark, at=Clock().text(), seen=None if free else seen)
    finally:
        ledger.close()


def _kind(said: object) -> MarkKind:
    try:
        return MarkKind(str(said))
    except ValueError:
        raise UsageError(f"{clean(str(said))[:40]!r} is not a decision", help="reload the page") from None


def _wish(kind: MarkKind, said: Mapping[str, Any], snapshot: Snapshot) -> Mark:
    """Undo a client's own request."""
    list, shot, takes = _takes(said, snapshot)
    if kind is MarkKind.UNRETAKE:
        return Mark(kind=kind, list=list, shot=shot)
    take, clip = _clip(str(said.get("clip", "")), takes)
    return Mark(kind=kind, list=list, shot=shot, take=take.take.n, attempt=clip.id)


def _takes(said: Mapping[str, Any], snapshot: Snapshot) -> tuple[str, str, Sequence[TakeView]]:
    list, shot = str(said.get("list", "")), str(said.get("shot", ""))
    takes = [take for take in snapshot.view.takes if (take.take.list, take.take.shot) == (list, shot)]
    if not takes:
        raise UsageError(f"no shot {clean(shot)[:60]} here", help="reload the page")
    return list, shot, takes


def _mark(kind: MarkKind, said: Mapping[str, Any], snapshot: Snapshot, media: ReviewMedia) -> Mark:
    list, shot, takes = _takes(said, snapshot)
    name, marks = f"{list}:{shot}", snapshot.marks
    match kind:
        case MarkKind.RETAKE:
            return typed_marks.retake(takes, name)
        case MarkKind.UNRETAKE:
            return typed_marks.unretake(takes, name, marks)
        case MarkKind.BASKET:
            return replace(typed_marks.retake(takes, name), kind=kind)
        case MarkKind.UNBASKET | MarkKind.WITHDRAW:
            return Mark(kind=kind, list=list, shot=shot)
        case MarkKind.JOIN:
            return Mark(kind=kind, list=list, shot=shot, body=_join(_object(said.get("body")), takes, media))
        case _:
            return _of_clip(kind, said, takes, snapshot, media)


def _of_clip(kind: MarkKind, said: Mapping[str, Any], takes: Sequence[TakeView], snapshot: Snapshot, media: ReviewMedia) -> Mark:
    take, clip = _clip(str(said.get("clip", "")), takes)
    own = any(one.id == clip.id for one in take.attempts)
    name = f"{take.take.full}.a{clip.n}" if own else take.take.full
    body = _object(said.get("body"))
    match kind:
        case MarkKind.PICK:
            return typed_marks.pick(takes, name)
        case MarkKind.UNPICK:
            return typed_marks.unpick(takes, take.take.full)
        case MarkKind.REJECT:
            return typed_marks.reject(takes, name)
        case MarkKind.UNREJECT:
            return typed_marks.unreject(takes, name, snapshot.marks)
        case MarkKind.TRIM:
            body = _span(body, clip, media).body if body else {}
        case MarkKind.NOTE:
            body = _note(body)
        case _:  # a note is taken back
            body = {"note": str(body.get("note", ""))[:64]}
    return Mark(kind=kind, list=take.take.list, shot=take.take.shot, take=take.take.n, attempt=clip.id, body=body)


def _clip(number: str, takes: Sequence[TakeView]) -> tuple[TakeView, Attempt]:
    for take in takes:
        for attempt in (*take.attempts, *([take.chosen] if take.chosen else [])):
            if attempt.id == number and attempt.state is State.RECEIVED:
                return take, attempt
    raise UsageError("that clip doesn't belong to this shot", help="reload the page")


def _span(body: Mapping[str, Any], clip: Attempt, media: ReviewMedia) -> Span:
    """Frames of a clip, by the clip's own rate and length as measured here."""
    assert clip.sha256 is not None, "a received clip has a hash"
    facts = media.facts(clip.sha256)
    rate = f"{facts.fps[0]}/{facts.fps[1]}"
    try:
        span = Span.of({**body, "fps": rate}, clip.id)
    except ValueError as error:
        raise UsageError(str(error), help="set an in-point before the out-point") from None
    if span.end > facts.frames:
        raise UsageError(
            f"frame {span.end} is beyond the clip's {facts.frames} at {fps_text(span.fps)} fps", help="set the out-point within it"
        )
    return span


def _join(body: Mapping[str, Any], takes: Sequence[TakeView], media: ReviewMedia) -> dict[str, object]:
    if not body:
        return {}
    given = body.get("parts")
    if not isinstance(given, list) or not 1 <= len(cast("list[object]", given)) <= MOST_PARTS:
        raise UsageError(f"a shot is joined of 1 to {MOST_PARTS} parts", help="set in and out of a take and add it")
    parts: list[dict[str, object]] = []
    first_take = 0
    for one in cast("list[object]", given):
        part = _object(one)
        take, clip = _clip(str(part.get("attempt", "")), takes)
        first_take = first_take or take.take.n
        parts.append(_span(part, clip, media).body)
    return {"take": first_take, "parts": parts}


def _note(body: Mapping[str, Any]) -> dict[str, object]:
    text = clean(str(body.get("text", ""))).strip()
    if not text or len(text) > LONGEST_TEXT:
        raise UsageError(f"a note has 1 to {LONGEST_TEXT} characters", help="write it in fewer words")
    frame = body.get("frame", 0)
    if isinstance(frame, bool) or not isinstance(frame, int) or not 0 <= frame < 1_000_000:
        raise UsageError("a note belongs to a frame of its clip", help="reload the page")
    note: dict[str, object] = {"text": text, "frame": frame}
    if body.get("pin") is not None:
        note["pin"] = _point(body["pin"])
    drawn = [[_point(point) for point in _listed(stroke)] for stroke in _listed(body.get("drawing") or [])]
    if sum(map(len, drawn)) > MOST_POINTS:
        raise UsageError(f"a drawing has at most {MOST_POINTS} points", help="draw it in fewer strokes")
    return {**note, **({"drawing": drawn} if drawn else {})}


def _listed(value: object) -> list[object]:
    if not isinstance(value, list):
        raise UsageError("a drawing is a list of strokes, each a list of points", help="draw it anew")
    return cast("list[object]", value)


def _point(value: object) -> list[float]:
    """A position in the picture: 0 to 1 from the left and from the top."""
    pair = _listed(value)
    if len(pair) != 2 or not all(isinstance(one, int | float) and math.isfinite(one) and 0 <= one <= 1 for one in pair):
        raise UsageError("a point is two numbers from 0 to 1", help="draw it anew")
    return [round(float(cast("float", one)), 4) for one in pair]


def _object(value: object) -> Mapping[str, Any]:
    return cast("Mapping[str, Any]", value) if isinstance(value, dict) else {}
