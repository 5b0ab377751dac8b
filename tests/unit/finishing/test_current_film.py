"""`out/current/`: the newest film under a name that stays, whatever the file system can do."""

from __future__ import annotations

import errno
import os
import shutil
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest

from callsheet.domain.cut import Delivery, Finished
from callsheet.domain.delivery.file_format import Container
from callsheet.domain.shots.shot import Size
from callsheet.finishing.current_film import stand
from callsheet.store import atomic_files
from callsheet.store.project_folder import Project


def film(project: Project, version: int, *, complete: bool = True, container: Container = Container.MP4) -> Finished:
    """A finished file of these bytes: its number."""
    file = project.out / f"one_web_v{version:03d}.{container}"
    file.parent.mkdir(exist_ok=True)
    file.write_bytes(b"film %d" % version)
    return Finished(
        sequence="one",
        delivery=Delivery(name="web", size=Size(320, 192), fps=Fraction(24), container=container),
        version=version,
        file=file,
        sha256=atomic_files.digest(file),
        frames=24,
        loudness_lufs=None,
        true_peak_dbtp=None,
        complete=complete,
        missing=(),
        removed=(),
        shots=(),
    )


def standing(project: Project) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted((project.out / "current").iterdir())}


def test_the_newest_complete_film_stands_and_an_incomplete_one_beside_it(tmp_path: Path) -> None:
    """A newer complete one takes both places; one in another container leaves no older one."""
    project = Project(tmp_path)
    assert stand(film(project, 1, complete=False), project).current == project.out / "current/one_web+incomplete.mp4"
    stand(film(project, 2), project)
    assert standing(project) == {"one_web.mp4": b"film 2"}
    stand(film(project, 3, complete=False), project)
    assert standing(project) == {"one_web+incomplete.mp4": b"film 3", "one_web.mp4": b"film 2"}
    stand(film(project, 4, container=Container.MOV), project)
    assert standing(project) == {"one_web.mov": b"film 4"}


def test_the_same_film_is_linked_once_and_copied_where_there_are_no_links(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No second copy of a large file where the disk can do without; none is written again that stands there."""
    project = Project(tmp_path)
    made = film(project, 1)
    stand(made, project)
    place = project.out / "current/one_web.mp4"
    assert place.samefile(made.file)

    def none(*_: object) -> None:
        raise OSError(errno.EPERM, "no links here")

    monkeypatch.setattr(os, "link", none)
    second = film(project, 2)
    stand(second, project)
    assert (place.read_bytes(), place.samefile(second.file)) == (b"film 2", False)
    before = place.stat().st_mtime_ns
    stand(second, project)
    assert place.stat().st_mtime_ns == before


def test_a_file_that_another_program_holds_is_told_and_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The film itself is finished; a finding says that the name wasn't moved on."""
    project = Project(tmp_path)
    stand(film(project, 1), project)

    def busy(*_: object) -> None:
        raise PermissionError(errno.EACCES, "in use")

    monkeypatch.setattr(Path, "replace", busy)
    told = stand(replace(film(project, 2)), project)
    assert (told.current, [finding.code for finding in told.findings]) == (None, ["current-open"])
    assert standing(project) == {"one_web.mp4": b"film 1"}


def test_a_disk_that_is_full_costs_the_name_and_not_the_film(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where there are no links a copy may not fit: the old one stays, nothing half is left, and a finding says why."""
    project = Project(tmp_path)
    place = stand(film(project, 1), project).current
    assert place

    def elsewhere(*_: object) -> None:
        raise OSError(errno.EXDEV, "another disk")

    def full(_from: object, to: Path) -> None:
        to.write_bytes(b"half")
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "link", elsewhere)
    monkeypatch.setattr(shutil, "copyfile", full)
    told = stand(film(project, 2), project)
    assert told.current is None
    assert [finding.message for finding in told.findings] == [
        f"{project.relative(place)} was not replaced: No space left on device; then run finish again"
    ]
    assert (place.read_bytes(), [path.name for path in place.parent.iterdir()]) == (b"film 1", [place.name])
