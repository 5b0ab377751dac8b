"""Test films: exactly the requested size, frame rate, number of frames and sound, which can still be proven after any processing.

A row of 32 black and white cells along the top encodes the numbers of clip and frame. At known frames, the picture below it flashes white while a
1 kHz tone beeps. `cells` gives what a reader of decoded pictures should find:

    white black | clip, 8 bits | frame, 12 bits | CRC-8 of both, 8 bits | black white
"""

from __future__ import annotations

import asyncio
import colorsys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from callsheet.media.ffmpeg import runner
from callsheet.media.ffmpeg.command import ERRORS_ONLY, PLAIN_FILE, STDIN, Command, Options
from callsheet.standin.jobs.uploads import Store

CELLS = 32
CLIP_BITS, FRAME_BITS, CHECK_BITS = 8, 12, 8
#: the row of cells is 1/12 of the picture's height
CELL_ROWS = 12
BEEP_HZ = 1000
BEEP_S = 0.1
SAMPLE_RATE = 48_000

#: raised with every change of the recipe below, so that no old film is taken from a cache
_VERSION = 1
#: luma of the cells: the ends of the video range
_BLACK, _WHITE = 16, 235
#: the scene is drawn this wide and scaled up, at a third of the cost in 1080p
_SCENE_WIDTH = 240
_H264: Options = {"c:v": "libx264", "preset": "ultrafast", "crf": 23, "c:a": "aac", "b:a": "128k", "movflags": "+faststart"}
_VP8: Options = {"c:v": "libvpx", "deadline": "realtime", "cpu-used": 8, "b:v": "4M", "c:a": "libopus", "b:a": "128k"}
_CODECS = {"MP4": ("mp4", _H264), "MOV": ("mov", _H264), "WEBM": ("webm", _VP8)}
_BT709: Options = {"colorspace": "bt709", "color_primaries": "bt709", "color_trc": "bt709", "color_range": "tv"}
_BITEXACT: Options = {**PLAIN_FILE, "flags:v": "+bitexact", "flags:a": "+bitexact"}


@dataclass(frozen=True, slots=True)
class Film:
    """A film to make. `number` is in the cells, and determines the film's colours, motion and loudness."""

    width: int
    height: int
    fps: int
    frames: int
    sound: bool
    number: int
    #: MP4, MOV or WEBM
    container: str = "MP4"
    burn: bool = False
    #: id of stored samples (`sound.decoded`) that take the place of its own sound, cut or filled up with silence to its length
    voice: str = ""

    @property
    def ending(self) -> str:
        """The file name's ending, without a dot."""
        return _CODECS[self.container][0]

    @property
    def name(self) -> str:
        """A file name with everything that the film depends on."""
        tracks = (f"voice-{self.voice}" if self.voice else "sound" if self.sound else "mute") + ("-burn" if self.burn else "")
        return f"v{_VERSION}-{self.width}x{self.height}-{self.fps}fps-{self.frames}f-{tracks}-{self.number:03d}.{self.ending}"


def flash_frames(frames: int, fps: int) -> tuple[range, ...]:
    """The white frames: from 0.5 s, and from 0.6 s before the end if that is well after the first."""
    length = max(2, round(BEEP_S * fps))
    first = min(round(0.5 * fps), frames - 1)
    second = round(frames - 0.6 * fps)
    starts = [first, second] if second >= first + 2 * length else [first]
    return tuple(range(start, min(start + length, frames)) for start in starts)


def crc8(value: int, bits: int) -> int:
    """CRC-8 (polynomial 0x07, starting at 0xFF) of the lowest `bits` of `value`, highest bit first."""
    crc = 0xFF
    for shift in range(bits - 1, -1, -1):
        high = (crc >> 7) ^ ((value >> shift) & 1)
        crc = ((crc << 1) & 0xFF) ^ (0x07 if high else 0)
    return crc


