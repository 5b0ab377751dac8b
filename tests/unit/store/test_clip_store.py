"""The shelf: a clip is in place only when it is complete, and what is in place is never replaced."""

from __future__ import annotations

import errno
import hashlib
from pathlib import Path

import pytest

from callsheet.store import clip_store
from callsheet.store.project_folder import Project

FILM = b"frames" * 100
SHA = hashlib.sha256(FILM).hexdigest()


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)


def part(project: Project, content: bytes = FILM) -> Path:
    made = clip_store.new_part(project, "key")
    made.write_bytes(content)
    return made


def test_a_part_is_put_in_place_by_its_content(project: Project) -> None:
    """Named by hash, read-only, and the part is gone."""
    made = part(project)
    place = clip_store.put(project, made, SHA)
    assert place == project.clips / SHA[:2] / SHA[2:4] / f"{SHA}.mp4"
    assert place.read_bytes() == FILM
    assert place.stat().st_mode & 0o222 == 0
    assert not made.exists()
    assert clip_store.has(project, SHA, len(FILM))


def test_the_same_content_twice_is_fine(project: Project) -> None:
    """Double writers are harmless: the first file stays, the same inode."""
    first = clip_store.put(project, part(project), SHA).stat().st_ino
    assert clip_store.put(project, part(project), SHA).stat().st_ino == first
    assert list(project.parts.iterdir()) == []


def test_a_damaged_clip_is_mended_by_good_bytes(project: Project) -> None:
    """A file that is shorter than its content was damaged since."""
    place = clip_store.put(project, part(project), SHA)
    place.chmod(0o644)
    place.write_bytes(b"short")
    assert not clip_store.has(project, SHA, len(FILM))
    clip_store.put(project, part(project), SHA)
    assert clip_store.has(project, SHA, len(FILM))


def test_without_hard_links_it_is_moved(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """Some file systems have none."""

    def no_links(_source: object, _target: object) -> None:
        raise PermissionError(errno.EPERM, "no links here")

    monkeypatch.setattr("os.link", no_links)
    assert clip_store.put(project, part(project), SHA).read_bytes() == FILM
    clip_store.clip_path(project, SHA).chmod(0o644)
    clip_store.clip_path(project, SHA).write_bytes(b"short")
    assert clip_store.put(project, part(project), SHA).read_bytes() == FILM, "what was damaged since is mended"


def test_a_full_disk_is_not_taken_for_one_without_links(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """It says so, and nothing stands under the clip's name."""

    def full(_source: object, _target: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("os.link", full)
    with pytest.raises(OSError, match="No space left"):
        clip_store.put(project, part(project), SHA)
    assert not clip_store.clip_path(project, SHA).exists()


def test_nobody_else_has_a_new_part(project: Project) -> None:
    assert clip_store.new_part(project, "key") != clip_store.new_part(project, "key")


def test_a_sweep_takes_only_parts(project: Project) -> None:
    """What a dead run left half written goes; clips stay."""
    clip_store.put(project, part(project), SHA)
    part(project, b"half")
    clip_store.sweep(project)
    assert list(project.parts.iterdir()) == []
    assert clip_store.has(project, SHA, len(FILM))


def test_a_missing_clip_is_missing(project: Project) -> None:
    assert not clip_store.has(project, SHA, len(FILM))
    assert not clip_store.has(project, None, None)


def test_a_disk_that_knows_no_modes_keeps_clips(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """A shared or external disk whose files are another user's: they can be written, and not be made read-only. The clip was paid, and stays."""

    def refused(*_args: object, **_named: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(Path, "chmod", refused)
    place = clip_store.put(project, part(project), SHA)
    assert place.read_bytes() == FILM
