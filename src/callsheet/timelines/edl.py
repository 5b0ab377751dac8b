"""An edit as an EDL (CMX3600), for programs that link by reel and timecode. Pure. One video track with cuts, dissolves and wipes; a place
without a clip is black. What an EDL can't express (other takes, prices, prompts, levels, beds) is in its comments.
"""

from __future__ import annotations

from collections.abc import Iterator

from callsheet.domain.delivery.fitting import Join
from callsheet.domain.edit import BedEvent, Edit, Event, Levels
from callsheet.domain.timecode import Timecode

_LONGEST = 160
_BLACK = "BL"
_KINDS = {Join.DISSOLVE: "D", Join.WIPE: "W001"}


def edl(edit: Edit) -> str:
    """The whole text. Record times start at the edit's start timecode, source times at the clip's own."""
    lines = [f"TITLE: {one_line(edit.name)}", f"FCM: {'DROP FRAME' if edit.start.drop else 'NON-DROP FRAME'}"]
    for number in range(len(edit.events)):
        lines += ["", *_event(number, edit)]
    for number, bed in enumerate(edit.beds, start=1):
        lines += ["", *_bed(number, bed, edit)]
    return "\n".join(lines) + "\n"


def _event(number: int, edit: Edit) -> Iterator[str]:
    event, over = edit.events[number], edit.over(number)
    if over:
        yield _statement(number, edit.events[number - 1], edit, "C", edit.events[number - 1].frames, 0)
    yield _statement(
        number, event, edit, f"{_KINDS[event.transition.join]:<4} {over:03d}" if over and event.transition else "C", 0, event.frames
    )
    if event.transition and not over:
        yield f"* TRANSITION: {event.transition.join}, {event.transition.frames} frames"
    yield f"* FROM CLIP NAME: {event.media.name if event.media else one_line(f'{event.shot}, {event.label}')}"
    if event.media:
        yield f"* SOURCE FILE: {one_line(event.media.file)}"
    yield f"* LOC: {edit.start.plus(event.record_in)} {_colour(event):<7} {one_line(marker_text(event))}"
    if event.media:
        yield from _levels(event.levels, event.record_in, edit, f"REEL {event.media.reel} A1 A2")
    for other in event.alternates:
        yield f"* ALTERNATE: {other.name} {other.reel} {one_line(other.file)}"


def _bed(number: int, bed: BedEvent, edit: Edit) -> Iterator[str]:
    """A bed has no reel, so all of it is in comments."""
    record = f"{edit.start.plus(bed.record_in)} {edit.start.plus(bed.record_out)}"
    yield f"* BED {number}: {record} {one_line(bed.file)}"
    yield f"* BED {number} IS: {one_line(bed.label)}"
    if bed.fade_in or bed.fade_out:
        yield f"* BED {number} FADES: in {bed.fade_in} frames, out {bed.fade_out} frames"
    yield from _levels(bed.levels, bed.record_in, edit, f"BED {number}")


def _levels(levels: Levels, record_in: int, edit: Edit, whose: str) -> Iterator[str]:
    """Levels that differ from the file's own, at their record times."""
    if any(key.db for key in levels):
        for key in levels:
            yield f"* AUDIO LEVEL AT {edit.start.plus(record_in + key.frame)} IS {key.db:+.2f} DB  ({whose})"


def _statement(number: int, event: Event, edit: Edit, kind: str, first: int, frames: int) -> str:
    """One line: `frames` of an event's clip from its frame `first`, at that frame's position in the record."""
    source = (edit.clip_start if event.media else Timecode(0, edit.fps, edit.start.drop)).plus(event.source_in + first)
    record = edit.start.plus(event.record_in + first)
    times = " ".join(str(time) for time in (source, source.plus(frames), record, record.plus(frames)))
    reel = event.media.reel if event.media else _BLACK
    channels = "AA/V" if event.has_sound else "V"
    return f"{number + 1:03d}  {reel:<8} {channels:<5} {kind:<8} {times}"


def marker_text(event: Event) -> str:
    """The text of a shot's marker: its name, its clip's cost, its prompt and its titles."""
    written = " / ".join(event.title.splitlines())
    return " | ".join((event.shot, event.label, event.prompt, *([f"title: {written}"] if written else [])))


def _colour(event: Event) -> str:
    """Red: no clip; yellow: made for an older row."""
    if event.media is None and event.card is None:
        return "RED"
    return "YELLOW" if event.stale else "GREEN"


def one_line(words: str) -> str:
    """Words on one line of bounded length: a newline would begin another statement."""
    return " ".join(words.split())[:_LONGEST]
