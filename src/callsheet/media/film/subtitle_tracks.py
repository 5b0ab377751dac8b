"""Subtitles inside a film: a track for each language that a player can turn on. MP4 and QuickTime hold timed text, WebM holds WebVTT."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from callsheet.domain.cut import Delivery
from callsheet.domain.delivery import subtitles
from callsheet.domain.delivery.caption import Cue
from callsheet.domain.delivery.file_format import Container
from callsheet.domain.delivery.language import letters
from callsheet.media.ffmpeg import runner
from callsheet.media.ffmpeg.command import ERRORS_ONLY, PLAIN_FILE, STDIN, Command
from callsheet.store import atomic_files

#: what stands for a text in a file of timed text
_MARK = "."
_LIBRARIES = "ces:cze cym:wel deu:ger ell:gre eus:baq fas:per fra:fre hye:arm isl:ice kat:geo mkd:mac msa:may nld:dut ron:rum slk:slo sqi:alb zho:chi"
#: what a container calls a language otherwise than ISO 639-2/T does: QuickTime has names of its own, WebM takes those of libraries (639-2/B)
_OTHERWISE: dict[Container, dict[str, str]] = {
    Container.MP4: {},
    Container.MOV: {"deu": "ger", "nld": "dut", "swe": "sve", "ell": "gre", "isl": "ice", "zho": "chi"},
    Container.WEBM: {ours: theirs for ours, _, theirs in (pair.partition(":") for pair in _LIBRARIES.split())},
}


@dataclass(frozen=True, slots=True)
class Track:
    """A language's texts as a file of their own, and the language as the film says it.

    In a file of timed text marks stand for the texts, which are in `words`: on its way to timed text ffmpeg takes signs such as < for markup.
    """

    file: Path
    language: str
    words: tuple[bytes, ...] = ()


@contextmanager
def tracks(said: Sequence[tuple[str, Sequence[Cue]]], delivery: Delivery, beside: Path) -> Generator[list[Track]]:
    """A track for each language (BCP 47) with its cues, timed in the film; they stand beside the file `beside` until the block is left.

    MediaError where ffmpeg fails.
    """
    made: list[Track] = []
    try:
        for language, cues in said:
            file = atomic_files.part_path(beside.with_name(f"{beside.name}.{len(made)}"))
            in_order = sorted(cues, key=lambda cue: cue.first)
            timed = delivery.container is not Container.WEBM
            # a sample of timed text (3GPP TS 26.245) is its length in two bytes, then its letters
            said_in_bytes = [subtitles.plain(cue.text).encode() for cue in in_order] if timed else []
            made.append(
                Track(file, language_tag(language, delivery.container), tuple(len(text).to_bytes(2) + text for text in said_in_bytes))
            )
            _write(file, in_order, delivery)
        yield made
    finally:
        for track in made:
            track.file.unlink(missing_ok=True)


def language_tag(language: str, container: Container) -> str:
    """A container's tag for a language (BCP 47); `und` for none."""
    code = letters(language)
    return _OTHERWISE[container].get(code, code)


def _write(to: Path, cues: Sequence[Cue], delivery: Delivery) -> None:
    if delivery.container is Container.WEBM:
        text, given = subtitles.vtt(cues, delivery.fps), ("webvtt", "copy")
    else:
        text, given = subtitles.srt((replace(cue, text=_MARK) for cue in cues), delivery.fps), ("srt", "mov_text")
    track = {"map": "0:s:0", "c:s": given[1], **PLAIN_FILE, "f": delivery.container.value}
    command = Command().flagged(ERRORS_ONLY).input(STDIN, {"f": given[0]}).output(to, track)
    runner.run(command, stdin=text.encode(), what="writing subtitles")
