"""`--encoding` of the commands that a list is first given to."""

from __future__ import annotations

from pathlib import Path

import pytest

from callsheet.store.project_folder import Project
from tests.unit.cli.calling import LIST, call, project, service

CHINESE = LIST.replace("A boat leaves the harbour", "黄昏时的灯塔，镜头缓缓推进").replace("A lamp is lit", "海浪拍打礁石")


def chinese(folder: Path) -> Path:
    """A project whose list a Chinese Excel saved."""
    project(folder)
    (folder / "spot.csv").write_bytes(CHINESE.encode("gbk"))
    return folder


@pytest.mark.parametrize("command", ["check", "plan"])
def test_an_unknown_encoding_is_refused_with_samples_and_named_once(tmp_path: Path, command: str) -> None:
    """Refused with exit code 3 and the words in each likely encoding; named once, it is read right by this and every other command."""
    folder = chinese(tmp_path)
    refused = call(command, "spot.csv", "-C", str(folder))
    assert refused.code == 3
    assert "--encoding gb" in refused.out + refused.err
    assert "黄昏时的灯塔" in refused.out + refused.err
    named = call(command, "spot.csv", "--encoding", "gbk", "-C", str(folder), *(["--offline"] if command == "plan" else []))
    assert named.code == 0, named.err
    assert (folder / "spot.mapping.toml").read_text() == 'encoding = "gbk"\n'
    again = call("check", "spot.csv", "--json", "-C", str(folder))
    assert again.code == 0
    assert any("read as gbk: '" in note and "黄昏" in note for note in again.json["notes"])


@pytest.mark.parametrize("name", ["klingon", "base64"])
def test_a_name_of_no_encoding_is_a_slip_of_the_command(tmp_path: Path, name: str) -> None:
    """Exit code 2, and nothing is kept."""
    folder = chinese(tmp_path)
    assert call("check", "spot.csv", "--encoding", name, "-C", str(folder)).code == 2
    assert not (folder / "spot.mapping.toml").exists()


def test_a_wrong_encoding_is_refused(tmp_path: Path) -> None:
    """Bytes that the encoding doesn't have are exit code 3, and nothing is kept."""
    folder = chinese(tmp_path)
    assert call("check", "spot.csv", "--encoding", "ascii", "-C", str(folder)).code == 3
    assert not (folder / "spot.mapping.toml").exists()


def test_what_is_bought_has_the_right_letters(tmp_path: Path) -> None:
    """`render --encoding` sends the prompt letter for letter."""
    folder = chinese(tmp_path / "film")
    with service(tmp_path):
        rendered = call("render", "spot.csv", "--encoding", "gbk", "--cap", "1", "--yes", "--no-prefect", "-C", str(folder), "--json")
    assert rendered.code == 0, rendered.err
    assert Project(folder).folder.is_dir()
    jobs = "".join(path.read_text(encoding="utf-8", errors="replace") for path in sorted((tmp_path / "standin").rglob("*.json*")))
    assert "黄昏时的灯塔" in jobs or "\\u9ec4\\u660f" in jobs