def cells(clip: int, frame: int) -> bytes:
    """One row of 32 luma values for a frame of a clip."""
    told = (clip << FRAME_BITS) | frame
    word = (told << CHECK_BITS) | crc8(told, CLIP_BITS + FRAME_BITS)
    size = CLIP_BITS + FRAME_BITS + CHECK_BITS
    bits = [1, 0, *((word >> shift) & 1 for shift in range(size - 1, -1, -1)), 0, 1]
    return bytes(_WHITE if bit else _BLACK for bit in bits)


def shoot(film: Film, path: Path, voice: Path | None = None) -> None:
    """Make the film at `path`, complete or not at all, with the samples in the file `voice` if there is one.

    MediaError if ffmpeg fails. Blocks for about 0.1 s (320x192, 2 s) to seconds (1080p).
    """
    beside = path.with_suffix(f".{uuid4().hex}.part.{film.ending}")
    strip = b"".join(cells(film.number, frame) for frame in range(film.frames))
    try:
        runner.run(_inputs(film, voice).output(beside, _output(film)), stdin=strip, what=f"filming {path.name}")
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


def tail(film: Film, mark: str) -> bytes:
    """Bytes to append to a film so that its file differs from others with the same pictures: a box (mp4, mov) or element (webm) that players skip."""
    body = mark.encode()
    if film.container == "WEBM":
        return b"\xec" + bytes([0x40 | len(body) >> 8, len(body) & 0xFF]) + body
    return (8 + len(body)).to_bytes(4, "big") + b"free" + body


def _inputs(film: Film, voice: Path | None) -> Command:
    strip = {"filter_threads": 1, "f": "rawvideo", "pix_fmt": "gray", "s": f"{CELLS}x1", "r": film.fps}
    command = Command().flagged(ERRORS_ONLY).input(STDIN, strip).input(_scene(film), {"f": "lavfi"})
    if voice is not None:
        return command.input(voice, {"f": "s16le", "ac": 2, "ar": SAMPLE_RATE})
    return command.input(_sound(film, film.frames / film.fps), {"f": "lavfi"}) if film.sound else command


