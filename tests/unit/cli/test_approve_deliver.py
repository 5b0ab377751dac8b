"""`approve` and `deliver`: which version is handed over, and that what arrives is what was approved."""

from __future__ import annotations

import hashlib
import json
import subprocess
from pathlib import Path

from tests.unit.cli.calling import LIST, Said, call, project


def say(folder: Path, *argv: str) -> Said:
    return call(*argv, "-C", str(folder))


def sums(folder: Path) -> dict[str, str]:
    """What is in a folder, by its own bytes."""
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir() if path.name != "SHA256SUMS"}


def two_versions(folder: Path) -> None:
    """The film of `one` once with each of its takes: v001 was rendered with the second."""
    say(folder, "pick", "A010.t1")
    assert say(folder, "finish", "spot.csv").code == 0
    assert [path.name for path in sorted((folder / "out").glob("one_*.mp4"))] == ["one_web_v001.mp4", "one_web_v002.mp4"]


def test_the_approved_version_is_handed_over_whatever_was_made_since(copied: Path) -> None:
    """Its own bytes, checksums that sha256sum confirms, a note with form, sound and who approved it when; `out/current` has the newest."""
    two_versions(copied)
    assert (copied / "out/current/one_web.mp4").read_bytes() == (copied / "out/one_web_v002.mp4").read_bytes()
    said = say(copied, "approve", "one", "v001", "--by", "Mara")
    assert (said.code, said.out.splitlines()[0][:33]) == (0, "one web v001 is approved by Mara:")
    assert "was already approved by Mara" in say(copied, "approve", "one", "1").out
    said = say(copied, "deliver", "hand over", "--json")
    assert (said.code, said.json["new"]) == (0, True)
    assert said.json["left_out"] == [{"sequence": "two", "delivery": "web", "newest": 1}]
    (film,) = said.json["films"]
    assert {key: film[key] for key in ("file", "frames", "fps", "width", "codec", "version", "approved_by", "complete")} == {
        "file": "one_web_v001.mp4",
        "frames": 24,
        "fps": "24",
        "width": 320,
        "codec": "h264",
        "version": 1,
        "approved_by": "Mara",
        "complete": True,
    }
    to = copied / "hand over"
    assert sums(to)["one_web_v001.mp4"] == hashlib.sha256((copied / "out/one_web_v001.mp4").read_bytes()).hexdigest() == film["sha256"]
    checked = subprocess.run(["sha256sum", "-c", "SHA256SUMS"], cwd=to, capture_output=True, text=True, check=False)
    assert (checked.returncode, len(checked.stdout.splitlines())) == (0, len(sums(to)))
    note = (to / "delivery-note.txt").read_text(encoding="utf-8")
    for part in ("24 frames at 24 a second, 1 s", "320x192, h264 in mp4", "LUFS", "by Mara, 20", film["sha256"]):
        assert part in note
    assert json.loads((to / "delivery-note.json").read_text())["films"] == said.json["films"]
    rehearsed = "A010 shows a rehearsal's test pictures"
    assert film["rehearsed"] == ["A010"]
    assert all(rehearsed in words for words in (note, say(copied, "deliver", "elsewhere").out, say(copied, "approve", "one", "v001").out))
    again = say(copied, "deliver", "hand over", "--json")
    assert (again.code, again.json["new"]) == (0, False)


def test_what_was_handed_over_is_never_changed(copied: Path) -> None:
    """Another approval needs another folder, and a film that changed since is refused with exit 7; nothing is left half."""
    two_versions(copied)
    say(copied, "approve", "one", "v001")
    say(copied, "deliver", "first")
    before = sums(copied / "first")
    say(copied, "approve", "one", "v002")
    refused = say(copied, "deliver", "first")
    assert (refused.code, sums(copied / "first")) == (2, before)
    assert "choose a new folder" in refused.err
    (copied / "out/one_web_v002.mp4").write_bytes(b"another film")
    refused = say(copied, "deliver", "second")
    assert (refused.code, (copied / "second").exists()) == (7, False)
    assert "out/one_web_v002.mp4 differs from the approved one web v002" in refused.err
    assert say(copied, "approve", "one", "--undo").out == "one web v002 is no longer approved; deliver leaves it out\n"
    refused = say(copied, "deliver", "third")
    assert (refused.code, "callsheet approve one v002 --delivery web" in refused.err) == (6, True)
    assert sorted(path.name for path in copied.iterdir() if "part" in path.name) == []


def test_an_incomplete_film_says_so_in_its_name_and_is_approved_only_as_it_is(copied: Path) -> None:
    """It stands beside the last complete one until there is a newer one; the note of one that is handed over names what is missing."""
    project(copied, LIST + "A011,one,A gull,runware/ltx-2,1,320x192,24,1\n")
    assert say(copied, "finish", "spot.csv").code == 1
    current = copied / "out/current"
    assert sorted(path.name for path in current.iterdir()) == ["one_web+incomplete.mp4", "one_web.mp4", "two_web.mp4"]
    refused = say(copied, "approve", "one", "v002")
    assert (refused.code, "one web v002 is not whole: A011 is replaced by a slate" in refused.err) == (6, True)
    (typed,) = [line.partition("approve it as it is: ")[2] for line in refused.err.splitlines() if "as it is: " in line]
    assert call(*typed.split()[1:], "-C", str(copied)).code == 0
    assert say(copied, "deliver", "hurry", "one").code == 0
    assert "NOT WHOLE   A011 is replaced by a slate" in (copied / "hurry/delivery-note.txt").read_text()
    project(copied)
    assert say(copied, "finish", "spot.csv").code == 0
    assert sorted(path.name for path in current.iterdir()) == ["one_web.mp4", "two_web.mp4"]


def test_what_can_not_be_approved_is_refused_with_words(copied: Path) -> None:
    """A sequence, a delivery or a version that isn't there, and no version at all: exit 2, what to write, nothing is approved."""
    for argv, message, help in (
        (("approve", "onee", "v001"), "there is no film of a sequence onee", "did you mean one?"),
        (("approve", "one", "v001", "--delivery", "wep"), "one has no delivery wep", "did you mean web?"),
        (("approve", "one", "v007"), "one web has no version v007", "its newest is v001: callsheet approve one v001 --delivery web"),
        (("approve", "one"), "which version of one?", "write callsheet approve one v001"),
        (("approve", "one", "last"), "last is not a version; write it like v003", "write callsheet approve one v001"),
        (("approve", "one", "--undo"), "one is not approved", "no version of it is approved"),
        (("deliver", "out/x", "onee"), "there is no film of a sequence onee", "did you mean one?"),
    ):
        said = say(copied, *argv, "--json")
        assert (said.code, said.json["errors"][0]["message"], said.json["errors"][0]["help"]) == (2, message, help)
    assert not (copied / ".callsheet/approvals.json").exists()
