"""From what a person typed to marks: which take is meant, and whether the mark is allowed. Pure; refusals say what to write instead."""

from __future__ import annotations

from collections.abc import Sequence

from callsheet.domain import selection
from callsheet.domain.attempt import Attempt, State
from callsheet.domain.errors import UsageError
from callsheet.domain.mark import Mark, MarkKind, Marks
from callsheet.domain.selection import Candidate
from callsheet.domain.take import TakeName
from callsheet.status.project_view import TakeView


def meant(takes: Sequence[TakeView], text: str) -> tuple[TakeName, list[TakeView]]:
    """The takes of one shot that `text` refers to. UsageError if it matches nothing, or shots of two lists."""
    known = [Candidate(take=take.take, sequence=take.sequence, model=take.model) for take in takes]
    found = frozenset(selection.meant(text, known))
    return TakeName.parse(text), [take for take in takes if take.take in found]


def pick(takes: Sequence[TakeView], text: str, _marks: Marks | None = None) -> Mark:
    """The mark that locks a take to its clip. UsageError if it has none."""
    take, clip = _clip(takes, text, "pick")
    return Mark(kind=MarkKind.PICK, list=take.take.list, shot=take.take.shot, take=take.take.n, attempt=clip.id)


def unpick(takes: Sequence[TakeView], text: str, _marks: Marks | None = None) -> Mark:
    """The mark that ends a lock. UsageError if there is none."""
    take = _one(*meant(takes, text), text).take
    if not any(other.picked for other in takes if other.take == take):
        raise UsageError(f"{take} is not picked", help="`callsheet status` shows the marks")
    return Mark(kind=MarkKind.UNPICK, list=take.list, shot=take.shot, take=take.n)


def reject(takes: Sequence[TakeView], text: str, _marks: Marks | None = None) -> Mark:
    """The mark that removes a clip from every cut. UsageError if there is none."""
    take, clip = _clip(takes, text, "reject")
    return Mark(kind=MarkKind.REJECT, list=take.take.list, shot=take.take.shot, take=take.take.n, attempt=clip.id)


def retake(takes: Sequence[TakeView], text: str, _marks: Marks | None = None) -> Mark:
    """The mark that discards all of a shot's attempts. UsageError if a single take is named, or nothing was ever bought for the shot."""
    parsed, found = meant(takes, text)
    shot = found[0].take
    if parsed.n is not None:
        raise UsageError(
            f"a retake applies to a whole shot, not to {text}",
            help=f"write {shot.shot}; or to replace only that take, reject {shot.shot}.t{parsed.n}",
        )
    if not any(take.attempts or take.chosen for take in found):
        raise UsageError(f"nothing has been bought for {shot.shot} yet", help="`callsheet render` buys it")
    return Mark(kind=MarkKind.RETAKE, list=shot.list, shot=shot.shot)


def unreject(takes: Sequence[TakeView], text: str, marks: Marks) -> Mark:
    """The mark that allows a rejected clip in the cut again: the take's last one, or the named attempt. UsageError if it isn't rejected."""
    parsed, found = meant(takes, text)
    take = _one(parsed, found, text)
    rejected = [a for a in take.attempts if a.id in marks.rejects and parsed.attempt in (None, a.n)]
    if not rejected:
        raise UsageError(f"{text} is not rejected", help="`callsheet status` shows the marks")
    return Mark(kind=MarkKind.UNREJECT, list=take.take.list, shot=take.take.shot, take=take.take.n, attempt=rejected[-1].id)


def unretake(takes: Sequence[TakeView], text: str, marks: Marks) -> Mark:
    """The mark that undoes a shot's last retake. UsageError if there is none."""
    parsed, found = meant(takes, text)
    shot = found[0].take
    if parsed.n is not None or (shot.list, shot.shot) not in marks.retakes:
        raise UsageError(f"{text} has no retake to undo", help=f"name a shot that was retaken, such as {shot.shot}")
    return Mark(kind=MarkKind.UNRETAKE, list=shot.list, shot=shot.shot)


def already_marked(mark: Mark, marks: Marks) -> bool:
    """Whether a mark would change nothing."""
    match mark.kind:
        case MarkKind.PICK:
            return mark.attempt is not None and any(
                (take.list, take.shot, take.n) == (mark.list, mark.shot, mark.take) and clip == mark.attempt
                for take, clip in marks.picks.items()
            )
        case MarkKind.REJECT:
            return mark.attempt in marks.rejects
        case _:
            return False


def _clip(takes: Sequence[TakeView], text: str, verb: str) -> tuple[TakeView, Attempt]:
    parsed, found = meant(takes, text)
    take = _one(parsed, found, text)
    if parsed.attempt is None and take.chosen is not None:
        return take, take.chosen
    clip = next((a for a in take.attempts if a.n == parsed.attempt and a.state is State.RECEIVED), None)
    if clip is not None:
        return take, clip
    here = [a.name for a in take.attempts if a.state is State.RECEIVED]
    help = f"it has {', '.join(here)}" if here else "`callsheet render` buys it"
    why = "its clips are rejected" if take.rejected else f"it is {take.state.replace('_', ' ')}"
    raise UsageError(f"{text} has no clip to {verb}" + ("" if parsed.attempt else f": {why}"), help=help)


def _one(parsed: TakeName, found: Sequence[TakeView], text: str) -> TakeView:
    if parsed.n is None and len(found) > 1:
        names = [str(take.take) for take in found]
        raise UsageError(f"{text} has {len(found)} takes", help=f"write {', '.join(names[:-1])} or {names[-1]}")
    return found[0]
