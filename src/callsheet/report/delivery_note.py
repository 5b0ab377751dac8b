"""The delivery note: what was handed over, as text and as JSON. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from fractions import Fraction

from callsheet.domain.timebase import seconds
from callsheet.finishing.approvals import rehearsed, wrong
from callsheet.finishing.handover import ApprovedFilm
from callsheet.report.delivered_films import DeliveredFilm
from callsheet.report.documents import Document, number

#: the note's files
TEXT, TWIN = "delivery-note.txt", "delivery-note.json"
_WIDTH = 12


def note_document(films: Sequence[ApprovedFilm], name: str, billing: Mapping[str, str], at: str) -> Document:
    """`callsheet.delivery-note/1`: every film with its format, its sound, its checksum and who approved it."""
    return {"schema": "callsheet.delivery-note/1", "project": name, **billing, "date": at, "films": [film_document(film) for film in films]}


def film_document(film: ApprovedFilm) -> DeliveredFilm:
    """A film that is handed over."""
    facts, word = film.version.facts, film.approval
    return {
        "file": film.file.name,
        "sequence": word.sequence,
        "delivery": word.delivery,
        "version": word.version,
        "frames": facts["frames"],
        "fps": facts["fps"],
        "width": facts["width"],
        "height": facts["height"],
        "codec": facts["codec"],
        "profile": facts["profile"],
        "container": facts["container"],
        "timecode": facts["timecode"],
        "loudness_lufs": facts["loudness_lufs"],
        "true_peak_dbtp": facts["true_peak_dbtp"],
        "complete": facts["complete"],
        "missing": facts["missing"],
        "removed": facts["removed"],
        "failing": facts["failing"],
        "rehearsed": facts.get("rehearsed", []),
        "duration_s": number(seconds(facts["frames"], Fraction(facts["fps"]))),
        "sha256": film.version.sha256,
        "bytes": film.file.stat().st_size,
        "approved_by": word.who,
        "approved_at": word.at,
        "beside": [{"file": path.name, "sha256": sha256} for path, sha256 in film.beside],
    }


def note_files(document: Document, films: Sequence[ApprovedFilm]) -> dict[str, str]:
    """The note's two files: text by file name."""
    lines = ["DELIVERY NOTE", ""]
    lines += [_line(key.replace("_", " "), str(value)) for key, value in document.items() if key not in ("schema", "films")]
    for film in films:
        lines += ["", film.file.name, *(f"  {_line(key, value)}" for key, value in _told(film_document(film), film))]
    lines += ["", f"Check the files with: sha256sum -c {'SHA256SUMS'}", ""]
    return {TEXT: "\n".join(lines), TWIN: json.dumps(document, ensure_ascii=False, indent=2) + "\n"}


def _told(told: DeliveredFilm, film: ApprovedFilm) -> list[tuple[str, str]]:
    sound = "silent" if told["loudness_lufs"] is None else f"{told['loudness_lufs']:.1f} LUFS, peak {told['true_peak_dbtp']:.1f} dBTP"
    codec = " ".join(part for part in (told["codec"], told["profile"]) if part)
    rows = [
        ("film", f"{told['sequence']}, delivery {told['delivery']}, version {told['version']}"),
        ("length", f"{told['frames']} frames at {told['fps']} a second, {told['duration_s']} s"),
        ("picture", f"{told['width']}x{told['height']}, {codec} in {told['container']}"),
        ("timecode", f"from {told['timecode']}" if told["timecode"] else ""),
        ("sound", sound),
        ("approved", f"by {told['approved_by']}, {told['approved_at']}"),
        ("NOT WHOLE", wrong(film.version)),
        ("REHEARSAL", rehearsed(film.version)),
        ("SHA-256", told["sha256"]),
        *(("with it", beside["file"]) for beside in told["beside"]),
    ]
    return [(key, value) for key, value in rows if value]


def _line(key: str, value: str) -> str:
    return f"{key:<{_WIDTH}}{value}"
