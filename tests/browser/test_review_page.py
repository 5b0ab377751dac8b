"""The review page as a person uses it: frames read back from the screen, decisions by keys alone, text that stays text. Where no Chromium is installed its modules are read by Node."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path

import pytest

from callsheet.domain.mark import Role
from tests import vendor_clients
from tests.browser import chromium
from tests.browser.axe_states import WIDTHS, states, violations
from tests.browser.dailies import HEAD, LIST, bought, copy_of, outside, person
from tests.browser.frames_shown import seek_and_read, shown
from tests.browser.review_page import Person, page_of, served
from tests.unit.cli.calling import call


@pytest.fixture(scope="module")
def dailies(tmp_path_factory: pytest.TempPathFactory) -> Generator[Path]:
    """Three shots of three rates, two takes each, bought from a stand-in that stays."""
    with bought(tmp_path_factory.mktemp("dailies"), LIST) as folder:
        yield folder


@pytest.mark.slow
def test_a_frame_that_is_asked_for_is_shown(dailies: Path, tmp_path: Path) -> None:
    with person(dailies, tmp_path) as there:
        if there:
            there[0].go(f"{page_of(there[1])}#shot=spot%3AR25")
            seek_and_read(there[0], tmp_path, "R25", 5)


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
        somebody.press("ArrowRight", "Enter", "ArrowRight", "ArrowRight", ".", "n", *"a sax", "Enter")
        assert somebody.ask("document.body.page.viewer.films.size") == 0
        somebody.ask("letFilmsCome()")
        somebody.settled()
        somebody.until("document.body.page.viewer.together.frame === 3")
        somebody.until("document.body.page.store.shot('spot:R24').notes.length === 1")
        note = somebody.ask("document.body.page.store.shot('spot:R24').notes[0].body")
        assert (note, somebody.ask("document.body.page.store.state.last")) == ({"text": "a sax", "frame": 3}, 1), "words are no keys"
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
        assert outside(somebody, "file:") == []
    (folder / "comments.json").write_text(kept)
    back = call("review", "--import", "comments.json", "-C", str(folder), "--json").json
    assert (back["new"], back["who"], [one["kind"] for one in back["decisions"]]) == (1, "Agency", ["pick"])


@pytest.mark.slow
@pytest.mark.nightly
@pytest.mark.parametrize("width", WIDTHS)
def test_nothing_keeps_anybody_from_using_the_page(tmp_path: Path, width: str) -> None:
    """No violation in any state, nothing wider than the window; served to the producer and a client, and opened from a share."""
    if chromium.found() is None:
        return
    script = vendor_clients.axe()
    wide, high = WIDTHS[width]
    with bought(tmp_path / "bought", LIST) as folder:
        assert call("review", "--share", "shared", "--for", "Agency", "-C", str(folder)).code == 0
        with person(folder, tmp_path) as there:
            assert there
            somebody, url, _ = there
            pages = [(role.value, page_of(url, role)) for role in (Role.CLIENT_A, Role.PRODUCER)]
            for who, page in (*pages, ("share", (folder / "shared" / "index.html").as_uri())):
                somebody.go(page, wide=wide, high=high)
                somebody.until("document.querySelectorAll('button.take').length === 6")
                for state in states(somebody):
                    assert (violations(somebody, script), somebody.ask("document.documentElement.scrollWidth") <= wide) == ([], True), (
                        f"{who}: {state}"
                    )
                if who == "client-a":
                    somebody.press("ArrowRight", "a")
                    somebody.until("document.body.page.store.state.shots[0].wishes.length")
                if who == "producer":
                    somebody.press("r", "b")
                    somebody.until("document.querySelector('dialog[open]')?.innerText.includes('fits under the cap')")
                    assert violations(somebody, script) == [], "basket"
            assert outside(somebody, url, "file:") == []
            somebody.asked.clear()  # nothing of a share is the server's


#: every key that means something at a shot, but those after which words are written
_ALL_KEYS = (*"axrcCvwd ieEIjklfmuy[].,123", "Home", "End", "ArrowLeft", "ArrowRight", "Shift+ArrowRight", "ArrowUp", "ArrowDown", "Tab")
_ODD = HEAD + (
    f'TALL,one,"{"A very long prompt that goes on and on. " * 60}",runware/ltx-2,1,192x320,24,4\n'
    "WIDE,one,wide,runware/ltx-2,1,320x192,24,2\nGONE,one,not readable,runware/ltx-2,1,320x192,24,2\n"
)
_UNBOUGHT = "NONE,one,not bought,runware/ltx-2,1,320x192,24,1\n"


@pytest.mark.slow
@pytest.mark.nightly
def test_odd_projects_are_reviewed_as_far_as_they_go(tmp_path: Path) -> None:
    """Upright beside wide, a prompt of pages, a clip that can't be read, a shot without any: every key at each does its work or nothing, and nothing breaks.

    What can't be shown can still be decided and noted, and four upright takes stand within the window.
    """
    if chromium.found() is None:
        return
    with bought(tmp_path / "bought", _ODD) as folder:
        (folder / "spot.csv").write_text(_ODD + _UNBOUGHT, encoding="utf-8")
        with served(folder) as (url, live), chromium.tab(chromium.found() or "", tmp_path / "profile", Person) as somebody:
            for take in live.now().view.takes:
                if take.take.shot == "GONE" and take.file:
                    take.file.write_bytes(b"x" * take.file.stat().st_size)
            somebody.go(f"{page_of(url)}#shot=spot%3ATALL")
            somebody.settled()
            somebody.press("v", "v")
            somebody.until("document.querySelectorAll('.pane').length === 4")
            somebody.settled()
            assert somebody.ask("document.querySelector('.panes').getBoundingClientRect().bottom") <= 800
            somebody.go(f"{page_of(url)}#shot=spot%3AGONE")
            somebody.until("document.querySelector('.stage').innerText.includes(\"can't be shown\")")
            somebody.press("n", *"hm", "Enter", "a")
            somebody.until(
                "(shot => shot.notes.length && shot.clips.some((clip) => clip.picked))(document.body.page.store.shot('spot:GONE'))"
            )
            for shot in ("NONE", "GONE", "WIDE", "TALL"):
                somebody.go(f"{page_of(url)}#shot=spot%3A{shot}")
                somebody.press(*_ALL_KEYS)
                somebody.until("document.body.page.store.waiting.length === 0")
            refused = (
                "Failed to load resource: the server responded with a status of 4",
            )  # a picture of what can't be read, an undone undo
            assert [one for one in somebody.complaints if not one.startswith(refused)] == []
