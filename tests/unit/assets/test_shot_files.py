"""The files that a list names: what is read, what is refused and where that is said, and that one file is read once."""

from __future__ import annotations

import base64
import os
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from callsheet.assets.shot_files import MOST, Inputs, read_inputs
from callsheet.domain.shots.shot import Origin, Shot, Size, Status
from callsheet.services.protocol.media_ref import MediaRef
from tests.media_files import png, wav

ID = "6f1d8c52-1b7e-4a53-9a53-3f6f2f6c1d00"


def shot(row: int = 2, status: Status = Status.READY, **cells: Any) -> Shot:
    return Shot(
        list="spot", shot_id=f"S{row}", prompt="A pier", sequence="spot", origin=Origin("spot.csv", row, row), duration_s=Decimal(3),
        status=status, **cells,
    )  # fmt: skip


def read(folder: Path, *shots: Shot) -> Inputs:
    return read_inputs(shots, folder, folder)


def of(folder: Path, **cells: Any) -> MediaRef:
    """The one file that is named."""
    one = shot(**cells)
    [file] = [file for file in read(folder, one).of(one) if file is not None]
    assert isinstance(file, MediaRef), read(folder, one).wrong
    return file


def refused(folder: Path, **cells: Any) -> tuple[str, str]:
    """Code and message of the one refusal."""
    one = shot(**cells)
    [(column, problem)] = read(folder, one).problems(one).items()
    assert (column, problem.column) == (next(iter(cells)),) * 2
    assert problem.help
    return problem.code, problem.message


def test_a_picture_is_read_with_its_size_and_digest(tmp_path: Path) -> None:
    """By its bytes, whatever it is called."""
    (tmp_path / "refs").mkdir()
    (tmp_path / "refs" / "pier.dat").write_bytes(png(640, 360))
    found = of(tmp_path, first_frame="refs/pier.dat")
    assert (found.cell, found.mime, found.size, found.data) == ("refs/pier.dat", "image/png", Size(640, 360), png(640, 360))


def test_a_sound_is_read_with_its_length(tmp_path: Path) -> None:
    """In seconds, exact."""
    (tmp_path / "vo.wav").write_bytes(wav(2.5))
    assert of(tmp_path, audio="vo.wav").seconds == Fraction(5, 2)


def test_addresses_and_uploads_are_not_opened(tmp_path: Path) -> None:
    """https, http of this machine, the id of an upload: they go along as they are; an address's question is not shown."""
    assert of(tmp_path, first_frame="https://x.test/a.png").url == "https://x.test/a.png"
    assert of(tmp_path, first_frame="http://127.0.0.1:9/a.png").url == "http://127.0.0.1:9/a.png"
    signed = of(tmp_path, first_frame="https://x.test/a.png?signature=canary")
    assert (signed.url, signed.cell) == ("https://x.test/a.png?signature=canary", "https://x.test/a.png?...")
    assert of(tmp_path, first_frame=ID).uploaded


def test_a_data_uri_is_a_file(tmp_path: Path) -> None:
    """Measured as one; in words it is short."""
    found = of(tmp_path, first_frame=f"data:image/jpeg;base64,{base64.b64encode(png()).decode()}")
    assert (found.mime, found.size, found.cell) == ("image/png", Size(320, 192), "data:image/jpeg;base64,...")


