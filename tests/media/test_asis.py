"""Clips that already fit are copied, bit for bit; anything else is encoded, and a film is always of one kind."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from callsheet.domain.cut import Cut, CutShot
from callsheet.domain.delivery.fitting import PLAIN, Join, Transition
from callsheet.domain.errors import MediaError
from callsheet.domain.shots.shot import Size
from callsheet.finishing.finish import finish
from callsheet.media.clip import clip_facts
from callsheet.media.clip.normalize import normalize, own_pictures
from callsheet.media.clip.passthrough import fits
from callsheet.media.inspect.film_facts import Probe
from callsheet.media.inspect.packets import read_packets
from callsheet.media.inspect.picture_index import Pictures
from callsheet.media.inspect.probe import decodes, probe, workers
from callsheet.store.atomic_files import digest
from callsheet.store.project_folder import Project
from tests.film_reader import beeps, flashes, pictures, read_film
from tests.media.clips import Clips, delivery, shot, slate
from tests.runners import ffmpeg, noted

#: where a sound ends inside a packet of AAC, how much of the rest is heard differs from version to version, LUFS
_FAINT = -55.0
_TAGS = ("-colorspace", "bt709", "-color_primaries", "bt709", "-color_trc", "bt709", "-color_range", "tv")


def _fit(clips: Clips, number: int, *more: str) -> Path:
    """A clip as the delivery wants it, of some other encoder's settings."""
    path = clips.folder / f"fit-{number}{''.join(more).replace('/', '')}.mp4"
    if not path.exists():
        ffmpeg(
            ["-i", str(clips.film(number)), "-c:v", "libx264", "-preset", "fast", "-crf", "15", *_TAGS, *more, "-c:a", "copy", str(path)]
        )
    return path


def _cut(*shots: CutShot) -> Cut:
    return Cut(sequence="SQ", shots=shots)


def _pictures(path: Path) -> list[bytes]:
    with av.open(str(path)) as box:
        return [frame.to_ndarray().tobytes() for frame in box.decode(video=0)]


def _kinds(said: list[str]) -> set[str]:
    return {what.split()[0] for what in said if what.startswith("normalizing")}


def test_clips_that_fit_are_stitched_bit_for_bit(clips: Clips, project: Project) -> None:
    """No picture is encoded; every decoded picture is the clip's; length, sound and sync are as exact as ever."""
    paths = [_fit(clips, n) for n in (1, 2, 3)]
    with noted() as said:
        film = finish(_cut(*(shot(f"S{n}", path) for n, path in enumerate(paths))), delivery(), project)
    assert {what.split()[0] for what in said if what} == {"reading", "encoding"}
    assert _pictures(film.file) == [picture for path in paths for picture in _pictures(path)]
    told = read_packets(str(film.file), "mov")
    assert (told.frames, told.vfr, told.fps, told.sound and told.sound.samples) == (144, False, 24, 144 * 2000)
    assert {probe(path).transfer for path in paths} == {None}
    assert (told.matrix, told.primaries, told.transfer, film.findings) == ("bt709", "bt709", "bt709", ())
    assert decodes(film.file, told)[0] == 144
    assert max(abs(a - b) for a, b in zip(flashes(film.file), beeps(film.file), strict=True)) < 0.006
    assert abs((film.loudness_lufs or 0) + 14) < 0.25


@pytest.mark.parametrize("turned", [
    ("-display_vflip",),
    pytest.param(("-display_hflip",), marks=(pytest.mark.slow, pytest.mark.nightly)),
    pytest.param(("-display_rotation", "90", "-display_hflip"), marks=(pytest.mark.slow, pytest.mark.nightly)),
])  # fmt: skip
def test_a_mirrored_clip_is_mirrored_in_the_film(clips: Clips, project: Project, tmp_path: Path, turned: tuple[str, ...]) -> None:
    """As players and filters show it: its pictures can't be copied as they are stored, however well they fit."""
    path = tmp_path / "mirrored.mp4"
    ffmpeg([*turned, "-i", str(_fit(clips, 1)), "-c", "copy", str(path)])
    assert probe(path).mirrored and not probe(_fit(clips, 1)).mirrored
    size = probe(path).size
    film = finish(_cut(shot("A", path)), delivery(size=size), project)
    due = tmp_path / "due.mkv"
    ffmpeg(["-i", str(path), "-c:v", "ffv1", "-an", str(due)])
    pairs = zip(pictures(film.file), pictures(due), strict=True)
    assert max(float(np.abs(a.astype(int) - b).mean()) for a, b in pairs) < 3


