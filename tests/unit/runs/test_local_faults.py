"""What fails on our side closes nothing: the attempt stays ready, its lane buys nothing more, exit code 5 names the cause, and the next run fetches the clip."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from callsheet.domain.attempt import Reason, State
from callsheet.domain.errors import Exit, MediaFault
from callsheet.domain.run_request import RunRequest
from callsheet.media.ffmpeg import runner
from callsheet.media.inspect import self_check
from callsheet.planning.project_plan import prepare
from callsheet.runs.outcome import Outcome
from callsheet.status.project_view import read_view
from callsheet.store import clip_store
from callsheet.store.project_folder import Project
from tests.project_stage import Stage
from tests.runners import ffmpeg
from tests.scripted_runware import Shop, films

#: what comes with 200 in place of a clip, or a host out of order, and what is told of it
_MORE_IN_THE_WAY = {
    "xml": "XML was received instead of the clip",
    "json": "JSON was received instead of the clip",
    "text": "text was received instead of the clip",
    "empty": "nothing was received instead of the clip",
    "503": "the download answers 503",
}
ROWS = "shot_id,prompt,model,duration_s,resolution,fps\n" + "".join(f"S{n},a lighthouse {n},runware/ltx-2,3,320x192,24\n" for n in range(5))


def states(stage: Stage) -> list[State]:
    settings = prepare(RunRequest(folder=stage.folder, list="spot.csv")).settings
    return [attempt.state for take in read_view(Project(stage.folder), settings).takes for attempt in take.attempts if attempt.settled]


def set_up(stage: Stage, **values: float) -> None:
    """Settings of this project, over the quick ones."""
    toml = stage.folder / "project.toml"
    text = toml.read_text()
    for name, value in values.items():
        text = "\n".join(f"{name} = {value}" if line.startswith(f"{name} =") else line for line in text.splitlines()) + "\n"
    toml.write_text(text)


async def stands_and_is_fetched(stage: Stage, shop: Shop, first: Outcome, mend: Callable[[], None], cause: str) -> None:
    """The law: nothing closed, one paid, the cause told with exit code 5; mended, `recover` fetches it, and a render finishes without buying it twice."""
    assert first.exit is Exit.SETUP
    assert any(cause in problem.message for problem in first.problems), first.problems
    assert len(shop.jobs) == 1, "what can't be fetched is not bought five times"
    assert states(stage) == [State.READY]
    mend()
    recovered = await stage.render(buy=False, list=None)
    assert states(stage) == [State.RECEIVED]
    assert (recovered.exit, len(shop.jobs)) == (Exit.DONE, 1)
    second = await stage.render()
    assert (second.exit, len(shop.jobs)) == (Exit.DONE, 5)
    assert second.money.settled == round(sum(shop.bill.values()) * 1_000_000)


@pytest.mark.parametrize(
    ("host", "cause"),
    [
        ("http://198.18.0.5", "only fetched over https"),
        ("https://user:word@cdn.example", "only fetched over https"),
        ("https://cdn.example:8443", "only fetched over https"),
        ("https://[", "can't be read"),
    ],
)
async def test_an_address_that_a_rule_bars(stage: Stage, shop: Shop, host: str, cause: str) -> None:
    own, shop.host = shop.host, host
    stage.write(ROWS)
    first = await stage.render()

    def mend() -> None:
        shop.host = own

    await stands_and_is_fetched(stage, shop, first, mend, cause)


@pytest.mark.parametrize(("word", "cause"), [("unconnected", "can't be reached"), ("untrusted", "certificate is not believed")])
async def test_a_host_that_can_not_be_reached(stage: Stage, shop: Shop, word: str, cause: str) -> None:
    shop.downloads = [word]
    stage.write(ROWS)
    first = await stage.render()

    def mend() -> None:
        shop.downloads = ["ok"]

    await stands_and_is_fetched(stage, shop, first, mend, cause)


@pytest.mark.parametrize(
    ("word", "cause"),
    [
        ("html", "a web page was received instead of the clip"),
        ("502", "the download answers 502"),
        *(pytest.param(word, cause, marks=[pytest.mark.slow, pytest.mark.nightly]) for word, cause in _MORE_IN_THE_WAY.items()),
    ],
)
async def test_what_comes_in_place_of_a_clip(stage: Stage, shop: Shop, word: str, cause: str) -> None:
    """A page, a store's error, a text, nothing at all, or a host out of order, for longer than `outage_s`: no verdict on the clip."""
    shop.downloads = [word]
    stage.write(ROWS)
    first = await stage.render()

    def mend() -> None:
        shop.downloads = ["ok"]

    await stands_and_is_fetched(stage, shop, first, mend, cause)


