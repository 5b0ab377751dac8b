"""A cut becomes one checked film: exact to the frame, in sync, at its loudness; and nothing is made twice or overwritten."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import textwrap
import time
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import av
import pytest

from callsheet.domain.cut import Cut, CutShot, Finished
from callsheet.domain.errors import InputError, MediaError, SetupError
from callsheet.domain.finding import Judgement, Severity
from callsheet.domain.shots.shot import Size
from callsheet.domain.take import TakeId
from callsheet.domain.timebase import Fps, sample_at
from callsheet.finishing import make_film
from callsheet.finishing.finish import find, finish
from callsheet.finishing.shot_clips import normalize_clip
from callsheet.finishing.versions import Versions
from callsheet.media.ffmpeg import runner
from callsheet.media.inspect.packets import read_packets
from callsheet.media.inspect.probe import decodes
from callsheet.media.sound import loudness
from callsheet.store.atomic_files import digest
from callsheet.store.project_folder import Project
from tests.film_reader import beeps, flashes, read_film
from tests.media.clips import SMALL, Clips, delivery, shot, slate
from tests.runners import forbidden, noted

SIZES = ((320, 192), (384, 192), (256, 192))


def _cut(*shots: CutShot, sequence: str = "SQ010") -> Cut:
    return Cut(sequence=sequence, shots=shots)


def _mixed(clips: Clips) -> Cut:
    """Sizes, rates, channels and containers as they come; two without sound, one missing."""
    return _cut(
        shot("A", clips.film(1)),
        shot("B", clips.film(2, frames=60, fps=30, size=Size(384, 192))),
        slate("C", 13),
        shot("D", clips.quirk("mono 22 kHz", 4), 40),
        shot("E", clips.film(5, sound=False), 45),
        shot("F", clips.film(6, frames=50, fps=25, size=Size(256, 192)), 47),
        shot("G", clips.quirk("vp9", 7, ending="webm"), 48),
        shot("H", clips.quirk("dropped frames", 8), 44),
        shot("I", clips.quirk("quiet", 9), 48, sound=False),
        shot("J", clips.quirk("picture late", 10), 42),
    )


def _small(clips: Clips) -> Cut:
    return _cut(shot("A", clips.film(1), 24), shot("B", clips.film(2), 20))


@pytest.fixture(scope="module")
def mixed(clips: Clips, tmp_path_factory: pytest.TempPathFactory) -> tuple[Project, Finished]:
    """The mixed sequence finished at 24 in a project of its own, for tests that leave it as it is."""
    project = Project(tmp_path_factory.mktemp("mixed"))
    return project, finish(_mixed(clips), delivery(loudness_lufs=-16.0), project)


def test_a_mixed_sequence_is_exact_in_sync_and_loud_as_asked(clips: Clips, mixed: tuple[Project, Finished]) -> None:
    """Read back: one picture and one sound, size, constant rate, frames and their order, sound as long as the picture, beeps with flashes, loudness."""
    _assert_as_asked(mixed[1], _mixed(clips), Fraction(24))


@pytest.mark.slow
@pytest.mark.parametrize("fps", [Fraction(25), Fraction(24000, 1001)])
def test_a_mixed_sequence_is_as_good_at_another_rate(clips: Clips, project: Project, fps: Fps) -> None:
    """The same, and each clip has another rate to come from."""
    cut = _mixed(clips)
    _assert_as_asked(finish(cut, delivery(fps, loudness_lufs=-16.0), project), cut, fps)


def _assert_as_asked(film: Finished, cut: Cut, fps: Fps) -> None:
    """Everything that a delivery promises, at -16 LUFS."""
    frames = sum(one.frames for one in cut.shots)
    with av.open(film.file) as container:
        assert (len(container.streams.video), len(container.streams.audio)) == (1, 1)
        assert [chapter["metadata"]["title"] for chapter in container.chapters()] == [one.shot for one in cut.shots]
    told = read_packets(str(film.file), "mov")
    assert told.sound is not None
    assert (told.frames, told.size, told.fps, told.vfr, told.offset) == (frames, SMALL, fps, False, 0)
    assert (told.sound.samples, told.sound.codec, told.sound.rate, told.sound.channels) == (sample_at(frames, fps), "aac", 48_000, 2)
    assert decodes(film.file, told)[0] == frames
    assert abs((film.loudness_lufs or 0) + 16.0) < 0.25
    assert loudness.measure(film.file).lufs == film.loudness_lufs
    assert (film.true_peak_dbtp or 0) <= -1.0
    _assert_own_frames(film, cut)
    _assert_in_sync(film, cut, fps)


def _assert_own_frames(film: Finished, cut: Cut) -> None:
    """Each shot shows its own clip, from its first frame on."""
    cells = read_film(film.file, *SIZES)
    numbers = {"A": 1, "B": 2, "C": None, "D": 4, "E": 5, "F": 6, "G": 7, "H": 8, "I": 9, "J": 10}
    for placed in film.shots:
        own = cells[placed.record_in : placed.record_in + placed.frames]
        assert {cell and cell[0] for cell in own} == {numbers[placed.shot]}
        if placed.shot != "C":
            assert own[0] is not None and own[0][1] == 0
    assert [placed.record_in for placed in film.shots] == [sum(one.frames for one in cut.shots[:n]) for n in range(len(cut.shots))]


def _assert_in_sync(film: Finished, cut: Cut, fps: Fps) -> None:
    """Every beep stands with a flash, every flash of a shot with sound has its beep; half a frame of rate rounding apart at most."""
    flashing = flashes(film.file, *SIZES)
    beeping = beeps(film.file)
    spans = [(float(p.record_in / fps), float((p.record_in + p.frames) / fps), p.shot) for p in film.shots]
    heard = [at for at in flashing if next(name for a, b, name in spans if a <= at < b) not in "CEI"]
    assert len(heard) == len(beeping) >= 10
    assert max(abs(flash - beep) for flash, beep in zip(heard, beeping, strict=True)) <= float(1 / fps / 2) + 0.006


def test_the_same_clips_give_the_same_bytes(clips: Clips, mixed: tuple[Project, Finished], project: Project) -> None:
    """In another folder, from nothing, the film is equal to the last byte."""
    again = finish(_mixed(clips), delivery(loudness_lufs=-16.0), project)
    assert not again.kept
    assert again.file.read_bytes() == mixed[1].file.read_bytes()


@pytest.mark.parametrize("fps", [Fraction(30000, 1001), Fraction(25, 2), Fraction(60000, 1001)])
def test_any_rate_is_exact(clips: Clips, project: Project, fps: Fps) -> None:
    """Frames, rate and sound are exact at rates that no clock divides."""
    film = finish(_cut(*(shot(f"S{n}", clips.film(1), 7) for n in range(5))), delivery(fps), project)
    told = read_packets(str(film.file), "mov")
    assert told.sound is not None
    assert (told.frames, told.vfr, told.sound.samples) == (35, False, sample_at(35, fps))
    assert abs(told.fps / fps - 1) < Fraction(1, 1000)


def test_sound_stays_in_place_over_many_clips_at_ntsc(clips: Clips, project: Project) -> None:
    """At 23.976 a clip of 25 frames isn't a whole number of samples: after 30 of them nothing has drifted."""
    fps = Fraction(24000, 1001)
    film = finish(_cut(*(shot(f"S{n}", clips.film(1), 25) for n in range(30))), delivery(fps), project)
    starts = [flash - beep for flash, beep in zip(flashes(film.file), beeps(film.file), strict=True)]
    assert len(starts) == 30
    assert max(starts) - min(starts) < 0.003
    assert read_packets(str(film.file), "mov").duration == 30 * 25 / fps


