"""A review to hand over: one folder or zip that opens from any disk, with small watermarked films, and without a network."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import secrets
import zipfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, cast

from callsheet.domain.errors import InputError, SetupError, UsageError
from callsheet.domain.mark import Role
from callsheet.media.clip.proxy import write_proxy
from callsheet.review.page_state import Document, Snapshot, page_state
from callsheet.review.review_app import PAGE
from callsheet.review.review_media import ReviewMedia
from callsheet.store import atomic_files
from callsheet.store.project_folder import Project

_IMPORT = re.compile(r'^import .* from "\./(?P<name>\w+\.js)";\n', re.MULTILINE)
_PRELOAD = re.compile(r'^<link rel="(?:module)?preload" .*\n', re.MULTILINE)
_EXPORT = re.compile(r"^export ", re.MULTILINE)
_ID = re.compile(r"[0-9a-f]{16}")


@dataclass(frozen=True, slots=True)
class Share:
    """A review that was handed over: to which client, under which number, and until when the page opens."""

    id: str
    role: Role
    who: str
    until: date | None = None

    @classmethod
    def new(cls, role: Role, who: str, until: date | None) -> Share:
        """A share with a new number. UsageError if it is for the producer, who uses the page that `callsheet review` serves."""
        if role is Role.PRODUCER:
            raise UsageError("a share is for a client", help="write --role client-a or --role client-b")
        return cls(secrets.token_hex(8), role, who, until)

    @property
    def watermark(self) -> str:
        """The text on every picture of it."""
        return f"{self.who} · {self.until.isoformat()}" if self.until else self.who


def write_share(snapshot: Snapshot, media: ReviewMedia, share: Share, to: Path) -> int:
    """Write a review to `to`, a zip if it ends so, otherwise a folder, and return the number of clips.

    UsageError if `to` exists; SetupError if nothing can be recorded in the project; InputError if there is no clip. It contains no costs,
    no other clients' comments and none of the producer's marks.
    """
    if not atomic_files.writable(_shares(snapshot.project)):
        raise SetupError(
            "the project's folder can't be written, and comments could not be read in without a record of the share",
            help="share it as a user who may write there",
        )
    if to.exists():
        raise UsageError(f"{to.name} exists, and callsheet doesn't overwrite it", help="choose another name")
    state, films = _guest_state(snapshot, media, share)
    if not films:
        raise InputError("there is no clip to review yet", help="`callsheet render` buys the first takes")
    to.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=to.parent, prefix=".review-") as made:
        folder = Path(made) / to.stem
        (folder / "media").mkdir(parents=True)
        (Path(made) / "work").mkdir()
        for name, sha256 in films.items():
            film = Path(made) / "work" / f"{name}.mp4"  # what is burnt in lies beside it
            write_proxy(media.clip(sha256), film, share.watermark)
            film.replace(folder / "media" / film.name)
            (folder / "media" / f"{name}.webp").write_bytes(media.thumbnail(sha256).read_bytes())
        shared: Document = {
            "id": share.id,
            "project": snapshot.settings.name,
            "expires": share.until.isoformat() if share.until else "",
            "state": state,
        }
        (folder / "index.html").write_text(_page(shared), encoding="utf-8")
        if to.suffix.lower() == ".zip":
            part = atomic_files.part_path(to)
            with zipfile.ZipFile(part, "w", zipfile.ZIP_STORED) as packed:  # films don't shrink
                for path in sorted(folder.rglob("*")):
                    packed.write(path, Path(to.stem) / path.relative_to(folder))
            atomic_files.replace(part, to)
        else:
            folder.replace(to)
    _remember(snapshot.project, share)
    return len(films)


def known_share(project: Project, number: object) -> Share:
    """A share that this project handed over. InputError if it didn't."""
    path = _shares(project) / f"{number}.json"
    if not _ID.fullmatch(str(number)) or not path.is_file():
        raise InputError(
            "these comments are not of a review that this project handed over",
            help="import them in the project that wrote the share",
        )
    kept = cast("dict[str, str]", json.loads(path.read_text(encoding="utf-8")))
    return Share(kept["id"], Role(kept["role"]), kept["who"], date.fromisoformat(kept["until"]) if kept["until"] else None)


def _shares(project: Project) -> Path:
    return project.state / "review" / "shares"


def _remember(project: Project, share: Share) -> None:
    kept = {**asdict(share), "until": share.until.isoformat() if share.until else ""}
    atomic_files.write(_shares(project) / f"{share.id}.json", json.dumps(kept))


def _guest_state(snapshot: Snapshot, media: ReviewMedia, share: Share) -> tuple[Document, dict[str, str]]:
    """The guest page's initial state, and which file is which clip."""
    state = cast("dict[str, Any]", page_state(snapshot, share.role, share.who))
    files: dict[str, str] = {}
    for shot in state["shots"]:
        for clip in shot["clips"]:
            name = f"{len(files) + 1:04d}"
            files[name] = clip["sha256"]
            shot["cut"] = [part for part in shot["cut"] if part["clip"]]
            clip |= {"file": name, "sha256": name, "facts": asdict(media.facts(clip["sha256"])), "picked": False, "rejected": False}
        own = [wish for wish in shot["wishes"] if wish["mine"]]
        noted = [note for note in shot["notes"] if note["role"] in (share.role.value, Role.PRODUCER.value)]
        shot |= {"wishes": own, "notes": noted, "missing": [], "conflict": False, "basket": False, "retaken": False, "joined": False}
    return {**state, "rehearsal": False}, files


def _page(shared: Document) -> str:
    """The whole page in one document, because a browser loads no modules from a disk. Only this exact style and script run in it."""
    style = (PAGE / "review.css").read_text(encoding="utf-8")
    script = f'(() => {{\n"use strict";\n{"".join(_bundle("main.js", set()))}}})();'
    policy = (
        f"default-src 'none'; script-src '{_digest(script)}'; style-src '{_digest(style)}'; img-src 'self' file: data:; media-src 'self' file:; "
        "base-uri 'none'; form-action 'none'"
    )
    page = _PRELOAD.sub("", (PAGE / "index.html").read_text(encoding="utf-8"))
    page = page.replace('<link rel="stylesheet" href="review.css">', f"<style>{style}</style>")
    page = page.replace('<script type="module" src="main.js"></script>\n', "")
    page = page.replace(
        '<meta charset="utf-8">',
        f'<meta charset="utf-8">\n<meta http-equiv="Content-Security-Policy" content="{policy}">\n<meta name="referrer" content="no-referrer">',
    )
    told = json.dumps(shared).replace("<", "\\u003c")  # so that no text in it can end the element
    return page.replace("</body>", f'<script id="shared" type="application/json">{told}</script>\n<script>{script}</script>\n</body>')


def _bundle(name: str, done: set[str]) -> Iterator[str]:
    """A module after all its imports, each once, without import and export statements."""
    if name in done:
        return
    done.add(name)
    text = (PAGE / name).read_text(encoding="utf-8")
    for found in _IMPORT.finditer(text):
        yield from _bundle(found["name"], done)
    yield _EXPORT.sub("", _IMPORT.sub("", text))


def _digest(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"
