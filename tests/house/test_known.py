"""The ffmpeg that remembers (tests/known.py) never gives one file's news for another's."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from callsheet.domain.errors import MediaError
from callsheet.media.ffmpeg import runner
from callsheet.media.ffmpeg.runner import Ran
from tests.known import remember


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """What each real child was given to read; it writes that back in capitals, and fails at `bad`."""
    seen: list[bytes] = []

    def run(args: Sequence[str], *, stdin: bytes | None = None, **_how: Any) -> Ran:
        data = Path(args[1]).read_bytes() + (stdin or b"")
        seen.append(data)
        if data == b"bad":
            raise MediaError("no film", help="none")
        Path(args[-1]).write_bytes(data.upper())
        return Ran(data, "said")

    monkeypatch.setattr(runner, "run", run)
    remember(monkeypatch)
    return seen


def made(folder: Path, data: bytes, *, option: str = "-an", stdin: Any = None) -> bytes:
    """What stands in the file that a command line makes, in a folder of its own."""
    folder.mkdir(exist_ok=True)
    source, to = folder / "in.mp4", folder / f"out{len(list(folder.iterdir()))}.mp4"
    source.write_bytes(data)
    assert runner.run(["-i", str(source), option, f"subtitles='{source}'", str(to)], stdin=stdin).stderr == "said"
    return to.read_bytes()


def test_the_same_bytes_are_read_once_wherever_they_are(started: list[bytes], tmp_path: Path, seed: int) -> None:
    """Another folder's file of the same content gives the same file, and no second child."""
    data = b"film %d" % seed
    assert made(tmp_path / "a", data) == made(tmp_path / "b", data) == data.upper()
    assert started == [data]


def test_other_bytes_other_words_and_another_input_are_other_films(started: list[bytes], tmp_path: Path, seed: int) -> None:
    """At the same path too, and whether the input comes whole or in pieces."""
    data = b"other %d" % seed
    made(tmp_path, data)
    made(tmp_path, data + b"!")
    made(tmp_path, data, option="-sn")
    made(tmp_path, data, stdin=b"xy")
    assert made(tmp_path, data, stdin=iter([b"x", b"y"])) == data.upper() + b"XY"
    assert started == [data, data + b"!", data, data + b"xy"]


def test_a_file_that_is_written_over_is_made(started: list[bytes], tmp_path: Path, seed: int) -> None:
    """What stood under its name is neither read nor left there."""
    data = b"over %d" % seed
    source, to = tmp_path / "in.mp4", tmp_path / "out.mp4"
    source.write_bytes(data)
    for before in (b"before", b"before", b"something else"):
        to.write_bytes(before)
        runner.run(["-i", str(source), "-an", str(to)])
        assert to.read_bytes() == data.upper()
    assert started == [data]


def test_a_failure_is_not_remembered(started: list[bytes], tmp_path: Path) -> None:
    """It fails each time anew."""
    for _ in range(2):
        with pytest.raises(MediaError):
            made(tmp_path, b"bad")
    assert started == [b"bad", b"bad"]


def test_a_path_that_can_not_be_made_out_is_not_remembered(started: list[bytes], tmp_path: Path, seed: int) -> None:
    """A folder's name with a blank in it, within a filter: each time anew."""
    data = b"blank %d" % seed
    made(tmp_path / "of two words", data)
    made(tmp_path / "of two words", data)
    assert started == [data, data]


def test_a_filter_may_be_longer_than_any_files_name(started: list[bytes], tmp_path: Path, seed: int) -> None:
    """It is a word like others."""
    data = b"long %d" % seed
    assert made(tmp_path / "a", data, option="x" * 5000) == made(tmp_path / "b", data, option="x" * 5000)
    assert started == [data]