def test_nothing_is_started_where_the_film_is_there(clips: Clips, mixed: tuple[Project, Finished]) -> None:
    """The second time the film is told as kept, with the same measurements, and no process runs."""
    project, first = mixed
    with runner.using(forbidden):
        again = finish(_mixed(clips), delivery(loudness_lufs=-16.0), project)
    assert again == replace(first, kept=True)
    assert not first.kept


def test_a_deleted_film_comes_back_under_its_number(clips: Clips, project: Project) -> None:
    """out/ and the normalized clips may both be deleted: the same bytes take the same number."""
    first = finish(_small(clips), delivery(), project)
    before = first.file.read_bytes()
    first.file.unlink()
    for path in [path for path in project.normalized.rglob("*") if path.is_file()]:
        path.unlink()
    again = finish(_small(clips), delivery(), project)
    assert (again.version, again.file.read_bytes(), again.kept) == (1, before, False)


def test_new_bytes_take_the_next_number(clips: Clips, project: Project) -> None:
    """A changed cut is a new version beside the old one; the old cut again is the old version."""
    first = finish(_small(clips), delivery(), project)
    changed = _cut(shot("A", clips.film(3), 24), shot("B", clips.film(2), 20))
    second = finish(changed, delivery(), project)
    back = finish(_small(clips), delivery(), project)
    assert [first.version, second.version, back.version] == [1, 2, 1]
    assert [path.name for path in sorted(project.out.glob("*.mp4"))] == ["SQ010_web_v001.mp4", "SQ010_web_v002.mp4"]


