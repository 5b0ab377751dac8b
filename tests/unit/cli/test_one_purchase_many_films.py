"""30 s and 15 s of one list, wide and upright: one purchase, four films, exact to the frame and without a bar. At the level of the command."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.film_reader import pictures
from tests.unit.cli.calling import call, project, service

#: twenty shots of 1.5 s, which is no whole number of frames; ten of them stand in the cutdown, from another frame on
ROWS = "".join(f"F{n:02},case F{n:02} a cup,1.5,{'15=1.5@0.25' if n % 2 == 0 else ''}\n" for n in range(20))
SETTINGS = """
[project]
fps = 25
resolution = "320x180"
model = "runware/ltx-2"
rounding = "even"
[sequences.spot]
length = 30
[sequences.spot_15]
length = 15
[deliver.wide]
[deliver.upright]
aspect = "9:16"
fit = "crop"
"""
#: luma of a picture's edge below which it is a bar
BLACK = 20


def bars(film: Path) -> int:
    """Pictures of which an edge is black from end to end. Along the top the stand-in writes numbers; a bar there would have its like at the bottom."""
    found = 0
    for picture in pictures(film):
        edges = (picture[:, :2], picture[:, -2:], picture[-2:, :])
        found += any(float(np.max(edge)) < BLACK for edge in edges)
    return found


@pytest.mark.slow
def test_thirty_and_fifteen_seconds_wide_and_upright_are_one_purchase(tmp_path: Path) -> None:
    """750 and 375 frames at 25 a second; a cutdown in a list of its own and tighter trims are bought for nothing."""
    folder = project(tmp_path / "film", "shot_id,prompt,duration_s,cuts\n" + ROWS)
    (folder / "project.toml").write_text(SETTINGS)
    with service(tmp_path):
        said = call("render", "spot.csv", "--cap", "2", "--yes", "--no-prefect", "-C", str(folder), "--json")
        assert (said.code, said.json["money"]["settled"]) == (0, "1.20"), said.err
        films = {(film["sequence"], film["delivery"]): film for film in said.json["sequences"]}
        assert {name: film["frames"] for name, film in films.items()} == {
            ("spot", "wide"): 750,
            ("spot", "upright"): 750,
            ("spot_15", "wide"): 375,
            ("spot_15", "upright"): 375,
        }
        assert [bars(folder / film["file"]) for film in films.values()] == [0] * 4
        cutdown = "".join(row.replace(",1.5,", ",0.6,", 1).partition("15=")[0].rstrip(",") + ",\n" for row in ROWS.splitlines()[::3])
        (folder / "teaser.csv").write_text("shot_id,prompt,duration_s,cuts\n" + cutdown)
        (folder / "spot.csv").write_text("shot_id,prompt,duration_s,cuts\n" + ROWS.replace(",1.5,", ",1.2,"))
        for list in ("teaser.csv", "spot.csv"):
            plan = call("plan", list, "--offline", "-C", str(folder), "--json").json
            assert (plan["totals"]["price"], plan["totals"]["buy"]) == ("0.00", 0), list


def test_a_film_with_bars_says_so(tmp_path: Path) -> None:
    """Upright without a fit of its own: the frame is black above and below, which is told before the purchase and of the film."""
    folder = project(tmp_path / "film", "shot_id,prompt,duration_s\nF1,a cup,1\n")
    (folder / "project.toml").write_text(
        '[project]\nfps = 25\nresolution = "320x180"\nmodel = "runware/ltx-2"\n[deliver.wide]\n[deliver.upright]\naspect = "9:16"\n[qc]\nbars = "reject"\n'
    )
    with service(tmp_path):
        assert "of the frame is black bars" in call("plan", "spot.csv", "--offline", "-C", str(folder)).out
        said = call("render", "spot.csv", "--cap", "2", "--yes", "--no-prefect", "-C", str(folder), "--json")
    assert said.code == 7
    found = {film["delivery"]: [one["code"] for one in film["findings"]] for film in said.json["sequences"]}
    assert ("bars" in found["upright"], "bars" in found["wide"]) == (True, False)
