"""A project folder whose shots are bought already: a list, a ledger with each attempt's whole life, and the clips in their places."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from callsheet.budget.ledger import tables, write
from callsheet.budget.ledger.store import Ledger, open_ledger
from callsheet.budget.rules.caps import Limit
from callsheet.domain.run_request import RunRequest
from callsheet.media.clip import clip_facts
from callsheet.planning.project_plan import prepare
from callsheet.pricing.priced import Priced
from callsheet.services.protocol.request import pack
from callsheet.services.registry import SERVICES
from callsheet.store import clip_store
from callsheet.store.atomic_files import digest
from callsheet.store.project_folder import Project

AT = "2026-11-21T09:00:00.000Z"
PRICE = 640_000
LIST = "film.csv"


@dataclass(frozen=True)
class Shot:
    """One row: its clip, and the seconds of it that stand in the cut."""

    clip: Path
    seconds: Decimal


def project(folder: Path, shots: Sequence[Shot], settings: str) -> Project:
    """The folder, ready for `callsheet finish film.csv`. `settings` is its project.toml. What stood in the folder is gone."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    os.environ.update({"RUNWARE_API_KEY": "made-up", "RUNWARE_BASE_URL": "https://api.runware.ai/v1"})
    made = Project(folder)
    made.settings_file.write_text(settings)
    rewrite(made, shots)
    ledger = open_ledger(made.ledger_file)
    write.limit(ledger, made.identity, Limit(scope="project", name="", amount=10**15, source="command", origin="--cap"), at=AT)
    _buy(ledger, made, shots)
    ledger.close()
    return made


def rewrite(project: Project, shots: Sequence[Shot], order: Sequence[int] | None = None) -> None:
    """The list anew, its rows in another order where one is given."""
    rows = [f"S{n:04d},wave number {n},runware/ltx-2.3,{shots[n].seconds},1920x1080,25" for n in order or range(len(shots))]
    (project.folder / LIST).write_text("shot_id,prompt,model,duration_s,resolution,fps\n" + "\n".join(rows) + "\n")


def change(project: Project, shots: Sequence[Shot], n: int, clip: Path) -> None:
    """Shot `n` gets another clip, as a retake that came in."""
    ledger = open_ledger(project.ledger_file)
    priced = prepare(RunRequest(folder=project.folder, list=LIST)).priced[n]
    _write(ledger, project, [(len(shots) + 1, 2, priced, clip)])
    ledger.close()


def _buy(ledger: Ledger, project: Project, shots: Sequence[Shot]) -> None:
    prepared = prepare(RunRequest(folder=project.folder, list=LIST))
    assert not prepared.plan.problems, prepared.plan.problems
    _write(ledger, project, [(n + 1, 1, priced, shot.clip) for n, (priced, shot) in enumerate(zip(prepared.priced, shots, strict=True))])


def _write(ledger: Ledger, project: Project, bought: Sequence[tuple[int, int, Priced, Path]]) -> None:
    hashes = {clip: digest(clip) for clip in {clip for *_, clip in bought}}
    for clip, sha256 in hashes.items():
        place = clip_store.clip_path(project, sha256)
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(clip, place)
        clip_facts.keep(place, sha256, project.normalized)  # as receipt does
    attempts = [_attempt(number, n, priced, project) for number, n, priced, _ in bought]
    events = [
        {"attempt": number, "seq": seq, "kind": kind, "at": AT, "body": body}
        for number, _, _, clip in bought
        for seq, (kind, body) in enumerate(_life(number, hashes[clip], clip.stat().st_size))
    ]
    entries = [
        {"attempt": number, "seq": seq, "kind": kind, "ref": "", "d_held": held, "d_doubt": 0, "d_settled": settled}
        for number, *_ in bought
        for seq, kind, held, settled in ((0, "hold", PRICE, 0), (3, "settle", -PRICE, PRICE))
    ]
    with ledger.writing() as connection:
        for table, rows in ((tables.attempt, attempts), (tables.event, events), (tables.entry, entries)):
            connection.execute(table.insert(), rows)


def _attempt(number: int, n: int, priced: Priced, project: Project) -> dict[str, object]:
    assert priced.ask is not None
    key = f"{number:032x}"
    return {
        "attempt": number, "project": project.identity, "run": "r1", "list": "film", "shot": priced.shot.shot_id, "take": 1, "n": n,
        "sequence": priced.shot.sequence, "service": "runware", "model": priced.model, "account": priced.account, "credential": "c0ffee",
        "rehearsal": 0, "author_print": priced.author_print, "request_print": priced.request_print, "ordinal": 0, "wire_key": key, "quote": PRICE,
        "price_ref": "runware/ltx-2.3@2026-03-05", "request": pack(SERVICES["runware"].wire.submit(priced.ask, key)), "day": "2026-11-21",
        "month": "2026-11", "made_at": AT,
    }  # fmt: skip


def _life(number: int, sha256: str, size: int) -> list[tuple[str, str]]:
    told = {"url": f"https://im.example/{number}.mp4", "told": {"seed": number, "cost_reported": True}}
    bodies = ({}, {"run": "r1"}, {"job": f"{number:032x}"}, told, {"sha256": sha256, "size": size, "findings": []})
    return [(kind, json.dumps(body)) for kind, body in zip(("hold", "intent", "accepted", "ready", "received"), bodies, strict=True)]
