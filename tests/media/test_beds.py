"""Music and voices under a sequence: where they stand, how loud, faded, and lowered while somebody speaks; all of it in the film's key."""

from __future__ import annotations

import wave
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from callsheet.assets import music as tables
from callsheet.assets.music import BedTable, read_beds
from callsheet.cutting.music import under
from callsheet.domain.cut import Cut, CutShot
from callsheet.domain.delivery.bed import Bed
from callsheet.domain.delivery.fitting import Level
from callsheet.domain.delivery.leader import Leader
from callsheet.domain.errors import InputError, MediaError
from callsheet.finishing.finish import find, finish
from callsheet.media.film import music as bedding
from callsheet.media.inspect.packets import read_packets
from callsheet.media.sound import loudness
from callsheet.media.sound.reading import Reading
from callsheet.store.atomic_files import digest
from callsheet.store.project_folder import Project
from tests.film_reader import samples
from tests.media.boxes import changed, elsewhere
from tests.media.clips import Clips, delivery, shot
from tests.media.test_hostile import Trap, _hls_file, _playlist_in_a_box, _trap
from tests.media_files import png, wav_of
from tests.runners import ffmpeg

_RATE = 48_000
FPS = Fraction(24)


def _tone(path: Path, seconds: float, hz: float = 300.0, level: float = 0.2, rate: int = 44_100) -> Path:
    """A stereo sine as WAV at another rate than films have."""
    at = np.arange(round(seconds * rate)) / rate
    pcm = np.repeat((np.sin(2 * np.pi * hz * at) * level * 32767).astype("<i2")[:, None], 2, axis=1)
    path.parent.mkdir(parents=True, exist_ok=True)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(pcm.tobytes())
    return path


def _bed(path: Path, first: int = 0, end: int = 96, **more: float) -> Bed:
    return Bed(name=path.name, file=path, sha256=digest(path), mime="audio/wav", first=first, end=end, **more)


def _level(sound: np.ndarray, hz: float, first_s: float, end_s: float) -> float:
    """How loud one tone is in a part of the sound, dB."""
    part = sound[round(first_s * _RATE) : round(end_s * _RATE)]
    part = part * np.hanning(len(part)) * 2
    return float(20 * np.log10(np.abs(part @ np.exp(-2j * np.pi * hz * np.arange(len(part)) / _RATE)) * 2 / len(part) + 1e-9))


def _silent(clips: Clips, frames: int = 48) -> CutShot:
    return replace(shot("A", clips.film(1, frames=frames), frames), sound=False)


def test_a_bed_stands_from_its_first_frame_to_its_last(clips: Clips, project: Project, tmp_path: Path) -> None:
    """To the sample, behind what stands before the programme; the film stays exact and at its loudness."""
    form = replace(delivery(), around=Leader(head_s=Decimal("0.5")))
    cut = Cut(sequence="SQ", shots=(_silent(clips), replace(_silent(clips), shot="B")), beds=(_bed(_tone(tmp_path / "a.wav", 9), 12, 84),))
    film = finish(cut, form, project)
    told = read_packets(str(film.file), "mov")
    assert (told.frames, told.sound and told.sound.samples) == (108, 108 * 2000)
    sound = samples(film.file)
    assert np.abs(sound[: 24 * 2000 - 1200]).max() < 0.01 < 0.05 < np.abs(sound[24 * 2000 + 100 : 24 * 2000 + 1000]).max()
    assert np.abs(sound[96 * 2000 + 1200 :]).max() < 0.01
    assert abs((loudness.measure(film.file).lufs or 0) + 14) <= 0.3


