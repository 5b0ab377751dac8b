"""Photographs of the review page, a share and the report for the docs, of a real project at the stand-in: `uv run python docs/shoot_review.py` (needs Chromium)."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from callsheet.domain.mark import Role  # noqa: E402  # from the root, which is on the path only now
from tests.browser import chromium  # noqa: E402
from tests.browser.review_page import Person, page_of, served  # noqa: E402
from tests.unit.cli.calling import call, project, service  # noqa: E402

_IMAGES = ROOT / "docs" / "images"
_PROMPTS = ("The lighthouse before the storm", "Waves climb the pier", "The keeper lights the lamp", "A boat turns into the wind")
_LIST = "shot_id,sequence,prompt,model,duration_s,resolution,fps,takes\n" + "".join(
    f"H{n}0,harbour,{prompt},runware/ltx-2,{2 + n % 2},1280x768,24,{2 + n % 2}\n" for n, prompt in enumerate(_PROMPTS, 1)
)


def main() -> None:
    """Buy four shots, look at them as a producer and as a client, and photograph what they see."""
    browser = chromium.found()
    if browser is None:
        sys.exit("no Chromium is installed: apt-get install chromium, or another package's")
    with tempfile.TemporaryDirectory() as text, service(Path(text)):
        folder = project(Path(text) / "lighthouse", _LIST)
        call("render", "spot.csv", "--cap", "5", "--yes", "--no-prefect", "-C", str(folder))
        call("review", "--share", "shared", "--for", "Agency", "--until", "2099-12-31", "-C", str(folder))
        with served(folder) as (url, _), chromium.tab(browser, Path(text) / "profile", Person) as somebody:
            _photograph(somebody, url)
            _photograph_share(somebody, folder)
            call("retake", "H20", "-C", str(folder))
            call("render", "spot.csv", "--yes", "--no-prefect", "-C", str(folder))
            call("report", "-C", str(folder))
            _photograph_report(somebody, folder / "out" / "report.html")


def _photograph(somebody: Person, url: str) -> None:
    def shoot(name: str) -> None:
        somebody.photograph(_IMAGES / f"review-{name}.webp")

    somebody.go(f"{page_of(url, Role.CLIENT_A)}#shot=spot%3AH20")
    somebody.settled()
    somebody.press("a")
    somebody.until("document.body.page.viewer.key === 'spot:H30'")
    somebody.go(f"{page_of(url)}#shot=spot%3AH10")
    somebody.settled()
    somebody.press("a")
    somebody.until("document.body.page.viewer.key === 'spot:H20'")
    somebody.go(f"{page_of(url)}#shot=spot%3AH30")
    somebody.settled()
    somebody.press("r", "v", "ArrowRight", "ArrowRight", "n", *"Hold on the lamp a little longer", "Enter")
    somebody.until("document.body.page.store.shot('spot:H30').notes.length === 1")
    somebody.settled()
    shoot("compare")
    somebody.press("w")
    somebody.settled()
    shoot("wipe")
    somebody.press("w", "c")
    somebody.until("document.body.page.viewer.context && document.body.page.viewer.context.at === 1")
    somebody.ask("(async () => { const [one] = document.querySelectorAll('.context video:not([hidden])'); one.pause(); })()")
    shoot("context")
    somebody.press("c")
    somebody.settled()
    somebody.press("b")
    somebody.until("document.querySelector('dialog[open]') && document.querySelector('dialog').innerText.includes('fits')")
    shoot("basket")
    somebody.go(page_of(url), high=900)
    somebody.until("document.querySelectorAll('button.take img').length === 10")
    somebody.until("[...document.querySelectorAll('button.take img')].every(one => one.complete && one.naturalWidth)")
    shoot("grid")
    somebody.go(f"{page_of(url, Role.CLIENT_A)}#shot=spot%3AH20", wide=390, high=844)
    somebody.settled()
    shoot("phone")


def _photograph_share(somebody: Person, folder: Path) -> None:
    somebody.go(f"{(folder / 'shared' / 'index.html').as_uri()}#shot=spot%3AH30")
    somebody.settled()
    somebody.press("v", "a")
    somebody.until("document.body.page.store.comments.length === 1")
    somebody.press("ArrowUp")
    somebody.settled()
    somebody.photograph(_IMAGES / "review-shared.webp")


def _photograph_report(somebody: Person, page: Path) -> None:
    """The report's beginning and its contact sheet; it has no script, so nothing is waited for but its pictures."""
    somebody.do("Emulation.setDeviceMetricsOverride", width=1160, height=1500, deviceScaleFactor=1, mobile=False)
    somebody.do("Page.navigate", url=page.as_uri())
    somebody.until("document.readyState === 'complete' && [...document.images].every((one) => one.complete)")
    somebody.photograph(_IMAGES / "report.webp")
    somebody.ask("[...document.querySelectorAll('h2')].find((one) => one.textContent === 'What the last run changed').scrollIntoView()")
    somebody.photograph(_IMAGES / "report-sheet.webp")


if __name__ == "__main__":
    main()
