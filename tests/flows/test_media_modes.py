"""Pictures and sounds as a user sends them, at every service's stand-in: bought, billed, and heard in the film where they belong."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from callsheet.cli.app import run
from callsheet.standin.jobs.config import Config
from callsheet.standin.serve import running
from tests.film_reader import samples
from tests.flows.test_main_job import ask
from tests.media_files import RATE, png, wav

SERVICES = {"RUNWARE": "/v1", "BYTECOMPUTE": "/v1", "DEAPI": ""}
QUICK = "".join(f"[lanes.{name.lower()}]\npoll_first_s = 0.05\npoll_max_s = 0.5\n" for name in SERVICES)
HEAD = "shot_id,prompt,model,duration_s,resolution,fps,sound,first_frame,last_frame,audio\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with two pictures and two sounds."""
    (tmp_path / "project.toml").write_text(QUICK)
    (tmp_path / "refs").mkdir()
    (tmp_path / "refs" / "day.png").write_bytes(png(640, 360))
    (tmp_path / "refs" / "dusk.png").write_bytes(png(640, 360, shade=40))
    (tmp_path / "vo1.wav").write_bytes(wav(2.55, seed=1))
    (tmp_path / "vo2.wav").write_bytes(wav(3.0, seed=2, rate=44_100))
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def service(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Every service at one stand-in."""
    with running(Config(speed=0, palette=1, state=folder / "service")) as url:
        for name, path in SERVICES.items():
            monkeypatch.setenv(f"{name}_API_KEY", "made-up")
            monkeypatch.setenv(f"{name}_BASE_URL", url + path)
        yield url


@pytest.fixture
def told(capsys: pytest.CaptureFixture[str]) -> Any:
    """Run a command with --json: its exit code and its document."""

    def call(*argv: str) -> tuple[int, dict[str, Any]]:
        capsys.readouterr()
        code = run([*argv, "--json"])
        return code, json.loads(capsys.readouterr().out)

    return call


def row(shot: str, model: str, seconds: str = "1", *, sound: str = "", first: str = "", last: str = "", audio: str = "") -> str:
    size = {"runware": "320x192", "bytecompute": "640x512", "deapi": "896x512"}[model.partition("/")[0]]
    return f"{shot},a pier at dusk,{model},{seconds},{size},24,{sound},{first},{last},{audio}\n"


def test_every_mode_is_bought_where_it_is_sold(folder: Path, service: str, told: Any) -> None:
    """Files, data URIs, one and two frames: the ledger is the bill, and the report names what left."""
    embedded = base64.b64encode(png(320, 192)).decode()
    rows = [
        row("R1", "runware/ltx-2", first="refs/day.png"),
        row("R2", "runware/ltx-2", first=f'"data:image/png;base64,{embedded}"'),
        row("B1", "bytecompute/ltx-2.3", first="refs/day.png"),
        row("B2", "bytecompute/ltx-2.3", first="refs/day.png", last="refs/dusk.png"),
        row("D1", "deapi/ltx-2.3", first="refs/day.png"),
        row("D2", "deapi/ltx-2.3", first="refs/day.png", last="refs/dusk.png"),
    ]
    (folder / "modes.csv").write_text(HEAD + "".join(rows))
    code, document = told("render", "modes.csv", "--cap", "20", "--yes", "--no-prefect")
    assert (code, document["counts"]["bought"]) == (0, 6), document
    assert document["money"]["settled"] == ask(service, "/standin/bill")["total"]
    code, report = told("report", "modes.csv")
    left = sorted((one["take"], one["column"], one["file"], one["service"]) for one in report["files"])
    assert code == 0
    assert left == [
        ("modes:B1.t1", "first_frame", "refs/day.png", "bytecompute"),
        ("modes:B2.t1", "first_frame", "refs/day.png", "bytecompute"),
        ("modes:B2.t1", "last_frame", "refs/dusk.png", "bytecompute"),
        ("modes:D1.t1", "first_frame", "refs/day.png", "deapi"),
        ("modes:D2.t1", "first_frame", "refs/day.png", "deapi"),
        ("modes:D2.t1", "last_frame", "refs/dusk.png", "deapi"),
        ("modes:R1.t1", "first_frame", "refs/day.png", "runware"),
        ("modes:R2.t1", "first_frame", "data:image/png;base64,...", "runware"),
    ]
    assert told("render", "modes.csv", "--yes", "--no-prefect")[1]["counts"]["bought"] == 0


def test_the_authors_own_sound_stands_in_the_film(folder: Path, service: str, told: Any) -> None:
    """From each shot's first frame on, to the sample, whatever the sound's rate; a silent shot stays silent; the service's sound is told of."""
    rows = [
        row("S1", "runware/ltx-2", sound="off"),
        row("S2", "deapi/ltx-2.3", "", audio="vo1.wav"),
        row("S3", "deapi/ltx-2.3", "2", audio="vo2.wav", first="refs/day.png"),
        row("S4", "deapi/ltx-2.3", "2", sound="off", audio="vo2.wav"),
    ]
    (folder / "talk.csv").write_text(HEAD + "".join(rows))
    code, document = told("render", "talk.csv", "--cap", "20", "--yes", "--no-prefect")
    assert (code, document["counts"]["bought"]) == (0, 4), document
    assert document["money"]["settled"] == ask(service, "/standin/bill")["total"]
    [film] = document["sequences"]
    placed = {shot["shot"]: shot for shot in film["shots"]}
    assert [shot["frames"] for shot in film["shots"]] == [24, 62, 48, 48]  # 2.55 s are 61.2 frames: none of it is cut
    assert [shot["voice"] for shot in film["shots"]] == [None, "vo1.wav", "vo2.wav", None]
    assert (folder / placed["S2"]["service_sound"]).is_file()
    heard = samples(folder / film["file"])
    assert lag(heard, placed["S2"]["record_in"] * 2000, wav_samples(2.55, 1)) == 0
    assert lag(heard, placed["S3"]["record_in"] * 2000, wav_samples(2.0, 2)) == 0
    assert np.abs(heard[placed["S4"]["record_in"] * 2000 + 4800 :]).max() < 0.01


def wav_samples(seconds: float, seed: int) -> np.ndarray:
    """The beginning of a sound of the project, at the film's rate."""
    path = Path(f"vo{seed}.wav")
    return samples(path)[: round(seconds * RATE)]


def lag(heard: np.ndarray, at: int, own: np.ndarray) -> int:
    """By how many samples the sound stands late in the film (early where negative)."""
    reach, length = 2000, len(own) - 4800
    window = heard[at - reach : at + length + reach]
    spectrum = np.fft.rfft(window, 1 << 19) * np.conj(np.fft.rfft(own[:length], 1 << 19))
    return int(np.argmax(np.fft.irfft(spectrum)[: 2 * reach])) - reach


def test_a_changed_sound_keeps_the_old_one_with_the_old_clip(folder: Path, service: str, told: Any) -> None:
    """Until the new clip is received the stale one stands with the sound that drove it, also where the author's file is another by now."""
    (folder / "talk.csv").write_text(HEAD + row("S0", "runware/ltx-2") + row("S1", "deapi/ltx-2.3", "2", audio="vo1.wav"))
    told("render", "talk.csv", "--cap", "20", "--yes", "--no-prefect")
    (folder / "vo1.wav").write_bytes(wav(3, seed=9))
    code, plan = told("plan", "talk.csv")
    assert plan["takes"][1]["action"] == "buy"
    assert plan["takes"][1]["reason"].startswith("audio (vo1.wav) changed since S1.t1.a1 was bought")
    (folder / "out").rename(folder / "before")
    code, document = told("finish", "talk.csv")
    assert code in (0, 1)
    [film] = document["sequences"]
    assert film["shots"][1]["stale"]
    (before,) = (folder / "before").glob("*.mp4")
    assert (folder / film["file"]).read_bytes() == before.read_bytes()


@pytest.mark.parametrize(
    ("cells", "column", "says"),
    [
        ({"audio": "short.wav"}, "audio", "lasts 0.50 s; deapi/ltx-2.3 takes 1 to 11 s"),
        ({"audio": "long.wav"}, "audio", "lasts 11.50 s; deapi/ltx-2.3 takes 1 to 11 s"),
        ({"audio": "tail.wav"}, "duration_s", "at most 241 frames at 24 fps (10.04 s)"),
        ({"audio": "gone.wav"}, "audio", "doesn't exist"),
        ({"first": "refs"}, "first_frame", "is a folder"),
        ({"first": "vo1.wav"}, "first_frame", "a picture format"),
        ({"last": "refs/day.png"}, "last_frame", "accepts a last_frame only with a first_frame"),
    ],
)
def test_check_says_what_render_would(folder: Path, service: str, told: Any, cells: dict[str, str], column: str, says: str) -> None:
    """The same words at the same cell, exit 3, and the service hears nothing."""
    for name, seconds in (("short", 0.5), ("long", 11.5), ("tail", 10.5)):
        (folder / f"{name}.wav").write_bytes(wav(seconds))
    (folder / "bad.csv").write_text(HEAD + row("S1", "deapi/ltx-2.3", "", **cells))
    for command in (("check", "bad.csv"), ("render", "bad.csv", "--cap", "20", "--yes", "--no-prefect")):
        code, document = told(*command)
        [error] = [one for one in document["errors"] if one["column"] == column]
        assert (code, error["file"], error["row"]) == (3, "bad.csv", 2)
        assert says in error["message"]
    assert ask(service, "/standin/requests")["posts"] == 0


def test_check_warns_of_another_shape(folder: Path, told: Any) -> None:
    """A picture that the model would crop or stretch: said before anything is paid."""
    (folder / "tall.png").write_bytes(png(360, 640))
    (folder / "one.csv").write_text(HEAD + row("S1", "runware/ltx-2", first="tall.png"))
    code, document = told("check", "one.csv")
    assert code == 0
    assert any("the picture is 360x640, the shot 320x192" in note for note in document["notes"])
