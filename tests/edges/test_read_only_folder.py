"""A project that may only be looked at: another's folder, a backup, a read-only mount."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests import permissions
from tests.edges.conftest import Desk, desk_in


@pytest.fixture(scope="module")
def looked_at(tmp_path_factory: pytest.TempPathFactory, film: bytes) -> Iterator[Desk]:
    """A project with a clip and a film, in a folder in which nothing can be written, not even by root."""
    with desk_in(tmp_path_factory.mktemp("looked-at"), film) as desk:
        assert desk.render().code == 0
        places = [desk.folder, *desk.folder.rglob("*")]
        for place in places:
            place.chmod(place.stat().st_mode & ~0o222)
        yield desk
        for place in places:
            place.chmod(place.stat().st_mode | 0o200)


@pytest.mark.parametrize("command", [("status",), ("plan", "spot.csv"), ("costs",), ("report",)], ids=lambda words: words[0])
def test_a_read_only_folder_is_read(looked_at: Desk, command: tuple[str, ...]) -> None:
    """All that tells how things stand does so, and changes nothing; what is written stands elsewhere, and where is said."""
    before = {path: path.stat().st_mtime_ns for path in looked_at.folder.rglob("*")}
    said = looked_at.run(*command, bound=True)
    assert said.code == 0, said.stderr
    assert said.document["money"]["settled"] == "0.06" if command != ("plan", "spot.csv") else True
    assert {path: path.stat().st_mtime_ns for path in looked_at.folder.rglob("*")} == before
    if command == ("report",):
        page = Path(said.document["report"])
        assert "S0" in page.read_text()
        shutil.rmtree(page.parent)


@pytest.mark.parametrize(
    "words", [("pick", "S0.t1"), ("review", "--share", "../for-client", "--for", "Client")], ids=lambda words: words[0]
)
def test_nothing_is_decided_where_nothing_can_be_written(looked_at: Desk, words: tuple[str, ...]) -> None:
    """It is said that nothing was written: not in a copy of the ledger that goes, and no share is made whose comments couldn't be read in."""
    said = looked_at.run(*words, bound=True)
    assert said.code == 5, said.stderr
    assert "can't be written" in said.document["errors"][0]["message"]
    assert not (looked_at.folder.parent / "for-client").exists()


@pytest.mark.parametrize(
    ("words", "place"),
    [
        (("plan", "spot.csv", "--out", "plan.json"), "plan.json"),
        (("approve", "SQ", "v001"), "approvals.lock"),
        (("pause",), "controls.lock"),
        (("export", "edit", "--format", "edl", "--list", "spot.csv"), "edit"),
        (("demo", "demo"), "demo"),
    ],
    ids=lambda words: words[0],
)
def test_what_cannot_be_written_is_named_and_no_defect(looked_at: Desk, words: tuple[str, ...], place: str) -> None:
    """The machine's fault: the file or folder, why, and what to do."""
    said = looked_at.run(*words, bound=True)
    [error] = said.document["errors"]
    assert (said.code, error["code"]) == (5, "place"), said.stderr
    assert f"{place}: Permission denied" in error["message"]
    assert error["help"] == "run as a user who may write there, or name another place"


def test_nothing_is_bought_where_no_film_can_be_written(tmp_path: Path, film: bytes) -> None:
    """Of `out` alone; once it can be, the same command goes on."""
    with desk_in(tmp_path, film) as desk:
        out = desk.folder / "out"
        out.mkdir()
        out.chmod(0o555)
        said = desk.render(bound=True)
        assert said.code == 5
        assert f"{out.resolve()} can't be written, and films are put there; nothing was bought" in said.errors
        assert desk.run("status").document["money"]["settled"] == "0.00"
        out.chmod(0o755)
        assert desk.render().code == 0


def test_a_film_that_cannot_be_written_names_the_folder(tmp_path: Path, film: bytes) -> None:
    """Of `out` alone: the clips are there, and are kept."""
    with desk_in(tmp_path, film) as desk:
        assert desk.render().code == 0
        out = desk.folder / "out"
        shutil.rmtree(out)
        out.mkdir()
        out.chmod(0o555)
        said = desk.run("finish", "spot.csv", bound=True)
        assert said.code == 5
        assert f"finishing can't write: {out.resolve()}: Permission denied" in said.errors
        out.chmod(0o755)
        again = desk.run("finish", "spot.csv")
        assert (again.code, [one["complete"] for one in again.document["sequences"]]) == (0, [True])


@pytest.mark.slow
def test_the_review_of_a_read_only_folder_is_looked_at(looked_at: Desk) -> None:
    """Pictures and films are made elsewhere and go when it ends; a decision is refused in words."""
    argv = [sys.executable, "-m", "callsheet", "review", "--json", "--no-open"]
    how = {"cwd": looked_at.folder, "env": looked_at.variables, "stdout": subprocess.PIPE, "text": True}
    running = subprocess.Popen(argv, **how, preexec_fn=permissions.obey)  # noqa: PLW1509  # no thread of ours holds a lock that it needs
    with running, httpx.Client(timeout=60) as client:
        try:
            assert running.stdout
            url = json.loads(running.stdout.readline())["url"]
            (shot,) = client.get(f"{url}api/state").json()["shots"]
            (clip,) = shot["clips"]
            assert [client.get(f"{url}media/{clip['sha256']}.{kind}").status_code for kind in ("webp", "mp4")] == [200, 200]
            pick = {"uid": "a-decision", "kind": "pick", "list": "spot", "shot": "S0", "clip": clip["id"]}
            answer = client.post(f"{url}api/decide", json=pick, headers={"origin": url[: url.index("/r/")]})
            assert (answer.status_code, "can't be written" in answer.json()["error"]) == (422, True)
            assert not client.get(f"{url}api/state").json()["shots"][0]["clips"][0]["picked"]
        finally:
            running.terminate()
    assert running.returncode == 0
