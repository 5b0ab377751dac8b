"""The report for people: one HTML file that needs no other file and no network."""

from __future__ import annotations

import base64
import hashlib
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote
from zoneinfo import ZoneInfo

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from callsheet.domain.attempt import State
from callsheet.domain.cut import Finished, PlacedShot
from callsheet.domain.money import Micros, text
from callsheet.domain.timebase import fps_text, seconds, timecode
from callsheet.report import run_timeline
from callsheet.report.contact_strips import Strip, strips
from callsheet.report.documents import nsfw
from callsheet.report.remedies import doubts, failures, remedy
from callsheet.report.sent_files import departed
from callsheet.report.spend_groups import groups
from callsheet.report.takes_frame import attempts
from callsheet.status.project_view import TakeView, View
from callsheet.store import atomic_files
from callsheet.store.house import house
from callsheet.store.project_folder import Project

_TEMPLATES = Path(__file__).parent / "templates"
#: glyph and word of a take's state; colour never says it alone
_FACES: dict[str, tuple[str, str, str]] = {
    "received": ("✓", "received", "ok"),
    "held": ("…", "held", "open"),
    "submitting": ("…", "sending", "open"),
    "submitted": ("…", "at the service", "open"),
    "ready": ("↓", "to be fetched", "open"),
    "in_doubt": ("?", "in doubt", "doubt"),
    "closed": ("✕", "failed", "bad"),
    "not_bought": ("○", "not bought", "none"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """All that the page tells."""

    title: str
    view: View
    sequences: Sequence[Finished]
    prompts: Mapping[str, str]
    zone: ZoneInfo
    #: where the page stands, if not in `out/`
    folder: Path | None = None


def write_page(story: Story, project: Project, path: Path) -> None:
    """Write the page to `path`, with pictures of every clip that is there."""
    html = page(story, project, strips(story.view.takes, project), datetime.now(UTC))
    atomic_files.write(path, html)


def page(story: Story, project: Project, pictures: Mapping[str, Strip], made_at: datetime) -> str:
    """The page as HTML. All text is escaped; the style sheet is allowed by its hash and nothing else is."""
    style = (_TEMPLATES / "report.css").read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    environment.filters["usd"] = _usd
    template = environment.from_string((_TEMPLATES / "report.html").read_text(encoding="utf-8"))
    takes, used = story.view.takes, house()
    tried = attempts(takes, story.zone)
    # without a path of this machine: the page travels
    made_with = {"clone": "a source tree", "named": "a house of its own"}.get(used.origin, str(used))
    sheet: dict[str, list[dict[str, object]]] = {}
    for take in takes:
        sheet.setdefault(take.sequence, []).append(_card(take, story, project, pictures))
    return template.render(
        title=story.title,
        made_at=made_at.strftime("%Y-%m-%d %H:%M UTC"),
        house=made_with,
        style=Markup(style),  # noqa: S704  # our own file
        policy=f"default-src 'none'; img-src data:; style-src 'sha256-{digest}'",
        head=_head(takes),
        bar=money_bar(story.view),
        money=story.view.money,
        caps=story.view.caps,
        sums=[("sequence", groups(tried, "sequence")), ("model", groups(tried, "model"))],
        failures=failures(takes),
        doubts=[(take, attempt, remedy(take, attempt)) for take, attempt in doubts(takes)],
        departed=departed(takes),
        films=[_film(film, project, story.folder or project.out) for film in story.sequences],
        sheet=list(sheet.items()),
        timeline=Markup(run_timeline.svg(run_timeline.bars(takes, made_at))),  # noqa: S704  # escapes its own text
    )


def money_bar(view: View) -> Sequence[tuple[str, str, float]]:
    """The parts of the cap bar: (class, words, percent), settled first."""
    money = view.money
    whole = max(money.cap or 0, money.settled + money.held + money.in_doubt, 1)
    parts = (("spent", "spent", money.settled), ("held", "held", money.held), ("doubt", "in doubt", money.in_doubt))
    return [(look, f"{text(micros)} {word}", round(100 * micros / whole, 2)) for look, word, micros in parts if micros]


def _usd(micros: Micros | None) -> str:
    return "-" if micros is None else text(micros)


def _head(takes: Sequence[TakeView]) -> Sequence[tuple[str, str, str, int]]:
    """Takes by state: (glyph, word, class, count)."""
    counts: dict[str, int] = {}
    for take in takes:
        counts[take.state] = counts.get(take.state, 0) + 1
    return [(*face, counts[state]) for state, face in _FACES.items() if state in counts]


def _film(film: Finished, project: Project, folder: Path) -> dict[str, object]:
    fps = film.delivery.fps
    quality = f", crf {film.crf} instead of {film.delivery.crf} to be within its limit" if film.lowered else ""
    return {
        "name": film.sequence,
        "file": project.relative(film.file),
        "href": _href(film.file, folder),
        "facts": f"{float(seconds(film.frames, fps)):.1f} s, {film.frames} frames, {film.delivery.size}, {fps_text(fps)} fps{quality}",
        "loudness": "silent" if film.loudness_lufs is None else f"{film.loudness_lufs:.1f} LUFS, peak {film.true_peak_dbtp:.1f} dBTP",
        "complete": film.complete,
        "missing": film.missing,
        "removed": film.removed,
        "failing": film.failing,
        "findings": film.findings,
        "shots": [(shot, _stands(shot, film), timecode(shot.record_in, fps), float(seconds(shot.frames, fps))) for shot in film.shots],
    }


def _stands(shot: PlacedShot, film: Finished) -> str:
    """What stands in a shot's place."""
    if shot.take:
        return str(shot.take)
    return "slate" if shot.shot in film.missing else f"own clip {shot.clip.name}" if shot.clip else "title card"


def _card(take: TakeView, story: Story, project: Project, pictures: Mapping[str, Strip]) -> dict[str, object]:
    glyph, word, look = _FACES[take.state]
    # attempts are told only where they say more than the take's state does
    telling = len(take.attempts) > 1 or any(attempt.state is not State.RECEIVED for attempt in take.attempts)
    attempts: list[str] = []
    for attempt in take.attempts if telling else ():
        end = attempt.reason.value if attempt.reason else attempt.state.value
        says = f": {attempt.message}" if attempt.message else ""
        attempts.append(f"#{attempt.n} {end.replace('_', ' ')}, {text(attempt.settled)}{says}")
    return {
        "name": str(take.take),
        "glyph": glyph,
        "word": word,
        "look": look,
        "model": take.model,
        "stale": take.stale,
        "picked": take.picked,
        "settled": take.settled,
        "told": _told(take),
        "prompt": story.prompts.get(take.take.full, ""),
        "href": _href(take.file, story.folder or project.out) if take.file else "",
        "strip": pictures.get(take.sha256 or "", Strip()),
        "findings": list(take.findings),
        "attempts": attempts,
    }


def _told(take: TakeView) -> str:
    """What the service says of the clip that the take shows: the seed, its own id of the video, and whether it flags it."""
    told: Mapping[str, object] = {}
    for attempt in take.attempts:
        if attempt.state is State.RECEIVED:
            told = attempt.told
    flag = {None: "", True: "NSFW: yes", False: "NSFW: no"}[nsfw(told)]
    facts = [f"{word} {told[name]}" for name, word in (("seed", "seed"), ("asset", "video")) if told.get(name) is not None]
    return " · ".join([*facts, *([flag] if flag else [])])


def _href(path: Path, folder: Path) -> str:
    """A link from a page in `folder` to a file of the project."""
    return quote(os.path.relpath(path, folder))
