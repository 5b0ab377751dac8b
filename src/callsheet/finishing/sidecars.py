"""The sidecars of a finished file: the origin of each of its clips, and the pictures of its delivery."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path

from callsheet.domain.cut import Cut, CutShot, Finished, PlacedShot
from callsheet.domain.delivery import subtitles
from callsheet.domain.timebase import fps_text
from callsheet.media.film import film_stills
from callsheet.media.inspect.credentials import keep_credentials
from callsheet.store import atomic_files
from callsheet.store.project_folder import Project

_SCHEMA = "callsheet.origin/1"


def write_sidecars(cut: Cut, film: Finished, project: Project) -> Finished:
    """Write the missing sidecars. MediaError if a picture can't be made."""
    _write(_named(film, "_origin.json"), json.dumps(_told(cut, film, project), ensure_ascii=False, indent=1) + "\n")
    for path, words in _subtitles(cut, film):
        _write(path, words)
    frames = [at.record_in + at.frames // 2 for at in film.shots if at.take] or [film.frames // 2]
    for kind in film.delivery.beside:
        to = _named(film, film_stills.ENDINGS[kind])
        if not to.exists():
            film_stills.make(kind, film.file, frames, to, first=film.delivery.front)
    return with_sidecars(cut, film)


def with_sidecars(cut: Cut, film: Finished) -> Finished:
    """The film with its sidecars."""
    pictures = (_named(film, film_stills.ENDINGS[kind]) for kind in film.delivery.beside)
    wanted = (_named(film, "_origin.json"), *pictures, *(path for path, _ in _subtitles(cut, film)))
    return replace(film, beside=tuple(path for path in wanted if path.exists()))


def _subtitles(cut: Cut, film: Finished) -> Iterator[tuple[Path, str]]:
    """A file for each format and language with dialogue: `FILM.srt`, `FILM.de.srt`."""
    for language, said in cut.dialogue(film.delivery.front):
        for kind in film.delivery.subtitles:
            ending = f".{language}.{kind}" if language else f".{kind}"
            yield _named(film, ending), subtitles.WRITERS[kind](said, film.delivery.fps)


def _named(film: Finished, ending: str) -> Path:
    return film.file.with_name(film.file.stem + ending)


def _told(cut: Cut, film: Finished, project: Project) -> dict[str, object]:
    """The film and its clips, as a desk or an archive asks for them. Its bytes are the same as long as the cut is."""
    delivery = film.delivery
    return {
        "schema": _SCHEMA,
        "file": film.file.name,
        "sha256": film.sha256,
        "sequence": film.sequence,
        "delivery": delivery.name,
        "version": film.version,
        "form": _form(film),
        "timecode": delivery.timecode,
        "programme": {"record_in": delivery.front, "frames": film.frames - delivery.front - delivery.back},
        "beds": [
            {"file": bed.name, "sha256": bed.sha256, "record_in": delivery.front + bed.first, "frames": bed.end - bed.first}
            for bed in cut.beds
        ],
        "shots": [_shot(shot, at, project) for shot, at in zip(cut.shots, film.shots, strict=True)],
    }


def _form(film: Finished) -> dict[str, object]:
    """What the file was encoded as; `crf` is the quality that its limit of size left it."""
    to = film.delivery
    return {"codec": to.codec, "container": to.container, "resolution": str(to.size), "fps": fps_text(to.fps), "crf": film.crf}


def _shot(shot: CutShot, at: PlacedShot, project: Project) -> dict[str, object]:
    told: dict[str, object] = {"shot": shot.shot, "record_in": at.record_in, "frames": at.frames, "stale": shot.stale}
    if shot.ground:
        return {**told, "card": f"#{shot.ground}"}
    if shot.clip is None:
        return {**told, "missing": shot.missing}
    origin = {key: value for key, value in asdict(shot.origin).items() if key != "rehearsal" or value} if shot.origin else {}
    origin |= {"draft": True} if shot.draft else {}
    voice = {"voice": shot.voice.name, "voice_sha256": shot.voice.sha256} if shot.voice and shot.sound else {}
    kept = shot.clip.with_suffix(".c2pa")
    credentials = {"credentials": project.relative(kept)} if keep_credentials(shot.clip, kept) else {}
    return {**told, "sha256": shot.sha256, **origin, **voice, **credentials}


def _write(path: Path, text: str) -> None:
    if path.exists() and path.read_text(encoding="utf-8") == text:
        return
    part = atomic_files.part_path(path)
    part.write_text(text, encoding="utf-8")
    atomic_files.replace(part, path)