def test_only_the_changed_clip_is_normalized_again(clips: Clips, project: Project) -> None:
    """One of two changed: one encode of a picture."""
    finish(_small(clips), delivery(25), project)
    with noted() as started:
        finish(_cut(shot("A", clips.film(3), 24), shot("B", clips.film(2), 20)), delivery(25), project)
    assert [what.split()[-1] for what in started if what.startswith("normalizing")] == [clips.film(3).name]


def test_a_file_that_is_not_ours_is_never_overwritten(clips: Clips, project: Project) -> None:
    """What stands under the next number stays; the film takes the one after."""
    project.out.mkdir(parents=True)
    (project.out / "SQ010_web_v001.mp4").write_text("mine")
    film = finish(_small(clips), delivery(), project)
    assert (film.version, (project.out / "SQ010_web_v001.mp4").read_text()) == (2, "mine")


def test_an_edited_film_is_left_and_made_anew(clips: Clips, project: Project) -> None:
    """A film that was changed by hand is no longer what was made: it stays, and the true one takes the next number."""
    first = finish(_small(clips), delivery(), project)
    first.file.write_text("edited")
    again = finish(_small(clips), delivery(), project)
    assert (again.version, first.file.read_text(), digest(again.file)) == (2, "edited", first.sha256)


def test_a_run_that_died_before_its_record_is_found_by_its_bytes(clips: Clips, project: Project) -> None:
    """File in place, record missing: the same film doesn't become a second version."""
    finish(_small(clips), delivery(), project)
    for record in project.finished.iterdir():
        record.unlink()
    assert finish(_small(clips), delivery(), project).version == 1
    assert len(list(project.out.glob("*.mp4"))) == 1


def test_two_deliveries_and_two_sequences_stand_apart(clips: Clips, project: Project) -> None:
    """Each has its own numbers."""
    films = [
        finish(_small(clips), delivery(), project),
        finish(_small(clips), replace(delivery(), name="small", size=Size(160, 96)), project),
        finish(replace(_small(clips), sequence="SQ/020"), delivery(), project),
    ]
    assert [film.version for film in films] == [1, 1, 1]
    assert len({film.file for film in films}) == 3


def test_a_missing_shot_is_a_slate_and_the_film_incomplete(clips: Clips, project: Project) -> None:
    """The hole is shown in its exact length."""
    film = finish(_cut(shot("A", clips.film(1), 24), slate("B", 30)), delivery(), project)
    assert (film.complete, film.missing, film.frames) == (False, ("B",), 54)
    assert [cell is None for cell in read_film(film.file)] == [False] * 24 + [True] * 30


def test_a_sequence_of_nothing_but_slates_is_finished(project: Project) -> None:
    """All silent: loudness and peak are told as None, and nothing is found wrong."""
    film = finish(_cut(slate("A", 24), slate("B", 30)), delivery(), project)
    assert (film.loudness_lufs, film.true_peak_dbtp, film.findings, film.complete) == (None, None, (), False)


def test_a_shot_of_one_frame_and_less_than_the_meter_needs(clips: Clips, project: Project) -> None:
    """Very short shots are cut all the same; what can't be measured is left at its level and told."""
    film = finish(_cut(shot("A", clips.film(1), 1), shot("B", clips.film(2), 48), shot("C", clips.film(3), 9)), delivery(), project)
    assert film.frames == 58
    assert [(one.code, one.frame) for one in film.findings] == [("unmeasured", 0), ("unmeasured", 49)]


def test_what_the_clips_lack_is_told(clips: Clips, project: Project) -> None:
    """Padded frames and silent clips are findings at their place; one padded frame is only a note."""
    cut = _cut(
        shot("A", clips.film(1), 49),
        shot("B", clips.film(2), 58),
        shot("C", clips.quirk("digital silence"), 24),
        shot("D", clips.film(3), 24),
    )
    film = finish(cut, delivery(), project)
    assert [(one.code, one.severity, one.frame) for one in film.findings] == [
        ("padded-one", Severity.NOTE, 48),
        ("padded", Severity.WARN, 49 + 48),
        ("silent", Severity.WARN, 107),
    ]
    assert [placed.padded_frames for placed in film.shots] == [1, 10, 0, 0]