def test_the_picture_that_a_player_begins_with_is_shown(clips: Clips, project: Project, tmp_path: Path) -> None:
    """The stream that is marked so, not the first, copied or encoded."""
    path = tmp_path / "two.mp4"
    ffmpeg(["-i", str(_fit(clips, 2, "-g", "5")), "-i", str(_fit(clips, 1)), "-map", "0:v", "-map", "1", "-c", "copy", "-disposition:v:0", "0",
            "-disposition:v:1", "default", str(path)])  # fmt: skip
    for size in (Size(320, 192), Size(160, 96)):
        film = finish(_cut(shot("A", path)), delivery(size=size), project)
        assert read_film(film.file) == [(1, n) for n in range(48)]


def test_a_film_of_both_kinds_is_encoded_and_equal_to_a_fresh_one(clips: Clips, project: Project, tmp_path: Path) -> None:
    """One clip that doesn't fit: all are encoded in one way, whatever was copied before."""
    fit, other = [shot("A", _fit(clips, 1)), shot("B", _fit(clips, 2))], shot("B", clips.film(3, size=Size(256, 192)))
    finish(_cut(*fit), delivery(), project)
    mixed = finish(_cut(fit[0], other), delivery(), project)
    fresh = finish(_cut(fit[0], other), delivery(), Project(tmp_path / "fresh"))
    assert mixed.file.read_bytes() == fresh.file.read_bytes()
    assert read_film(mixed.file, (320, 192), (256, 192))[:48] == [(1, n) for n in range(48)]
    again, anew = finish(_cut(*fit), delivery(), project), finish(_cut(*fit), delivery(), Project(tmp_path / "anew"))
    assert again.file.read_bytes() == anew.file.read_bytes()


@pytest.mark.parametrize("what", ["settings", "slate", "transition"])
def test_what_can_not_be_joined_by_copying_is_encoded(clips: Clips, project: Project, what: str) -> None:
    """Another encoder's settings, a slate, a transition."""
    first, second = shot("A", _fit(clips, 1)), shot("B", _fit(clips, 2))
    if what == "settings":
        second = shot("B", _fit(clips, 2, "-refs", "1", "-profile:v", "main"))
    if what == "transition":
        second = replace(second, transition=Transition(Join.DISSOLVE, 6))
    with noted() as said:
        film = finish(_cut(first, slate("B") if what == "slate" else second), delivery(), project)
    assert "normalizing" in _kinds(said)
    assert read_film(film.file)[:48] == [(1, n) for n in range(48)]


def _probed(clips: Clips, *more: str) -> Probe:
    return probe(_fit(clips, 1, *more))


def test_what_fits(clips: Clips) -> None:
    """All of it, or up to a picture that no earlier one leans beyond."""
    probed = _probed(clips)
    assert probed.exact and probed.cuts[-1] == 48
    assert fits(probed, 48, delivery())
    inside = next(n for n in range(2, 48) if n not in probed.cuts)
    assert not fits(probed, inside, delivery())
    assert not fits(probed, 49, delivery())
    assert _probed(clips, "-bf", "0").cuts == tuple(range(1, 49))


@pytest.mark.parametrize(
    "other",
    [
        {"codec": "hevc"}, {"pix_fmt": "yuv444p"}, {"matrix": None}, {"full_range": True}, {"sar": Fraction(4, 3)}, {"rotation": 180}, {"hidden": 1},
        {"exact": False}, {"container": "matroska"}, {"fps": Fraction(25)}, {"width": 640},
        {"primaries": "bt2020"}, {"transfer": "smpte2084"},
    ],
)  # fmt: skip
def test_what_does_not_fit(clips: Clips, other: dict[str, object]) -> None:
    """Anything about it that isn't the delivery's."""
    assert not fits(replace(_probed(clips), **other), 48, delivery())  # type: ignore[arg-type]  # one field each


def test_other_deliveries_are_encoded(clips: Clips) -> None:
    """Another size or rate, or a limit on bytes that has to be met."""
    for to in (delivery(25), delivery(24, Size(640, 384)), replace(delivery(), max_bytes=10_000)):
        assert not fits(_probed(clips), 48, to)