def test_a_bed_that_is_shorter_ends_by_itself_and_fades(clips: Clips, project: Project, tmp_path: Path) -> None:
    """In from nothing, out to nothing where its file ends."""
    bed = _bed(_tone(tmp_path / "a.wav", 2), 0, 96, fade_in=12, fade_out=24)
    sound = samples(
        finish(Cut(sequence="SQ", shots=(_silent(clips), replace(_silent(clips), shot="B")), beds=(bed,)), delivery(), project).file
    )
    loud = [_level(sound, 300, at, at + 0.1) for at in (0.0, 0.2, 0.7, 1.3, 1.85, 2.2)]
    assert loud[0] < loud[1] - 5 and loud[1] < loud[2]
    assert loud[3] > loud[4] + 6 and loud[5] < -60


@pytest.mark.parametrize("target", [-14.0, -23.0])
def test_its_gain_is_beside_the_clips_in_every_delivery(clips: Clips, project: Project, tmp_path: Path, target: float) -> None:
    """A file of any level stands as many dB below the clips as its table says."""
    cut = Cut(sequence="SQ", shots=(_silent(clips),), beds=())
    for name, level in (("loud", 0.5), ("quiet", 0.02)):
        beds = (_bed(_tone(tmp_path / f"{name}.wav", 3, 300, level), gain_db=-12.0), _bed(_tone(tmp_path / "vo.wav", 3, 700, 0.1)))
        sound = samples(finish(replace(cut, beds=beds), delivery(loudness_lufs=target), project).file)
        below = _level(sound, 700, 0.5, 1.5) - _level(sound, 300, 0.5, 1.5)
        assert 9 < below < 15, (name, below)


def test_a_bed_goes_down_while_somebody_speaks(clips: Clips, project: Project, tmp_path: Path) -> None:
    """By as much as asked under a voice that begins at one second, and back when it is over."""
    music = _bed(_tone(tmp_path / "music.wav", 9, 300), gain_db=-3.0, duck_db=12.0)
    voice = _bed(_tone(tmp_path / "voice.wav", 1, 900), 48, 96)
    shots = tuple(replace(_silent(clips, 96), shot=name) for name in "AB")
    film = finish(Cut(sequence="SQ", shots=shots, beds=(replace(music, end=192), voice)), delivery(), project)
    sound = samples(film.file)
    free, under_voice, after = (_level(sound, 300, at, at + 0.4) for at in (0.5, 2.3, 5.0))
    assert 11 < free - under_voice < 13
    assert abs(after - free) < 0.5


def test_clips_that_sound_lower_a_bed(clips: Clips, project: Project, tmp_path: Path) -> None:
    """Under the shot with sound it stands lower than under the silent one."""
    music = _bed(_tone(tmp_path / "music.wav", 9, 300), 0, 144, gain_db=-3.0, duck_db=12.0)
    cut = Cut(sequence="SQ", shots=(shot("A", clips.film(1), 48), replace(_silent(clips, 96), shot="B")), beds=(music,))
    sound = samples(finish(cut, delivery(), project).file)
    assert _level(sound, 300, 4.0, 5.0) - _level(sound, 300, 0.7, 1.2) > 8


def _spoken(path: Path, words: list[tuple[float, float]], seconds: float, level: float = 0.1) -> Path:
    """A voice of one tone (900 Hz) that speaks from second to second, over a faint hiss."""
    at = np.arange(round(seconds * _RATE)) / _RATE
    speaks = sum((at >= first) & (at < end) for first, end in words)
    hiss = np.random.default_rng(1).normal(0, level / 100, len(at))
    path.write_bytes(wav_of(np.sin(2 * np.pi * 900 * at) * level * speaks + hiss))
    return path


def _noise(sound: np.ndarray, first_s: float, end_s: float) -> float:
    """How loud the clips' noise is from 2 to 6 kHz, where neither music nor voice is, dB."""
    part = sound[round(first_s * _RATE) : round(end_s * _RATE)]
    power = np.abs(np.fft.rfft(part * np.hanning(len(part)))) ** 2
    hz = np.fft.rfftfreq(len(part), 1 / _RATE)
    return float(10 * np.log10(power[(hz > 2000) & (hz < 6000)].mean() / len(part)))


