"""The page: one file, nothing from outside, all text escaped, small."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import replace
from datetime import UTC, datetime
from html.parser import HTMLParser
from zoneinfo import ZoneInfo

from callsheet.domain.attempt import Cause
from callsheet.report.receipt.contact_strips import Strip
from callsheet.report.receipt.page import Story, money_bar, page
from callsheet.report.receipt.run_timeline import bars, svg
from callsheet.status.project_view import TakeView, View
from callsheet.store.project_folder import Project
from tests.unit.report.made_up_project import FOLDER, attempt, doubtful, failed, film, take, view

PROJECT = Project(FOLDER)
NOW = datetime(2026, 11, 21, 23, 31, tzinfo=UTC)
NASTY = '<script>alert("x")</script> & "quotes" \'single\''


class Outline(HTMLParser):
    """Tags and attributes of a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.open: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]
        if tag not in ("meta", "img", "rect", "line", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in ("rect", "line"):
            assert self.open.pop() == tag


def made(seen: View, strips: dict[str, Strip] | None = None, **prompts: str) -> str:
    """The page of a view."""
    story = Story(title=f"Spot {NASTY}", view=seen, sequences=(film(missing=("S0020",)),), prompts=prompts, zone=ZoneInfo("UTC"))
    return page(story, PROJECT, strips or {}, NOW)


def everything() -> View:
    """A view with a clip, a failure, a doubt and a take that was never bought."""
    unbought = replace(take(doubtful("S0050")), attempts=(), state="not_bought", chosen=None)
    return view(take(attempt()), take(failed("S0020", Cause.CONTENT, NASTY)), take(doubtful()), unbought)


def test_a_clip_bears_what_the_service_told_of_it() -> None:
    """Seed, the service's id of the video and its flag stand with the clip; nothing does where nothing was told."""
    flagged = take(attempt(told={"seed": 7, "asset": "33c3f183-8546", "nsfw": True}))
    assert "seed 7 · video 33c3f183-8546 · NSFW: yes" in made(view(flagged))
    assert "NSFW: no" in made(view(take(attempt(told={"nsfw": False}))))
    assert "NSFW" not in made(view(take(attempt(told={"seed": 7}))))


def test_the_page_is_well_formed_and_loads_nothing() -> None:
    """Every tag is closed; no script, no link, no address outside the file."""
    html = made(everything(), {"ab" * 32: Strip(uri="data:image/webp;base64,AAAA")})
    outline = Outline(html)
    assert outline.open == []
    assert not {"script", "link", "iframe", "object", "base", "form"} & set(outline.tags)
    assert not re.search(r"(?:https?:)?//[a-z]", html.replace("https://api.runware.ai", ""))
    assert [value for name, value in outline.attributes if name == "src"] == ["data:image/webp;base64,AAAA"]
    assert not [name for name, _ in outline.attributes if name.startswith("on") or name == "style"]


def test_what_people_wrote_is_text() -> None:
    """Prompts, messages and names never become markup."""
    html = made(everything(), **{"spot:S0010.t1": NASTY})
    assert "<script>" not in html
    assert html.count("&lt;script&gt;") >= 3


def test_the_policy_allows_the_style_sheet_by_its_hash_alone() -> None:
    """The hash is that of the bytes between the style tags."""
    html = made(everything())
    style = re.search(r"<style>(.*?)</style>", html, re.DOTALL)
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', html)
    assert style and policy
    digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    assert policy[1].replace("&#39;", "'") == f"default-src 'none'; img-src data:; style-src 'sha256-{digest}'"


def test_states_are_told_in_words_and_what_needs_a_person_stands_out() -> None:
    """Colour alone says nothing; failures and doubts come with a remedy."""
    html = made(everything())
    for words in (
        "received",
        "failed",
        "in doubt",
        "not bought",
        "callsheet recover S0030.t1",
        "change the prompt",
        "missing, shown as a slate: S0020",
    ):
        assert words in html


def test_a_missing_picture_says_why() -> None:
    """A clip that can't be read leaves its reason, not a gap."""
    html = made(view(take(attempt())), {"ab" * 32: Strip(missing="it is cut short")})
    assert "it is cut short" in html


def test_the_money_bar_shows_settled_held_and_doubt_of_the_cap() -> None:
    """Percent of the cap, or of the whole where more than the cap was spent."""
    assert money_bar(view(take(attempt()), take(doubtful()))) == [("spent", "0.09 spent", 4.5), ("doubt", "0.12 in doubt", 6.0)]
    over = view(take(attempt(quote=3_000_000)))
    assert money_bar(over) == [("spent", "3.00 spent", 100.0)]
    assert money_bar(view()) == []


def test_a_page_of_120_takes_stays_under_a_megabyte() -> None:
    """With a strip of the usual size for each."""
    shots: list[TakeView] = []
    strips: dict[str, Strip] = {}
    for n in range(120):
        sha256 = f"{n:064x}"
        shots.append(take(attempt(f"S{n:04d}", sha256=sha256)))
        strips[sha256] = Strip(uri="data:image/webp;base64," + "A" * 4 * 1400)
    html = made(view(*shots), strips, **{f"spot:S{n:04d}.t1": "A long prompt that goes on. " * 8 for n in range(120)})
    assert len(html.encode()) < 1_000_000
    assert len(svg(bars(shots, NOW))) < 60_000
