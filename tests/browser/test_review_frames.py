"""The review's player at the field's rates: what is asked for is what stands on the screen, sought, played and stepped through."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from callsheet.review.review_app import PAGE
from tests.browser.dailies import RATES, bought, bought_ntsc, person, row
from tests.browser.frames_shown import seek_and_read, shown
from tests.browser.review_page import Person, page_of

_TIMES = """
import { frameAt, frameWithin, timeOf } from %s;
for (const rate of [[24, 1], [24000, 1001], [25, 1], [30000, 1001], [50, 1], [60000, 1001]]) {
  for (let frame = 0; frame < 100000; frame += 1) {
    const shown = (frame * rate[1]) / rate[0];
    if (frameAt(shown, rate) !== frame || frameWithin(timeOf(frame, rate), rate) !== frame) throw new Error(`${frame} at ${rate}`);
  }
}"""


def test_every_frame_has_a_time_of_its_own() -> None:
    """An hour's frames at the field's rates: the time that is sought lies in that frame, and the time that a browser tells of a frame is that frame's."""
    script = _TIMES % json.dumps((PAGE / "frames.js").as_uri())
    subprocess.run(["node", "--input-type=module", "-e", script], check=True, timeout=60)


def clip_ids(somebody: Person, shot: str) -> list[str]:
    return somebody.ask(f"document.body.page.store.shot('spot:{shot}').clips.map(one => one.id)")


def step_about(somebody: Person, tmp_path: Path, shot: str) -> None:
    """One step back and on from where it stands, and both ends; what is on the screen goes along. Two takes beside each other show the same moment."""
    at, last = somebody.ask("[document.body.page.viewer.together.frame, document.body.page.viewer.film.frames - 1]")
    back = max(0, at - 1)
    for key, frame in (("ArrowLeft", back), ("ArrowRight", back + 1), ("Home", 0), ("End", last)):
        somebody.press(key)
        somebody.settled()
        cell = shown(somebody, tmp_path, somebody.ask("document.body.page.viewer.clip.id"))
        assert (int(somebody.ask("document.querySelector('.frame').textContent")), cell and cell[1]) == (frame, frame)
    somebody.press("v")
    somebody.settled()
    cells = [shown(somebody, tmp_path, clip) for clip in clip_ids(somebody, shot)]
    assert len({cell[1] for cell in cells if cell}) == 1
    assert len({cell[0] for cell in cells if cell}) == 2


def play_a_while(somebody: Person) -> None:
    """Space plays and stops: time passes on the screen, and it stands on a whole frame again."""
    somebody.press("Home", " ")
    somebody.until("document.body.page.viewer.together.playing && document.body.page.viewer.together.frame > 5")
    somebody.press(" ")
    somebody.settled()
    assert somebody.ask("document.body.page.viewer.film.video.paused && Number.isInteger(document.body.page.viewer.together.frame)")


@pytest.mark.slow
@pytest.mark.nightly
@pytest.mark.parametrize("shot", [*(f"R{rate}" for rate in RATES), "N24"])
def test_any_frame_that_is_asked_for_is_shown(tmp_path: Path, shot: str) -> None:
    """Two hundred random seeks at 24, 25, 50 and 23.976 frames per second; then it is played, and stepped through frame by frame."""
    sold = bought_ntsc(tmp_path / "ntsc") if shot == "N24" else bought(tmp_path / "sold", row(int(shot[1:])))
    with sold as folder, person(folder, tmp_path) as there:
        if there is None:
            return
        somebody, url, _ = there
        somebody.go(f"{page_of(url)}#shot=spot%3A{shot}")
        seek_and_read(somebody, tmp_path, shot, 200)
        play_a_while(somebody)
        step_about(somebody, tmp_path, shot)