@pytest.mark.parametrize("gain_db", [0.0, -15.0])
def test_clips_and_music_go_down_under_a_voice_over(clips: Clips, project: Project, tmp_path: Path, gain_db: float) -> None:
    """By as much as asked under its words, and just so in the short pauses between them; back before it and behind it, however quiet it is laid."""
    words = [(0.0, 0.5), (1.1, 1.6), (2.4, 2.8)]
    voice = _bed(_spoken(tmp_path / "vo.wav", words, 6.0), 48, 192, gain_db=gain_db, duck_others_db=12.0)
    music = _bed(_tone(tmp_path / "music.wav", 9), 0, 192, gain_db=-3.0)
    cut = Cut(sequence="SQ", shots=(shot("A", clips.film(1, frames=192), 192),), beds=(music, voice))
    sound = samples(finish(cut, delivery(), project).file)
    for level in (_noise, lambda sound, a, b: _level(sound, 300, a, b)):
        free, behind = level(sound, 0.6, 1.6), level(sound, 6.4, 7.4)
        heard = [level(sound, 2 + a, 2 + b) for a, b in [*words, (0.55, 1.05), (1.7, 2.3)]]
        assert abs(free - behind) < 0.8
        assert all(abs(free - 12 - one) < 0.8 for one in heard), (free, heard)
        assert 1 < level(sound, 5.3, 5.5) - heard[0] < 11  # on its way back


def test_two_voice_overs_do_not_lower_one_another(clips: Clips, project: Project, tmp_path: Path) -> None:
    """Each stands as loud as alone, and a bed that ducks by itself goes down once, not twice."""
    one = _bed(_tone(tmp_path / "one.wav", 3, 900), 0, 48, duck_others_db=12.0)
    two = _bed(_tone(tmp_path / "two.wav", 3, 500), 0, 48, duck_others_db=6.0)
    music = _bed(_tone(tmp_path / "music.wav", 3), 0, 48, duck_db=12.0)
    laid = bedding.lay([one, two, music], [], 0, delivery(), project.normalized)
    assert [float(bed.lowered_db.min()) for bed in laid] == [0.0, 0.0, -12.0]
    lowered = bedding.clips_lowered(laid)
    assert lowered is not None and lowered.min() == -12.0
    assert bedding.clips_lowered(laid[2:]) is None


def test_another_bed_is_another_film_and_the_same_is_found(clips: Clips, project: Project, tmp_path: Path) -> None:
    """Content and every setting count, the file's place doesn't; both films are byte-equal when made anew."""
    cut = Cut(sequence="SQ", shots=(_silent(clips),), beds=(_bed(_tone(tmp_path / "a.wav", 3)),))
    made = finish(cut, delivery(), project)
    moved = _bed((tmp_path / "a.wav").rename(tmp_path / "elsewhere.wav"))
    assert finish(replace(cut, beds=(moved,)), delivery(), project).kept
    for other in (replace(moved, gain_db=-1.0), replace(moved, first=1), replace(moved, fade_in=3), replace(moved, duck_others_db=3.0)):
        assert find(replace(cut, beds=(other,)), delivery(), project) is None
    again = finish(replace(cut, beds=(moved,)), delivery(), Project(tmp_path / "again"))
    assert again.sha256 == made.sha256


def test_a_file_that_changed_under_way_is_no_bed(clips: Clips, project: Project, tmp_path: Path) -> None:
    """What is heard is what the cut was made with."""
    bed = replace(_bed(_tone(tmp_path / "a.wav", 1)), sha256="0" * 64)
    with pytest.raises(MediaError, match=r"a\.wav was changed"):
        finish(Cut(sequence="SQ", shots=(_silent(clips),), beds=(bed,)), delivery(), project)


def test_a_key_of_silence_lowers_nothing(clips: Clips, project: Project, tmp_path: Path) -> None:
    """Shots without sound and a bed that is never heard leave the music as it is."""
    music = _bed(_tone(tmp_path / "a.wav", 3), duck_db=12.0)
    assert (bedding.lay([music], [], 0, delivery(), project.normalized)[0].lowered_db == 0).all()
    assert loudness.gain_db(Reading(None, None), Level(by_db=-6.0), delivery()) == -6.0


