"""The project that the review's browser tests look at: three shots of three rates, two takes each; every text in it is a stranger's."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path

from callsheet.review.page_state import Snapshot
from callsheet.review.review_app import PAGE
from callsheet.store.project_folder import Project
from tests.browser import chromium
from tests.browser.review_page import Person, served
from tests.runners import ffmpeg, remembering
from tests.unit.cli.calling import call, project, service

_HOME = os.environ["CALLSHEET_TEST_HOME"]
#: what a stranger may write: HTML, another direction, a formula, an escape of terminals spelt out
HOSTILE = "<img src=x onerror=document.title='taken'> <b>bold</b> =HYPERLINK(1) \u05e9\u05dc\u05d5\u05dd [31m"
HEAD = "shot_id,sequence,prompt,model,duration_s,resolution,fps,takes\n"
RATES = (24, 25, 50)


def row(*rates: int) -> str:
    """A list with a shot of each rate."""
    return HEAD + "".join(f'R{rate},one,"{HOSTILE}",runware/ltx-2,2,320x192,{rate},2\n' for rate in rates)


LIST = row(*RATES)


#: a shot whose films the service delivers at 23.976 frames per second, though it asks for 24
NTSC_LIST = f"{HEAD}N24,one,night,runware/ltx-2,2,320x192,24,2\n"


@contextmanager
def bought_ntsc(place: Path) -> Generator[Path]:
    """A project of `NTSC_LIST`: the films that the stand-in would sell are played at another rate, each frame with its number as before."""
    films = place / "films"
    with bought(place / "first", NTSC_LIST, films=films):
        pass
    for film in films.glob("*.mp4"):
        slower = film.with_suffix(".slower.mp4")
        encoded = ("-c:v", "libx264", "-preset", "ultrafast", "-crf", "20", "-c:a", "copy")
        ffmpeg(["-r", "24000/1001", "-i", str(film), *encoded, str(slower)])
        slower.replace(film)
    with bought(place / "second", NTSC_LIST, films=films) as folder:
        yield folder


@contextmanager
def bought(place: Path, list: str, cap: str = "1", **how: object) -> Generator[Path]:
    """A project whose list was rendered by a stand-in, which stays for as long as the block lasts."""
    os.environ.setdefault("CALLSHEET_TEST_HOME", _HOME)  # a stand-in that is in use already keeps it from its own environment
    with remembering(), service(place, **how):
        folder = project(place / "film", list)
        (folder / "spot.mapping.toml").write_text('markup = "keep"\n')
        said = call("render", "spot.csv", "--cap", cap, "--yes", "--no-prefect", "-C", str(folder), "--json")
        assert said.code == 0, said.err
        yield folder


def copy_of(dailies: Path, tmp_path: Path) -> Path:
    """The project to change; it says of itself that it was moved here."""
    folder = tmp_path / "film"
    shutil.copytree(dailies, folder)
    Project(folder).record(folder=str(folder))
    return folder


@contextmanager
def person(folder: Path, tmp_path: Path) -> Generator[tuple[Person, str, Snapshot] | None]:
    """Somebody at the review of a project; None where there is no Chromium: then its modules are read by Node, which is on every machine that tests."""
    browser = chromium.found()
    if browser is None:
        read_modules()
        yield None
        return
    with served(folder) as (url, live), chromium.tab(browser, tmp_path / "profile", Person) as somebody:
        yield somebody, url, live.now()
        assert somebody.complaints == []
        assert outside(somebody, url) == []


def outside(somebody: Person, *own: str) -> Sequence[str]:
    """What the page asked of others than `own`."""
    return [address for address in somebody.asked if not address.startswith((*own, "about:", "data:"))]


def read_modules() -> None:
    """The page's modules are JavaScript."""
    for module in sorted(PAGE.glob("*.js")):
        subprocess.run(["node", "--input-type=module", "--check"], input=module.read_bytes(), check=True, timeout=60)
