"""The review page as a person uses it: frames read back from the screen, decisions by keys alone, text that stays text. Where no Chromium is installed its modules are read by Node."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import pytest

from callsheet.domain.mark import Role
from callsheet.review.page_state import Snapshot
from callsheet.review.review_app import PAGE
from callsheet.store.project_folder import Project
from tests.browser import chromium
from tests.browser.review_page import Person, page_of, served
from tests.film_reader import Cell, pictures, read_cell
from tests.runners import remembering
from tests.unit.cli.calling import call, project, service

#: what a stranger may write: HTML, another direction, a formula, an escape of terminals spelt out
HOSTILE = "<img src=x onerror=document.title='taken'> <b>bold</b> =HYPERLINK(1) \u05e9\u05dc\u05d5\u05dd [31m"
RATES = (24, 25, 50)
LIST = "shot_id,sequence,prompt,model,duration_s,resolution,fps,takes\n" + "".join(
    f'R{rate},one,"{HOSTILE}",runware/ltx-2,2,320x192,{rate},2\n' for rate in RATES
)
SEED = int(os.environ["CALLSHEET_TEST_SEED"])


@pytest.fixture(scope="module")
def dailies(tmp_path_factory: pytest.TempPathFactory) -> Generator[Path]:
    """Three shots of three rates, two takes each, bought from a stand-in that stays."""
    place = tmp_path_factory.mktemp("dailies")
    with remembering(), service(place):
        folder = project(place / "film", LIST)
        (folder / "spot.mapping.toml").write_text('markup = "keep"\n')
        bought = call("render", "spot.csv", "--cap", "1", "--yes", "--no-prefect", "-C", str(folder), "--json")
        assert bought.code == 0, bought.err
        yield folder


@contextmanager
def person(folder: Path, tmp_path: Path) -> Generator[tuple[Person, str, Snapshot] | None]:
    """Somebody at the review of a project; None where there is no Chromium: then its modules are read by Node, which is on every machine that tests."""
    browser = chromium.found()
    if browser is None:
        for module in sorted(PAGE.glob("*.js")):
            subprocess.run(["node", "--input-type=module", "--check"], input=module.read_bytes(), check=True, timeout=60)
        yield None
        return
    with served(folder) as (url, live), chromium.tab(browser, tmp_path / "profile", Person) as somebody:
        yield somebody, url, live.now()
        assert somebody.complaints == []
        assert {address for address in somebody.asked if not address.startswith((url, "about:", "data:"))} == set()


def shown(somebody: Person, tmp_path: Path, clip: str) -> Cell | None:
    """What the picture of a clip shows, by the code that its film carries."""
    file = tmp_path / "screen.png"
    file.write_bytes(somebody.picture(f'.pane[data-clip="{clip}"] video'))
    return read_cell(next(iter(pictures(file))))


def clip_ids(somebody: Person, shot: str) -> list[str]:
    return somebody.ask(f"document.body.page.store.shot('spot:{shot}').clips.map(one => one.id)")


def seek_and_read(somebody: Person, url: str, tmp_path: Path, rate: int, seeks: int) -> None:
    """Random frames of a clip: what is on the screen is the frame that the page says, and the one that was asked for."""
    rng = random.Random(SEED ^ rate)
    shot = f"R{rate}"
    somebody.go(f"{page_of(url)}#shot=spot%3A{shot}")
    somebody.settled()
    clip = somebody.ask("document.body.page.viewer.clip.id")
    first = None
    for frame in [0, *(rng.randrange(2 * rate) for _ in range(seeks))]:
        somebody.ask(f"document.body.page.viewer.together.seek({frame})")
        somebody.settled()
        said = int(somebody.ask("document.querySelector('.frame').textContent"))
        cell = shown(somebody, tmp_path, clip)
        assert cell is not None, f"seed {SEED}: nothing can be read at frame {frame} of {rate} fps"
        first = first or cell
        assert (said, cell[0], cell[1] - first[1]) == (frame, first[0], frame), f"seed {SEED}: asked for {frame} at {rate} fps"


def test_a_frame_that_is_asked_for_is_shown(dailies: Path, tmp_path: Path) -> None:
    with person(dailies, tmp_path) as there:
        if there:
            seek_and_read(there[0], there[1], tmp_path, 25, 5)


@pytest.mark.slow
@pytest.mark.parametrize("rate", [RATES[0], *(pytest.param(rate, marks=pytest.mark.nightly) for rate in RATES[1:])])
def test_any_frame_that_is_asked_for_is_shown(dailies: Path, tmp_path: Path, rate: int) -> None:
    """Sixty random seeks at each rate, and one step on and back from each of the last; two takes beside each other show the same moment."""
    with person(dailies, tmp_path) as there:
        if there is None:
            return
        somebody, url, _ = there
        seek_and_read(somebody, url, tmp_path, rate, 60)
        at = int(somebody.ask("document.querySelector('.frame').textContent"))
        for key, frame in (("ArrowLeft", max(0, at - 1)), ("ArrowRight", max(0, at - 1) + 1), ("Home", 0), ("End", 2 * rate - 1)):
            somebody.press(key)
            somebody.settled()
            assert int(somebody.ask("document.querySelector('.frame').textContent")) == frame
        somebody.press("v")
        somebody.settled()
        cells = [shown(somebody, tmp_path, clip) for clip in clip_ids(somebody, f"R{rate}")]
        assert len({cell[1] for cell in cells if cell}) == 1
        assert len({cell[0] for cell in cells if cell}) == 2


def copy_of(dailies: Path, tmp_path: Path) -> Path:
    """The project to change; it says of itself that it was moved here."""
    folder = tmp_path / "film"
    shutil.copytree(dailies, folder)
    Project(folder).record(folder=str(folder))
    return folder


#: what is known of films comes when `letFilmsCome` is called, and not before
_SLOW_FILMS = """(() => {
  const store = document.body.page.store, known = store.factsOf.bind(store);
  const come = new Promise((resolve) => { window.letFilmsCome = resolve; });
  store.factsOf = async (clip) => { await come; return known(clip); };
})()"""


def test_shots_are_decided_by_keys_alone(dailies: Path, tmp_path: Path) -> None:
    """Open, look, pick and go on, reject, retake with its price, a note; undone; in a narrow window, too. What was written stays text.

    Keys that come before the film do what they mean once it is there, and what a client wishes stands at the take in the producer's grid.
    """
    with person(folder := copy_of(dailies, tmp_path), tmp_path) as there:
        if there is None:
            return
        somebody, url, _ = there
        somebody.go(page_of(url))
        somebody.until("document.querySelectorAll('button.take').length === 6")
        somebody.ask(_SLOW_FILMS)
        somebody.press("ArrowRight", "Enter", "ArrowRight", "ArrowRight", ".")
        assert somebody.ask("document.body.page.viewer.films.size") == 0
        somebody.ask("letFilmsCome()")
        somebody.settled()
        somebody.until("document.body.page.viewer.together.frame === 3")
        assert "<b>bold</b>" in somebody.says()
        somebody.press("a")
        somebody.until("document.body.page.store.shot('spot:R24').clips.some(one => one.picked)")
        somebody.until("document.body.page.viewer && document.body.page.viewer.key === 'spot:R25'")
        somebody.settled()
        somebody.press("x")
        somebody.until("document.body.page.store.shot('spot:R25').clips.some(one => one.rejected)")
        somebody.press("u")
        somebody.until("!document.body.page.store.shot('spot:R25').clips.some(one => one.rejected)")
        somebody.press("r")
        somebody.until("document.body.page.store.state.basket.includes('spot:R25')")
        somebody.press("n", *"too <b>dark", "Enter")
        somebody.until("document.body.page.store.shot('spot:R25').notes.length === 1")
        assert "too <b>dark" in somebody.says()
        somebody.press("Escape", "b")
        somebody.until(
            "document.querySelector('dialog[open]') && document.querySelector('dialog').innerText.includes('fits under the cap')"
        )
        assert "USD" in somebody.says()
        somebody.go(page_of(url, Role.CLIENT_A), wide=390)
        somebody.until("document.querySelectorAll('button.take').length === 6")
        assert somebody.ask("document.documentElement.scrollWidth") <= 390
        assert somebody.ask("document.title") != "taken"
        assert somebody.ask("document.querySelectorAll('main img[src=x], main b b').length") == 0
        somebody.press("ArrowRight", "x")
        somebody.until("document.body.page.store.state.shots[0].wishes.length === 1")
        somebody.go(page_of(url))
        somebody.until("document.querySelectorAll('.take .wish').length === 1")
        assert "client-a rejects" in somebody.ask("document.querySelector('.take .wish').title")
        print(f"keys pressed: {somebody.keys}")
    marks = call("plan", "spot.csv", "--offline", "-C", str(folder), "--json").json["takes"]
    assert [take["shot"] for take in marks if take["picked"]] == ["R24"]


def test_a_share_opens_from_a_disk(dailies: Path, tmp_path: Path) -> None:
    """No server, no outside request, no complaint: films play to the frame, a client's word is kept, and what is saved can be read in."""
    folder = copy_of(dailies, tmp_path)
    said = call("review", "--share", "for-agency", "--for", "Agency", "--until", "2099-12-31", "-C", str(folder), "--json")
    assert said.code == 0, said.err
    browser = chromium.found()
    if browser is None:
        return
    page = (folder / "for-agency" / "index.html").as_uri()
    with chromium.tab(browser, tmp_path / "profile", Person) as somebody:
        somebody.go(page)
        somebody.until("document.querySelectorAll('button.take').length === 6")
        somebody.press("ArrowRight", "Enter")
        somebody.settled()
        clip = somebody.ask("document.body.page.viewer.clip.id")
        first = shown(somebody, tmp_path, clip)
        somebody.press("ArrowRight", "ArrowRight", "ArrowRight")
        somebody.settled()
        fourth = shown(somebody, tmp_path, clip)
        assert first and fourth
        assert fourth == (first[0], first[1] + 3)
        somebody.press("a")
        somebody.until("document.body.page.store.comments.length === 1")
        kept = somebody.ask("JSON.stringify(document.body.page.store.file())")
        assert somebody.ask("document.title") != "taken"
        assert somebody.complaints == []
        assert [address for address in somebody.asked if not address.startswith(("file:", "about:", "data:"))] == []
    (folder / "comments.json").write_text(kept)
    back = call("review", "--import", "comments.json", "-C", str(folder), "--json").json
    assert (back["new"], back["who"], [one["kind"] for one in back["decisions"]]) == (1, "Agency", ["pick"])
