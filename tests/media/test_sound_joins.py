"""What is heard at a hard cut: no click where the sound jumps, nothing changed where it goes on."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from callsheet.domain.cut import Cut, CutShot
from callsheet.domain.delivery.fitting import Join, Transition
from callsheet.domain.timebase import sample_at
from callsheet.finishing.finish import finish
from callsheet.finishing.make_film import programme
from callsheet.media.film.mix import JoinMeter, film_sound, jump
from callsheet.store.project_folder import Project
from tests.film_reader import samples
from tests.media.clips import Clips, delivery, shot
from tests.runners import ffmpeg


def _tone(clips: Clips, hertz: int, phase: float) -> Path:
    """A tone with its picture, from the phase on."""
    path = clips.folder / f"tone-{hertz}-{phase}.mov"
    if not path.exists():
        sound = f"aevalsrc='0.35*sin(2*PI*{hertz}*t+{phase})':s=48000:d=4"
        ffmpeg(["-f", "lavfi", "-i", "testsrc2=s=320x192:r=24:d=4", "-f", "lavfi", "-i", sound, "-c:v", "libx264", "-preset", "ultrafast",
                "-pix_fmt", "yuv420p", "-c:a", "pcm_s16le", str(path)])  # fmt: skip
    return path


def _from(one: CutShot, first: int) -> CutShot:
    return replace(one, fitting=replace(one.fitting, first=first))


@pytest.mark.parametrize("join", [None, Transition(Join.FADE, 1)])
def test_two_tones_that_meet_at_their_peaks_do_not_click(clips: Clips, project: Project, join: Transition | None) -> None:
    """The film's steps at its cuts are no larger than those of the tones themselves, and nothing is found; nor where a fade of one frame has none
    left for the shot that goes.
    """
    one, other = _tone(clips, 220, 1.5), _tone(clips, 330, -1.5)
    shots = tuple(replace(shot(f"S{n}", (one, other)[n % 2], 48), transition=join) for n in range(4))
    film = finish(Cut(sequence="SQ", shots=shots), delivery(), project)
    heard = samples(film.file)
    for at in (sample_at(48 * n, film.delivery.fps) for n in (1, 2, 3)):
        assert np.abs(np.diff(heard[at - 4 : at + 4])).max() < 0.03
        assert np.abs(heard[at - 400 : at - 250]).max() > 0.2, "the fade is of a few milliseconds"
    assert film.findings == ()


@pytest.mark.parametrize("hertz", [220, 7000])
def test_sound_that_goes_on_is_not_touched(clips: Clips, project: Project, hertz: int) -> None:
    """Two shots of one clip, one after the other, sound as the clip does, to the sample."""
    clip = _tone(clips, hertz, 0.7)
    halves = Cut(sequence="SQ", shots=(shot("A", clip, 40), _from(shot("B", clip, 40), 40)))
    whole = Cut(sequence="SQ", shots=(shot("A", clip, 80),))
    form = delivery()
    parts = [[replace(part, gain_db=0.0) for part in programme(cut, form, project)] for cut in (halves, whole)]
    cut, uncut = (np.concatenate(list(film_sound(one, form.fps, 0.0))) for one in parts)
    assert np.array_equal(cut, uncut)


def test_noise_that_breaks_off_is_softened_and_noise_that_goes_on_is_not(clips: Clips, project: Project) -> None:
    """A step that is larger than any around it is a jump, though it is not twice as large; in noise that goes on none is."""
    noise = clips.folder / "noise.mov"
    sound = "aevalsrc='0.2*(random(0)-0.5)+0.16*if(lt(t,1),1,-1)':s=48000:d=3"  # steps up to 0.2, and of 0.32 in one place
    if not noise.exists():
        ffmpeg(["-f", "lavfi", "-i", "testsrc2=s=320x192:r=24:d=3", "-f", "lavfi", "-i", sound, "-c:v", "libx264", "-preset", "ultrafast",
                "-pix_fmt", "yuv420p", "-c:a", "pcm_s16le", str(noise)])  # fmt: skip
    form, first, second = delivery(), shot("A", noise, 24), _from(shot("B", noise, 12), 24)
    heard = []
    for shots in ((first, second), (_from(shot("A", noise, 12), 28), _from(shot("B", noise, 12), 40))):
        parts = [replace(part, gain_db=0.0) for part in programme(Cut(sequence="SQ", shots=shots), form, project)]
        at = sample_at(shots[0].frames, form.fps)
        heard.append(np.concatenate(list(film_sound(parts, form.fps, 0.0)))[at - 4 : at + 4])
    assert np.abs(heard[0]).max() < 0.05 and np.abs(heard[1]).max() > 0.1


def test_the_meter_tells_a_jump_wherever_blocks_end() -> None:
    """Steps that are usual around it are none."""
    at = np.arange(4000)
    tone = np.stack([0.3 * np.sin(at / 20)] * 2, axis=1).astype(np.float32)
    torn = tone.copy()
    torn[2000:] += 0.2
    assert jump(tone, 2000) == 0 and jump(torn, 2000) == pytest.approx(0.2, abs=0.02)
    for size in (100, 999, 2000, 4000):
        meter = JoinMeter([], delivery().fps)
        meter._at, meter.jumps = [0, 1000, 2000], [0.0] * 3
        passed = np.concatenate(list(meter.listened(torn[n : n + size] for n in range(0, 4000, size))))
        assert np.array_equal(passed, torn) and meter.jumps[:2] == [0.0, 0.0] and meter.jumps[2] == pytest.approx(0.2, abs=0.02)
