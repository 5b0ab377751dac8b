"""The main job as a user has it: the demo's shot list, bought from the stand-in and finished; the films are read back frame by frame."""

from __future__ import annotations

import json
import shutil
import urllib.request
from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import pytest

from callsheet.cli.app import run
from callsheet.standin.jobs.config import Config
from callsheet.standin.serve import running
from callsheet.store.house import house_root
from tests.film_reader import beeps, flashes, read_film

SOURCES = ((768, 448), (640, 384), (1920, 1080))
SIX = "shot_id,prompt,model,duration_s,resolution,fps,sequence\n" + "".join(
    f"S{n},wave number {n},runware/ltx-2,2,320x192,24,sea\n" for n in range(6)
)


def ask(url: str, path: str) -> Any:
    with urllib.request.urlopen(url + path, timeout=10) as answer:
        return json.load(answer)


@pytest.fixture
def told(capsys: pytest.CaptureFixture[str]) -> Any:
    """Run a command with --json: its exit code and its document."""

    def call(*argv: str) -> tuple[int, dict[str, Any]]:
        capsys.readouterr()
        code = run([*argv, "--json"])
        return code, json.loads(capsys.readouterr().out)

    return call


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "project.toml").write_text("[lanes.runware]\npoll_first_s = 0.05\npoll_max_s = 0.5\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("RUNWARE_API_KEY", "made-up")
    return tmp_path


@pytest.fixture
def service(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    with running(Config(speed=0, state=tmp_path / "service")) as url:
        monkeypatch.setenv("RUNWARE_BASE_URL", url + "/v1")
        yield url


@pytest.mark.slow
def test_the_demo_list_becomes_two_exact_sequences(folder: Path, service: str, told: Any) -> None:
    """One picture and one sound stream, constant rate, each shot's frames its own and in order, every beep with its flash, ledger = bill."""
    shutil.copy(house_root() / "manifests" / "lighthouse.csv", folder)
    code, document = told("render", "lighthouse.csv", "--cap", "5", "--yes", "--no-prefect")
    assert (code, document["state"], document["counts"]["bought"]) == (0, "completed", 13)
    assert document["money"]["settled"] == ask(service, "/standin/bill")["total"]
    clips = {job["key"]: job["clips"] for job in ask(service, "/standin/jobs")["jobs"]}
    keys = {take["take"]: take["attempts"][-1]["key"] for take in told("status")[1]["takes"]}
    for sequence in document["sequences"]:
        read_back(folder / sequence["file"], sequence, {take: clips[key][0]["number"] for take, key in keys.items()})


def read_back(film: Path, told: dict[str, Any], clips: dict[str, int]) -> None:
    """What was delivered, against what the document says of it."""
    with av.open(str(film)) as box:
        assert (len(box.streams.video), len(box.streams.audio)) == (1, 1)
        assert [chapter["metadata"]["title"] for chapter in box.chapters()] == [shot["shot"] for shot in told["shots"]]
        picture, sound = box.streams.video[0], box.streams.audio[0]
        assert (picture.width, picture.height) == (told["width"], told["height"])
        assert picture.average_rate == Fraction(told["fps"])
        assert picture.duration and picture.time_base and sound.duration and sound.time_base
        assert picture.duration * picture.time_base == told["frames"] / Fraction(told["fps"])
        assert abs(sound.duration * sound.time_base - picture.duration * picture.time_base) < 1 / Fraction(told["fps"])
    expected = [(clips[shot["take"]], frame) for shot in told["shots"] for frame in range(shot["frames"])]
    assert sum(shot["frames"] for shot in told["shots"]) == told["frames"]
    assert read_film(film, *SOURCES) == expected
    assert abs(told["loudness_lufs"] + 14) <= 0.5
    assert told["true_peak_dbtp"] <= -1.0
    heard, seen = beeps(film), flashes(film, *SOURCES)
    silent = sum(1 for shot in told["shots"] if shot["shot"] == "LT040")  # its row says sound = off
    assert len(seen) - 2 * silent == len(heard) >= 10
    frame_s = float(1 / Fraction(told["fps"]))
    assert all(min(abs(beep - flash) for flash in seen) < frame_s for beep in heard)


@pytest.mark.parametrize(("discount", "fits"), [("1", 3), pytest.param("0.5", 5, marks=[pytest.mark.slow, pytest.mark.nightly])])
def test_half_the_price_buys_exactly_what_fits(folder: Path, monkeypatch: pytest.MonkeyPatch, told: Any, discount: str, fits: int) -> None:
    """Exit 4 with exactly what fits in list order; a higher cap buys only the rest; a third run asks the service nothing and starts no Prefect."""
    (folder / "sea.csv").write_text(SIX)
    with running(Config(speed=0, palette=1, discount=Decimal(discount), state=folder / "service")) as url:
        monkeypatch.setenv("RUNWARE_BASE_URL", url + "/v1")
        code, first = told("render", "sea.csv", "--cap", "0.18", "--yes", "--no-prefect")
        assert (code, first["state"], first["counts"]["bought"], first["counts"]["not_bought"]) == (4, "cap_reached", fits, 6 - fits)
        received = [take["take"] for take in told("status")[1]["takes"] if take["state"] == "received"]
        assert received == [f"S{n}.t1" for n in range(fits)]
        assert Decimal(first["money"]["settled"]) <= Decimal("0.18")
        code, second = told("render", "sea.csv", "--cap", "1", "--yes", "--no-prefect")
        assert (code, second["counts"]["bought"], second["counts"]["kept"]) == (0, 6 - fits, fits)
        assert second["money"]["settled"] == ask(url, "/standin/bill")["total"]
        asked = ask(url, "/standin/requests")
        monkeypatch.setattr("callsheet.cli.drive_run.start_early", lambda: pytest.fail("Prefect was started"))
        code, third = told("render", "sea.csv", "--yes")
        assert (code, third["counts"]["bought"], third["counts"]["kept"]) == (0, 0, 6)
        assert ask(url, "/standin/requests") == asked


def test_ten_faults_are_ten_errors_and_no_request(folder: Path, service: str, told: Any) -> None:
    """All at once, with row and column, exit 3, and the service hears nothing."""
    shutil.copy(house_root() / "manifests" / "messy.csv", folder)
    code, document = told("render", "messy.csv", "--cap", "5", "--yes", "--no-prefect")
    assert (code, len(document["errors"])) == (3, 10)
    assert all(error["file"] == "messy.csv" and error["row"] > 1 and error["column"] and error["help"] for error in document["errors"])
    assert len({error["code"] for error in document["errors"]}) > 5
    assert ask(service, "/standin/requests")["posts"] == 0