def test_a_renamed_shot_keeps_its_film_and_is_told_by_its_new_name(clips: Clips, project: Project) -> None:
    """Without chapters no name is in the bytes."""
    to = replace(delivery(), chapters=False)
    finish(_cut(shot("A", clips.film(1), 58)), to, project)
    again = finish(_cut(replace(shot("Z", clips.film(1), 58), take=TakeId("l", "Z", 2), stale=True)), to, project)
    assert again.kept
    assert (again.shots[0].shot, str(again.shots[0].take), again.shots[0].stale) == ("Z", "Z.t2", True)
    assert again.findings[0].message.startswith("Z: ")


@pytest.mark.parametrize("target", [-14.0, -16.0, -23.0])
def test_loud_and_quiet_clips_meet_the_target_under_the_ceiling(clips: Clips, project: Project, target: float) -> None:
    """From 18 dB up with clipped peaks to 14 dB down."""
    cut = _cut(shot("A", clips.quirk("clipped", 1)), shot("B", clips.quirk("quiet", 2)), shot("C", clips.film(3)))
    film = finish(cut, delivery(loudness_lufs=target), project)
    assert abs((film.loudness_lufs or 0) - target) < 0.25
    assert (film.true_peak_dbtp or 0) <= -1.0
    assert {(one.code, one.severity) for one in film.findings} <= {("quiet", Severity.NOTE)}


def test_an_empty_cut_is_refused(project: Project) -> None:
    """Nothing to cut is an input error."""
    with pytest.raises(InputError, match="SQ010 has no shots"):
        finish(_cut(), delivery(), project)


def test_a_shot_shorter_than_a_frame_is_refused_by_name(project: Project) -> None:
    """All such shots at once."""
    with pytest.raises(InputError) as refused:
        finish(_cut(slate("A", 0), slate("B", 3), slate("C", 0)), delivery(), project)
    assert [problem.shot for problem in refused.value.problems] == ["A", "C"]


def test_a_lost_clip_is_an_error_at_its_shot(clips: Clips, project: Project, tmp_path: Path) -> None:
    """The shot and what to do are named; nothing is put in place."""
    lost = replace(shot("B", clips.film(2), 20), clip=tmp_path / "lost.mp4", take=TakeId("list", "B", 1))
    with pytest.raises(MediaError) as refused:
        finish(_cut(shot("A", clips.film(1), 20), lost), delivery(), project)
    problem = refused.value.problems[0]
    assert (problem.shot, problem.take) == ("B", "list:B.t1")
    assert "recover" in problem.help
    assert str(refused.value) == f"B: its clip {tmp_path / 'lost.mp4'} is missing"
    assert not project.out.exists()


def test_a_disk_that_cannot_be_written_is_the_places_fault(clips: Clips, project: Project) -> None:
    """It is no defect of ours, and names what is in the way."""
    project.state.mkdir(parents=True)
    project.normalized.write_text("a file where a folder has to be")
    with pytest.raises(SetupError, match=r"finishing can't write: .*normalized") as refused:
        finish(_small(clips), delivery(), project)
    assert refused.value.exit == 5


def test_a_film_is_found_only_while_it_stands_unchanged(clips: Clips, project: Project) -> None:
    """Looking makes nothing."""
    assert find(_small(clips), delivery(), project) is None
    made = finish(_small(clips), delivery(), project)
    assert find(_small(clips), delivery(), project) == replace(made, kept=True)
    made.file.write_text("edited")
    assert find(_small(clips), delivery(), project) is None


@pytest.fixture
def failed(clips: Clips, project: Project, monkeypatch: pytest.MonkeyPatch) -> Finished:
    """A film whose sound is a frame longer than its picture."""
    with monkeypatch.context() as patch:
        patch.setattr(make_film, "length", lambda parts: sum(part.clip.frames for part in parts) + 1)
        return finish(_small(clips), delivery(), project)


def test_a_film_that_fails_its_check_is_kept_and_told_as_failed(failed: Finished, clips: Clips, project: Project) -> None:
    """It stands under its number, fails by the code of what is wrong, and says so again as long as it stands."""
    said = [(one.code, one.severity, one.message) for one in failed.findings]
    assert said == [("delivery-sound", Severity.FAIL, "sound samples: 90000 instead of 88000")]
    assert (failed.file.name, failed.failing) == ("SQ010_web_v001.mp4", ("delivery-sound",))
    assert finish(_small(clips), delivery(), project) == replace(failed, kept=True)