# what the tables say


def _tables(project: Project, *tables: dict[str, object]) -> tuple[BedTable, ...]:
    return read_beds(tables, project)


_SHOTS = (CutShot(shot="A", frames=48), CutShot(shot="B", frames=24), CutShot(shot="C", frames=24))


def test_a_table_places_a_bed_by_shots_timecodes_or_seconds(project: Project) -> None:
    """From a shot's first frame, to a shot's last; counted from the programme's start; the whole sequence where nothing is said."""
    _tone(project.folder / "music" / "a.wav", 1)
    file: dict[str, object] = {"file": "music/a.wav"}
    beds = _tables(
        project,
        file,
        {**file, "sequence": "SQ", "from": "B", "to": "B", "duck": True},
        {**file, "from": "00:00:01:12", "to": 3, "duck": 6, "fade_in_s": 0.5, "gain_db": -8},
        {**file, "sequence": "OTHER"},
    )
    placed = under(beds, "SQ", _SHOTS, FPS)
    assert [(bed.first, bed.end, bed.duck_db) for bed in placed] == [(0, 96, 0.0), (48, 72, 12.0), (36, 72, 6.0)]
    assert (placed[2].fade_in, placed[2].gain_db) == (12, -8.0)


#: what a sound is saved as, and what is said of it then
_SAVED = {
    "a.m4a": (("-c:a", "aac"), "audio/mp4"),
    "index in front.mp4": (("-c:a", "aac", "-movflags", "+faststart"), "audio/mp4"),
    "lossless.m4a": (("-c:a", "alac"), "audio/mp4"),
    "cover.m4a": (("-i", "COVER", "-map", "0", "-map", "1", "-c:a", "aac", "-c:v", "png", "-disposition:v", "attached_pic"), "audio/mp4"),
    "a.aac": (("-c:a", "aac"), "audio/aac"),
    "a.mp3": (("-c:a", "libmp3lame"), "audio/mpeg"),
    "a.opus": (("-c:a", "libopus"), "audio/ogg"),
    "a.webm": (("-c:a", "libopus"), "audio/webm"),
    "a.flac": ((), "audio/flac"),
    "a.aiff": ((), "audio/aiff"),
}


@pytest.mark.parametrize("name", _SAVED)
def test_every_kind_of_sound_is_a_bed(project: Project, name: str) -> None:
    """Told by its bytes and decoded to what it was, also where its index stands at the end or a cover is in it."""
    how, mime = _SAVED[name]
    tone, cover = _tone(project.folder / "tone.wav", 2), project.folder / "cover.png"
    cover.write_bytes(png(64, 64))
    made = project.folder / name
    ffmpeg(["-i", str(tone), *(str(cover) if word == "COVER" else word for word in how), str(made)])
    (bed,) = under(_tables(project, {"file": name}), "SQ", _SHOTS, FPS)
    assert bed.mime == mime
    (laid,) = bedding.lay([bed], [], 0, delivery(), project.normalized)
    sound = np.fromfile(laid.sound, "<f4")[::2]
    assert abs(len(sound) - 2 * _RATE) < 2400
    assert _level(sound, 300, 0.5, 1.5) == pytest.approx(20 * np.log10(0.2), abs=0.6)


def test_a_film_is_no_bed(project: Project, clips: Clips) -> None:
    """Its pictures would be lost: refused, with what to do."""
    project.folder.mkdir(exist_ok=True)
    for film, ending in ((clips.film(1), "mp4"), (clips.quirk("vp9", ending="webm"), "webm")):
        (project.folder / f"film.{ending}").write_bytes(film.read_bytes())
        with pytest.raises(InputError, match="there are pictures in it"):
            _tables(project, {"file": f"film.{ending}"})


