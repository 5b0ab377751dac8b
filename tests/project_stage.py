"""A project folder, a small real film, and a run of a one-shot list against a scripted service."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from callsheet.domain.run_request import RunEvent, RunRequest
from callsheet.planning.project_plan import prepare
from callsheet.runs import session
from callsheet.runs.outcome import Outcome
from callsheet.runs.session import after_preview, direct
from callsheet.transport.api_client import Sender
from callsheet.transport.download import Fetcher
from tests.runners import ffmpeg, remembering
from tests.scripted_runware import Shop
from tests.scripted_runware_films import Stock

QUICK = """
[qc]
clip-same = "pass"
[lanes.runware]
poll_first_s = 0.002
poll_max_s = 0.01
quarantine_s = 0.01
charge_lag_s = 0.01
patience_s = 0.5
outage_s = 0.1
[attempts]
unavailable_wait_s = 0.001
settle_s = 0.01
"""

LIST = "shot_id,prompt,model,duration_s,resolution,fps\nS1,a lighthouse in the rain,runware/ltx-2,3,320x192,24\n"


@pytest.fixture
def remembered() -> Iterator[None]:
    """All these runs buy the same few films."""
    with remembering():
        yield


@pytest.fixture(scope="session")
def film(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """Three seconds of 320x192 at 24 fps with sound: what the list asks for."""
    path = tmp_path_factory.mktemp("film") / "film.mp4"
    source = ["-f", "lavfi", "-i", "testsrc2=s=320x192:r=24:d=3", "-f", "lavfi", "-i", "sine=f=440:r=48000:d=3"]
    ffmpeg([*source, "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-c:a", "aac", "-shortest", str(path)])
    return path.read_bytes()


@pytest.fixture
def shop(film: bytes, remembered: None, monkeypatch: pytest.MonkeyPatch) -> Shop:
    """The scripted service, in place of the network."""
    made = Shop(film)
    monkeypatch.setenv("RUNWARE_API_KEY", "canary-7c1e")
    monkeypatch.setenv("RUNWARE_BASE_URL", made.host + "/v1")
    monkeypatch.setattr(session, "Sender", lambda: Sender(made.transport()))
    monkeypatch.setattr(session, "Fetcher", lambda: Fetcher(made.transport()))
    return made


@pytest.fixture
def stock(film: bytes, remembered: None, monkeypatch: pytest.MonkeyPatch) -> Stock:
    """The scripted service with a film of its own for every job."""
    made = Stock(film)
    monkeypatch.setenv("RUNWARE_API_KEY", "canary-7c1e")
    monkeypatch.setenv("RUNWARE_BASE_URL", made.host + "/v1")
    monkeypatch.setattr(session, "Sender", lambda: Sender(made.transport()))
    monkeypatch.setattr(session, "Fetcher", lambda: Fetcher(made.transport()))
    return made


class Stage:
    """A project folder and how its runs went."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.told: list[RunEvent] = []
        (folder / "project.toml").write_text(QUICK)
        self.write(LIST)

    def write(self, text: str, name: str = "spot.csv") -> None:
        (self.folder / name).write_text(text)

    async def render(
        self, *, cap: int | None = 10_000_000, buy: bool = True, list: str | None = "spot.csv", final: bool = False
    ) -> Outcome:
        """A run as `render --no-prefect` makes it."""
        order = RunRequest(folder=self.folder, list=list, cap=cap, buy=buy, final=final)
        with after_preview(prepare(order), self.told.append):
            return await direct(order)

    def kinds(self) -> list[str]:
        return [told.kind for told in self.told]


@pytest.fixture
def stage(tmp_path: Path, remembered: None) -> Stage:
    return Stage(tmp_path)
