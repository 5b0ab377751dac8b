"""Drafts on one list: every take is bought low, people pick, and only what they picked is bought as its row says."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from callsheet.media.inspect.probe import probe
from tests import film_reader
from tests.house.sources import ROOT
from tests.request_log import logged
from tests.unit.cli.calling import Said, call, project, service
from tests.unit.runs.test_chains import sent

FILM = """shot_id,sequence,prompt,model,duration_s,resolution,fps,takes
A010,one,A boat leaves the harbour,runware/ltx-2,1,640x384,24,2
A020,one,A lamp is lit,runware/ltx-2,1,640x384,24,2
A030,one,A ship turns,runware/ltx-2,1,640x384,24,1
"""
DRAFT = '[draft]\nresolution = "320x192"\n'
YES = ("--yes", "--no-prefect", "--cap", "5")


@pytest.fixture
def film(tmp_path: Path) -> Path:
    """A project that buys drafts first."""
    folder = project(tmp_path / "film", FILM)
    (folder / "project.toml").write_text(DRAFT, encoding="utf-8")
    return folder


def said(folder: Path, *argv: str, code: int = 0) -> Said:
    """What a command says, which must end so."""
    answer = call(*argv, "-C", str(folder))
    assert answer.code == code, answer.err
    return answer


def told(folder: Path, *argv: str, code: int = 0) -> dict[str, Any]:
    """Its document."""
    return said(folder, *argv, "--json", code=code).json


def shown(film: dict[str, Any]) -> list[tuple[str, bool]]:
    """What stands in each shot of a film, and whether it is a draft."""
    return [(shot["take"], shot.get("draft", False)) for shot in film["shots"]]


def test_drafts_are_bought_then_only_what_was_picked_in_full_quality(film: Path, tmp_path: Path) -> None:
    """From one list: the plan has the price of both, the films say what is a draft, and each take is paid once at each quality."""
    with service(tmp_path):
        plan = told(film, "plan", "spot.csv")
        assert [take["action"] for take in plan["takes"]] == ["buy"] * 5
        assert all(take["draft"] and take["reason"].startswith("draft, ") for take in plan["takes"])
        quality = plan["full_quality"]
        assert (quality["picked"]["takes"], quality["one_each"]["takes"], quality["all"]["takes"]) == (0, 3, 5)
        drafts = told(film, "render", "spot.csv", *YES)
        [made] = drafts["sequences"]
        assert [draft for _, draft in shown(made)] == [True, True, True]
        assert (made["width"], made["complete"], made["current"]) == (640, True, "out/current/one_web+draft.mp4")
        clips = [film / take["file"] for take in told(film, "status", "spot.csv")["takes"]]
        assert {(probe(clip).width, probe(clip).height) for clip in clips} == {(320, 192)}
        assert not told(film, "render", "spot.csv", *YES)["counts"]["bought"]
        # nothing is picked: nothing is bought in full quality
        assert not told(film, "plan", "spot.csv", "--final")["totals"]["buy"]
        said(film, "pick", "A010.t2")
        said(film, "pick", "A030.t1")
        plan = told(film, "plan", "spot.csv", "--final")
        assert [take["take"] for take in plan["takes"] if take["action"] == "buy"] == ["A010.t2", "A030.t1"]
        kept = {take["take"]: take["reason"] for take in plan["takes"] if take["action"] == "keep"}
        assert kept == dict.fromkeys(("A010.t1", "A020.t1", "A020.t2"), "draft, bought before, unchanged")
        assert (
            plan["totals"]["price"]
            == plan["full_quality"]["picked"]["price"]
            == told(film, "plan", "spot.csv")["full_quality"]["picked"]["price"]
        )
        final = told(film, "render", "spot.csv", "--final", *YES)
        assert final["counts"]["bought"] == 2
        [made] = final["sequences"]
        assert [one for one in shown(made) if not one[1]] == [("A010.t2", False), ("A030.t1", False)]
        again = [told(film, "render", "spot.csv", *stage, *YES) for stage in ([], ["--final"])]
        assert [(one["counts"]["bought"], shown(one["sequences"][0])) for one in again] == [(0, shown(made))] * 2
        said(film, "pick", "A020.t1")
        done = told(film, "render", "spot.csv", "--final", *YES)
        assert [draft for _, draft in shown(done["sequences"][0])] == [False] * 3
        assert done["sequences"][0]["current"] == "out/current/one_web.mp4"
        assert [path.name for path in (film / "out/current").iterdir()] == ["one_web.mp4"]
        takes = {take["take"]: take for take in told(film, "status", "spot.csv")["takes"]}
        assert [take["picked"] for take in takes.values()] == [False, True, True, False, True]
        assert not any(take["stale"] for take in takes.values())
        assert [len(take["attempts"]) for take in takes.values()] == [1, 2, 2, 1, 2]


def test_drafts_of_another_list_serve(film: Path, tmp_path: Path) -> None:
    """A renamed list, a cutdown and the same row in another order buy no draft again, in any shape; a rejected one is rejected in all."""
    (film / "project.toml").write_text(f'[project]\nalso = "9:16"\n{DRAFT}', encoding="utf-8")
    with service(tmp_path):
        assert told(film, "render", "spot.csv", *YES)["counts"]["bought"] == 10
        header, *rows = FILM.splitlines()
        (film / "short.csv").write_text("\n".join([header, *(row.replace(",1,640x384", ",0.5,640x384") for row in reversed(rows))]))
        plan = told(film, "plan", "short.csv")
        assert [(take["action"], take["draft"]) for take in plan["takes"]] == [("keep", True)] * 10
        said(film, "reject", "spot:A030@9x16.t1")
        plan = told(film, "plan", "short.csv")
        assert [take["take"] for take in plan["takes"] if take["action"] == "buy"] == ["A030@9x16.t1"]


def test_a_film_of_drafts_is_approved_only_as_it_is(film: Path, tmp_path: Path) -> None:
    """A client gets no draft unnoticed: `approve` names the shots, `--as-is` approves, and the delivery note says so."""
    with service(tmp_path):
        said(film, "render", "spot.csv", *YES)
        refused = said(film, "approve", "one", "v001", code=6)
        assert "A010, A020, A030 show drafts" in refused.err
        said(film, "approve", "one", "v001", "--as-is")
        said(film, "deliver", "hand-over")
        assert "show drafts" in (film / "hand-over" / "delivery-note.txt").read_text()


def test_a_final_that_is_not_wanted_is_bought_again_and_another_draft_gets_its_own(film: Path, tmp_path: Path) -> None:
    """What is said of a draft holds for what was bought after it, until a person says something else."""
    with service(tmp_path):
        said(film, "render", "spot.csv", *YES)
        said(film, "pick", "A010.t1")
        said(film, "render", "spot.csv", "--final", *YES)
        said(film, "reject", "A010.t1.a2")
        plan = told(film, "plan", "spot.csv", "--final")
        assert [(take["take"], take["reason"]) for take in plan["takes"] if take["action"] == "buy"] == [
            ("A010.t1", "A010.t1.a2 was rejected")
        ]
        said(film, "pick", "A010.t2")
        plan = told(film, "plan", "spot.csv", "--final")
        assert [take["take"] for take in plan["takes"] if take["action"] == "buy"] == ["A010.t2"]
        # the first stage never buys in full quality, nor a draft where there is a clip of full quality
        assert not told(film, "plan", "spot.csv")["totals"]["buy"]


def test_a_saved_plan_of_full_quality_buys_just_that(film: Path, tmp_path: Path) -> None:
    """`plan --final --out`, and `render PLAN` without a word of it."""
    with service(tmp_path):
        said(film, "render", "spot.csv", *YES)
        said(film, "pick", "A020.t2")
        said(film, "plan", "spot.csv", "--final", "--out", "final.plan")
        bought = told(film, "render", "final.plan", *YES)
        assert (bought["counts"]["bought"], shown(bought["sequences"][0])[1]) == (1, ("A020.t2", False))


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ("[draft]\n", "says neither a model nor a resolution"),
        ('[draft]\nmodel = "runware/ltx-9"\n', "no card sells 'runware/ltx-9'"),
        ('[project]\nservices = ["runware"]\n[draft]\nmodel = "deapi/ltx-2.3"\n', "as a draft: deapi/ltx-2.3 would be sent to deapi"),
    ],
)
def test_drafts_that_cant_be_made_cost_nothing(film: Path, table: str, words: str) -> None:
    """Every row is tried as a draft, too, before anything is bought."""
    (film / "project.toml").write_text(table, encoding="utf-8")
    assert words in said(film, "check", "spot.csv", code=3).out


def test_the_tables_that_are_shown_as_examples_can_be_used_today(film: Path) -> None:
    """The one in the how-to, and the lines that an empty table is answered with: no model that is retired, no size that is not sold."""
    page = (ROOT / "docs" / "how-to" / "drafts.md").read_text(encoding="utf-8")
    [shown] = re.findall(r"```toml\n(\[draft\]\n.*?)```", page, re.DOTALL)
    (film / "project.toml").write_text("[draft]\n", encoding="utf-8")
    lines = re.findall(r'\w+ = "[^"]+"', " ".join(said(film, "check", "spot.csv", code=3).out.split()))
    assert len(lines) == 2
    for table in (shown, *(f"[draft]\n{line}\n" for line in lines)):
        (film / "project.toml").write_text(table, encoding="utf-8")
        said(film, "check", "spot.csv")


def test_full_quality_is_asked_for_only_where_there_are_drafts(film: Path) -> None:
    """Without the table, `render` buys every take as its row says."""
    (film / "project.toml").unlink()
    assert "has no [draft] table" in said(film, "plan", "spot.csv", "--final", code=3).err
    assert "full_quality" not in told(film, "plan", "spot.csv", "--offline")


CHAIN = """shot_id,sequence,prompt,model,duration_s,resolution,fps,first_frame
A010,one,A boat,runware/ltx-2,1,640x384,24,
A020,one,A lamp,runware/ltx-2,1,640x384,24,@prev
A030,one,A ship,runware/ltx-2,1,640x384,24,@A010#last
"""


def clips(folder: Path) -> dict[str, Path]:
    """The clip of each take, as it stands."""
    return {take["take"]: folder / take["file"] for take in told(folder, "status", "spot.csv")["takes"]}


def test_a_chain_is_drafted_from_drafts_and_bought_from_what_was_bought_after_them(tmp_path: Path) -> None:
    """A shot that begins with a frame of another waits in full quality until that one is picked, too, and begins with its final clip's frame."""
    film = project(tmp_path / "film", CHAIN)
    (film / "project.toml").write_text(DRAFT, encoding="utf-8")
    with service(tmp_path):
        with logged() as left:
            assert told(film, "render", "spot.csv", *YES)["counts"]["bought"] == 3
        first = clips(film)["A010.t1"]
        last = film_reader.read_film(first)[-1]
        assert last is not None
        assert sent(left) == {"A boat": None, "A lamp": last, "A ship": last}
        assert not told(film, "plan", "spot.csv")["totals"]["buy"]
        said(film, "pick", "A020.t1")
        blocked = {
            take["take"]: take["reason"] for take in told(film, "plan", "spot.csv", "--final")["takes"] if take["action"] == "blocked"
        }
        assert blocked == {"A020.t1": "waits for @A010#last in full quality, but no draft of A010 is picked"}
        assert not told(film, "render", "spot.csv", "--final", *YES, code=1)["counts"]["bought"]
        said(film, "pick", "A010.t1")
        with logged() as left:
            assert told(film, "render", "spot.csv", "--final", *YES)["counts"]["bought"] == 2
        final = clips(film)["A010.t1"]
        last = film_reader.read_film(final)[-1]
        assert (size(first), size(final)) == ((320, 192), (640, 384))
        assert sent(left) == {"A boat": None, "A lamp": last}
        # what was bought is what the list asks for: nothing is stale, and neither stage buys it again
        for stage in ([], ["--final"]):
            assert told(film, "render", "spot.csv", *stage, *YES)["counts"]["bought"] == 0
        takes = told(film, "status", "spot.csv")["takes"]
        paid = [sum(one["settled"] != "0.00" for one in take["attempts"]) for take in takes]
        assert (paid, [take["stale"] for take in takes]) == ([2, 2, 1], [False] * 3)
        # the draft that was never picked still shows the draft that it was made from, and is bought from the final
        said(film, "pick", "A030.t1")
        with logged() as left:
            assert told(film, "render", "spot.csv", "--final", *YES)["counts"]["bought"] == 1
        assert sent(left) == {"A ship": last}


