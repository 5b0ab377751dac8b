"""What a file holds, and which files are refused."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest

from callsheet.domain.errors import MediaError
from callsheet.domain.shots.shot import Size
from callsheet.media.inspect.probe import decodes, inspect_clip, probe, sniff, workers
from tests.media.clips import Clips
from tests.runners import ffmpeg


def test_a_plain_film_is_read_exactly(clips: Clips) -> None:
    """Size, rate, length and sound come from the packets, as exact numbers."""
    told = inspect_clip(clips.film(3, frames=60, fps=25))
    assert (told.container, told.codec, told.size, told.aspect) == ("mov", "h264", Size(320, 192), Fraction(5, 3))
    assert (told.frames, told.hidden, told.fps, told.duration, told.vfr, told.offset) == (60, 0, 25, Fraction(60, 25), False, 0)
    assert told.sound is not None
    assert (told.sound.codec, told.sound.rate, told.sound.samples) == ("aac", 48_000, 60 * 1920)


def test_frames_and_samples_are_counted_by_decoding(clips: Clips) -> None:
    """What decodes is as much as the packets promise."""
    path = clips.film(3, frames=60, fps=25)
    assert decodes(path, probe(path)) == (60, 60 * 1920)


def test_a_file_is_read_once_until_it_changes(clips: Clips, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Asked again, and under the name that it has on the shelf, nothing is started; other bytes under that name are read anew."""
    path, shelved = tmp_path / "part", tmp_path / "clip.mp4"
    path.write_bytes(clips.film(3, frames=60, fps=25).read_bytes())
    started: list[str] = []
    ask = workers.ask
    monkeypatch.setattr(workers, "ask", lambda *words, what: started.append(what) or ask(*words, what=what))
    first = probe(path)
    path.rename(shelved)
    assert probe(shelved) == first
    assert started == ["reading part"]
    shelved.write_bytes(clips.film(4, frames=48).read_bytes())
    assert probe(shelved).frames == 48
    assert started == ["reading part", "reading clip.mp4"]


@pytest.mark.parametrize(("container", "demuxer"), [("MP4", "mov"), ("MOV", "mov"), ("WEBM", "matroska")])
def test_the_demuxer_follows_the_first_bytes(clips: Clips, container: str, demuxer: str) -> None:
    """Whatever its name, a file is opened as what it is."""
    path = clips.film(2, container=container)
    told = inspect_clip(path)
    assert (sniff(path), told.container, told.frames, told.fps) == (demuxer, demuxer, 48, 24)


def test_a_clip_without_sound_has_none(clips: Clips) -> None:
    """No sound stream, no sound."""
    assert inspect_clip(clips.film(4, sound=False)).sound is None


def test_a_late_picture_is_an_offset(clips: Clips) -> None:
    """The first picture's time after the file's start is what the sound has to move by."""
    assert abs(probe(clips.quirk("picture late")).offset - Fraction(1, 4)) < Fraction(1, 1000)


def test_a_turned_picture_is_told_as_shown(clips: Clips) -> None:
    """Size and aspect are those that a viewer sees."""
    told = probe(clips.quirk("turned"))
    assert (told.rotation, told.size, told.aspect) == (90, Size(192, 320), Fraction(3, 5))


def test_dropped_frames_are_seen_as_an_uneven_rate(clips: Clips) -> None:
    """A variable rate is seen, and the length is still right."""
    told = inspect_clip(clips.quirk("dropped frames"))
    assert told.vfr
    assert told.frames < 48
    assert told.frames_at(Fraction(24)) == 48


@pytest.mark.parametrize("name", ["fragmented", "vp9", "ntsc", "open gop", "mono 22 kHz", "transport stream"])
def test_even_rates_are_not_taken_for_uneven_ones(clips: Clips, name: str) -> None:
    """Neither millisecond clocks nor fragments look like a variable rate."""
    told = inspect_clip(clips.quirk(name, ending="webm" if name == "vp9" else "mp4"))
    assert not told.vfr
    assert told.fps == (Fraction(30000, 1001) if name == "ntsc" else 24)


def test_a_transport_stream_is_read_from_where_it_starts(clips: Clips) -> None:
    """It starts at 1.4 s: the offset is only what the sound begins before the picture, and as much sound decodes as its packets tell."""
    told = inspect_clip(clips.quirk("transport stream"))
    assert (told.container, told.frames, told.fps, told.duration) == ("mpegts", 48, 24, 2)
    assert told.sound is not None
    assert (told.offset, told.sound.samples) == (Fraction(1024, 48_000), 48 * 2000 + 1024 + 256)


def test_sound_that_starts_late_is_no_longer_for_it(clips: Clips, tmp_path: Path) -> None:
    """Where a file doesn't say how long its sound is, that is counted from its first packet."""
    late = tmp_path / "late.mkv"
    ffmpeg(["-i", str(clips.film(1)), "-c", "copy", "-output_ts_offset", "1.46", str(late)])
    told = inspect_clip(late)
    assert told.sound is not None and abs((told.sound.samples or 0) - 97_000) < 500


