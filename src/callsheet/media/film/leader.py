"""A delivery's leader: a slate that says what the file is, a countdown to the first picture, black. All of it is silent."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from math import ceil
from pathlib import Path

from callsheet.domain.cut import Delivery
from callsheet.domain.timebase import fps_text, frames_in_cut
from callsheet.domain.timecode import Timecode
from callsheet.media.clip import title_card
from callsheet.media.clip.normalized import Normalized
from callsheet.media.clip.title_card import Words

_LABEL = 16


def before(sequence: str, version: int, frames: int, delivery: Delivery, folder: Path) -> list[Normalized]:
    """The parts before a programme of `frames`, in order; cached in `folder`. MediaError if ffmpeg fails."""
    fps, around = delivery.fps, delivery.around
    slate, countdown, head = (frames_in_cut(length, fps) for length in (around.slate_s, around.countdown_s, around.head_s))
    made: list[Normalized] = []
    if slate:
        made.append(title_card.card(_slate(sequence, version, frames, delivery), slate, delivery, folder, what=f"the slate of {sequence}"))
    if countdown:
        below = Words(text=sequence, letters=title_card.letters(delivery.size, sequence, 16), y="h*0.82", colour=title_card.QUIET)
        words = [*_numbers(countdown, countdown + head, delivery), below]
        made.append(title_card.card(words, countdown, delivery, folder, what=f"the countdown of {sequence}"))
    return made + black(head, delivery, folder)


def black(frames: int, delivery: Delivery, folder: Path) -> list[Normalized]:
    """Silent black of exactly `frames`, as a list; empty if there are none."""
    return [title_card.card((), frames, delivery, folder, what="black", ground=title_card.BLACK)] if frames else []


def _slate(sequence: str, version: int, frames: int, delivery: Delivery) -> list[Words]:
    fps = delivery.fps
    rows = [
        *delivery.around.told,
        ("sequence", sequence),
        ("delivery", delivery.name),
        ("version", f"v{version:03d}"),
        ("duration", f"{Timecode(frames, fps, delivery.dropped)}  {frames} frames"),
        ("picture", f"{delivery.size}  {fps_text(fps)} fps"),
        *([("programme from", delivery.timecode)] if delivery.timecode else []),
    ]
    width = max(len(value) for _, value in rows)
    text = "\n".join(f"{label.upper():<{_LABEL}}{value:<{width}}" for label, value in rows)
    return [Words(text=text, letters=title_card.letters(delivery.size, text, 22), y="(h-text_h)/2")]


def _numbers(frames: int, left: int, delivery: Delivery) -> Iterator[Words]:
    """The whole seconds up to the first picture, of which `left` frames are left when the countdown begins; each over its own frames."""
    size = title_card.letters(delivery.size, "00", 2)
    for second in range(ceil(left / delivery.fps), 0, -1):
        first = max(0, left - frames_in_cut(Decimal(second), delivery.fps))
        end = min(frames, left - frames_in_cut(Decimal(second - 1), delivery.fps))
        if first < end:
            yield Words(text=str(second), letters=size, y="h*0.45-text_h/2", first=first, end=end)
