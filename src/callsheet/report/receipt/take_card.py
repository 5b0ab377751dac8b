"""A take on the report's contact sheet: its picture and text, each attempt with its own, and its clip's origin."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from callsheet.domain.attempt import Attempt, State
from callsheet.domain.money import text
from callsheet.report.documents import nsfw
from callsheet.report.receipt.contact_strips import Strip
from callsheet.status.project_view import TakeView
from callsheet.store import clip_store
from callsheet.store.project_folder import Project

#: glyph and word of a take's state, so that colour is never the only sign
FACES: dict[str, tuple[str, str, str]] = {
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
class Sheet:
    """What all cards of a page share: the project, the folder for links, prompts by take, pictures by clip, and the takes that are in a
    film.
    """

    project: Project
    folder: Path
    prompts: Mapping[str, str]
    pictures: Mapping[str, Strip]
    cut: Collection[str]


def card(take: TakeView, sheet: Sheet) -> dict[str, object]:
    """The page's data on a take."""
    glyph, word, look = FACES[take.state]
    chosen = take.chosen
    # attempts are listed only if they add something to the take's state
    adds = len(take.attempts) > 1 or any(attempt.state is not State.RECEIVED for attempt in take.attempts)
    return {
        "name": str(take.take),
        "glyph": glyph,
        "word": word,
        "look": look,
        "model": take.model,
        "stale": take.stale,
        "picked": take.picked,
        "cut": take.take.full in sheet.cut,
        "settled": take.settled,
        "told": service_facts(take),
        "prompt": sheet.prompts.get(take.take.full, ""),
        "href": href(take.file, sheet.folder) if take.file else "",
        "strip": sheet.pictures.get(take.sha256 or "", Strip()),
        "findings": list(take.findings),
        "attempts": [_attempt(one, take, sheet) for one in take.attempts] if adds else [],
        "provenance": list(_provenance(chosen)) if chosen else [],
    }


def href(path: Path, folder: Path) -> str:
    """A link from a page in `folder` to a file of the project."""
    return quote(os.path.relpath(path, folder))


def service_facts(take: TakeView) -> str:
    """What the service reported about the take's clip: the seed, its own id of the video, and whether it flags it."""
    told: Mapping[str, object] = {}
    for attempt in take.attempts:
        if attempt.state is State.RECEIVED:
            told = attempt.told
    flag = {None: "", True: "NSFW: yes", False: "NSFW: no"}[nsfw(told)]
    facts = [f"{word} {told[name]}" for name, word in (("seed", "seed"), ("asset", "video")) if told.get(name) is not None]
    return " · ".join([*facts, *([flag] if flag else [])])


def _attempt(attempt: Attempt, take: TakeView, sheet: Sheet) -> dict[str, object]:
    end = attempt.reason.value if attempt.reason else attempt.state.value
    says = f": {attempt.message}" if attempt.message else ""
    chosen = take.chosen is not None and take.chosen.id == attempt.id
    there = clip_store.has(sheet.project, attempt.sha256, attempt.size) and not chosen
    return {
        "words": f"#{attempt.n} {end.replace('_', ' ')}, {text(attempt.settled)}{says}",
        "mark": "in the cut" if chosen and take.take.full in sheet.cut else "shown above" if chosen else "",
        "strip": sheet.pictures.get(attempt.sha256 or "", Strip()) if there else Strip(),
        "href": href(clip_store.clip_path(sheet.project, attempt.sha256 or ""), sheet.folder) if there else "",
        "name": attempt.name,
    }


def _provenance(attempt: Attempt) -> Iterator[tuple[str, str]]:
    """A clip's origin, and how to recognise it."""
    yield "attempt", attempt.full_name
    yield "account", attempt.account
    yield "model", attempt.model
    yield "price", attempt.price_ref
    if attempt.told.get("seed") is not None:
        yield "seed", str(attempt.told["seed"])
    if attempt.job:
        yield "job", attempt.job
    yield "sent", (attempt.intent_at or "")[:19].replace("T", " ")
    yield "received", (attempt.ended_at or "")[:19].replace("T", " ")
    yield "request", attempt.request_print
    yield "clip SHA-256", attempt.sha256 or ""
