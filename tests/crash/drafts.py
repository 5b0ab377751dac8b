"""Worlds that buy drafts first: each run buys drafts, or in full quality what was picked, and between two runs a person picks.

Drawn apart from a world's own chance, so that it changes the course of no world that buys none.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from callsheet.budget.ledger import store
from callsheet.budget.ledger.marks import put_mark
from callsheet.domain.attempt import Attempt, State
from callsheet.domain.errors import Exit
from callsheet.domain.mark import Mark, MarkKind
from callsheet.store.project_folder import Project
from tests.crash.process import PROCESS, SimClock

if TYPE_CHECKING:
    from tests.crash.world import World

#: takes of each shot, and the most shots: a world of drafts buys three clips for each
TAKES, _SHOTS = 2, 3
_SHARE = 0.15
#: how often a person picks where nothing is picked, and how often something else where something is
_PICKS, _CHANGES = 0.6, 0.1
#: how often a run buys in full quality
_FINALS = 0.5
_RECEIVED = (
    "select a.shot, a.take, a.attempt from attempt a"
    " where exists (select 1 from event h where h.attempt = a.attempt and h.kind = 'hold' and json_extract(h.body, '$.draft'))"
    " and exists (select 1 from event r where r.attempt = a.attempt and r.kind = 'received')"
)


class Drafts:
    """One world's drafts, if it has any. `must` breaks the world where its first argument is false."""

    def __init__(self, world: World, seed: str, must: Callable[[bool, str], None], *, on: bool | None) -> None:
        self._world, self._must, self._chance = world, must, random.Random(f"drafts {seed}")
        by_chance = self._chance.random() < _SHARE
        #: how a replay is told
        self.said = " --drafts" if on else ""
        self.on = by_chance if on is None else on
        #: the draft that is picked of each shot, and every one that ever was
        self._picks: dict[str, str] = {}
        self._ever: set[str] = set()
        self._calm_runs = 0

    @property
    def clips(self) -> int:
        """How many clips of a shot the cap is meant for: its drafts, and room for what is bought after them."""
        return TAKES + 2 if self.on else 1

    def at_most(self, shots: int) -> int:
        """So many shots, or fewer."""
        return min(shots, _SHOTS) if self.on else shots

    def begins(self) -> bool:
        """Whether the run that begins buys in full quality. When all is calm, the first one buys what is missing of the drafts."""
        if not self.on:
            return False
        if self._world.calm:
            self._calm_runs += 1
            return self._calm_runs > 1
        return bool(self._picks) and self._chance.random() < _FINALS

    def pick(self) -> bool:
        """A person looks at what has come. When all is calm, one take of each shot is picked, once all drafts that can be had are there.

        Whether there is anything to buy in full quality that no run has bought yet.
        """
        if not self.on or (self._world.calm and not self._calm_runs):
            return False
        found = defaultdict[str, list[tuple[int, str]]](list)
        for shot, take, attempt in self._world.rows(_RECEIVED):
            found[shot].append((int(take), str(attempt)))
        decided = [self._pick(shot, *self._chance.choice(takes)) for shot, takes in found.items() if self._wants(shot)]
        return bool(decided or (self._picks and self._calm_runs == 1))

    def _wants(self, shot: str) -> bool:
        if self._world.calm:
            return shot not in self._picks
        return self._chance.random() < (_CHANGES if shot in self._picks else _PICKS)

    def _pick(self, shot: str, take: int, attempt: str) -> None:
        project = Project(self._world.folder)
        ledger = store.open_ledger(project.ledger_file)
        mark = Mark(kind=MarkKind.PICK, list="spot", shot=shot, take=take, attempt=attempt)
        put_mark(ledger, project.identity, mark, at=SimClock(self._world).text())
        self._world.note(f"picks attempt {attempt} of {shot}.t{take}")
        self._picks[shot] = attempt
        self._ever.add(attempt)

    def held(self, attempt: Attempt) -> None:
        """A hold was written: of a draft, or by a run in full quality of what was picked."""
        process = PROCESS.get()
        if not self.on or process is None:
            return
        self._must(attempt.draft != process.final, f"{attempt.name} is held by a run {'with' if process.final else 'without'} --final")
        picked = attempt.draft or attempt.final_of in self._ever
        self._must(picked, f"{attempt.name} is bought in full quality after {attempt.final_of}, which nobody picked")

    def last_check(self, attempts: Sequence[Attempt]) -> None:
        """What is picked stands in full quality, if the last run says that all is done."""
        shown = self._world.shown
        if not self.on or shown is None or shown.outcome is None or shown.outcome.exit is not Exit.DONE or self._calm_runs < 2:
            return
        done = {one.final_of for one in attempts if one.state is State.RECEIVED}
        left = {shot: draft for shot, draft in self._picks.items() if draft not in done}
        self._must(not left, f"all is done, and these picks have no clip of full quality: {left}")
