"""What the author's pictures and sounds are, counted in what decodes."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

from callsheet.domain.errors import MediaError
from callsheet.domain.shots.shot import Size
from callsheet.media.inspect import measure_inputs
from callsheet.services.protocol.media_ref import mime_of
from tests.media_files import png, wav
from tests.runners import ffmpeg


def made(folder: Path, ending: str, source: str, *more: str) -> bytes:
    path = folder / f"made.{ending}"
    ffmpeg(["-v", "error", "-f", "lavfi", "-i", source, *more, str(path)])
    return path.read_bytes()


@pytest.mark.parametrize("ending", ["png", "jpg", "gif", "bmp", "webp"])
def test_a_picture_of_any_kind_has_its_size(tmp_path: Path, ending: str) -> None:
    """Known by its bytes; of a moving one the first picture counts."""
    data = made(tmp_path, ending, "testsrc2=s=322x194:d=1", "-frames:v", "1")
    assert measure_inputs.picture(data, mime_of(data)) == Size(322, 194)


@pytest.mark.parametrize(("ending", "slack"), [("wav", 0), ("flac", 0), ("mp3", Fraction(1, 10)), ("ogg", Fraction(1, 50))])
def test_a_sound_of_any_kind_has_its_length(tmp_path: Path, ending: str, slack: Fraction) -> None:
    """In decoded samples, whatever its rate: to the sample where the kind keeps them."""
    data = made(tmp_path, ending, "sine=f=440:r=44100:d=2.5")
    assert abs(measure_inputs.sound(data, mime_of(data)).seconds - Fraction(5, 2)) <= slack


def test_the_header_of_a_sound_is_not_believed() -> None:
    """A WAV that was cut short lasts as long as what is there."""
    assert measure_inputs.sound(wav(3)[: 44 + 2 * 48_000], "audio/wav").seconds == 1


@pytest.mark.parametrize(("silence", "seconds"), [(0, 3), (0.1, 3), (1.5, 3), (2, 3), (0.3, 0.3), (0.2, 1)])
def test_the_silence_at_the_beginning_is_measured(tmp_path: Path, silence: float, seconds: float) -> None:
    """To the sample, up to two seconds; hiss below -50 dBFS is silence."""
    data = made(tmp_path, "wav", f"aevalsrc='if(lt(t,{silence}),0.002*sin(900*t),0.4*cos(2700*t))':s=48000:d={seconds}")
    lengths = measure_inputs.sound(data, "audio/wav")
    assert lengths.seconds == Fraction(str(seconds))
    assert abs(lengths.leading_silence - Fraction(str(silence))) < Fraction(1, 1000)


def test_rubbish_behind_a_sound_is_no_fault(tmp_path: Path) -> None:
    """As taggers leave it."""
    data = made(tmp_path, "mp3", "sine=f=440:d=1")
    assert abs(measure_inputs.sound(data + b"TAG" + bytes(125), "audio/mpeg").seconds - 1) < Fraction(1, 10)


@pytest.mark.parametrize("ending", ["png", "jpg", "webp"])
def test_what_a_camera_put_behind_a_picture_is_no_fault(tmp_path: Path, ending: str) -> None:
    """A second picture, a film, anything: the first one counts."""
    data = made(tmp_path, ending, "testsrc2=s=322x194:d=1", "-frames:v", "1")
    for behind in (png(64, 64), bytes(range(256)) * 40):
        assert measure_inputs.picture(data + behind, mime_of(data)) == Size(322, 194)


def test_half_a_picture_is_none(tmp_path: Path) -> None:
    """PNG and JPEG that were cut short are refused, and so is a picture that isn't one."""
    jpeg = made(tmp_path, "jpg", "testsrc2=s=320x192:d=1", "-frames:v", "1")
    for data, mime in ((png()[:60], "image/png"), (jpeg[: len(jpeg) // 2], "image/jpeg"), (b"BM hello", "image/bmp")):
        with pytest.raises(MediaError):
            measure_inputs.picture(data, mime)


def test_a_sound_without_a_sample_is_none() -> None:
    """An empty WAV, and text that begins like one."""
    for data in (wav(0), b"RIFF\0\0\0\0WAVEhello"):
        with pytest.raises(MediaError):
            measure_inputs.sound(data, "audio/wav")


def test_a_picture_larger_than_anything_here_opens_is_refused() -> None:
    """By its header, before memory is taken for it."""
    huge = png(1, 1).replace((1).to_bytes(4, "big") * 2, (60_000).to_bytes(4, "big") * 2, 1)
    with pytest.raises(MediaError):
        measure_inputs.picture(huge, "image/png")
