"""A clip is made to fit its delivery: exact length, size, rate, colour and sound, whatever it was."""

from __future__ import annotations

import threading
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from callsheet.domain.cut import Delivery
from callsheet.domain.errors import MediaError
from callsheet.domain.shots.shot import Size
from callsheet.media.clip import normalized
from callsheet.media.clip.normalize import normalize
from callsheet.media.clip.normalized import Normalized, samples_for
from callsheet.media.clip.slate import slate
from callsheet.media.ffmpeg import runner
from callsheet.media.inspect.packets import read_packets, written
from callsheet.media.sound.loudness import Measured
from callsheet.media.sound.reading import Reading
from callsheet.store.atomic_files import digest
from tests.film_reader import flashes, pictures, read_film
from tests.media.clips import QUIRKS, Clips, delivery
from tests.runners import ffmpeg, forbidden


def _made(clip: Path, frames: int, to: Delivery, folder: Path, **options: bool) -> Normalized:
    return normalize(clip, digest(clip), frames, to, folder, **options)


def _sound(made: Normalized) -> np.ndarray:
    return np.fromfile(made.sound, "<f4").reshape(-1, 2)


@pytest.mark.parametrize("name", sorted(QUIRKS))
def test_every_kind_of_clip_comes_out_in_the_one_form(clips: Clips, tmp_path: Path, name: str) -> None:
    """Exactly the frames, samples, size, rate and tags that the delivery asks for."""
    to = delivery(25, Size(256, 144))
    made = _made(clips.quirk(name, ending="webm" if name == "vp9" else "mp4"), 40, to, tmp_path)
    told = read_packets(str(made.picture), "mov")
    assert (told.frames, told.size, told.fps, told.sar, told.vfr) == (40, to.size, 25, 1, False)
    assert (told.codec, told.pix_fmt, told.matrix, told.full_range, told.sound) == ("h264", "yuv420p", "bt709", False, None)
    assert len(_sound(made)) == made.samples == 40 * 1920


@pytest.mark.parametrize("fps", [Fraction(24), Fraction(25), Fraction(30), Fraction(24000, 1001), Fraction(50)])
def test_each_frame_is_the_one_of_its_time(clips: Clips, tmp_path: Path, fps: Fraction) -> None:
    """At the clip's own rate the frames are its own in order; at another each is the nearest in time, and none goes back."""
    made = _made(clips.film(7), 36, delivery(fps), tmp_path)
    cells = read_film(made.picture)
    frames = [cell[1] for cell in cells if cell]
    assert [cell and cell[0] for cell in cells] == [7] * 36
    assert all(later >= sooner for sooner, later in pairwise(frames))
    assert all(abs(frame - n * 24 / fps) <= 1 for n, frame in enumerate(frames))
    if fps == 24:
        assert frames == list(range(36))


def test_a_short_clip_stands_at_its_last_frame_and_that_is_counted(clips: Clips, tmp_path: Path) -> None:
    """The padded frames are those that show the last picture again."""
    made = _made(clips.film(5), 120, delivery(), tmp_path)
    frames = [cell[1] for cell in read_film(made.picture) if cell]
    assert made.padded_frames == 120 - 48
    assert frames == [*range(48), *[47] * 72]
    assert not _sound(made)[48 * 2000 + 2400 :].any()


@pytest.mark.parametrize("fps", [Fraction(25), Fraction(30000, 1001)])
def test_padding_is_counted_at_other_rates_too(clips: Clips, tmp_path: Path, fps: Fraction) -> None:
    """What is counted as padded is the stand at the end, to within the frame that rounding decides."""
    made = _made(clips.film(5), 80, delivery(fps), tmp_path)
    last = [cell == (5, 47) for cell in read_film(made.picture)]
    assert abs(sum(last) - made.padded_frames - round(fps / 24)) <= 1


def test_a_long_clip_gives_its_first_frames(clips: Clips, tmp_path: Path) -> None:
    """The rest isn't used, and nothing is padded."""
    made = _made(clips.film(5), 20, delivery(), tmp_path)
    assert ([cell and cell[1] for cell in read_film(made.picture)], made.padded_frames) == (list(range(20)), 0)


