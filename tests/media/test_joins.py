"""Transitions: exact in length, only the frames around them are encoded anew, and the sound crosses with the pictures."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
import pytest

from callsheet.domain.cut import Cut, CutShot, Finished
from callsheet.domain.delivery.file_format import Codec, Container
from callsheet.domain.delivery.fitting import Join, Level, Transition
from callsheet.domain.shots.shot import Size
from callsheet.domain.timebase import sample_at
from callsheet.domain.transition_effects import Effect, effects, lasting
from callsheet.finishing.finish import finish
from callsheet.media.inspect.packets import read_packets
from callsheet.store.project_folder import Project
from tests.film_reader import read_film, samples
from tests.media.clips import Clips, delivery, shot, slate
from tests.runners import ffmpeg, noted


def _cut(*shots: CutShot) -> Cut:
    return Cut(sequence="SQ", shots=shots)


def _on(one: CutShot, join: Join, frames: int) -> CutShot:
    return replace(one, transition=Transition(join, frames))


def _grey(folder: Path, luma: int, tone: int, frames: int = 96) -> Path:
    """A still grey picture of this luma with a tone of this frequency."""
    path = folder / f"grey-{luma}-{tone}-{frames}.mp4"
    if path.exists():
        return path
    picture = f"color=black:s=320x192:r=24:d={frames / 24},format=yuv420p,lutyuv=y={luma}:u=128:v=128"
    ffmpeg(["-f", "lavfi", "-i", picture, "-f", "lavfi", "-i", f"sine=f={tone}:r=48000:d={frames / 24}",
                "-c:v", "libx264", "-crf", "4", "-preset", "ultrafast", "-c:a", "aac", "-b:a", "192k", str(path)])  # fmt: skip
    return path


def _lumas(film: Finished) -> list[float]:
    with av.open(str(film.file)) as box:
        return [float(frame.to_ndarray()[: frame.height].mean()) for frame in box.decode(video=0)]


def _packets(path: Path) -> list[bytes]:
    with av.open(str(path)) as box:
        return [bytes(packet) for packet in box.demux(video=0) if packet.pts is not None]


def _two(clips: Clips, join: Join, frames: int) -> Cut:
    return _cut(shot("A", _grey(clips.folder, 60, 400), 60), _on(shot("B", _grey(clips.folder, 180, 700), 60), join, frames))


def test_a_dissolve_lies_over_the_tail_of_the_clip_before(clips: Clips, project: Project) -> None:
    """Length and places stay; over twelve frames one picture becomes the other, evenly; before and after each stands alone."""
    film = finish(_two(clips, Join.DISSOLVE, 12), delivery(), project)
    lumas = _lumas(film)
    assert (film.frames, [one.record_in for one in film.shots], film.findings) == (120, [0, 60], ())
    assert max(abs(luma - 60) for luma in lumas[:60]) < 2 and max(abs(luma - 180) for luma in lumas[72:]) < 2
    assert max(abs(luma - (60 + 10 * n)) for n, luma in enumerate(lumas[60:72])) < 11
    assert all(later > sooner for sooner, later in pairwise(lumas[60:72]))


def test_a_clip_dissolves_into_itself(clips: Clips, project: Project) -> None:
    """Two shots may be of one clip: its end lies over its own beginning."""
    again = shot("B", _grey(clips.folder, 60, 400), 60)
    film = finish(_cut(shot("A", _grey(clips.folder, 60, 400), 60), _on(again, Join.DISSOLVE, 12)), delivery(), project)
    assert film.frames == 120 and max(abs(luma - 60) for luma in _lumas(film)) < 2


def test_a_slate_dissolves_into_itself(project: Project) -> None:
    """Two shots of one name may lack their clips."""
    assert finish(_cut(slate("A", 30), _on(slate("A", 30), Join.DISSOLVE, 12)), delivery(), project).frames == 60


def test_a_fade_goes_through_black(clips: Clips, project: Project) -> None:
    """Half before the cut, half after."""
    lumas = _lumas(finish(_two(clips, Join.FADE, 12), delivery(), project))
    assert max(abs(luma - 60) for luma in lumas[:54]) < 2 and max(abs(luma - 180) for luma in lumas[66:]) < 2
    assert min(lumas[58:62]) < 26
    assert lumas[54] > lumas[56] > lumas[58] and lumas[61] < lumas[63] < lumas[65]


def test_a_wipe_goes_from_left_to_right(clips: Clips, project: Project) -> None:
    """In its middle the left half shows the new picture, the right half the old one."""
    film = finish(_two(clips, Join.WIPE, 12), delivery(), project)
    with av.open(str(film.file)) as box:
        middle = list(box.decode(video=0))[66].to_ndarray()[:192].astype(int)
    assert abs(middle[:, :140] - 180).max() < 6 and abs(middle[:, 180:] - 60).max() < 6


def test_the_first_shot_comes_on_from_black(clips: Clips, project: Project) -> None:
    """Whatever its join: there is nothing before it."""
    film = finish(_cut(_on(shot("A", _grey(clips.folder, 180, 400), 40), Join.DISSOLVE, 12)), delivery(), project)
    lumas = _lumas(film)
    assert film.frames == 40 and lumas[0] < 40 and abs(lumas[12] - 180) < 2


@pytest.mark.parametrize(
    ("join", "fps"),
    [
        (Join.DISSOLVE, Fraction(24)),
        (Join.FADE, Fraction(24000, 1001)),
        pytest.param(Join.DISSOLVE, Fraction(30000, 1001), marks=[pytest.mark.slow, pytest.mark.nightly]),
    ],
)
def test_sound_crosses_where_the_pictures_do(clips: Clips, project: Project, join: Join, fps: Fraction) -> None:
    """The old tone ends and the new one starts within the transition, and nothing else moves; sound is as long as the picture."""
    film = finish(_two(clips, join, 24), delivery(fps), project)
    told, heard = read_packets(str(film.file), "mov"), samples(film.file)
    first, last = (sample_at(frame, fps) for frame in ((60, 84) if join is Join.DISSOLVE else (48, 72)))
    assert told.sound is not None and told.sound.samples == sample_at(120, fps)
    assert _level(heard, 400, first - 24000, first) > 20 * _level(heard, 400, last, last + 24000)
    assert _level(heard, 700, last, last + 24000) > 20 * _level(heard, 700, first - 24000, first - 1000)
    middle = (first + last) // 2
    both = [_level(heard, tone, middle - 2400, middle + 2400) for tone in (400, 700)]
    assert (min(both) > 0.02) if join is Join.DISSOLVE else (max(both) < 0.02)


def _level(heard: np.ndarray, tone: int, first: int, last: int) -> float:
    part = heard[first:last]
    return float(abs(np.dot(part, np.exp(-2j * np.pi * tone * np.arange(len(part)) / 48000))) / len(part))


@pytest.mark.parametrize("join", [Join.DISSOLVE, Join.FADE, pytest.param(Join.WIPE, marks=[pytest.mark.slow, pytest.mark.nightly])])
def test_only_the_frames_around_a_transition_are_encoded_anew(clips: Clips, project: Project, join: Join) -> None:
    """All packets but those of the groups that it touches are those of the film with hard cuts, byte for byte."""
    plain = _cut(*(shot(f"S{n}", clips.film(n, frames=96), 72) for n in (1, 2, 3)))
    changed = replace(plain, shots=(plain.shots[0], _on(plain.shots[1], join, 8), plain.shots[2]))
    to = replace(delivery(24, Size(256, 144)), gop_s=1)
    before, after = (_packets(finish(cut, to, project).file) for cut in (plain, changed))
    assert len(before) == len(after) == 216
    touched = [n for n, (one, other) in enumerate(zip(before, after, strict=True)) if one != other]
    assert touched and min(touched) >= (48 if join is Join.FADE else 72) and max(touched) < 96


def test_frames_outside_a_transition_show_their_own(clips: Clips, project: Project) -> None:
    """Every other frame of the film shows its clip and number, through pieces and copies."""
    cut = _cut(
        shot("A", clips.film(1, frames=96), 60),
        _on(shot("B", clips.film(2, frames=96), 70), Join.DISSOLVE, 10),
        _on(shot("C", clips.film(3, frames=60, fps=25, size=Size(384, 192)), 50), Join.FADE, 12),
        _on(shot("D", clips.film(4, frames=96), 40), Join.WIPE, 9),
    )
    film = finish(cut, delivery(), project)
    cells = read_film(film.file, (320, 192), (384, 192))
    assert film.frames == len(cells) == 220
    assert cells[:60] == [(1, n) for n in range(60)]
    assert cells[70:124] == [(2, n) for n in range(10, 64)]
    assert {cell and cell[0] for cell in cells[137:180]} == {3}
    assert cells[190:] == [(4, n) for n in range(10, 40)]


def test_shots_shorter_than_their_transitions(clips: Clips, project: Project) -> None:
    """A transition is no longer than its shot; pieces that meet are one."""
    cut = _cut(
        shot("A", clips.film(1), 5), _on(shot("B", clips.film(2), 6), Join.FADE, 40), _on(shot("C", clips.film(3), 4), Join.DISSOLVE, 40)
    )
    film = finish(cut, delivery(), project)
    assert film.frames == 15
    assert [(one.code, one.shot, one.frame, one.message) for one in film.findings if one.code == "transition-short"] == [
        ("transition-short", "B", 5, "B: its fade takes 11 frames instead of 40, because one of its shots is shorter"),
        ("transition-short", "C", 11, "C: its dissolve takes 4 frames instead of 40, because one of its shots is shorter"),
    ]


def test_slates_join_too(clips: Clips, project: Project) -> None:
    """A missing shot keeps its transition and its length."""
    cut = _cut(shot("A", clips.film(1), 30), _on(slate("B", 24), Join.DISSOLVE, 8), _on(shot("C", clips.film(3), 30), Join.DISSOLVE, 8))
    film = finish(cut, delivery(), project)
    assert (film.frames, film.missing) == (84, ("B",))


def test_a_clip_that_ends_under_a_transition_is_told(clips: Clips, project: Project) -> None:
    """Its last frame stands there, and that is a finding at the shot that is too short."""
    cut = _cut(shot("A", clips.film(1), 48), _on(shot("B", clips.film(2), 40), Join.DISSOLVE, 10))
    film = finish(cut, delivery(), project)
    assert [(one.code, one.shot, one.frame, one.clip_frame) for one in film.findings] == [("padded-transition", "A", 48, 47)]
    assert "10 frames" in film.findings[0].message


def test_transitions_are_deterministic_and_not_made_twice(clips: Clips, project: Project, tmp_path: Path) -> None:
    """The same cut elsewhere is equal to the byte; here another change leaves the piece as it is."""
    cut = _cut(shot("A", clips.film(1), 30), _on(shot("B", clips.film(2), 30), Join.DISSOLVE, 8), shot("C", clips.film(3), 24))
    one, other = finish(cut, delivery(), project), finish(cut, delivery(), Project(tmp_path / "other"))
    assert one.file.read_bytes() == other.file.read_bytes()
    with noted() as started:
        finish(replace(cut, shots=(*cut.shots[:2], shot("C", clips.film(4), 24))), delivery(), project)
    assert not [what for what in started if what.startswith("joining")]


def test_what_each_transition_takes() -> None:
    """Counted in frames: a fade takes half of each, an odd frame from the shot that comes on."""
    shots = [_on(slate("A", 20), Join.WIPE, 5), _on(slate("B", 20), Join.FADE, 9), _on(slate("C", 20), Join.DISSOLVE, 7), slate("D", 20)]
    assert effects(shots) == [Effect(comes=5, goes=4), Effect(comes=5), Effect(comes=7, join=Join.DISSOLVE, under=shots[1]), Effect()]


def test_what_each_transition_really_takes() -> None:
    """As long as it was asked to be, unless a shot that it lies on is shorter: the first comes on from black, a fade lies on two."""
    shots = [_on(slate("A", 4), Join.FADE, 6), _on(slate("B", 20), Join.FADE, 10), _on(slate("C", 3), Join.WIPE, 7), slate("D", 2)]
    assert lasting(shots) == [4, 9, 3, 0]
    assert lasting([_on(slate("A", 20), Join.FADE, 5), _on(slate("B", 20), Join.FADE, 9)]) == [5, 9]


def test_a_start_timecode_is_kept_and_drop_frame_where_it_says_so(clips: Clips, project: Project) -> None:
    """`;` before the frames counts drop-frame."""
    to = replace(delivery(Fraction(30000, 1001)), timecode="01:00:00;00")
    film = finish(_cut(shot("A", clips.film(1), 30)), to, project)
    with av.open(str(film.file)) as box:
        assert box.streams.video[0].metadata["timecode"] == "01:00:00;00"


def test_a_level_sets_a_shot_beside_the_others(clips: Clips, project: Project) -> None:
    """`keep` leaves a clip's own level, dB move it from the matched one; what was read and done is recorded."""
    quiet = shot("A", clips.quirk("quiet", 9))
    cut = _cut(quiet, replace(quiet, shot="B", level=Level(matched=False)), replace(quiet, shot="C", level=Level(by_db=-6.0)))
    film = finish(cut, delivery(), project)
    matched, kept, lower = (one.gain_db for one in film.shots)
    assert (kept, round(matched - lower, 2)) == (0.0, 6.0)
    assert matched == pytest.approx(-14.0 - (film.shots[0].loudness_lufs or 0), abs=0.05)
    assert abs((film.loudness_lufs or 0) + 14) < 0.25


@pytest.mark.parametrize("fps", [Fraction(24000, 1001), Fraction(25), Fraction(30000, 1001)])
def test_a_shot_dissolves_in_and_fades_out_at_every_rate(clips: Clips, project: Project, fps: Fraction) -> None:
    """The piece at its end begins at a frame whose time no float holds: its frames are counted all the same."""
    cut = _cut(
        shot("A", clips.film(1), 20),
        _on(shot("B", clips.film(2, frames=96), 35), Join.DISSOLVE, 6),
        _on(shot("C", clips.film(3), 20), Join.FADE, 12),
    )
    to = replace(delivery(fps), codec=Codec.PRORES, container=Container.MOV)
    assert finish(cut, to, project).frames == 75