async def test_hosts_that_are_out_of_order_are_waited_for(stage: Stage, shop: Shop) -> None:
    """Over several shots, a page, an error and a gateway's words, each more often than a clip is fetched: within `outage_s` the run goes on by itself."""
    set_up(stage, outage_s=60.0)
    shop.downloads = [*["502"] * 5, "ok", *["html", "503"] * 4, "ok", *["json"] * 5, "ok"]
    stage.write(ROWS)
    outcome = await stage.render()
    assert (outcome.exit, outcome.counts.bought, len(shop.jobs)) == (Exit.DONE, 5, 5)


async def test_an_outage_between_two_404s_counts_what_is_missing_anew(stage: Stage, shop: Shop) -> None:
    """Missing, then not to be had for longer than `settle_s`, then missing once more: it has not been missing all that time."""
    set_up(stage, outage_s=60.0, settle_s=0.1)
    shop.downloads = ["404", "404", *["502"] * 6, "404", "ok"]  # the waits double: the six take longer than settle_s
    outcome = await stage.render()
    assert (outcome.exit, outcome.counts.bought, len(shop.jobs)) == (Exit.DONE, 1, 1)


async def test_what_is_missing_and_out_of_order_by_turns_comes_to_an_end(stage: Stage, shop: Shop) -> None:
    """Each would start the other's count anew for ever."""
    shop.downloads = ["404", "502"] * 500
    outcome = await stage.render()
    assert (outcome.exit, states(stage)) == (Exit.SETUP, [State.READY])


async def test_a_length_that_is_not_the_announced_one_is_no_verdict(stage: Stage, shop: Shop) -> None:
    """Half a film, as often as it is asked for: kept waiting, and fetched by the next run."""
    shop.downloads = ["truncated"]
    outcome = await stage.render()
    assert (outcome.exit, states(stage)) == (Exit.PARTIAL, [State.READY])
    shop.downloads = ["ok"]
    assert ((await stage.render()).exit, len(shop.jobs)) == (Exit.DONE, 1)


async def test_a_picture_in_place_of_a_clip_is_a_decoders_to_judge(stage: Stage, shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """Complete bytes that a decoder reads, of one frame: received, with the finding that it is too short."""
    png = stage.folder / "still.png"
    ffmpeg(["-f", "lavfi", "-i", "color=red:s=320x192", "-frames:v", "1", str(png)])
    monkeypatch.setattr(shop, "film", png.read_bytes())
    await stage.render()
    [attempt] = [
        one
        for take in read_view(Project(stage.folder), prepare(RunRequest(folder=stage.folder, list="spot.csv")).settings).takes
        for one in take.attempts
    ]
    assert (attempt.state, attempt.reason, attempt.settled) == (State.CLOSED, Reason.DEFECTIVE, 90_000)


async def test_a_short_outage_of_the_clips_host_is_waited_for(stage: Stage, shop: Shop) -> None:
    """Within `outage_s` the run goes on by itself."""
    set_up(stage, outage_s=60.0)
    shop.downloads = ["unconnected"] * 6 + ["ok"]
    outcome = await stage.render()
    assert (outcome.exit, len(shop.jobs)) == (Exit.DONE, 1)


async def test_a_short_outage_of_the_service_is_waited_for(stage: Stage, shop: Shop) -> None:
    """Refused connections, then lost answers, then none to any question: nothing is bought twice, and the run finishes."""
    set_up(stage, outage_s=60.0)
    shop.submits = ["unconnected"] * 12 + ["lost"]
    shop.polls = ["reset"] * 12 + ["done"]
    outcome = await stage.render()
    assert (outcome.exit, len(shop.jobs), len(shop.bodies)) == (Exit.DONE, 1, 13)
    assert any("not reached for" in told.text for told in stage.told)


@pytest.mark.parametrize("word", ["404", "403", "410"])
async def test_a_clip_that_comes_late_to_its_address_is_waited_for(stage: Stage, shop: Shop, word: str) -> None:
    """The service lists the job: its address may turn good within `settle_s`."""
    set_up(stage, settle_s=60.0)
    shop.downloads = [word] * 7 + ["ok"]
    outcome = await stage.render()
    assert (outcome.exit, outcome.counts.bought, len(shop.jobs)) == (Exit.DONE, 1, 1)


async def test_what_can_not_be_unpacked_is_no_verdict(stage: Stage, shop: Shop) -> None:
    """Bytes in a coding that nobody here knows are kept waiting, not called defective."""
    shop.downloads = ["br"]
    outcome = await stage.render()
    assert outcome.exit is Exit.PARTIAL
    assert states(stage) == [State.READY]


async def test_a_full_disk(stage: Stage, shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    stage.write(ROWS)
    with monkeypatch.context() as patch:
        patch.setattr(clip_store, "put", full)
        first = await stage.render()
    await stands_and_is_fetched(stage, shop, first, lambda: None, "No space left on device")


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("ok", "it can't be stored (No space left on device)"),
        ("truncated", "could not be fetched"),
        ("rotten", "no longer has the same file"),
    ],
)
async def test_a_missing_clip_that_is_not_fetched_says_why(
    stage: Stage, shop: Shop, monkeypatch: pytest.MonkeyPatch, word: str, said: str
) -> None:
    """Received, then deleted: a full disk, a cut download and other bytes are three things. Nothing is bought, no part is left, and the next run fetches it."""
    await stage.render()
    for clip in films(stage.folder):
        clip.unlink()
    shop.downloads = [word]
    with monkeypatch.context() as patch:
        if word == "ok":
            patch.setattr(clip_store, "put", full)
        outcome = await stage.render()
    assert (len(shop.bodies), outcome.money.settled) == (1, 90_000)
    assert any(said in told.text for told in stage.told), [told.text for told in stage.told]
    assert list((stage.folder / ".callsheet" / "parts").iterdir()) == []
    shop.downloads = ["ok"]
    assert (await stage.render()).exit is Exit.DONE
    assert len(shop.bodies) == 1