def test_open_groups_and_jitter_are_not_exact(clips: Clips) -> None:
    """What can't be joined cleanly is not copied."""
    assert not probe(clips.quirk("open gop")).exact
    assert not probe(clips.quirk("dropped frames")).exact


def test_pictures_with_settings_of_their_own_are_not_exact(clips: Clips) -> None:
    """What a key frame says about itself may be another thing than the header does: such packets are not joined with others."""
    assert not _probed(clips, "-bsf:v", "dump_extra").exact


def test_where_pictures_lie(clips: Clips) -> None:
    """The index of a clip gives each packet's bytes, its frame and whether it is a key frame, in the order of the file."""
    path = _fit(clips, 1, "-g", "12")
    probed = probe(path)
    with av.open(str(path)) as box:
        step = int(1 / (box.streams.video[0].time_base * probed.fps))
        packets = [(packet.pts // step, packet.is_keyframe, bytes(packet)) for packet in box.demux(video=0) if packet.size]
    pictures = Pictures(path, probed.stored, probed.settings)
    assert [(one.frame, one.key, data) for one, data in pictures.read(0, 48)] == packets
    assert [data for _, data in pictures.read(12, 12)] == [data for frame, _, data in packets if 12 <= frame < 24]
    assert pictures.keys == [frame for frame, key, _ in packets if key]
    assert pictures.delay == max(n - frame for n, (frame, *_) in enumerate(packets)) > 0


@pytest.mark.parametrize(
    ("sound", "near"),
    [
        (("-c:a", "copy"), 0.0),
        (("-c:a", "aac", "-ac", "1"), 0.0),
        (("-c:a", "aac", "-ar", "44100"), 1e-4),
        (("-c:a", "aac", "-af", "atrim=end=1.3"), 1e-4),
        (("-c:a", "aac", "-af", "adelay=300:all=1,apad=pad_dur=1"), 0.0),
        (("-c:a", "libmp3lame"), 1e-4),
        (("-c:a", "aac", "-af", "volume=0"), 0.0),
    ],
    ids=["as it is", "mono", "44.1 kHz", "shorter", "late and longer", "mp3", "silent"],
)
def test_the_sound_of_a_copied_clip_is_that_of_an_encoded_one(clips: Clips, tmp_path: Path, sound: tuple[str, ...], near: float) -> None:
    """Decoded where the clip was read, it is what ffmpeg makes of it in a process of its own, and so are its readings."""
    path = tmp_path / "clip.mp4"
    pictures = ("-c:v", "libx264", "-preset", "ultrafast", "-bf", "0", *_TAGS)
    ffmpeg(["-i", str(clips.film(1)), *pictures, *sound, "-frames:v", "48", str(path)])
    for frames in (48, 30, 2):
        of = (path, digest(path), frames, delivery(), tmp_path / "store")
        copied, encoded = normalize(*of, own=own_pictures(*of, PLAIN)), normalize(*of)
        assert (copied.copied, encoded.copied) == (True, False)
        ours, theirs = (np.fromfile(one.sound, "<f4", 2 * one.samples) for one in (copied, encoded))
        assert len(ours) == len(theirs) == frames * 4000
        assert np.abs(ours - theirs).mean() <= near
        assert copied.reading.lufs == pytest.approx(encoded.reading.lufs, abs=0.02)
        assert copied.reading.peak_db == pytest.approx(encoded.reading.peak_db, abs=0.06)
        assert np.maximum(copied.moments, _FAINT) == pytest.approx(np.maximum(encoded.moments, _FAINT), abs=0.05)


@pytest.mark.parametrize("sound", [False, True])
def test_a_clip_without_sound_is_copied_with_silence(clips: Clips, tmp_path: Path, sound: bool) -> None:
    """Whether it has none, or none is wanted."""
    path = _fit(clips, 1) if not sound else tmp_path / "mute.mp4"
    if sound:
        ffmpeg(["-i", str(_fit(clips, 1)), "-c:v", "copy", "-an", str(path)])
    of = (path, digest(path), 48, delivery(), tmp_path / "store")
    made = normalize(*of, sound=sound, own=own_pictures(*of, PLAIN))
    assert made.copied and not np.fromfile(made.sound, "<f4").any()
    assert (len(np.fromfile(made.sound, "<f4")), made.reading.lufs) == (48 * 4000, None)


def test_a_file_that_ends_before_its_index_does_is_refused(clips: Clips, tmp_path: Path) -> None:
    """No shorter picture gets into a film."""
    path, probed = tmp_path / "short.mp4", _probed(clips)
    path.write_bytes(_fit(clips, 1).read_bytes()[:9000])
    with pytest.raises(MediaError, match="cut short"):
        list(Pictures(path, probed.stored, probed.settings).read(0, 48))


def test_a_cut_inside_a_copied_clip(clips: Clips, project: Project) -> None:
    """The first frames up to a clean cut are copied, no more and no fewer."""
    path = _fit(clips, 1)
    frames = probe(path).cuts[-4]
    film = finish(_cut(shot("A", path, frames), shot("B", _fit(clips, 2))), delivery(), project)
    assert film.frames == frames + 48
    assert _pictures(film.file)[:frames] == _pictures(path)[:frames]


def _copies(paths: Sequence[Path], to: Path) -> list[Path]:
    """The same bytes in other files, which no process has probed."""
    to.mkdir()
    return [Path(shutil.copyfile(path, to / path.name)) for path in paths]


def test_what_receipt_keeps_of_a_clip_is_not_found_again(
    clips: Clips, project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No child reads a clip whose probe and sound are kept, and the film is the one that is made from nothing."""
    paths = [_fit(clips, n) for n in (1, 2)]
    lengths = (probe(paths[0]).cuts[-4], 48)
    fresh, due = Project(tmp_path / "fresh"), _cut(*map(shot, "AB", paths, lengths))
    made = finish(due, delivery(), fresh)
    for path in paths:
        clip_facts.keep(path, digest(path), project.normalized)
    unread = _copies(paths, tmp_path / "unread")
    monkeypatch.setattr(workers, "ask", lambda *_, what: pytest.fail(what))
    film = finish(_cut(*map(shot, "AB", unread, lengths)), delivery(), project)
    assert film.file.read_bytes() == made.file.read_bytes()
    assert (film.findings, film.loudness_lufs) == ((), made.loudness_lufs)


@pytest.mark.parametrize("damage", ["probe", "sound", "wave", "notes cut off"])
def test_what_is_missing_of_a_kept_clip_is_found_again(clips: Clips, tmp_path: Path, damage: str) -> None:
    """Whichever file of it was deleted or changed: the same sound, with the same reading."""
    path, folder = _fit(clips, 1), tmp_path / "store"
    clip_facts.keep(path, digest(path), folder)
    whole = clip_facts.sound(path, digest(path), folder)
    wave, note = whole.file.read_bytes(), whole.file.with_suffix(".json")
    if damage == "wave":
        whole.file.write_bytes(bytes(len(wave)))
    elif damage == "sound":
        note.unlink()
    elif damage == "notes cut off":
        for one in folder.rglob("*.json"):
            one.write_text('{"lufs"')
    else:
        next(one for one in folder.rglob("*.json") if one != note).unlink()
    assert clip_facts.sound(path, digest(path), folder) == whole
    assert whole.file.read_bytes() == wave
    assert clip_facts.probed(path, digest(path), folder) == probe(path)


def test_a_clip_that_can_not_be_read_is_kept_as_nothing(tmp_path: Path) -> None:
    """Receipt has judged it already; finishing says what is wrong."""
    path = tmp_path / "page.mp4"
    path.write_text("<html>")
    clip_facts.keep(path, digest(path), tmp_path / "store")
    assert not (tmp_path / "store").exists()
    with pytest.raises(MediaError, match="not a film"):
        clip_facts.probed(path, digest(path), tmp_path / "store")


def test_a_cut_off_note_is_made_again(clips: Clips, project: Project) -> None:
    """A full disk or a copied folder may leave one: the film is made from what it was made from before."""
    due = _cut(shot("A", clips.film(1), 48), shot("B", _fit(clips, 2), 48))
    made = finish(due, delivery(), project).file.read_bytes()
    for note in project.normalized.rglob("*.json"):
        note.write_text("")
    for film in project.out.iterdir():
        film.unlink()
    assert finish(due, delivery(), project).file.read_bytes() == made
