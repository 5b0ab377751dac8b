"""Films bought at every service: three shots of each model, and one sequence of all of them; the book is the bill, and the film is exact."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Iterator
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from callsheet.cli.app import run
from callsheet.cli.prefect.server import Host
from callsheet.standin.jobs.config import Config
from callsheet.standin.serve import running
from tests.film_reader import Cell, read_film
from tests.flows.film import flow_run_of, task_runs_of

FPS = 25
#: what is asked of each model: size and seconds in the cut, and the rate that it films at
MODELS = {
    "runware/ltx-2.3": ("1920x1080", 0.6, 25),
    "runware/ltx-2": ("384x192", 0.6, 25),
    "runware/ltx-2-fast": ("1920x1080", 0.4, 25),
    "bytecompute/ltx-2.3": ("512x512", 0.8, 25),
    "deapi/ltx-2.3": ("896x512", 0.8, 24),
}
PROJECT = """
[project]
fps = 25
resolution = "512x288"
""" + "".join(f"[lanes.{service}]\npoll_first_s = 0.02\npoll_max_s = 0.2\n" for service in ("runware", "bytecompute", "deapi"))


def ask(url: str, path: str) -> Any:
    with urllib.request.urlopen(url + path, timeout=10) as answer:
        return json.load(answer)


@pytest.fixture
def service(films: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A stand-in that is all three services, and an empty project that buys from it."""
    (tmp_path / "project.toml").write_text(PROJECT)
    monkeypatch.chdir(tmp_path)
    with running(Config(speed=0, palette=1, films=films)) as url:
        for name, path in (("RUNWARE", "/v1"), ("BYTECOMPUTE", "/v1"), ("DEAPI", "")):
            monkeypatch.setenv(f"{name}_BASE_URL", url + path)
            monkeypatch.setenv(f"{name}_API_KEY", "made-up")
        yield url


@pytest.fixture
def told(capsys: pytest.CaptureFixture[str]) -> Any:
    """Run a command with --json: its exit code and its document."""

    def call(*argv: str) -> tuple[int, dict[str, Any]]:
        capsys.readouterr()
        code = run([*argv, "--json"])
        return code, json.loads(capsys.readouterr().out)

    return call


def write(models: list[str]) -> None:
    rows = [f"S{n},shot number {n},{model},{MODELS[model][1]},{MODELS[model][0]}" for n, model in enumerate(models)]
    Path("film.csv").write_text("\n".join(["shot_id,prompt,model,duration_s,resolution", *rows, ""]))


def check(url: str, told: Any, models: list[str], *more: str) -> None:
    """Render, and hold the book against the bill and the film against the list."""
    write(models)
    code, document = told("render", "film.csv", "--cap", "20", "--yes", *more)
    assert (code, document["counts"]["bought"]) == (0, len(models)), document
    takes = told("status")[1]["takes"]
    bill = ask(url, "/standin/bill")
    assert document["money"]["settled"] == bill["total"]
    assert Decimal(document["money"]["held"]) == 0
    assert sorted(Decimal(take["settled"]) for take in takes) == sorted(Decimal(job["cost"]) for job in bill["jobs"])
    assert all(take["findings"] == [] for take in takes)
    clips = {job["key"]: job["clips"][0]["number"] for job in ask(url, "/standin/jobs")["jobs"]}
    numbers = [clips[take["attempts"][-1]["job"]] for take in takes]
    [film] = document["sequences"]
    frames = [int(MODELS[model][1] * FPS + 0.5) for model in models]
    assert (film["complete"], film["frames"], [shot["frames"] for shot in film["shots"]]) == (True, sum(frames), frames)
    sizes = {MODELS[model][0] for model in models}
    seen = read_film(Path(film["file"]), *((int(size.split("x")[0]), int(size.split("x")[1])) for size in sizes))
    assert len(seen) == sum(frames)
    for shot, number, model in zip(film["shots"], numbers, models, strict=True):
        exact(seen[shot["record_in"] : shot["record_in"] + shot["frames"]], number, MODELS[model][2])


def exact(seen: list[Cell | None], number: int, fps: int) -> None:
    """A shot's own pictures in order; one to one where the clip has the delivery's rate, else never back and never far off."""
    assert all(cell is not None and cell[0] == number for cell in seen), (seen, number)
    frames = [cell[1] for cell in seen if cell is not None]
    if fps == FPS:
        assert frames == list(range(len(frames)))
        return
    assert all(0 <= after - before <= 2 for before, after in pairwise(frames)), frames
    assert all(abs(frame - n * fps / FPS) <= 1.5 for n, frame in enumerate(frames)), frames


@pytest.mark.slow
@pytest.mark.nightly
@pytest.mark.parametrize("model", MODELS)
def test_three_shots_of_a_model(service: str, told: Any, model: str) -> None:
    """Bought at the stand-in of its service: three takes, three jobs, each settled at what the bill says, stitched to the frame."""
    check(service, told, [model] * 3, "--no-prefect")


def test_five_models_in_one_sequence(service: str, told: Any, server: Host) -> None:
    """Through the flow: three services, four frame sizes and two rates are one film, exact to the frame, each shot's clip its own."""
    check(service, told, list(MODELS))
    assert task_runs_of(server.url, flow_run_of(server.url, Path.cwd()))
