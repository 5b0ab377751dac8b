"""The order in which a run's takes are sent through a lane with one slot, and the films that are finished meanwhile."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Any

import httpx
import pytest

from callsheet.domain.errors import Exit
from callsheet.runs import cut_room
from tests.project_stage import QUICK, Stage
from tests.scripted_runware_films import Stock

HEADER = "shot_id,prompt,model,duration_s,resolution,fps,sequence,priority,first_frame\n"


def row(name: str, sequence: str, priority: int = 5, first_frame: str = "") -> str:
    return f"{name},{name},runware/ltx-2,3,320x192,24,{sequence},{priority},{first_frame}\n"


@pytest.fixture
def one_slot(stage: Stage) -> Stage:
    (stage.folder / "project.toml").write_text(QUICK.replace("[lanes.runware]", "[lanes.runware]\nslots = 1"))
    return stage


async def test_the_first_sequence_is_finished_while_the_second_is_generated(
    one_slot: Stage, stock: Stock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rows of two sequences alternate; the second purchase of the second is answered once the first's film is there."""
    one_slot.write(HEADER + "".join(row(f"{sequence}{n}", sequence) for n in range(1, 4) for sequence in ("A", "B")))
    finish, loop, film, answer = cut_room.finish, asyncio.get_running_loop(), asyncio.Event(), stock.answer
    in_time: list[bool] = []

    def noted(cut: Any, *rest: Any) -> Any:
        made = finish(cut, *rest)
        if cut.sequence == "A":
            loop.call_soon_threadsafe(film.set)
        return made

    async def patient(request: httpx.Request) -> httpx.Response:
        if b'"B2"' in request.content:
            with suppress(TimeoutError):
                await asyncio.wait_for(film.wait(), 20)
            in_time.append(film.is_set())
        return await answer(request)

    monkeypatch.setattr(cut_room, "finish", noted)
    monkeypatch.setattr(stock, "answer", patient)
    assert (await one_slot.render()).exit is Exit.DONE
    assert in_time == [True]
    assert stock.submits_sent == ["A1", "A2", "A3", "B1", "B2", "B3"]


async def test_urgent_takes_and_chains_go_first(one_slot: Stage, stock: Stock) -> None:
    """Once the first of the kind has arrived: priority 1, then the head of a chain, whose second shot is waited for, then the rest in rows."""
    rows = [row("A1", "A"), row("A2", "A"), row("A3", "A"), row("A4", "A", first_frame="@A3#last"), row("A5", "A", priority=1)]
    one_slot.write(HEADER + "".join(rows))
    assert (await one_slot.render()).exit is Exit.DONE
    sent = stock.submits_sent
    assert sent[0] == "A5", "the first of its kind, in buying order"
    assert sent[1] == "A3"
    assert sorted(sent) == ["A1", "A2", "A3", "A4", "A5"]
