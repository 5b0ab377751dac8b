"""The runner that remembers (tests/runners.py) never gives one command's result for another's."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from callsheet.domain.errors import MediaError
from callsheet.media.ffmpeg import runner
from callsheet.media.ffmpeg.child_process import Limits
from callsheet.media.ffmpeg.command import Command
from callsheet.media.ffmpeg.runner import Ran
from tests.runners import Remembered


@dataclass
class Service:
    """In place of ffmpeg: it writes what it reads in capitals, fails at `bad`, and notes each start."""

    folder: Path
    started: list[bytes] = field(default_factory=list[bytes])

    def __call__(self, command: Command, *, limits: Limits, stdin: bytes | Iterable[bytes] | None, what: str) -> Ran:
        assert isinstance(stdin, bytes | None)
        data = b"".join(path.read_bytes() for path in command.reads) + (stdin or b"")
        self.started.append(data)
        if data == b"bad":
            raise MediaError("no film", help="none")
        for path in command.writes:
            path.write_bytes(data.upper())
        return Ran(data, "said")

    def make(self, where: str, data: bytes, options: dict[str, str] | None = None, stdin: bytes | Iterable[bytes] | None = None) -> bytes:
        """What a command makes of a file with this content, in a folder of its own."""
        folder = self.folder / where
        folder.mkdir(exist_ok=True)
        source, to = folder / "in.mp4", folder / "out.mp4"
        source.write_bytes(data)
        command = Command().input(source, {}).output(to, {"vf": f"subtitles='{source}'", **(options or {})})
        with runner.using(Remembered(self.folder / "remembered", self)):
            assert runner.run(command, stdin=stdin).stderr == "said"
        return to.read_bytes()


@pytest.fixture
def service(tmp_path: Path) -> Service:
    """With an empty memory."""
    return Service(tmp_path)


def test_the_same_content_is_read_once_wherever_it_is(service: Service) -> None:
    """Another folder's file of the same content gives the same file, and no second child."""
    assert service.make("a", b"film") == service.make("b", b"film") == b"FILM"
    assert service.started == [b"film"]


def test_a_last_box_that_players_skip_is_no_other_film(service: Service) -> None:
    """It only makes a job's film its own; a box that something follows, or of another length, is content."""
    box = (8 + 3).to_bytes(4, "big") + b"free" + b"job"
    assert service.make("a", b"film" + box) == service.make("b", b"film" + box[:-3] + b"JOB")
    service.make("a", b"film" + box + b"more")
    service.make("a", b"film" + box[:-1])
    assert service.started == [b"film" + box, b"film" + box + b"more", b"film" + box[:-1]]


def test_other_content_other_words_and_another_standard_input_are_other_commands(service: Service) -> None:
    """At the same path too, and whether the input comes whole or in pieces."""
    service.make("a", b"film")
    service.make("a", b"film!")
    service.make("a", b"film", {"c": "copy"})
    service.make("a", b"film", stdin=b"xy")
    assert service.make("a", b"film", stdin=iter([b"x", b"y"])) == b"FILMXY"
    assert service.started == [b"film", b"film!", b"film", b"filmxy"]


def test_a_file_that_is_written_over_is_made(service: Service) -> None:
    """What had its name before is neither read nor left there."""
    for before in (b"before", b"before", b"something else"):
        (service.folder / "a").mkdir(exist_ok=True)
        (service.folder / "a" / "out.mp4").write_bytes(before)
        assert service.make("a", b"film") == b"FILM"
    assert service.started == [b"film"]


def test_a_failure_is_not_remembered(service: Service) -> None:
    """It fails each time anew."""
    for _ in range(2):
        with pytest.raises(MediaError):
            service.make("a", b"bad")
    assert service.started == [b"bad", b"bad"]


def test_a_file_that_is_missing_is_the_runners_to_report(service: Service) -> None:
    """The command is carried out, and nothing is remembered of it."""
    with pytest.raises(FileNotFoundError, match="nowhere"), runner.using(Remembered(service.folder / "remembered", service)):
        runner.run(Command().input(service.folder / "nowhere", {}))
    assert not (service.folder / "remembered").exists()


def test_the_runner_before_is_back_afterwards(service: Service) -> None:
    """Whatever ended its use."""
    with pytest.raises(MediaError), runner.using(service):
        runner.run(Command(), stdin=b"bad")
    assert runner.listing("version").startswith("ffmpeg version")