def test_a_policy_decides_what_a_films_findings_mean(failed: Finished, clips: Clips, project: Project) -> None:
    """Asked anew each time: the film itself stays as it is, whatever is thought of it."""
    for word, severity in ((Judgement.FLAG, Severity.WARN), (Judgement.PASS, Severity.NOTE), (Judgement.REJECT, Severity.FAIL)):
        policy = {"delivery-sound": word}
        for film in (finish(_small(clips), delivery(), project, policy), find(_small(clips), delivery(), project, policy)):
            assert film and ([one.severity for one in film.findings], film.sha256, film.version) == ([severity], failed.sha256, 1)
            assert bool(film.failing) is (word is Judgement.REJECT)


def test_a_policy_decides_what_a_cuts_findings_mean(clips: Clips, project: Project) -> None:
    """A padded clip fails the film where the project says so; the film is made and kept all the same."""
    film = finish(_cut(shot("A", clips.film(1), 58)), delivery(), project, {"padded": Judgement.REJECT})
    assert (film.failing, film.file.is_file(), film.frames) == (("padded",), True, 58)


def test_a_finding_names_shot_take_frames_and_price(clips: Clips, project: Project) -> None:
    """In the film and in the clip; what another clip costs, where that may mend it."""
    take = TakeId("list", "B", 2)
    cut = _cut(shot("A", clips.film(1), 20), replace(shot("B", clips.film(2), 58), take=take, again=90_000))
    [found] = finish(cut, delivery(), project).findings
    assert found.json() == {
        "code": "padded",
        "severity": "warn",
        "message": "B: the clip is 10 frames short; its last frame is repeated",
        "frame": 20 + 48,
        "clip_frame": 47,
        "shot": "B",
        "take": "B.t2",
        "again_usd": "0.09",
    }
    assert found.sentence.endswith("repeated (B.t2, frame 68 of the film, 47 of its clip, another clip costs 0.09 USD)")


