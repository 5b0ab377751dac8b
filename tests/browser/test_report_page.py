"""The report as a browser sees it. Where no Chromium is installed the same is asserted on the parsed page."""

from __future__ import annotations

import os
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from callsheet.domain.attempt import Cause
from callsheet.report.receipt.contact_strips import Strip
from callsheet.report.receipt.page import Story, page
from callsheet.report.receipt.printed_page import print_page
from callsheet.store.project_folder import Project
from tests import vendor_clients
from tests.browser import chromium
from tests.browser.axe_states import violations
from tests.browser.dailies import outside
from tests.browser.review_page import Person
from tests.runners import ffmpeg
from tests.unit.report.made_up_project import FOLDER, attempt, doubtful, failed, film, take, view
from tests.unit.report.test_page import Outline


@pytest.fixture
def html(tmp_path: Path) -> Path:
    """A page with a clip, a failure and a doubt."""
    seen = view(take(attempt()), take(failed("S0020", Cause.CONTENT, "refused <b>content</b>")), take(doubtful()))
    story = Story(
        title="Spot & Co",
        view=seen,
        sequences=(film(),),
        prompts={"spot:S0010.t1": "<script>document.title = 'taken'</script>"},
        zone=ZoneInfo("UTC"),
    )
    picture = Strip(uri="data:image/webp;base64,UklGRhYAAABXRUJQVlA4TAoAAAAvAAAAAP8B/wE=")
    path = tmp_path / "report.html"
    path.write_text(page(story, Project(FOLDER), {"ab" * 32: picture}, datetime(2026, 11, 21, 23, 31, tzinfo=UTC)), encoding="utf-8")
    return path


def browse(page: Path, *options: str) -> subprocess.CompletedProcess[str] | None:
    """Open a page in Chromium; None where there is none."""
    browser = chromium.found()
    if browser is None:
        return None
    profile = page.parent / "profile"
    argv = [browser, *chromium.QUIET, f"--user-data-dir={profile}", *options, page.as_uri()]
    return subprocess.run(argv, capture_output=True, text=True, check=True, timeout=120, env={**os.environ, "HOME": str(page.parent)})


def test_the_page_stands_in_a_browser_as_it_was_written(html: Path) -> None:
    """No script of a prompt runs, the policy refuses nothing that the page needs, and every take is there."""
    seen = browse(html, "--dump-dom")
    text = seen.stdout if seen else html.read_text(encoding="utf-8")
    assert "<title>Spot &amp; Co · callsheet</title>" in text
    assert Outline(text).tags.count("article") == 3
    assert "script" not in Outline(text).tags
    assert "Content Security Policy" not in (seen.stderr if seen else "")


def test_the_style_sheet_is_applied(html: Path, tmp_path: Path) -> None:
    """The page's paper is not the browser's white: the policy lets the style sheet in."""
    picture = tmp_path / "page.png"
    if browse(html, "--window-size=600,400", f"--screenshot={picture}") is None:
        assert Outline(html.read_text(encoding="utf-8")).tags.count("style") == 1
        return
    corner = ffmpeg(["-i", str(picture), "-vf", "crop=1:1:2:2", "-f", "rawvideo", "-pix_fmt", "rgb24", "pipe:1"]).stdout
    assert corner in (bytes.fromhex("fbfaf7"), bytes.fromhex("14171a"))


def test_a_page_is_printed_as_pdf(html: Path, tmp_path: Path) -> None:
    """By the browser that is installed: the whole of it, on pages; nothing else is left."""
    if chromium.found() is None:
        return
    print_page(html, tmp_path / "report.pdf")
    assert (tmp_path / "report.pdf").read_bytes().startswith(b"%PDF-")
    assert b"/Type /Page" in (tmp_path / "report.pdf").read_bytes()
    assert not [path.name for path in tmp_path.iterdir() if path.name not in ("report.html", "report.pdf")]


@pytest.mark.slow
@pytest.mark.nightly
@pytest.mark.parametrize("wide", [1280, 390])
def test_nothing_keeps_anybody_from_reading_the_page(html: Path, tmp_path: Path, wide: int) -> None:
    """axe-core finds no violation, and nothing is wider than the window."""
    browser = chromium.found()
    if browser is None:
        return
    with chromium.tab(browser, tmp_path / "profile", Person) as somebody:
        somebody.do("Emulation.setDeviceMetricsOverride", width=wide, height=900, deviceScaleFactor=1, mobile=wide < 600)
        somebody.do("Page.navigate", url=html.as_uri())
        somebody.until("document.readyState === 'complete' && document.querySelector('article')")
        assert violations(somebody, vendor_clients.axe()) == []
        assert somebody.ask("document.documentElement.scrollWidth") <= wide
        assert outside(somebody, "file:") == []
