"""Takes that begin or end with a frame of another shot's clip: they wait until that clip is received, and are priced again with the frame.
There is no substitute for a frame: if its clip fails, is in doubt or has findings, the take is not sent and gives the reason.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace

from callsheet.assets.clip_frames import taken
from callsheet.buying.context import RunContext
from callsheet.buying.take_result import TakeResult
from callsheet.domain.attempt import State
from callsheet.domain.errors import MediaError, MediaFault
from callsheet.domain.money import text
from callsheet.domain.take import TakeId
from callsheet.planning import chain_frames
from callsheet.planning.continuity import Link
from callsheet.planning.plan import Action, PlannedTake
from callsheet.planning.project_plan import Prepared
from callsheet.services.protocol.media_ref import MediaRef
from callsheet.store import clip_store


class FrameLinks:
    """The frames that takes of one run wait for."""

    def __init__(self, prepared: Prepared, context: RunContext) -> None:
        self._prepared, self._context = prepared, context
        driven = (take for take in prepared.plan.takes if take.action in (Action.BUY, Action.WAIT))
        self._ends: dict[TakeId, asyncio.Future[TakeResult | None]] = {}
        self._driven = {take.take: take for take in driven}

    def ended(self, take: TakeId, how: TakeResult | None) -> None:
        """A take is over; None: it was interrupted."""
        end = self._end(take)
        if not end.done():
            end.set_result(how)

    async def shown(self, planned: PlannedTake) -> PlannedTake | str:
        """The take with all its frames, as soon as they exist; or why it is not sent."""
        frames: dict[chain_frames.Cell, MediaRef] = {}
        for link in self._prepared.links.mine(planned.take.shot):
            file = self._prepared.inputs.files.get((link.column, link.cell))
            if file and file.to_come:
                frame = await self._frame(planned, link)
                if isinstance(frame, str):
                    return f"not sent: it waits for {link.cell}, and {frame}"
                frames[link.column, link.cell] = frame
        made = self._prepared.with_frames(planned, frames)
        priced = made.priced
        if priced.problems or priced.ask is None or priced.quote is None:
            return f"not sent: {'; '.join(problem.message for problem in priced.problems) or 'it has no price with the frame that was received'}"
        if made.price > planned.price:
            return f"not sent: with the received frame it would cost {text(made.price)} USD; {text(planned.price)} was planned"
        return made

    async def _frame(self, planned: PlannedTake, link: Link) -> MediaRef | str:
        """The frame that a link refers to, stored for its purchase; or why there is none."""
        target = next((take for take in planned.waits if take.shot == link.frame.shot), None)
        if target is None or target not in self._driven:
            return f"{link.frame.shot} is not bought in this run"
        self._context.log.say("note", f"waits for {link.cell}", planned.take)
        end = await asyncio.shield(self._end(target))  # several may wait for it, and each may be interrupted
        attempt = end.attempt if end else None
        if attempt is None or attempt.state is not State.RECEIVED or attempt.sha256 is None:
            return f"{target} {end.message or end.end.value}" if end else f"{target} was broken off"
        if attempt.failing:
            return chain_frames.unfit(link.cell, target, attempt.failures)
        shown = self._driven[target]
        wish = chain_frames.wished(link, shown.priced, replace(shown, action=Action.KEEP, attempt=attempt), self._prepared.project)
        assert wish is not None, "a received attempt has a clip"
        try:
            async with self._context.media:
                made = await asyncio.to_thread(taken, wish)
        except MediaFault:
            raise
        except MediaError as error:
            return f"{error.message}: {error.problems[0].help}"
        clip_store.keep_input(self._prepared.project, made.file.sha256, made.file.data or b"")
        if made.said:
            self._context.log.say("note", made.said, planned.take)
        return made.file

    def _end(self, take: TakeId) -> asyncio.Future[TakeResult | None]:
        return self._ends.setdefault(take, asyncio.get_running_loop().create_future())
