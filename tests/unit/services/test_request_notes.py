"""Purchases as they are written down: files by digest, and put back byte for byte."""

from __future__ import annotations

from typing import Any

import pytest

from callsheet.services.bytecompute.wire import ByteCompute
from callsheet.services.deapi.wire import DeApi
from callsheet.services.lightricks.wire import Lightricks
from callsheet.services.protocol.request import pack, unpack
from callsheet.services.protocol.wire import Wire
from callsheet.services.request_notes import files_of, filled, noted
from callsheet.services.runware.wire import Runware
from tests.unit.services.asks import JPG, KEY, LINK, PNG, WAV, ask

MODES: list[tuple[Wire, dict[str, Any]]] = [
    (Runware(), {"first_frame": PNG}),
    (ByteCompute(), {"first_frame": PNG}),
    (ByteCompute(), {"first_frame": PNG, "last_frame": JPG}),
    (DeApi(), {"first_frame": PNG, "last_frame": JPG}),
    (DeApi(), {"first_frame": JPG, "audio": WAV}),
    (Lightricks(), {"first_frame": PNG}),
]


@pytest.mark.parametrize(("wire", "files"), MODES)
def test_what_is_sent_is_what_the_wire_writes(wire: Wire, files: dict[str, Any]) -> None:
    """Written down with notes and filled again, a request is equal to the one with the files themselves; the note is small."""
    whole, written = wire.submit(ask(**files), KEY), pack(wire.submit(noted(ask(**files)), KEY))
    assert filled(unpack(written), {file.sha256: file for file in files.values()}) == whole
    assert all(file.data not in written for file in files.values())
    assert wire.essence(noted(ask(**files))) == wire.essence(ask(**files))


def test_addresses_and_texts_are_left_alone() -> None:
    """Only notes of the purchase's own files are filled, also where a prompt looks like one."""
    wire, named = Runware(), ask(first_frame=LINK, prompt=f"callsheet-uri:{'0' * 64} callsheet-bytes:{PNG.sha256[:63]}")
    assert filled(wire.submit(noted(named), KEY), {PNG.sha256: PNG}) == wire.submit(named, KEY)


def test_a_file_that_holds_a_note_is_sent_as_it_is() -> None:
    """What was put in is not read again."""
    note = JPG.noted()
    assert note.data
    sly = PNG.of_bytes("sly.png", PNG.data + note.data) if PNG.data else PNG
    wire, files = DeApi(), {"first_frame": sly, "last_frame": JPG}
    sent = filled(wire.submit(noted(ask(**files)), KEY), {file.sha256: file for file in files.values()})
    assert sent == wire.submit(ask(**files), KEY)


def test_the_files_of_a_purchase_are_told_in_order() -> None:
    """By column, with what the author wrote; an address has no hash."""
    told = [(one.column, one.cell, one.sha256 != "", one.size) for one in files_of(ask(audio=WAV, first_frame=LINK))]
    assert told == [("first_frame", LINK.cell, False, 0), ("audio", "voice.wav", True, len(WAV.data or b""))]
