"""What the page says of clips that were bought before a row changed, and of those that stand in a film of another shape."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, cast

from callsheet.cli.commands.takes.review import snapshot_of
from callsheet.cli.options import Common
from callsheet.domain.mark import Role
from callsheet.review.page_state import page_state
from tests.unit.cli.calling import call, project, service

ROW = "shot_id,prompt,duration_s\nF1,{},1\n"
SETTINGS = """
[project]
fps = 24
resolution = "320x192"
model = "runware/ltx-2"
also = "9:16"
[deliver.wide]
preset = "ultrafast"
[deliver.upright]
aspect = "9:16"
fit = "crop"
preset = "ultrafast"
"""
_RENDER = ("render", "spot.csv", "--cap", "2", "--yes", "--no-prefect")


def seen(folder: Path) -> dict[str, list[tuple[str, bool, bool]]]:
    """By shot, each clip's name, whether a film shows it, and whether it was made for an older row."""
    state: Any = page_state(snapshot_of(Common(folder=folder), None), Role.CLIENT_A, "")
    return {shot["shot"]: [(clip["name"], clip["stands"], clip["older"]) for clip in shot["clips"]] for shot in state["shots"]}


def test_a_clip_of_an_older_row_is_told_from_the_one_in_the_film(tmp_path: Path) -> None:
    """In each shape; and what a client says of one is read with the attempt that is meant."""
    folder = project(tmp_path / "film", ROW.format("a cup"))
    (folder / "project.toml").write_text(SETTINGS)
    with service(tmp_path):
        assert call(*_RENDER, "-C", str(folder)).code == 0
        assert seen(folder) == {"F1": [("F1.t1.a1", True, False)], "F1@9x16": [("F1@9x16.t1.a1", True, False)]}
        project(folder, ROW.format("a red cup"))
        assert seen(folder)["F1"] == [("F1.t1.a1", True, True)]
        assert call(*_RENDER, "-C", str(folder)).code == 0
        for shot, clips in seen(folder).items():
            assert clips == [(f"{shot}.t1.a1", False, True), (f"{shot}.t1.a2", True, False)]
        share = call("review", "--share", "shared", "-C", str(folder), "--json").json
        [old, *_] = cast("list[dict[str, Any]]", call("status", "--json", "-C", str(folder)).json["takes"])[0]["attempts"]
        said = {"uid": "0" * 32, "list": "spot", "shot": "F1", "at": "2026-11-30T14:00:00.000Z", "kind": "pick", "clip": "1"}
        back = {**said, "uid": "1" * 32, "kind": "unretake", "clip": None}
        comments = {
            "schema": "callsheet.review-comments/1",
            "share": share["id"],
            "role": "client-a",
            "who": "Agency",
            "decisions": [said, back],
        }
        (folder / "comments.json").write_text(json.dumps(comments))
        words = call("review", "--import", "comments.json", "--preview", "-C", str(folder)).out
    assert old["n"] == 1
    assert "  F1.t1.a1: pick\n  F1: no retake any more\n" in words