def test_a_clip_of_another_shape_is_framed_in_black(clips: Clips, tmp_path: Path) -> None:
    """It is scaled to fit, never cropped or stretched; the rest is black."""
    made = _made(clips.film(6, size=Size(192, 320)), 12, delivery(24, Size(800, 480)), tmp_path)
    assert {cell and cell[0] for cell in read_film(made.picture, (192, 320))} == {6}
    picture = next(iter(pictures(made.picture)))
    assert picture[:, :250].max() <= 17 and picture[:, -250:].max() <= 17


@pytest.mark.parametrize("name", ["picture late", "transport stream"])
def test_sound_moves_with_a_late_picture(clips: Clips, tmp_path: Path, name: str) -> None:
    """Time zero is the first picture: what sounded before it is left out, the rest keeps its distance to it, to the sample that a clock rounds."""
    plain, late = (_made(path, 40, delivery(), tmp_path) for path in (clips.film(1), clips.quirk(name)))
    assert flashes(plain.picture) == flashes(late.picture)
    heard, moved = _sound(plain)[:60_000, 0], _sound(late)[:60_000, 0]
    assert max(np.corrcoef(heard[1:-1], moved[1 + lag : 59_999 + lag])[0, 1] for lag in (-1, 0, 1)) > 0.99


def test_a_clip_without_sound_is_silent_and_reads_so(clips: Clips, tmp_path: Path) -> None:
    """Silence of the exact length stands in, with no loudness."""
    made = _made(clips.film(4, sound=False), 40, delivery(), tmp_path)
    assert not _sound(made).any()
    assert (made.reading.lufs, made.reading.peak_db) == (None, None)


def test_sound_that_is_no_number_is_made_silent(tmp_path: Path) -> None:
    """One sample that is no number spreads through filters and stops an encoder: each of them is silent, the sound around them is heard."""
    clip = tmp_path / "broken.mov"
    sound = "aevalsrc='if(between(t,1,1.01),0/0,0.2*sin(2*PI*300*t))':s=48000:d=2"
    ffmpeg(
        ["-f", "lavfi", "-i", "testsrc2=s=256x144:r=24:d=2", "-f", "lavfi", "-i", sound, "-c:v", "libx264", "-c:a", "pcm_f32le", str(clip)]
    )
    made = _made(clip, 48, delivery(24), tmp_path)
    heard = _sound(made)
    assert np.isfinite(heard).all() and not heard[48_000:48_480].any()
    assert heard[:47_000].any() and heard[49_000:].any() and made.reading.lufs is not None


def test_what_filters_made_of_no_numbers_is_made_silent(tmp_path: Path) -> None:
    """However it came there: all of that clip's sound, since nobody knows how far it spread."""
    sound = tmp_path / "sound.f32"
    np.array([0.1, np.nan, 0.2, 0.3], "<f4").tofile(sound)
    assert normalized.silenced(sound) == Measured(Reading(None, None), ())
    assert not np.fromfile(sound, "<f4").any()
    assert normalized.silenced(sound) is None


def test_sound_that_is_not_wanted_is_left_out(clips: Clips, tmp_path: Path) -> None:
    """A shot cut without its sound is another normalized clip than the same with it."""
    heard, mute = (_made(clips.film(1), 40, delivery(), tmp_path, sound=sound) for sound in (True, False))
    assert heard.key != mute.key
    assert _sound(heard).any() and not _sound(mute).any()


def test_loudness_is_read_in_the_same_pass(clips: Clips, tmp_path: Path) -> None:
    """A clip that is 14 dB quieter reads 14 LU lower."""
    loud, quiet = (_made(path, 48, delivery(), tmp_path).reading.lufs for path in (clips.film(1), clips.quirk("quiet")))
    assert loud is not None and quiet is not None
    assert loud - quiet == pytest.approx(14, abs=0.3)


def test_samples_cover_the_frames_at_any_place() -> None:
    """At rates where a frame isn't a whole number of samples the sound is long enough to be cut to its place."""
    assert [samples_for(n, Fraction(24000, 1001)) for n in (1, 24, 48)] == [2002, 48048, 96096]
    assert [samples_for(n, Fraction(30000, 1001)) for n in (1, 2, 5)] == [1602, 3204, 8008]


def test_what_is_there_is_not_made_again(clips: Clips, tmp_path: Path) -> None:
    """The second time nothing is started."""
    first = _made(clips.film(1), 20, delivery(), tmp_path)
    with runner.using(forbidden):
        assert _made(clips.film(1), 20, delivery(), tmp_path) == first


