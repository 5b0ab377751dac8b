"""Numbered files: new bytes take the next number, the same bytes keep theirs, and nothing is ever overwritten."""

from __future__ import annotations

import json
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest

from callsheet.domain.cut import Delivery
from callsheet.domain.errors import SetupError
from callsheet.domain.shots.shot import Size
from callsheet.finishing.versions import Versions
from callsheet.store.project_folder import Project

WEB = Delivery(name="web", size=Size(320, 192), fps=Fraction(24))


@pytest.fixture
def versions(tmp_path: Path) -> Versions:
    """The files of sequence `one` in the delivery `web`."""
    return Versions(Project(tmp_path), "one", WEB)


def place(versions: Versions, content: bytes, key: str) -> int:
    """Put a new file of this content among the versions; its number."""
    part = versions.path(1).parent.parent / "film.part"
    part.parent.mkdir(exist_ok=True)
    versions.path(1).parent.mkdir(exist_ok=True)
    part.write_bytes(content)
    made = versions.place(part, key, {"frames": len(content)})
    assert not part.exists()
    assert versions.path(made.number).read_bytes() == content
    return made.number


def test_new_bytes_take_the_next_number(versions: Versions) -> None:
    """Two films, two files; the first stays as it was."""
    assert (place(versions, b"first", "a"), place(versions, b"second", "b")) == (1, 2)
    assert versions.path(1).read_bytes() == b"first"
    assert versions.path(2).name == "one_web_v002.mp4"


def test_the_same_bytes_keep_their_number_whatever_they_were_made_from(versions: Versions) -> None:
    """Another recipe with the same result makes no second file, and both recipes are known from then on."""
    assert (place(versions, b"film", "a"), place(versions, b"film", "b")) == (1, 1)
    assert [found.number for key in ("a", "b") if (found := versions.find(key))] == [1, 1]
    assert [path.name for path in versions.path(1).parent.iterdir()] == ["one_web_v001.mp4"]


def test_a_version_is_found_only_while_its_file_is_unchanged(versions: Versions) -> None:
    """A file that somebody wrote over is not the film that was made, also where it has the same length."""
    place(versions, b"film", "a")
    found = versions.find("a")
    assert found
    assert found.told == {"frames": 4}
    versions.path(1).write_bytes(b"else")
    assert versions.find("a") is None


def test_the_newest_version_of_a_recipe_is_found(versions: Versions) -> None:
    """A recipe can give other bytes on another machine: the later file counts."""
    place(versions, b"one machine", "a")
    place(versions, b"another", "a")
    found = versions.find("a")
    assert found
    assert found.number == 2


def test_a_deleted_film_is_made_again_under_its_number(versions: Versions) -> None:
    """Before it is made, by what it is made from; afterwards by its bytes. No later number is passed on."""
    place(versions, b"first", "a")
    place(versions, b"second", "b")
    versions.path(1).unlink()
    assert (versions.due("a"), versions.due("b"), versions.due("c")) == (1, 3, 3)
    assert place(versions, b"first", "a") == 1
    assert versions.find("a")


def test_a_strangers_file_is_never_overwritten(versions: Versions) -> None:
    """A file under the next number that no record knows is stepped over, and its number is not given again."""
    versions.path(1).parent.mkdir(parents=True)
    versions.path(1).write_bytes(b"a stranger's")
    assert versions.due("a") == 2
    assert place(versions, b"film", "a") == 2
    assert versions.path(1).read_bytes() == b"a stranger's"


def test_a_film_without_its_record_is_known_by_its_bytes(versions: Versions, tmp_path: Path) -> None:
    """A run died after the file was in place and before it was written down."""
    place(versions, b"film", "a")
    (record,) = Project(tmp_path).finished.iterdir()
    record.unlink()
    assert versions.find("a") is None
    assert place(versions, b"film", "a") == 1
    assert versions.find("a")


def test_deliveries_and_sequences_are_numbered_apart(versions: Versions, tmp_path: Path) -> None:
    """Each counts from 1; a name that would leave the folder or clash on another system is made safe."""
    place(versions, b"film", "a")
    for other in (Versions(Project(tmp_path), "two", WEB), Versions(Project(tmp_path), "one", replace(WEB, name="phone"))):
        assert place(other, b"film", "a") == 1
    outside = Versions(Project(tmp_path), "../one", WEB)
    assert outside.path(1).parent == versions.path(1).parent


def test_a_record_that_can_not_be_read_is_an_error_that_says_what_to_delete(versions: Versions, tmp_path: Path) -> None:
    """Never taken for no record: films would be numbered anew."""
    place(versions, b"film", "a")
    (record,) = Project(tmp_path).finished.iterdir()
    for broken in ("{", json.dumps({"versions": [{"number": 1}]})):
        record.write_text(broken)
        with pytest.raises(SetupError, match=r"one_web\.json can't be read") as error:
            versions.find("a")
        assert "delete .callsheet/finished" in error.value.problems[0].help
