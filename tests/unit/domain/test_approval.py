"""Approvals, folded."""

from __future__ import annotations

from callsheet.domain.approval import Approval, in_force


def word(version: int, delivery: str = "web", *, withdrawn: bool = False) -> Approval:
    return Approval(sequence="one", delivery=delivery, version=version, sha256=f"{version}", who="Mara", at="now", withdrawn=withdrawn)


def test_the_last_word_counts_and_an_older_one_does_not_come_back() -> None:
    """One version of each film; after a withdrawal none."""
    said = [word(1), word(2, "phone"), word(3)]
    assert {film: one.version for film, one in in_force(said).items()} == {("one", "web"): 3, ("one", "phone"): 2}
    assert {*in_force([*said, word(3, withdrawn=True)])} == {("one", "phone")}
