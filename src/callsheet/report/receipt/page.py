"""The report for people: one HTML file that needs no other file and no network."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from markupsafe import Markup

from callsheet.domain.cut import Finished, PlacedShot
from callsheet.domain.money import text
from callsheet.domain.timebase import fps_text, seconds, timecode
from callsheet.report.receipt import money_timeline, run_timeline
from callsheet.report.receipt.checks_table import checks
from callsheet.report.receipt.contact_strips import Strip, strips
from callsheet.report.receipt.last_changes import changes
from callsheet.report.receipt.rendered_html import rendered
from callsheet.report.receipt.take_card import FACES, Sheet, card, href
from callsheet.report.remedies import doubts, failures, remedy
from callsheet.report.sent_files import departed
from callsheet.report.spend_groups import groups
from callsheet.report.takes_frame import attempts
from callsheet.status.project_view import TakeView, View
from callsheet.store import atomic_files
from callsheet.store.house import house
from callsheet.store.project_folder import Project


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """Everything that the page shows."""

    title: str
    view: View
    sequences: Sequence[Finished]
    prompts: Mapping[str, str]
    zone: ZoneInfo
    #: the folder of the page, if not `out/`
    folder: Path | None = None
    #: for whom it was made: `client`, `job`
    billing: Mapping[str, str] = field(default_factory=dict[str, str])


def write_page(story: Story, project: Project, path: Path) -> None:
    """Write the page to `path`, with pictures of every existing clip."""
    html = page(story, project, strips(story.view.takes, project), datetime.now(UTC))
    atomic_files.write(path, html)


def page(story: Story, project: Project, pictures: Mapping[str, Strip], made_at: datetime) -> str:
    """The page as HTML. All text is escaped; only its own style sheet is allowed, by its hash."""
    takes, used = story.view.takes, house()
    tried = attempts(takes, story.zone)
    # without a path of this machine, because the page is passed on
    made_with = {"clone": "a source tree", "named": "a custom house"}.get(used.origin, str(used))
    cut = {shot.take.full for film in story.sequences for shot in film.shots if shot.take}
    sheet = Sheet(project=project, folder=story.folder or project.out, prompts=story.prompts, pictures=pictures, cut=cut)
    return rendered(
        "report.html",
        title=story.title,
        billing=[(name, story.billing[name]) for name in ("client", "job") if story.billing.get(name)],
        made_at=made_at.strftime("%Y-%m-%d %H:%M UTC"),
        house=made_with,
        rehearsal=story.view.rehearsal,
        head=_head(takes),
        bar=money_bar(story.view),
        money=story.view.money,
        caps=story.view.caps,
        spent_by=[("sequence", groups(tried, "sequence")), ("model", groups(tried, "model"))],
        spent=Markup(  # noqa: S704  # escapes its own text
            money_timeline.svg(money_timeline.steps(takes), story.view.money.cap, story.view.money.held + story.view.money.in_doubt)
        ),
        checks=checks(takes, story.sequences),
        changes=changes(takes),
        failures=failures(takes),
        doubts=[(take, attempt, remedy(take, attempt)) for take, attempt in doubts(takes)],
        departed=departed(takes),
        films=[_film(film, project, story.folder or project.out) for film in story.sequences],
        sheet=_sequences(takes, sheet),
        timeline=Markup(run_timeline.svg(run_timeline.bars(takes, made_at))),  # noqa: S704  # escapes its own text
    )


def _sequences(takes: Sequence[TakeView], sheet: Sheet) -> list[tuple[str, list[dict[str, object]]]]:
    """The cards by sequence; with its list's name where there are several lists."""
    several = len({take.take.list for take in takes}) > 1
    found: dict[str, list[dict[str, object]]] = {}
    for take in takes:
        name = f"{take.take.list}: {take.sequence}" if several else take.sequence
        found.setdefault(name, []).append(card(take, sheet))
    return [*found.items()]


def money_bar(view: View) -> Sequence[tuple[str, str, float]]:
    """The parts of the cap bar: (class, words, percent), settled first."""
    money = view.money
    whole = max(money.cap or 0, money.settled + money.held + money.in_doubt, 1)
    parts = (("spent", "spent", money.settled), ("held", "held", money.held), ("doubt", "in doubt", money.in_doubt))
    return [(look, f"{text(micros)} {word}", round(100 * micros / whole, 2)) for look, word, micros in parts if micros]


def _head(takes: Sequence[TakeView]) -> Sequence[tuple[str, str, str, int]]:
    """Takes by state: (glyph, word, class, count)."""
    counts: dict[str, int] = {}
    for take in takes:
        counts[take.state] = counts.get(take.state, 0) + 1
    return [(*face, counts[state]) for state, face in FACES.items() if state in counts]


def _film(film: Finished, project: Project, folder: Path) -> dict[str, object]:
    fps = film.delivery.fps
    quality = f", crf {film.crf} instead of {film.delivery.crf} to fit its size limit" if film.lowered else ""
    return {
        "name": film.sequence,
        "file": project.relative(film.file),
        "href": href(film.file, folder),
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
    """What is in a shot's place."""
    if shot.take:
        return str(shot.take)
    return "slate" if shot.shot in film.missing else f"own clip {shot.clip.name}" if shot.clip else "title card"
