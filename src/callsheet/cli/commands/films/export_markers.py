"""`callsheet export --format markers`: the review's notes as markers of the cut."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

from callsheet.budget.ledger.marks import mark_log
from callsheet.budget.project_ledger import open_existing
from callsheet.cli.commands.films.export_file import write_export
from callsheet.cli.output.answer import Answer
from callsheet.cli.output.documents import Export, ExportedSequence
from callsheet.domain.errors import InputError
from callsheet.domain.mark import Mark
from callsheet.domain.run_request import RunRequest
from callsheet.domain.timecode import Timecode
from callsheet.domain.wording import counted
from callsheet.planning import plan_cuts
from callsheet.planning.project_plan import Prepared, prepare
from callsheet.review.opinions import notes
from callsheet.review.review_media import ReviewMedia
from callsheet.store.file_names import safe
from callsheet.store.project_folder import Project
from callsheet.timelines.edits import delivery_named, start_of
from callsheet.timelines.markers import Remark, markers, placed


def export_markers(project: Project, list: str, out: Path, *, delivery: str | None, sequence: str | None, start: str | None) -> Answer:
    """Write an EDL of markers for each sequence of the list into the folder `out`. Notes on what isn't in the cut are counted and named."""
    prepared = prepare(RunRequest(folder=project.folder, list=list, buy=False))
    form = delivery_named(prepared, delivery)
    cuts = [cut for cut, _ in plan_cuts.cuts(prepared, (form,)) if sequence in (None, cut.sequence)]
    if not cuts:
        raise InputError(f"the list has no sequence {sequence!r}", help="remove --sequence to export all of them")
    at, said = start_of(start, form.fps), _remarks(prepared)
    sequences: list[ExportedSequence] = []
    lines: list[str] = []
    shown: set[Remark] = set()
    for cut in cuts:
        found = placed(cut, form.fps, said)
        shown |= {one for _, one in found}
        path = project.folder / out / f"{safe(cut.sequence)}_markers.edl"
        write_export(path, markers(cut.sequence, at, found), out)
        file = project.relative(path)
        sequences.append(_sequence(cut.sequence, file, at, sum(shot.frames for shot in cut.shots)))
        lines.append(f"{file}: {counted(len(found), 'marker')} from {at}")
    left = [one for one in said if one not in shown]
    lines += [f"  not in the cut: {one.take} frame {one.frame}: {one.text}" for one in left]
    document: Export = {
        "schema": "callsheet.export/1",
        "format": "markers",
        "folder": project.relative(project.folder / out),
        "sequences": sequences,
    }
    return Answer(document=document, lines=lines)


def _remarks(prepared: Prepared) -> Sequence[Remark]:
    """The notes that stand on clips of this list's takes, oldest first."""
    ledger = open_existing(prepared.project, prepared.settings)
    if ledger is None:
        return ()
    try:
        said = notes(mark_log(ledger, prepared.project.known_id))
    finally:
        ledger.close()
    attempts = {attempt.id: attempt for take in prepared.view.takes for attempt in take.attempts}
    media = ReviewMedia(prepared.project)
    clips = {one.id: one.sha256 for one in attempts.values() if one.sha256}
    mine = [mark for mark in said if mark.list == prepared.plan.list and mark.attempt in clips]
    return [_remark(mark, attempts[str(mark.attempt)].name, clips[str(mark.attempt)], media) for mark in mine]


def _remark(mark: Mark, take: str, sha256: str, media: ReviewMedia) -> Remark:
    fps, who = media.facts(sha256).fps, mark.who or mark.role.value
    return Remark(
        take=take,
        sha256=sha256,
        frame=int(mark.body["frame"]),
        fps=Fraction(*fps),
        text=str(mark.body["text"]),
        who=who,
        role=mark.role,
    )


def _sequence(name: str, file: str, start: Timecode, frames: int) -> ExportedSequence:
    return {
        "sequence": name,
        "file": file,
        "fps": str(start.fps),
        "start": str(start),
        "frames": frames,
        "missing": [],
        "clips": [],
        "beds": [],
    }