SHAPES = """
[project]
fps = 24
resolution = "640x384"
model = "runware/ltx-2"
also = "{also}"
[draft]
resolution = "320x192"
[deliver.wide]
preset = "ultrafast"
[deliver.upright]
aspect = "9:16"
fit = "crop"
preset = "ultrafast"
"""


@pytest.mark.parametrize(
    ("also", "name", "draft", "full"),
    [("9:16", "F1@9x16.t1", (192, 384), (384, 704)), ("432x768", "F1@432x768.t1", (192, 384), (448, 768))],
)
def test_each_shape_has_its_draft_and_its_clip_of_full_quality(
    also: str, name: str, draft: tuple[int, int], full: tuple[int, int], tmp_path: Path
) -> None:
    """A row that is bought in a second shape is drafted in both, low in both, and each is bought in full quality when its own draft is picked."""
    film = project(tmp_path / "film", "shot_id,prompt,duration_s\nF1,a cup,1\n")
    (film / "project.toml").write_text(SHAPES.format(also=also), encoding="utf-8")
    with service(tmp_path):
        assert told(film, "render", "spot.csv", *YES)["counts"]["bought"] == 2
        assert {take: size(clip) for take, clip in clips(film).items()} == {"F1.t1": (320, 192), name: draft}
        said(film, "pick", name)
        done = told(film, "render", "spot.csv", "--final", *YES)
        assert done["counts"]["bought"] == 1
        assert {film["delivery"]: shown(film) for film in done["sequences"]} == {"wide": [("F1.t1", True)], "upright": [(name, False)]}
        said(film, "pick", "F1")
        done = told(film, "render", "spot.csv", "--final", *YES)
        assert done["counts"]["bought"] == 1
        assert {film["delivery"]: shown(film) for film in done["sequences"]} == {"wide": [("F1.t1", False)], "upright": [(name, False)]}
        assert {take: size(clip) for take, clip in clips(film).items()} == {"F1.t1": (640, 384), name: full}
        assert not told(film, "render", "spot.csv", "--final", *YES)["counts"]["bought"]


def size(clip: Path) -> tuple[int, int]:
    """Of its picture."""
    found = probe(clip)
    return found.width, found.height
