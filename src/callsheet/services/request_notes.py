"""A purchase as it is written down: its files by their digests, so that the book stays small and one file is kept once. Pure.

A purchase with its notes in place of files goes through the wire as any other; `filled` puts the bytes in before it is sent, the same every time.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import replace

from callsheet.domain.attempt import SentFile
from callsheet.services.cards.file_rules import COLUMNS
from callsheet.services.protocol.ask import Ask
from callsheet.services.protocol.media_ref import MediaRef
from callsheet.services.protocol.request import Request

#: what stands for a file's bytes in a form, and for its data URI in JSON
_NOTE = re.compile(rb"callsheet-(bytes|uri):([0-9a-f]{64})")


def noted(ask: Ask) -> Ask:
    """The same purchase with a note instead of each file's bytes; addresses stay."""
    return replace(ask, first_frame=_noted(ask.first_frame), last_frame=_noted(ask.last_frame), audio=_noted(ask.audio))


def filled(request: Request, files: Mapping[str, MediaRef]) -> Request:
    """The request with the files' bytes in place of its notes; `files` by digest. Other text stays as it is."""

    def bytes_of(note: re.Match[bytes]) -> bytes:
        file = files.get(note[2].decode())
        if file is None or file.data is None:
            return note[0]
        return file.data if note[1] == b"bytes" else file.uri.encode()

    return replace(request, body=_NOTE.sub(bytes_of, request.body)) if files else request


def described(body: bytes, ask: Ask) -> str:
    """The body of a purchase with notes as text for people, each file by its cell, kind, size and digest."""
    files = {file.sha256: file for file in files_of(ask)}

    def label(note: re.Match[bytes]) -> bytes:
        file = files.get(note[2].decode())
        if file is None:
            return note[0]
        to_come = any(given.to_come for given in (ask.first_frame, ask.last_frame) if given and given.sha256 == file.sha256)
        said = "to come" if to_come else f"{file.mime}, {file.size} bytes, sha256 {file.sha256}"
        return json.dumps(f"[{file.cell}: {said}]", ensure_ascii=False)[1:-1].encode()

    return _NOTE.sub(label, body).decode(errors="replace")


def files_of(ask: Ask) -> tuple[SentFile, ...]:
    """The files of a purchase, in the columns' order."""
    named = ((column, getattr(ask, column)) for column in COLUMNS)
    return tuple(
        SentFile(column=column, cell=file.cell, mime=file.mime, sha256=file.sha256, size=len(file.data or b""), source=file.source)
        for column, file in named
        if file
    )


def _noted(file: MediaRef | None) -> MediaRef | None:
    return file if file is None or file.data is None else file.noted()
