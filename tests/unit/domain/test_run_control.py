"""Pauses and takes held back: the fold of the log."""

from __future__ import annotations

from callsheet.domain.run_control import Control, ControlKind, Controls, changes
from callsheet.domain.take import TakeId

A, B = TakeId("spot", "A010", 1), TakeId("spot", "A020", 1)


def said(kind: ControlKind, *takes: TakeId, who: str = "anna") -> Control:
    return Control(kind=kind, at="2026-11-29T21:00:00.000Z", who=who, takes=takes)


def test_the_last_word_on_a_take_counts() -> None:
    """Held back, cancelled, released; each with the command that undoes it."""
    held = Controls.of([said(ControlKind.HOLD, A, B), said(ControlKind.CANCEL, B)])
    assert (held.why(A), held.why(B)) == ("held back by anna", "cancelled by anna")
    problem = held.held_back_problem([A, B])
    assert problem is not None and problem.help == "`callsheet hold --undo spot:A010.t1 spot:A020.t1` allows buying them"
    assert held.cancelled() == {B}
    assert Controls.of([said(ControlKind.CANCEL, A), said(ControlKind.RELEASE, A)]) == Controls()


def test_a_pause_is_the_first_one_s_until_somebody_resumes() -> None:
    """Who paused again did not pause it anew."""
    twice = [said(ControlKind.PAUSE), said(ControlKind.PAUSE, who="bo")]
    assert (paused := Controls.of(twice).paused) is not None and paused.who == "anna"
    assert Controls.of([*twice, said(ControlKind.RESUME)]).paused is None


def test_each_change_is_told_once() -> None:
    """As an event of a run."""
    before = Controls.of([said(ControlKind.HOLD, A)])
    now = Controls.of([said(ControlKind.HOLD, A), said(ControlKind.RELEASE, A), said(ControlKind.PAUSE)])
    assert [kind for kind, _ in changes(before, now)] == ["pause", "hold"]
    assert next(words for _, words in changes(now, before)) == "no longer paused: buying continues"
    assert not [*changes(now, now)]
