"""The runner: what it gives back, and what it says when something fails."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from callsheet.domain.errors import MediaError, MediaFault
from callsheet.media.ffmpeg import runner
from callsheet.media.ffmpeg.runner import Limits
from tests.runners import ffmpeg

_ENDLESS = ["-f", "lavfi", "-i", "anullsrc", "-f", "null", "-"]


def test_what_it_says_comes_back() -> None:
    """Standard output as bytes, standard error as text."""
    ran = ffmpeg(["-f", "lavfi", "-i", "anullsrc,atrim=end_sample=10", "-f", "s16le", "-"])
    assert ran.stdout == bytes(40)
    assert "Output #0" in ran.stderr


def test_a_failure_is_told_in_its_last_words() -> None:
    """The error says what was tried, how it ended and why."""
    with pytest.raises(MediaError, match=r"trying failed \(exit \d+\): .*nowhere\.mp4.*No such file"):
        ffmpeg(["-i", "nowhere.mp4", "-f", "null", "-"], what="trying")


def test_too_long_is_an_end(tmp_path: Path) -> None:
    """The wall clock is a limit, and the child is gone afterwards."""
    with pytest.raises(MediaError, match="waiting took longer than 0 s"):
        ffmpeg(_ENDLESS, limits=Limits(wall_s=0.2), what="waiting")


def test_processor_time_is_a_limit() -> None:
    """A child that computes for ever is stopped by the kernel."""
    with pytest.raises(MediaError, match="computing failed"):
        ffmpeg(_ENDLESS, limits=Limits(cpu_s=1, wall_s=60), what="computing")


def test_output_is_a_limit(tmp_path: Path) -> None:
    """A file can't grow beyond its bound."""
    with pytest.raises(MediaError):
        ffmpeg(["-f", "lavfi", "-i", "anullsrc", "-t", "60", str(tmp_path / "a.wav")], limits=Limits(output=100_000))
    assert (tmp_path / "a.wav").stat().st_size <= 100_000


def test_sound_flows_in_as_it_is_made() -> None:
    """Chunks of a generator reach the child in order."""
    chunks = (bytes([n]) * 40_000 for n in range(50))
    ran = ffmpeg(["-f", "u8", "-ar", "48000", "-ac", "1", "-i", "pipe:0", "-f", "u8", "-"], stdin=chunks)
    assert ran.stdout == b"".join(bytes([n]) * 40_000 for n in range(50))


def test_bytes_flow_in_as_a_whole() -> None:
    """Plain bytes will do."""
    ran = ffmpeg(["-f", "u8", "-ar", "48000", "-ac", "1", "-i", "pipe:0", "-f", "u8", "-"], stdin=b"abcd")
    assert ran.stdout == b"abcd"


def test_a_fault_in_making_the_sound_is_raised_as_it_is() -> None:
    """Not as a failure of ffmpeg."""

    def chunks() -> Iterator[bytes]:
        yield b"1234"
        raise MediaError("a clip's sound is short")

    with pytest.raises(MediaError, match="a clip's sound is short"):
        ffmpeg(["-f", "u8", "-ar", "48000", "-ac", "1", "-i", "pipe:0", "-f", "null", "-"], stdin=chunks())


def test_a_child_that_stops_reading_says_why_itself() -> None:
    """A broken pipe hides no reason."""
    with pytest.raises(MediaError, match="Unknown input format"):
        ffmpeg(["-f", "nonsense", "-i", "pipe:0", "-f", "null", "-"], stdin=(bytes(100_000) for _ in range(100)))


def test_another_ffmpeg_that_is_not_there_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """CALLSHEET_FFMPEG is named in the help."""
    monkeypatch.setattr(runner, "executable", lambda: "/nowhere/ffmpeg")
    with pytest.raises(MediaError, match="/nowhere/ffmpeg can't be started") as refused:
        ffmpeg(["-version"])
    assert "CALLSHEET_FFMPEG" in refused.value.problems[0].help


@pytest.mark.parametrize(
    ("said", "help"),
    [
        ("No space left on device", "free space on the project's disk"),
        ("Disk quota exceeded", "free space within your quota"),
        ("Cannot allocate memory", "more memory"),
        ("Invalid data found", "callsheet doctor"),
    ],
)
def test_what_the_machine_lacks_is_named_with_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: str, help: str) -> None:
    """A full disk is no fault of ffmpeg's, so nobody is sent to look at that."""
    program = tmp_path / "ffmpeg"
    program.write_text(f"#!/bin/sh\necho 'Error writing trailer: {said}' >&2\nexit 228\n")
    program.chmod(0o755)
    monkeypatch.setattr(runner, "executable", lambda: str(program))
    with pytest.raises(MediaError, match=said) as failed:
        ffmpeg(["-version"])
    assert help in failed.value.problems[0].help
    assert isinstance(failed.value, MediaFault) == (said != "Invalid data found")


def test_the_bundled_build_is_known_by_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is started to know it; another build is asked."""
    monkeypatch.setattr(runner, "version", lambda: "5.1.9")
    monkeypatch.setattr(runner, "executable", lambda: "/x/ffmpeg-linux-x86_64-v9.0.2")
    assert runner.build() == "ffmpeg-linux-x86_64-v9.0.2"
    monkeypatch.setattr(runner, "executable", lambda: "/usr/bin/ffmpeg")
    assert runner.build() == "ffmpeg 5.1.9"


def test_the_font_travels_with_the_package() -> None:
    """The bundled ffmpeg has none."""
    assert runner.font().is_file()
