"""An edit as an EDL (CMX3600), for programs that link by reel and timecode. Pure.

One video track with cuts, dissolves and wipes; a place where no clip stands is black. What an EDL can't hold (other takes, prices, prompts) stands in its comments.
"""

from __future__ import annotations

from collections.abc import Iterator

from callsheet.domain.edit import Edit, Event, Media
from callsheet.domain.fitting import Join
from callsheet.domain.money import text
from callsheet.domain.timecode import Timecode

_LONGEST = 160
_BLACK = "BL"
_KINDS = {Join.DISSOLVE: "D", Join.WIPE: "W001"}


def edl(edit: Edit) -> str:
    """The whole text. Record times start at the edit's start timecode, source times at the clip's own."""
    lines = [f"TITLE: {_line(edit.name)}", f"FCM: {'DROP FRAME' if edit.start.drop else 'NON-DROP FRAME'}"]
    for number in range(len(edit.events)):
        lines += ["", *_event(number, edit)]
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
    yield f"* FROM CLIP NAME: {event.media.name if event.media else _line(f'{event.shot}, {event.missing}')}"
    if event.media:
        yield f"* SOURCE FILE: {_line(event.media.file)}"
    yield f"* LOC: {edit.start.plus(event.record_in)} {_colour(event):<7} {_line(told(event))}"
    for other in event.alternates:
        yield f"* ALTERNATE: {other.name} {other.reel} {_line(other.file)}"


def _statement(number: int, event: Event, edit: Edit, kind: str, first: int, frames: int) -> str:
    """One line: `frames` of an event's clip from its frame `first` on, at that frame's place in the record."""
    source = (edit.clip_start if event.media else Timecode(0, edit.fps, edit.start.drop)).plus(first)
    record = edit.start.plus(event.record_in + first)
    times = " ".join(str(time) for time in (source, source.plus(frames), record, record.plus(frames)))
    reel = event.media.reel if event.media else _BLACK
    return f"{number + 1:03d}  {reel:<8} {_channels(event):<5} {kind:<8} {times}"


def told(event: Event) -> str:
    """What a marker says of a shot: its name, what its clip cost, its prompt."""
    return " | ".join((event.shot, cost(event.media) if event.media else str(event.missing), event.prompt))


def cost(media: Media) -> str:
    """`0.48 USD`."""
    return f"{text(media.cost)} USD"


def _channels(event: Event) -> str:
    return "AA/V" if event.media and event.media.sound and event.sound else "V"


def _colour(event: Event) -> str:
    """Red: nothing stands here; yellow: made for an older row."""
    if event.media is None:
        return "RED"
    return "YELLOW" if event.stale else "GREEN"


def _line(words: str) -> str:
    """One line of bounded length: a newline would begin another statement."""
    return " ".join(words.split())[:_LONGEST]