def _m4a(path: Path, *how: str) -> bytes:
    ffmpeg(["-i", str(_tone(path.with_suffix(".wav"), 2)), "-c:a", "aac", *how, "-f", "mp4", str(path)])
    return path.read_bytes()


def _named_elsewhere(path: Path, trap: Trap, _clips: Clips) -> None:
    """Its samples are said to be in another file."""
    path.write_bytes(changed(_m4a(path), {b"dref": lambda _: elsewhere(str(trap.file))}))


def _cut_short(path: Path, _trap: Trap, _clips: Clips) -> None:
    """Its index is whole, half of its samples are gone."""
    whole = _m4a(path, "-movflags", "+faststart")
    path.write_bytes(whole[: len(whole) * 6 // 10])


@pytest.mark.parametrize("make", [_hls_file, _playlist_in_a_box, _named_elsewhere, _cut_short])
def test_a_hostile_bed_is_refused_and_touches_nothing(
    project: Project, clips: Clips, tmp_path: Path, make: Callable[[Path, Trap, Clips], None]
) -> None:
    """Whatever it is called and looks like: no other file is opened, nobody is called."""
    project.folder.mkdir()
    with _trap(tmp_path) as trap:
        make(project.folder / "music.m4a", trap, clips)
        with pytest.raises(InputError, match=r"music\.m4a (can't be read as a sound|is not a sound)"):
            _tables(project, {"file": "music.m4a"})
        assert trap.sprung() == []


def test_a_bed_that_is_too_long_to_be_decoded_is_refused(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before anything is bought, not when it is laid."""
    _tone(project.folder / "a.wav", 3)
    monkeypatch.setattr(tables, "_LONGEST_S", 2)
    with pytest.raises(InputError, match="save only the part"):
        _tables(project, {"file": "a.wav"})


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ({}, "has no file"),
        ({"file": "gone.wav"}, "gone.wav can't be read"),
        ({"file": "../a.wav"}, "outside the project"),
        ({"file": "text.wav"}, "is not a sound file"),
        ({"file": "broken.wav"}, "can't be read as a sound"),
        ({"file": "a.wav", "gain": -3}, "did you mean gain_db"),
        ({"file": "a.wav", "gain_db": "loud"}, "is not a number from -60 to 24"),
        ({"file": "a.wav", "from": "A"}, "so name its sequence"),
        ({"file": "a.wav", "fade_in_s": -1}, "is not a number"),
        ({"file": "a.wav", "duck": True, "duck_others": 6}, "use either duck or duck_others"),
        ({"file": "a.wav", "duck_others": 99}, "is not true, false or a number from 0 to 40"),
    ],
)
def test_a_bed_that_can_not_be_used_is_refused(project: Project, table: dict[str, object], said: str) -> None:
    """With the table, the setting and the fix, before anything is encoded."""
    path = _tone(project.folder / "a.wav", 1)
    (project.folder / "broken.wav").write_bytes(path.read_bytes()[:40])
    (project.folder / "text.wav").write_text("no sound at all")
    with pytest.raises(InputError) as refused:
        _tables(project, table)
    told = refused.value.problems[0]
    assert said in f"{told.message} {told.help}" and told.file == "project.toml"


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ({"from": "Bee", "sequence": "SQ"}, "has no shot 'Bee'"),
        ({"from": "C", "to": "A", "sequence": "SQ"}, "begins at frame 72 and ends at frame 48"),
        ({"from": "00:00:01:30"}, "is not a timecode at 24"),
        ({"from": 99}, "begins at frame 2376"),
    ],
)
def test_a_bed_that_stands_nowhere_is_refused(project: Project, table: dict[str, object], said: str) -> None:
    """Against the shots of its sequence."""
    _tone(project.folder / "a.wav", 1)
    with pytest.raises(InputError, match=said):
        under(_tables(project, {"file": "a.wav", **table}), "SQ", _SHOTS, FPS)
