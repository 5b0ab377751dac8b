"""The author's sound under a clip: from its first sample on, for as long as it lasts, at any rate and in any kind of file."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from callsheet.domain.cut import Cut, Voice
from callsheet.domain.errors import MediaError
from callsheet.finishing.finish import finish
from callsheet.media.clip.normalize import normalize
from callsheet.media.clip.normalized import Normalized
from callsheet.services.protocol.media_ref import mime_of
from callsheet.store.atomic_files import digest
from callsheet.store.project_folder import Project
from tests.film_reader import samples
from tests.media.clips import Clips, delivery, shot
from tests.media_files import wav
from tests.runners import ffmpeg


def voice(path: Path) -> Voice:
    return Voice(name=path.name, file=path, sha256=digest(path), mime=mime_of(path.read_bytes()))


def left(made: Normalized) -> np.ndarray:
    return np.fromfile(made.sound, "<f4")[::2]


@pytest.mark.parametrize("ending", ["wav", "flac", "mp3", "ogg"])
def test_it_begins_with_the_first_picture(clips: Clips, project: Project, tmp_path: Path, ending: str) -> None:
    """Sample for sample as players decode it, then silence; a clip whose picture comes late makes no difference."""
    (tmp_path / "own.wav").write_bytes(wav(1.0, rate=44_100))
    path = tmp_path / f"voice.{ending}"
    ffmpeg(["-v", "error", "-i", str(tmp_path / "own.wav"), str(path)])
    clip = clips.quirk("picture late", 10)
    made = normalize(clip, digest(clip), 48, delivery(), project.normalized, sound=voice(path))
    heard, own = left(made), samples(path)
    assert len(heard) == 96_000
    length = min(len(own), 40_000)
    spectrum = np.fft.rfft(heard, 1 << 18) * np.conj(np.fft.rfft(own[:length], 1 << 18))
    assert np.argmax(np.fft.irfft(spectrum)) == 0
    assert np.abs(heard[len(own) + 4_800 :]).max() == 0


def test_another_sound_is_another_clip(clips: Clips, project: Project, tmp_path: Path) -> None:
    """Its content is in the key, its name and place are not."""
    paths = [tmp_path / name for name in ("a.wav", "b.wav", "c.wav")]
    for path, seed in zip(paths, (1, 1, 2), strict=True):
        path.write_bytes(wav(0.5, seed=seed))
    clip = clips.film(1)
    keys = [normalize(clip, digest(clip), 12, delivery(), project.normalized, sound=voice(path)).key for path in paths]
    assert keys[0] == keys[1] != keys[2]
    assert normalize(clip, digest(clip), 12, delivery(), project.normalized).key not in keys


def test_the_film_is_another_where_the_sound_is(clips: Clips, project: Project, tmp_path: Path) -> None:
    """The same cut with another voice is a new version; a silent shot doesn't tell of one."""
    for name, seed in (("a", 1), ("b", 2)):
        (tmp_path / f"{name}.wav").write_bytes(wav(1, seed=seed))
    one = shot("A", clips.film(1), 24)
    spoken = replace(one, voice=voice(tmp_path / "a.wav"))
    films = [
        finish(Cut(sequence="SQ", shots=(this,)), delivery(), project)
        for this in (spoken, replace(spoken, voice=voice(tmp_path / "b.wav")), spoken, replace(spoken, sound=False))
    ]
    assert [film.version for film in films] == [1, 2, 1, 3]
    assert [film.shots[0].voice for film in films] == ["a.wav", "b.wav", "a.wav", None]


def test_a_copy_that_is_gone_is_told(clips: Clips, project: Project, tmp_path: Path) -> None:
    """With the author's name for it and what to do; the clip's own sound never takes its place unsaid."""
    (tmp_path / "a.wav").write_bytes(wav(1))
    gone = replace(shot("A", clips.film(1), 24), voice=voice(tmp_path / "a.wav"))
    (tmp_path / "a.wav").unlink()
    with pytest.raises(MediaError, match=r"the copy of a\.wav, the sound that drove it, is missing"):
        finish(Cut(sequence="SQ", shots=(gone,)), delivery(), project)
