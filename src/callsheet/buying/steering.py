"""People's control of a run, followed from its log: pauses, and takes that are held back or cancelled."""

from __future__ import annotations

from collections.abc import Callable

from callsheet.clock import Clock
from callsheet.domain.attempt import Attempt, State
from callsheet.domain.errors import CallsheetError, SetupError
from callsheet.domain.run_control import Controls, HeldBack
from callsheet.domain.take import TakeId
from callsheet.status.run_controls import controls, log_stamp
from callsheet.store.project_folder import Project

#: seconds between two reads of the log
LOOK_S = 0.5


class Steering:
    """What is in force for one run, as last read."""

    def __init__(self, project: Project, clock: Clock, say: Callable[[str, str], None]) -> None:
        self._project, self._clock, self._say = project, clock, say
        self._seen = log_stamp(project)
        self.now = controls(project)

    @property
    def paused(self) -> bool:
        """Whether nothing new is to be bought."""
        return self.now.paused is not None

    def refuse(self, take: TakeId) -> None:
        """HeldBack if a person doesn't want the take to be bought."""
        if why := self.now.why(take):
            raise HeldBack(why)

    def may_send(self, attempt: Attempt) -> bool:
        """Whether an attempt may be sent, according to the log at this moment."""
        self.reread()
        return not self.paused and self.now.why(attempt.take) is None

    async def wait_out(self, attempt: Attempt, current: Callable[[Attempt], Attempt]) -> None:
        """Wait until nothing is paused, or the run may no longer send the attempt."""
        while self.paused and current(attempt).state is State.HELD:
            await self._clock.sleep(LOOK_S)

    async def resumed(self) -> None:
        """Wait until nothing is paused."""
        while self.paused:
            await self._clock.sleep(LOOK_S)

    async def follow(self, changed: Callable[[Controls, Controls], None]) -> None:
        """Read repeatedly, and report the state before and after each change, until cancelled."""
        before = self.now
        while True:
            self.reread()
            if self.now is not before:
                before, last = self.now, before
                try:
                    changed(last, before)
                except CallsheetError as error:  # the ledger can't be written now: what is not sent stays unsent all the same
                    self._say("note", error.message)
            await self._clock.sleep(LOOK_S)

    def reread(self) -> None:
        """Read the log if it has changed. An unreadable log is reported and changes nothing."""
        stamp = log_stamp(self._project)
        if stamp == self._seen:
            return
        self._seen = stamp
        try:
            self.now = controls(self._project)
        except SetupError as error:
            self._say("note", f"{error.message}; the earlier state stays in force")
