"""What ffmpeg is called with, built in one place: flags, files to read and files to write, each with the options that stand before it. Pure.

A command knows which files it reads and writes, so a runner in front of the real one needs no guess.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

Value = str | int | float
#: options by their names, less the dash; None for one that stands alone, several values for one that is given several times
Options = Mapping[str, Value | tuple[Value, ...] | None]

STDIN, STDOUT = "pipe:0", "pipe:1"
#: ffmpeg reports only errors
ERRORS_ONLY: Options = {"v": "error"}
#: without progress
NO_PROGRESS: Options = {"nostats": None}
#: the same clips give the same bytes: no time, build or source is written
PLAIN_FILE: Mapping[str, Value] = {"map_metadata": -1, "fflags": "+bitexact"}
#: before `-i` of a film whose pictures change their form: filters go on, where else they would begin anew with the first frame of another form
_ONE_GRAPH: Mapping[str, Value] = {"reinit_filter:v": 0}
#: flags of every child; one without standard input must not wait for it
_ALWAYS, _UNFED = ("-hide_banner", "-y"), ("-nostdin",)

#: 8K with a margin: the largest supported picture, pixels
MAX_PIXELS = 35_389_440
#: before `-i` of a file from outside: nothing but the file itself may be read
GUARD: Mapping[str, str] = {"protocol_whitelist": "file,pipe,fd", "max_pixels": str(MAX_PIXELS)}

#: the decoders for films; no others are used, whatever a file claims
SOUND_CODECS = (
    *("aac", "mp3", "mp3float", "opus", "libopus", "vorbis", "libvorbis", "flac", "alac", "ac3", "eac3"),
    *("pcm_s16le", "pcm_s16be", "pcm_s24le", "pcm_s24be", "pcm_s32le", "pcm_f32le"),
)
FILM_CODECS = (
    *("h264", "hevc", "av1", "libdav1d", "libaom-av1", "vp8", "libvpx", "vp9", "libvpx-vp9", "mpeg4", "prores", "dnxhd"),
    *SOUND_CODECS,
)

#: before `-i` of a bought film, beside its forced demuxer
FILM_FORMATS = "mov,matroska,mpegts"
FILM_GUARD: Mapping[str, str] = {**GUARD, "format_whitelist": FILM_FORMATS, "codec_whitelist": ",".join(FILM_CODECS)}

#: older formats and cameras', which today's services don't send: read under the same limits, and reported
OLD_CODECS = (
    *("mpeg1video", "mpeg2video", "theora", "gif", "mjpeg", "msmpeg4", "h263", "rawvideo", "v210", "ffv1", "huffyuv", "ffvhuff", "utvideo"),
    *("dvvideo", "cfhd", "qtrle"),
    *("mp2", "mp2float", "pcm_u8", "pcm_f32be", "pcm_f64le", "pcm_f64be", "pcm_mulaw", "pcm_alaw"),
    *("adpcm_ms", "adpcm_ima_wav", "adpcm_ima_qt", "dca"),
)
OLD_FORMATS = "avi,ogg,mpeg,gif,mxf"
WIDE_GUARD: Mapping[str, str] = {
    **GUARD,
    "format_whitelist": f"{FILM_FORMATS},{OLD_FORMATS}",
    "codec_whitelist": ",".join((*FILM_CODECS, *OLD_CODECS)),
}


#: decoders that a file's pictures need to be seen through; ffmpeg takes others by itself, which show what is hidden
CLEAR_DECODERS = {"vp8": "libvpx", "vp9": "libvpx-vp9"}


def usual(container: str, codecs: Iterable[str]) -> bool:
    """Whether services are known to send films of this demuxer and these decoders."""
    return container in FILM_FORMATS.split(",") and set(codecs) <= set(FILM_CODECS)


def film_guard(container: str, codecs: Iterable[str], *, changes: bool = False) -> Mapping[str, Value]:
    """What stands before `-i` of a bought film of this demuxer and these decoders, beside its forced demuxer; of one whose pictures change
    their form, too.
    """
    named = set(codecs)
    guard = FILM_GUARD if usual(container, named) else WIDE_GUARD
    forced = named.intersection(CLEAR_DECODERS.values())
    return {**guard, **({"c:v": forced.pop()} if forced else {}), **(_ONE_GRAPH if changes else {})}


def words(options: Options) -> tuple[str, ...]:
    """Options as ffmpeg reads them, in their order."""
    given: list[str] = []
    for name, value in options.items():
        for one in value if isinstance(value, tuple) else (value,):
            given += [f"-{name}"] if one is None else [f"-{name}", str(one)]
    return tuple(given)


@dataclass(frozen=True, slots=True)
class Command:
    """One call of ffmpeg: its words but for the flags that stand before them, and the files among them. Built from left to right: inputs, then outputs."""

    words: tuple[str, ...] = ()
    reads: tuple[Path, ...] = ()
    writes: tuple[Path, ...] = ()
    flags: tuple[str, ...] = ()

    def flagged(self, *flags: Options) -> Command:
        """With flags that hold for all of it. They decide what ffmpeg says, not what it makes, and are no part of a content key."""
        return replace(self, flags=(*self.flags, *(word for options in flags for word in words(options))))

    def input(self, source: Path | str, options: Options) -> Command:
        """With one more input: a file, or what a pipe or a generator gives."""
        read = (source,) if isinstance(source, Path) else ()
        return replace(self, words=(*self.words, *words(options), "-i", str(source)), reads=(*self.reads, *read))

    def output(self, to: Path | str, options: Options) -> Command:
        """With one more output: a file, or a pipe."""
        written = (to,) if isinstance(to, Path) else ()
        return replace(self, words=(*self.words, *words(options), str(to)), writes=(*self.writes, *written))

    def argv(self, *, fed: bool) -> tuple[str, ...]:
        """All words behind ffmpeg's own name; `fed` where something is written to its standard input."""
        return (*(() if fed else _UNFED), *_ALWAYS, *self.flags, *self.words)