def test_other_loudness_needs_no_other_normalized_clip(clips: Clips, tmp_path: Path) -> None:
    """Gain is applied when the film is stitched, so a delivery that is only louder uses the same."""
    first = _made(clips.film(1), 20, delivery(), tmp_path)
    with runner.using(forbidden):
        assert _made(clips.film(1), 20, delivery(loudness_lufs=-23.0), tmp_path) == first


def test_anything_that_changes_the_bytes_changes_the_key(clips: Clips, tmp_path: Path) -> None:
    """Content, length, size, rate and quality each give another normalized clip."""
    one, other = clips.film(1), clips.film(2)
    keys = {
        _made(clip, *of, tmp_path).key
        for clip, *of in (
            (one, 8, delivery()),
            (other, 8, delivery()),
            (one, 9, delivery()),
            (one, 8, delivery(25)),
            (one, 8, delivery(24, Size(64, 64))),
            (one, 8, Delivery(name="x", size=Size(320, 192), fps=Fraction(24), preset="ultrafast", crf=30)),
        )
    }
    assert len(keys) == 6


def test_a_lost_or_short_file_is_made_again(clips: Clips, tmp_path: Path) -> None:
    """A store that was tampered with heals itself, with the same bytes."""
    first = _made(clips.film(1), 20, delivery(), tmp_path)
    before = first.picture.read_bytes(), first.sound.read_bytes()
    first.picture.unlink()
    first.sound.write_bytes(before[1][:-8])
    _made(clips.film(1), 20, delivery(), tmp_path)
    assert (first.picture.read_bytes(), first.sound.read_bytes()) == before


def test_many_threads_make_it_once(clips: Clips, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Eight threads that ask at once get the same, and it is encoded once."""
    made: list[str] = []
    really = normalized.make
    monkeypatch.setattr(normalized, "make", lambda *args, **named: (made.append(args[1]), really(*args, **named))[1])
    threads = [threading.Thread(target=_made, args=(clips.film(1), 10, delivery(), tmp_path)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 1


def test_a_shorter_result_is_never_taken(clips: Clips, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """ffmpeg's good word alone doesn't count: another length than asked is refused and leaves nothing behind."""
    monkeypatch.setattr(normalized, "written", lambda _, fps: written(clips.film(1), fps))
    with pytest.raises(MediaError, match="gave 48 frames"):
        _made(clips.film(1), 20, delivery(), tmp_path)
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


def test_a_clip_that_cannot_be_read_leaves_nothing(tmp_path: Path) -> None:
    """The reason is given, and no half file stays."""
    page = tmp_path / "page.mp4"
    page.write_text("<html>")
    with pytest.raises(MediaError, match="not a film"):
        normalize(page, digest(page), 20, delivery(), tmp_path / "store")
    assert not (tmp_path / "store").exists()


@pytest.mark.parametrize("size", [Size(320, 192), Size(96, 192)])
@pytest.mark.parametrize("why", ["", "a cap of 4.00 USD was reached: 'raise' it; 50% {x} \\ \"--cap\"", "word " * 60])
def test_a_slate_has_the_exact_length_and_says_something(tmp_path: Path, size: Size, why: str) -> None:
    """Whatever the text holds, a slate is a silent, still, written picture of its length."""
    made = slate("S0030: 100%'s", why, 30, delivery(24, size), tmp_path)
    told = read_packets(str(made.picture), "mov")
    seen = list(pictures(made.picture))
    assert (told.frames, told.size, len(_sound(made)), _sound(made).any()) == (30, size, 60_000, False)
    assert seen[0].max() - seen[0].min() > 120
    assert abs(seen[0].astype(int) - seen[-1]).max() < 24


def test_slates_of_two_shots_differ(tmp_path: Path) -> None:
    """A slate names its shot, the reason, and what was asked for."""
    said = (("A", "x", ""), ("B", "x", ""), ("A", "y", ""), ("A", "x", "rain, %{pts} 'at' \\: night " * 20))
    made = [slate(shot, why, 5, delivery(), tmp_path, prompt=prompt) for shot, why, prompt in said]
    assert len({one.key for one in made}) == 4
    plain, prompted = (next(pictures(made[n].picture))[70:130] for n in (0, 3))
    assert plain.max() - plain.min() < 20 and prompted.max() - prompted.min() > 100
