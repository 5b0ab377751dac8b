"""The cutting room of a run: clips are conformed as they arrive, and a sequence is stitched once its last take has ended."""

from __future__ import annotations

import asyncio
from collections.abc import Collection

from callsheet.budget.ledger.marks import marks
from callsheet.buying.context import RunContext
from callsheet.cutting import conform
from callsheet.domain.attempt import Attempt
from callsheet.domain.cut import CutShot, Finished
from callsheet.domain.errors import DeliveryError, MediaError, Problem
from callsheet.domain.take import TakeId
from callsheet.finishing.current_film import stand
from callsheet.finishing.finish import finish
from callsheet.planning.plan import PlannedTake
from callsheet.planning.project_plan import Prepared
from callsheet.store import clip_store


class CutRoom:
    """The films that one run makes of its clips, and what went wrong with them."""

    def __init__(self, prepared: Prepared, context: RunContext) -> None:
        self._prepared, self._context = prepared, context
        self._normalizing: dict[TakeId, asyncio.Task[None]] = {}
        #: the list's attempts as they were planned with, by id
        self._stood: dict[str, Attempt] | None = None
        self.films: list[Finished] = []
        self.problems: list[Problem] = []

    def landed(self, attempt: Attempt, planned: PlannedTake) -> None:
        """A clip was received: conform it now, unless other takes of its shot may be used in the cut."""
        if planned.shot.takes == 1:
            self._normalizing[planned.take] = asyncio.create_task(self._normalize(attempt, planned))

    async def finish(self, sequence: str, takes: Collection[TakeId]) -> tuple[Finished, ...]:
        """Stitch the sequence into every delivery, as soon as the clips of its own `takes` are conformed. A sequence without any clip gives none."""
        own = [self._normalizing[take] for take in takes if take in self._normalizing]
        await asyncio.gather(*own, return_exceptions=True)
        films = [film for film in [await self._finish(sequence, n) for n in range(len(self._prepared.deliveries))] if film]
        self.films.extend(films)
        return tuple(films)

    async def close(self) -> None:
        """Stop; the next run conforms half-finished clips again."""
        for task in self._normalizing.values():
            task.cancel()
        await asyncio.gather(*self._normalizing.values(), return_exceptions=True)

    async def _normalize(self, attempt: Attempt, planned: PlannedTake) -> None:
        """Errors here are reported when the sequence is finished."""
        from callsheet.finishing.shot_clips import normalize_clip  # noqa: PLC0415  # as in `finish`: only a clip that arrived needs it

        assert attempt.sha256 is not None, "a received attempt has a clip"
        clip = clip_store.clip_path(self._prepared.project, attempt.sha256)
        for delivery in self._prepared.deliveries:
            stands, shape = planned.priced.shown_in(delivery.size)[0], planned.shot.shape
            if stands is not planned.priced or (shape and not shape.like(delivery.size)):
                continue  # another shape of the row is used there
            shot = CutShot(
                shot=planned.take.shot,
                frames=planned.priced.frames_at(delivery.fps),
                take=attempt.take,
                clip=clip,
                sha256=attempt.sha256,
                voice=conform.voice(attempt, self._prepared.project),
                sound=planned.shot.sound,
                fitting=conform.fitting(planned.shot, delivery, planned.priced.trim),
            )
            async with self._context.media:
                await asyncio.to_thread(normalize_clip, shot, delivery, self._prepared.project)

    async def _finish(self, sequence: str, n: int) -> Finished | None:
        prepared, delivery = self._prepared, self._prepared.deliveries[n]
        kept = {take.take: take.attempt for take in prepared.plan.keeps if take.attempt}
        attempts = self._attempts()
        said = marks(self._context.log.ledger, prepared.project.identity).of_finals(attempts)
        footage = conform.Footage.of(prepared.priced, kept, attempts, prepared.project, said, prepared.beds, prepared.plan.outrun)
        cut = conform.cut(sequence, footage, delivery)
        if len(cut.missing) == len(cut.shots):
            self._context.log.say("note", f"{sequence}: no clip yet, nothing to finish")
            return None
        try:
            film = await asyncio.to_thread(finish, cut, delivery, prepared.project, prepared.settings.qc)
            film = await asyncio.to_thread(stand, film, prepared.project)
        except (DeliveryError, MediaError) as error:
            self.problems.extend(error.problems)
            self._context.log.say("failed", f"{sequence}: {error.message}")
            return None
        self._context.log.say("finish", film.summary(prepared.project.relative(film.file)))
        return film

    def _attempts(self) -> list[Attempt]:
        """The list's attempts, oldest first: as they were when it was planned, updated by this run, which has the project locked."""
        log, list = self._context.log, self._prepared.plan.list
        if self._stood is None:
            self._stood = {attempt.id: attempt for take in self._prepared.view.takes for attempt in take.attempts if take.take.list == list}
        since = {attempt.id: attempt for attempt in log.seen.values() if attempt.take.list == list}
        return sorted((self._stood | since).values(), key=lambda attempt: int(attempt.id))