def _output(film: Film) -> Options:
    strip_height = -(-film.height // (2 * CELL_ROWS)) * 2
    white = "+".join(f"between(n,{flash.start},{flash.stop - 1})" for flash in flash_frames(film.frames, film.fps))
    graph = (
        f"[0:v]scale={film.width}:{strip_height}:flags=neighbor,format=yuv420p[strip];"
        f"[1:v]scale={film.width}:{film.height}:flags=fast_bilinear,format=yuv420p,"
        f"drawbox=color=white:t=fill:enable='{white}'{_text(film)}[scene];"
        f"[scene][strip]overlay=0:0:shortest=1,trim=end_frame={film.frames},setsar=1[v]"
    )
    pictures = {"filter_complex": graph, "r": film.fps, "pix_fmt": "yuv420p"}
    sound: Options = {"map": ("[v]", "2:a"), "ac": 2, "ar": SAMPLE_RATE} if film.sound else {"map": "[v]", "an": None}
    exact = {"af": f"apad,atrim=end_sample={film.frames * SAMPLE_RATE // film.fps}"} if film.voice else {}
    return {**pictures, **sound, **exact, "threads": 1, **_CODECS[film.container][1], "g": 2 * film.fps, **_BT709, **_BITEXACT}


def _scene(film: Film) -> str:
    """A slow gradient in the clip's own colours, with two moving bars: motion in every frame, and cheap to encode."""
    height = max(2, round(_SCENE_WIDTH * film.height / film.width / 2) * 2)
    size = f"{_SCENE_WIDTH}x{height}"
    hue = film.number * 0.381966 % 1  # the golden angle: neighbours differ most
    dark, light, bar = _colour(hue, 0.75, 0.32), _colour(hue + 0.12, 0.65, 0.72), _colour(hue + 0.5, 0.55, 0.85)
    step = 2 + 2 * (film.number % 2)  # pixels per frame; even, because an overlay on 4:2:0 needs even positions
    return (
        f"gradients=s={size}:r={film.fps}:n=2:c0={dark}:c1={light}:x0=0:y0=0:x1={_SCENE_WIDTH}:y1={height}:speed=0.02:seed={film.number + 1}[bg];"
        f"color={bar}@0.8:s=6x{height}:r={film.fps},format=yuva420p[tall];"
        f"color={bar}@0.5:s={_SCENE_WIDTH}x4:r={film.fps},format=yuva420p[wide];"
        f"[bg][tall]overlay=x='mod({film.number * 17}+n*{step},{_SCENE_WIDTH})':y=0[one];"
        f"[one][wide]overlay=x=0:y='{height // 4}+mod({film.number * 11}+n*2,{height * 3 // 4})'"
    )


def _colour(hue: float, saturation: float, value: float) -> str:
    red, green, blue = (round(part * 255) for part in colorsys.hsv_to_rgb(hue % 1, saturation, value))
    return f"0x{red:02x}{green:02x}{blue:02x}"


def _sound(film: Film, seconds: float) -> str:
    """Pink noise without the beep's frequencies, at the clip's own level, and a beep with each flash (1 ms ramps)."""
    bed = 0.35 + 0.06 * (film.number % 8)  # about -24 to -18 LUFS
    beeps = "+".join(_beep(flash.start / film.fps) for flash in flash_frames(film.frames, film.fps))
    exact = f"atrim=end_sample={film.frames * SAMPLE_RATE // film.fps}"
    return (
        f"anoisesrc=color=pink:r={SAMPLE_RATE}:d={seconds + 1:.6f}:seed={film.number + 1}:amplitude={bed:.2f},"
        f"bandreject=f={BEEP_HZ}:width_type=h:w=500[bed];"
        f"aevalsrc='{beeps}':s={SAMPLE_RATE}:d={seconds + 1:.6f}[beep];"
        f"[bed][beep]amix=inputs=2:normalize=0:duration=first,{exact}"
    )


def _beep(start: float) -> str:
    since = f"(t-{start:.9f})"
    ramp = f"min(1,min({since},{BEEP_S}-{since})*1000)"
    return f"0.5*sin(2*PI*{BEEP_HZ}*{since})*{ramp}*gte({since},0)*lt({since},{BEEP_S})"


def _text(film: Film) -> str:
    if not film.burn:
        return ""
    size = max(10, film.height // 14)
    words = rf"clip {film.number}   frame %{{eif\:n\:d}}"
    box = f"box=1:boxcolor=black@0.5:boxborderw={size // 4}"
    return f",drawtext=fontfile='{runner.font()}':text='{words}':fontsize={size}:fontcolor=white:{box}:x=(w-tw)/2:y=h-2*th"


class Films:
    """Films by recipe, each made once and kept in `folder`; at most two at a time, and never on the event loop's thread."""

    def __init__(self, folder: Path, voices: Store | None = None) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._voices = voices or Store(folder)
        self._making: dict[Film, asyncio.Task[Path]] = {}
        self._crew = ThreadPoolExecutor(max_workers=2, thread_name_prefix="filming")

    def path(self, film: Film) -> Path:
        """Where the film is, or will be."""
        return self._folder / film.name

    async def made(self, film: Film) -> Path:
        """The film's file, made now if it doesn't exist. MediaError if ffmpeg fails."""
        if self.path(film).exists():
            return self.path(film)
        making = self._making.get(film)
        if making is None or making.done():
            making = self._making[film] = asyncio.create_task(self._make(film))
        return await asyncio.shield(making)

    def close(self) -> None:
        """Start no more films, and wait for those that are being made."""
        self._crew.shutdown(cancel_futures=True)

    async def _make(self, film: Film) -> Path:
        path = self.path(film)
        voice = self._voices.path(film.voice) if film.voice else None
        await asyncio.get_running_loop().run_in_executor(self._crew, shoot, film, path, voice)
        return path