def test_frames_that_an_edit_list_hides_are_not_counted(clips: Clips) -> None:
    """Only what is shown counts; the rest is told apart."""
    told = inspect_clip(clips.quirk("hidden start"))
    assert told.frames + told.hidden == 48
    assert told.hidden > 0


def test_a_cover_picture_is_not_the_film(clips: Clips) -> None:
    """A picture attached to the file is passed over."""
    told = inspect_clip(clips.quirk("cover art"))
    assert (told.size, told.frames) == (Size(320, 192), 48)


def _page(path: Path, clips: Clips) -> None:
    path.write_text("<!DOCTYPE html><html><body>502 Bad Gateway</body></html>")


def _playlist(path: Path, clips: Clips) -> None:
    path.write_text(f"#EXTM3U\n#EXT-X-VERSION:3\n#EXTINF:3,\nfile://{clips.film(1)}\n#EXT-X-ENDLIST\n")


def _concat(path: Path, clips: Clips) -> None:
    path.write_text(f"ffconcat version 1.0\nfile {clips.film(1)}\n")


def _drawing(path: Path, clips: Clips) -> None:
    path.write_text('<svg xmlns="http://www.w3.org/2000/svg" width="64" height="64"><rect width="9" height="9"/></svg>')


def _empty(path: Path, clips: Clips) -> None:
    path.touch()


def _cut_pictures(path: Path, clips: Clips) -> None:
    whole = clips.quirk("index in front").read_bytes()
    path.write_bytes(whole[: len(whole) * 3 // 5])


def _cut_index(path: Path, clips: Clips) -> None:
    source = clips.folder / "index-behind.mp4"
    ffmpeg(["-i", str(clips.film(1)), "-c", "copy", str(source)])
    path.write_bytes(source.read_bytes()[:-2000])


def test_an_index_that_is_cut_anywhere_ends_no_child(clips: Clips, tmp_path: Path) -> None:
    """Whatever of it is left, and whether its size was put right: it is the index of a film, perhaps of a shorter one, or the reason is the file."""
    source, path = tmp_path / "behind.mp4", tmp_path / "cut.mp4"
    ffmpeg(["-i", str(clips.film(1)), "-c", "copy", str(source)])
    data = source.read_bytes()
    index, refused = data.index(b"moov") - 4, 0
    for end in range(index, len(data), 41):
        for size in (data[index : index + 4], (end - index).to_bytes(4, "big")):
            path.write_bytes(data[:index] + size + data[index + 4 : max(end, index + 4)])
            try:
                inspect_clip(path)
            except MediaError as error:
                assert "not a complete film" in str(error)
                refused += 1
    assert refused > 40


def _sound_only(path: Path, clips: Clips) -> None:
    ffmpeg(["-i", str(clips.film(1)), "-vn", "-c", "copy", str(path)])


def _stands_still(path: Path, clips: Clips) -> None:
    ffmpeg(["-i", str(clips.film(1)), "-an", "-vf", "setpts=PTS+gt(N\\,10)*9000/TB", "-fps_mode", "passthrough", str(path)])


def _damaged(path: Path, clips: Clips) -> None:
    data = bytearray(clips.quirk("index in front").read_bytes())
    start = data.index(b"mdat") + 2000
    data[start : start + 3000] = b"\xff" * 3000
    path.write_bytes(bytes(data))


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (_page, "not a film: it starts with '<!DOCTYPE html>"),
        (_playlist, "not a film: it starts with '#EXTM3U"),
        (_concat, "not a film: it starts with 'ffconcat"),
        (_drawing, "not a film: it starts with '<svg"),
        (_empty, "not a film: it is empty"),
        (_cut_pictures, "not a complete film"),
        (_cut_index, "not a complete film"),
        (_sound_only, "it has no picture"),
        (_stands_still, "its picture freezes for 9000.0 s"),
        (_damaged, "not a complete film"),
    ],
)
def test_what_is_no_film_is_refused_with_a_reason(clips: Clips, tmp_path: Path, make: object, reason: str) -> None:
    """Pages, playlists, scripts, drawings, and cut or damaged files never become clips."""
    path = tmp_path / "bought.mp4"
    assert callable(make)
    make(path, clips)
    with pytest.raises(MediaError, match=r"(?s).*") as refused:
        inspect_clip(path)
    assert reason in str(refused.value)
    assert refused.value.problems[0].help


def test_fewer_frames_than_promised_are_refused(clips: Clips) -> None:
    """A file whose index promises more than decodes is not whole."""
    path = clips.film(1)
    with pytest.raises(MediaError, match="48 of 49 frames decode"):
        decodes(path, replace(probe(path), frames=49))


def test_less_sound_than_promised_is_refused(clips: Clips) -> None:
    """So is one whose sound ends early."""
    path = clips.film(1)
    told = probe(path)
    assert told.sound is not None
    with pytest.raises(MediaError, match="sound samples decode"):
        decodes(path, replace(told, sound=replace(told.sound, samples=200_000)))


def test_a_module_in_the_current_folder_is_not_run(clips: Clips, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The limited child takes its modules from the installation, never from the folder that one stands in."""
    (tmp_path / "av.py").write_text("raise SystemExit('run from the current folder')")
    monkeypatch.chdir(tmp_path)
    workers.close()
    assert probe(clips.film(1)).frames == 48