def full(*_args: object) -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@pytest.fixture
def own_ffmpeg(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], None]]:
    """Have another program stand for ffmpeg, really started, until the test ends."""

    def use(program: str) -> None:
        monkeypatch.setenv("CALLSHEET_FFMPEG", program)
        runner.executable.cache_clear()

    with runner.using(runner.run_child):
        yield use
    monkeypatch.undo()
    runner.executable.cache_clear()


def killed(folder: Path, when: str) -> str:
    """An ffmpeg that is killed when the shell says `when` of its words."""
    script = folder / "ffmpeg"
    script.write_text(f'#!/bin/sh\ncase "$*" in *framecrc*) {when} && kill -9 $$ ;; esac\nexec "{runner.executable()}" "$@"\n')
    script.chmod(0o755)
    return str(script)


async def test_a_decoder_that_is_killed(stage: Stage, shop: Shop, tmp_path: Path, own_ffmpeg: Callable[[str], None]) -> None:
    """Killed from the first clip on, after it had worked."""
    stage.write(ROWS)
    flag = tmp_path / "kill"
    own_ffmpeg(killed(tmp_path, f'[ -e "{flag}" ]'))
    self_check.refuse_unfit()
    flag.touch()
    first = await stage.render()
    await stands_and_is_fetched(stage, shop, first, flag.unlink, "signal 9")


@pytest.mark.parametrize("kind", ["missing", "killed", "useless"])
async def test_an_ffmpeg_that_does_not_work_is_found_before_the_first_hold(
    stage: Stage, shop: Shop, tmp_path: Path, own_ffmpeg: Callable[[str], None], kind: str
) -> None:
    """It has to make a second of film and read it again before anything is bought."""
    programs = {"missing": "/nonexistent/ffmpeg", "killed": killed(tmp_path, "true"), "useless": "/bin/false"}
    own_ffmpeg(programs[kind])
    with pytest.raises(MediaFault, match=programs[kind]) as told:
        await stage.render()
    assert told.value.exit is Exit.SETUP
    assert not shop.jobs


@pytest.mark.parametrize(("downloads", "frames"), [(["open-cut", "open"], 72), (["open-cut", "open-cut"], 48)])
async def test_a_film_that_may_have_been_cut_off_is_fetched_again(stage: Stage, shop: Shop, downloads: list[str], frames: int) -> None:
    """A connection that ends where a film may end, and no length was announced: what came decodes. The same bytes again are the whole clip."""
    whole, cut = stage.folder / "whole.mp4", stage.folder / "cut.mp4"
    whole.write_bytes(shop.film)
    ffmpeg(["-i", str(whole), "-t", "2", "-c", "copy", str(cut)])
    shop.cut, shop.downloads = cut.read_bytes(), [*downloads]
    outcome = await stage.render()
    assert outcome.sequences[0].shots[0].padded_frames == 72 - frames
    assert (outcome.counts.bought, len(shop.jobs), shop.downloads) == (1, 1, downloads[1:])