@pytest.mark.parametrize(
    ("cells", "code", "says"),
    [
        ({"first_frame": "gone.png"}, "not-a-file", "is not a file"),
        ({"first_frame": "refs"}, "not-a-file", "is not a file"),
        ({"first_frame": "../outside.png"}, "outside", "outside the project's folder"),
        ({"first_frame": "link.png"}, "outside", "outside the project's folder"),
        ({"first_frame": "/etc/passwd"}, "outside", "outside the project's folder"),
        ({"first_frame": "vo.wav"}, "wrong-kind", "a picture format"),
        ({"audio": "pier.png"}, "wrong-kind", "a sound format"),
        ({"first_frame": "text.png"}, "wrong-kind", "a picture format"),
        ({"first_frame": "half.png"}, "damaged", "can't be read as a picture"),
        ({"audio": "empty.wav"}, "damaged", "can't be read as a sound"),
        ({"first_frame": "large.png"}, "too-large", "MB"),
        ({"first_frame": "round.png"}, "unreadable", "can't be read"),
        ({"first_frame": "http://x.test/a.png"}, "bad-url", "not an https address"),
        ({"first_frame": "https://ann:secret@x.test/a.png"}, "bad-url", "password"),
        ({"first_frame": "https://"}, "bad-url", "not an https address"),
        ({"first_frame": "https://[::1/a.png"}, "bad-url", "not an https address"),
        ({"first_frame": "ftp://x.test/a.png"}, "bad-url", "is not a URL"),
        ({"first_frame": "file:///etc/passwd"}, "bad-url", "is not a URL"),
        ({"first_frame": "data:image/png;base64,!!"}, "bad-data-uri", "not base64"),
        ({"first_frame": "data:image/png"}, "bad-data-uri", "not a data URI"),
        ({"audio": "@prev"}, "not-a-file", "another shot"),
    ],
)
def test_what_can_not_be_used_is_told_at_its_cell(tmp_path: Path, cells: dict[str, str], code: str, says: str) -> None:
    """With what is wrong and what to do; nothing is opened outside the project."""
    folder = tmp_path / "film"
    (folder / "refs").mkdir(parents=True)
    (tmp_path / "outside.png").write_bytes(png())
    (folder / "link.png").symlink_to(tmp_path / "outside.png")
    (folder / "round.png").symlink_to(folder / "round.png")
    (folder / "vo.wav").write_bytes(wav(1))
    (folder / "pier.png").write_bytes(png())
    (folder / "text.png").write_text("hello")
    (folder / "half.png").write_bytes(png()[:60])
    (folder / "empty.wav").write_bytes(wav(0))
    with (folder / "large.png").open("wb") as large:
        large.truncate(MOST + 1)
    found, message = refused(folder, **cells)
    assert found == code
    assert says in message
    assert "secret" not in message or "ann" in cells["first_frame"]


def test_a_file_without_rights_is_told_as_such(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the system's own word."""
    (tmp_path / "pier.png").write_bytes(png(shade=9))

    def denied(_path: Path) -> bytes:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_bytes", denied)
    assert refused(tmp_path, first_frame="pier.png") == ("unreadable", "'pier.png' can't be read: Permission denied")


def test_links_inside_the_project_are_followed(tmp_path: Path) -> None:
    """What they lead to lies inside, and so does a file beside a list in a folder of its own."""
    film, lists = tmp_path / "film", tmp_path / "lists"
    film.mkdir()
    lists.mkdir()
    (film / "a.png").write_bytes(png())
    (film / "b.png").symlink_to("a.png")
    (lists / "c.png").write_bytes(png(shade=7))
    one = shot(first_frame="../film/b.png", last_frame="c.png")
    found = read_inputs([one], lists, film)
    assert not found.wrong
    assert all(isinstance(file, MediaRef) for file in found.of(one)[:2])


def test_ten_thousand_rows_of_one_file_read_it_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And share its bytes, also with the next plan of this process; a changed file is read anew."""
    reads: list[Path] = []
    real = Path.read_bytes

    def counted(path: Path) -> bytes:
        reads.append(path)
        return real(path)

    monkeypatch.setattr(Path, "read_bytes", counted)
    path = tmp_path / "pier.png"
    path.write_bytes(png(shade=33))
    shots = [shot(row, first_frame="pier.png", last_frame="./pier.png") for row in range(2, 10_002)]
    files = [read(tmp_path, *shots).of(one) for one in shots[:1]] + [read(tmp_path, *shots).of(one) for one in shots[-1:]]
    assert reads == [path]
    assert len({id(file.data) for both in files for file in both if isinstance(file, MediaRef)}) == 1
    path.write_bytes(png(shade=34))
    os.utime(path, ns=(1, 1))
    assert of(tmp_path, first_frame="pier.png").data == png(shade=34)
    assert len(reads) == 2


def test_rows_that_are_left_out_need_no_file(tmp_path: Path) -> None:
    """status = omit."""
    one = shot(status=Status.OMIT, first_frame="gone.png")
    assert not read(tmp_path, one).wrong


def test_everything_wrong_is_told_at_once(tmp_path: Path) -> None:
    """Each at its own cell; a list without files starts nothing."""
    both = shot(first_frame="a.png", audio="b.wav")
    assert set(read(tmp_path, both).problems(both)) == {"first_frame", "audio"}
    assert read(tmp_path, shot()) == Inputs()