def test_a_film_that_can_not_be_read_is_no_film(clips: Clips, project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the check itself stumbles on leaves nothing behind."""
    monkeypatch.setattr(make_film, "check_film", lambda *_: (_ for _ in ()).throw(MediaError("it can't be read")))
    with pytest.raises(MediaError, match="can't be read"):
        finish(_small(clips), delivery(), project)
    assert not list(project.out.iterdir())


def test_a_damaged_normalized_picture_is_made_again(clips: Clips, project: Project) -> None:
    """Bytes that rotted in the store don't reach a film: it is the one that it would have been."""
    cut = _cut(shot("A", clips.film(1, size=Size(256, 192)), 24))
    whole = finish(cut, delivery(), project)
    made = normalize_clip(cut.shots[0], delivery(), project)
    data = bytearray(made.picture.read_bytes())
    data[data.index(b"mdat") + 900] ^= 255
    made.picture.write_bytes(bytes(data))
    whole.file.unlink()
    assert digest(finish(cut, delivery(), project).file) == whole.sha256


@pytest.mark.parametrize("size", [Size(320, 192), Size(256, 192)])
def test_a_bought_clip_whose_bytes_have_changed_is_refused(clips: Clips, project: Project, tmp_path: Path, size: Size) -> None:
    """Neither copied nor encoded: what stands in the film is what was bought, and the error says how to have it again."""
    clip = tmp_path / "clip.mp4"
    shutil.copyfile(clips.film(1, size=size), clip)
    cut = _cut(shot("A", clip, 24))
    data = bytearray(clip.read_bytes())
    data[data.index(b"mdat") + 900] ^= 255
    clip.write_bytes(bytes(data))
    with pytest.raises(MediaError, match=r"A: clip\.mp4 has changed") as raised:
        finish(cut, delivery(), project)
    assert "recover" in (raised.value.problems[0].help or "")
    assert not list(project.out.glob("*.mp4"))


def test_every_picture_of_a_film_decodes(mixed: tuple[Project, Finished]) -> None:
    """Joined packets are as whole as they were apart."""
    _, film = mixed
    told = read_packets(str(film.file), "mov")
    assert decodes(film.file, told) == (film.frames, film.frames * 2000)


_FINISH = """
    import sys
    from pathlib import Path
    from callsheet.finishing.finish import finish
    from callsheet.store.project_folder import Project
    from tests.media.clips import Clips, delivery, shot
    from callsheet.domain.cut import Cut
    clips = Clips(Path(sys.argv[1]))
    shots = tuple(shot(f"S{n}", clips.film(n), 40) for n in range(1, 7))
    sys.stdout.write("ready\\n"); sys.stdout.flush()
    finish(Cut(sequence="SQ010", shots=shots), delivery(), Project(Path(sys.argv[2])))
"""


@pytest.fixture(scope="module")
def undisturbed(clips: Clips, tmp_path_factory: pytest.TempPathFactory) -> tuple[Project, float]:
    """The six shots finished in one go, and the seconds that it took."""
    for n in range(1, 7):
        clips.film(n)
    whole = Project(tmp_path_factory.mktemp("whole"))
    started = time.monotonic()
    _run_killed(clips, whole, None)
    return whole, time.monotonic() - started


@pytest.mark.parametrize("share", [0.5, *(pytest.param(share, marks=[pytest.mark.slow, pytest.mark.nightly]) for share in (0.15, 0.9))])
def test_killed_at_any_moment_it_is_finished_by_the_next_call(
    clips: Clips, undisturbed: tuple[Project, float], tmp_path: Path, share: float
) -> None:
    """kill -9 leaves no half film under a final name and no encoder alive; the next call makes the film as if nothing had happened."""
    whole, took_s = undisturbed
    killed = Project(tmp_path / "killed")
    _run_killed(clips, killed, took_s * share)
    films = list(killed.out.glob("*.mp4")) if killed.out.exists() else []
    assert all(digest(film) == digest(whole.out / film.name) for film in films)
    _run_killed(clips, killed, None)
    assert [path.name for path in killed.out.glob("[!.]*.mp4")] == ["SQ010_web_v001.mp4"]
    assert digest(killed.out / "SQ010_web_v001.mp4") == digest(whole.out / "SQ010_web_v001.mp4")


def _run_killed(clips: Clips, project: Project, after_s: float | None) -> None:
    """Finish six shots in a process of its own; kill it after so many seconds."""
    argv = [sys.executable, "-c", textwrap.dedent(_FINISH), str(clips.folder), str(project.folder)]
    child = subprocess.Popen(argv, cwd=Path(__file__).parents[2], stdout=subprocess.PIPE)
    try:
        assert child.wait(after_s) == 0
    except subprocess.TimeoutExpired:
        os.kill(child.pid, signal.SIGKILL)
    finally:
        child.communicate(timeout=60)  # returns only when no child of it holds its pipe any more


def test_left_overs_of_killed_runs_are_removed_after_a_day(clips: Clips, project: Project) -> None:
    """Old parts go, fresh ones of a run beside us stay."""
    folders = (project.normalized / "ab", project.out)
    for folder in folders:
        folder.mkdir(parents=True)
        for name in (".abc.mp4.1.part", ".abc.mp4.2.part", ".mine.part"):
            (folder / name).touch()
        for name in (".abc.mp4.1.part", ".mine.part"):
            os.utime(folder / name, (time.time() - 90_000,) * 2)
    finish(_small(clips), delivery(), project)
    assert [sorted(path.name for path in folder.glob(".*")) for folder in folders] == [[".abc.mp4.2.part", ".mine.part"]] * 2


def test_a_record_that_cannot_be_read_is_an_error(clips: Clips, project: Project) -> None:
    """It is never taken as empty: that would give a film a second number."""
    finish(_small(clips), delivery(), project)
    next(project.finished.iterdir()).write_text("{")
    with pytest.raises(Exception, match="can't be read") as refused:
        finish(_small(clips), delivery(), project)
    assert "delete .callsheet/finished" in refused.value.problems[0].help  # type: ignore[attr-defined]  # a CallsheetError


def test_the_record_is_readable_and_told_in_order(clips: Clips, project: Project) -> None:
    """One JSON per sequence and delivery."""
    finish(_small(clips), delivery(), project)
    told = json.loads((project.finished / "SQ010_web.json").read_text())
    assert told["schema"] == "callsheet.finished/1"
    assert [one["number"] for one in told["versions"]] == [1]


def test_next_numbers_go_on_after_deletion(clips: Clips, project: Project) -> None:
    """A number that was once given is never given to other bytes."""
    first = finish(_small(clips), delivery(), project)
    first.file.unlink()
    other = finish(_cut(shot("A", clips.film(3), 24)), delivery(), project)
    assert other.version == 2
    assert Versions(project, "SQ010", delivery()).path(12).name == "SQ010_web_v012.mp4"
