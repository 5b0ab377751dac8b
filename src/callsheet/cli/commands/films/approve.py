"""`callsheet approve`: which version of a film `deliver` hands over."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Annotated

from cyclopts import Parameter

from callsheet.cli.options import HERE, Common, Flag
from callsheet.cli.output.answer import Answer, schema
from callsheet.cli.output.documents import Approval as ApprovalPart
from callsheet.cli.output.documents import Approve
from callsheet.clock import Clock
from callsheet.domain.approval import Approval, in_force
from callsheet.domain.errors import UsageError
from callsheet.domain.shots.foreign_text import clean
from callsheet.domain.typed import typed
from callsheet.finishing import approvals
from callsheet.finishing.film_record import FilmRecord, records
from callsheet.settings.environment import user_name
from callsheet.store.project_folder import Project

_VERSION = re.compile(r"[vV]?0*(\d+)")


def approve(
    sequence: Annotated[str, Parameter(help="Sequence whose film you approve.")],
    version: Annotated[str | None, Parameter(help="Version of the film, such as v003. Optional with --undo.")] = None,
    /,
    *,
    delivery: Annotated[str | None, Parameter(help="Only this delivery of the sequence. Default: all its deliveries.")] = None,
    as_is: Annotated[
        bool,
        Flag,
        Parameter(help="Approve the version even if it is incomplete, shows drafts, or failed its check. The delivery note then says so."),
    ] = False,
    by: Annotated[str | None, Parameter(help="Name of the person who approves. Default: your user name.")] = None,
    undo: Annotated[bool, Flag, Parameter(help="Undo the approval: the film then has no approved version.")] = False,
    common: Common = HERE,
) -> Answer:
    """Approve a version."""
    project, who = common.project, clean(by or user_name()).strip()
    known = approvals.of_sequence(records(project), sequence, delivery)
    number = _number(sequence, version, known, undo=undo)
    said = _withdrawn(project, known, number, who) if undo else _approved(project, known, number or 0, who, as_is=as_is)
    fresh = [row for row, new in said if new]
    if fresh:
        approvals.add(project, fresh)
    lines = [_line(row, new=new) for row, new in said]
    if not undo:
        shown = [(film, approvals.rehearsed(one)) for film in known if (one := film.numbered(number or 0))]
        lines += [f"note: {film.sequence} {film.delivery} v{number:03d} is not a finished film: {words}" for film, words in shown if words]
        lines.append(f"next: {typed('deliver', 'handover')}")
    entries: list[ApprovalPart] = [
        {
            "sequence": row.sequence,
            "delivery": row.delivery,
            "version": row.version,
            "sha256": row.sha256,
            "who": row.who,
            "at": row.at,
            "approved": not row.withdrawn,
            "new": new,
        }
        for row, new in said
    ]
    document: Approve = {"schema": schema("approve"), "approvals": entries}
    return Answer(document=document, lines=lines)


def _number(sequence: str, version: str | None, known: Sequence[FilmRecord], *, undo: bool) -> int | None:
    if version is None and undo:
        return None
    newest = max((number for film in known for number in film.numbers), default=1)
    help = f"write {typed('approve', sequence, f'v{newest:03d}')}"
    if version is None:
        raise UsageError(f"which version of {sequence}?", help=help)
    found = _VERSION.fullmatch(version)
    if not found:
        raise UsageError(f"{version} is not a version; write it like v003", help=help)
    return int(found[1])


def _approved(project: Project, known: Sequence[FilmRecord], number: int, who: str, *, as_is: bool) -> list[tuple[Approval, bool]]:
    """A row for each film, and whether it is new: a version that is already approved is not approved again."""
    pinned, at = in_force(approvals.approval_log(project)), Clock().text()
    said: list[tuple[Approval, bool]] = []
    for one in approvals.choose(known, number, as_is=as_is):
        film, sha256 = one.film, one.version.sha256
        before = pinned.get((film.sequence, film.delivery))
        row = Approval(sequence=film.sequence, delivery=film.delivery, version=number, sha256=sha256, who=who, at=at)
        same = before is not None and (before.version, before.sha256) == (number, sha256)
        said.append((before, False) if same and before else (row, True))
    return said


def _withdrawn(project: Project, known: Sequence[FilmRecord], number: int | None, who: str) -> list[tuple[Approval, bool]]:
    pinned, at = in_force(approvals.approval_log(project)), Clock().text()
    before = [pinned[film] for one in known if (film := (one.sequence, one.delivery)) in pinned]
    meant = [row for row in before if number in (None, row.version)]
    if not meant:
        version = "" if number is None else f" v{number:03d}"
        here = ", ".join(f"{row.delivery} v{row.version:03d}" for row in before)
        raise UsageError(
            f"{known[0].sequence}{version} is not approved", help=f"approved is {here}" if here else "no version of it is approved"
        )
    return [
        (Approval(sequence=r.sequence, delivery=r.delivery, version=r.version, sha256=r.sha256, who=who, at=at, withdrawn=True), True)
        for r in meant
    ]


def _line(row: Approval, *, new: bool) -> str:
    name = f"{row.sequence} {row.delivery} v{row.version:03d}"
    if row.withdrawn:
        return f"{name} is no longer approved; deliver leaves it out"
    if not new:
        return f"{name} was already approved by {row.who} at {row.at}"
    return f"{name} is approved by {row.who}: deliver hands over this version, even after newer ones are made. The next plan doesn't change"
