"""The laws can fail: each new one is broken on purpose, in the real engine or in a real wire, and must be found."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import httpx
import pytest

from callsheet.budget.ledger import write
from callsheet.domain.attempt import Cause, State
from callsheet.domain.mark import Marks
from callsheet.services.bytecompute import wire as bytecompute
from callsheet.services.deapi import wire as deapi
from callsheet.services.lightricks import wire as lightricks
from callsheet.services.protocol import complaints, json_reading
from callsheet.services.protocol.answers import Accepted, Failed, Refused, Running
from tests.crash import meaning
from tests.crash.simulation import WIRES, Broken, World, ground, try_out

SEEDS = 40


@pytest.fixture(scope="module")
def place() -> Iterator[Path]:
    made = ground()
    yield made
    shutil.rmtree(made)


def broken_by(plant: Callable[[pytest.MonkeyPatch, World], None], kind: str, place: Path) -> str:
    """What the simulation says of a planted wrong."""
    for seed in range(SEEDS):
        try:
            try_out(kind, seed, place, plants=[plant])
        except Broken as found:
            print(f"seed {seed}: {found}")
            return str(found)
    pytest.fail(f"{SEEDS} worlds, and nothing was found")


@pytest.mark.parametrize("module", [bytecompute, deapi, lightricks], ids=lambda module: module.__name__.split(".")[2])
def test_a_server_error_that_is_taken_for_a_refusal_is_found(module: ModuleType, place: Path) -> None:
    """A purchase answered with a 5xx may have been taken: a wire that lets it be bought again is found by what the answer meant."""

    def plant(patch: pytest.MonkeyPatch, _world: World) -> None:
        patch.setattr(module, "unaccepted", lambda *_args: Refused(Cause.RETRY, "no"))

    assert "and was read as Refused" in broken_by(plant, module.__name__.split(".")[2], place)


def test_a_status_that_nobody_mapped_is_found(place: Path) -> None:
    """A word that the wire takes for an end although the job runs on."""

    def plant(patch: pytest.MonkeyPatch, _world: World) -> None:
        patch.setattr(json_reading, "_RUNNING", json_reading._RUNNING - {"in_queue"})
        patch.setattr(json_reading, "_OVER", json_reading._OVER | {"in_queue"})

    assert "and was read as [Failed" in broken_by(plant, "bytecompute", place)


def test_a_job_without_a_clip_that_is_taken_for_done_is_found(place: Path) -> None:
    """`done` without an address is not done yet."""

    def plant(patch: pytest.MonkeyPatch, _world: World) -> None:
        patch.setattr(deapi, "_news", lambda job, _item: Failed(job, Cause.RETRY, "no"))

    assert "and was read as [Failed" in broken_by(plant, "deapi", place)


def test_a_refusal_that_nobody_mapped_is_found(place: Path) -> None:
    """Words that are known must say what to do: a wrong request is the shot's fault, and is told as such."""

    def plant(patch: pytest.MonkeyPatch, _world: World) -> None:
        patch.setitem(complaints._CAUSES, complaints.Family.INVALID, Cause.UNKNOWN)

    with pytest.raises(Broken, match="means 'fix_shot' and was read as Refused"):
        for seed in range(SEEDS):
            try_out("lightricks", seed, place, plants=[plant], script={("submit", 0): "400"}, shots=1)


def test_somebody_elses_clip_is_found(place: Path) -> None:
    """An intact film of another job in an attempt's place is no verified file."""

    def plant(_patch: pytest.MonkeyPatch, world: World) -> None:
        film = world.vendor._film

        def first(_job: Any, fate: str) -> httpx.Response:
            return film(world.vendor.jobs[0], fate)

        world.vendor._film = first

    assert "the clip in its place is another one" in broken_by(plant, "lightricks", place)


def test_money_in_the_wrong_bucket_is_found(place: Path) -> None:
    """A doubt whose money is still booked as held would be given back as if nothing had been sent."""

    def plant(patch: pytest.MonkeyPatch, world: World) -> None:
        move = write.move

        def moved(*args: Any, **named: Any) -> Any:
            now = move(*args, **named)
            now = replace(now, held=now.doubt, doubt=0) if now.state is State.IN_DOUBT else now
            world.laws.moved(now, "after a move")
            return now

        patch.setattr(write, "move", moved)

    with pytest.raises(Broken, match="is in_doubt and has 120000 held and 0 in doubt"):
        try_out("bytecompute", 1, place, plants=[plant], script={("submit", 0): "lost-before"}, shots=2)


def test_a_final_that_is_forgotten_is_found(place: Path) -> None:
    """What is picked would be bought in full quality again and again, if nothing knew which clip was bought after which draft."""

    def plant(patch: pytest.MonkeyPatch, _world: World) -> None:
        patch.setattr(Marks, "of_finals", lambda marks, _attempts: marks)

    with pytest.raises(Broken, match="a take was bought twice at one quality"):
        for seed in range(SEEDS):
            try_out("keyed", seed, place, plants=[plant], drafts=True)


@pytest.mark.parametrize(
    "kind", ["deapi", *(pytest.param(kind, marks=[pytest.mark.slow, pytest.mark.nightly]) for kind in WIRES if kind != "deapi")]
)
def test_the_speakers_say_all_that_they_can(kind: str, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Within a few worlds each wire has read every kind of answer to a purchase and to a look: no law is kept by silence."""
    heard = set[str]()
    judged = meaning._meant

    def listening(answer: Any, means: str) -> bool:
        heard.add(means)
        return judged(answer, means)

    monkeypatch.setattr(meaning, "_meant", listening)
    for seed in range(SEEDS):
        try_out(kind, seed, place)
        if {"running", "done", "unknown"} <= heard and any(word.startswith("failed") for word in heard):
            return
    pytest.fail(f"{SEEDS} worlds, and only {heard} was heard")


def test_a_meaning_is_judged_word_by_word() -> None:
    """The judge itself: another job's id, another cause and a missing word are no match."""
    assert meaning.submitted(Accepted("J1@text-to-video"), "taken J1")
    assert not meaning.submitted(Accepted("J1"), "taken J2")
    assert not meaning.submitted(Accepted("J1"), "unsaid")
    assert meaning.looked([Running("J1")], '{"J1": "running"}')
    assert not meaning.looked([Running("J1")], '{"J1": "done"}')
    assert not meaning.looked([Failed("J1", Cause.UNKNOWN, "")], '{"J1": "failed retry"}')
    assert not meaning.fetched(None, "(no truth was told)")
