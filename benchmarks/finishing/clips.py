"""The 40 mixed clips: as different as what services, cameras and people hand in, made by ffmpeg and the same each time.

Every picture tells its clip and frame in a row of 20 cells along its top twelfth: white, black, clip (6 bits), frame (8), a parity bit of each, black, white.
Every clip flashes white twice, for about 0.1 s: half a second after its start and 0.6 s before its end. With each flash comes a 1 kHz beep, out of
noise that has nothing at that pitch, so that picture and sound can be held against each other in whatever a film is made of them.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import tempfile
import wave
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from callsheet.media.ffmpeg import runner
from callsheet.media.sound.loudness import reading

RATE = 48_000
CELLS = 20
_NTSC30, _NTSC24, _NTSC60 = Fraction(30000, 1001), Fraction(24000, 1001), Fraction(60000, 1001)
_HD = ("-colorspace", "bt709", "-color_primaries", "bt709", "-color_trc", "bt709", "-color_range", "tv")
_SD = ("-colorspace", "bt470bg", "-color_primaries", "bt470bg", "-color_trc", "gamma28", "-color_range", "tv")
_FULL = ("-colorspace", "bt709", "-color_primaries", "bt709", "-color_trc", "bt709", "-color_range", "pc")
_X264 = ("-c:v", "libx264", "-preset", "veryfast", "-crf", "20")
_X265 = ("-c:v", "libx265", "-preset", "ultrafast", "-crf", "22", "-x265-params", "log-level=error")
_VP9 = ("-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8", "-b:v", "3M")
_AV1 = ("-c:v", "libsvtav1", "-preset", "8", "-crf", "22", "-svtav1-params", "enable-tf=0:pred-struct=1")
_MPEG4 = ("-c:v", "mpeg4", "-q:v", "3")
_PRORES = ("-c:v", "prores_ks", "-profile:v", "2")
_AAC = ("-c:a", "aac", "-b:a", "160k")
_OPUS = ("-c:a", "libopus", "-b:a", "160k")
_DROPPED = r"select='not(eq(mod(n,7),3)*not(between(n,{s1},{e1})+between(n,{s2},{e2})))'"
_JITTER = "settb=1/90000,setpts='PTS+360*sin(N*1.7)*gt(N,0)'"


@dataclass(frozen=True, kw_only=True)
class Clip:
    """One clip's recipe. `lufs` None is no sound; `beeps` are those of its flashes (0 and 1) that are heard."""

    i: int
    width: int
    height: int
    fps: Fraction
    frames: int
    lufs: float | None = None
    tags: Sequence[str] = _HD
    pix: str = "yuv420p"
    video: Sequence[str] = _X264
    audio: Sequence[str] = _AAC
    rate: int = RATE
    channels: int = 2
    ending: str = "mp4"
    #: filters after what is drawn, and seconds by which the sound begins before (+) or after (-) the picture, or ends after or before it
    filters: str = ""
    head_s: Fraction = Fraction(0)
    tail_s: Fraction = Fraction(0)
    #: ffmpeg's options before the output's name, and of a second, copying pass
    more: Sequence[str] = ()
    again: tuple[Sequence[str], Sequence[str]] | None = None
    #: turned by the player, anticlockwise; a pixel's width to its height; pictures shown at last; digital silence
    turned: int = 0
    sar: Fraction = Fraction(1)
    hidden: int = 0
    silent: bool = False
    beeps: Sequence[int] = (0, 1)

    @property
    def shown(self) -> int:
        """Pictures that a player shows, dropped ones counted."""
        return self.frames - self.hidden

    @property
    def seconds(self) -> Fraction:
        """How long its picture is."""
        return self.shown / self.fps

    @property
    def aspect(self) -> Fraction:
        """Width to height as shown."""
        wide = Fraction(self.width, self.height) * self.sar
        return 1 / wide if self.turned in (90, 270) else wide

    @property
    def heard(self) -> Sequence[int]:
        """Which of its flashes have a beep."""
        return () if self.lufs is None or self.silent else self.beeps

    @property
    def flashes(self) -> tuple[int, int]:
        """The source frames at which it turns white."""
        return round(0.5 * self.fps), round((float(self.frames / self.fps) - 0.6) * float(self.fps))

    @property
    def cut_s(self) -> Fraction:
        """Seconds that it is given in a list: its length to the nearest 25th."""
        return Fraction(int(self.seconds * 25 + Fraction(1, 2)), 25)

    def due(self, fps: Fraction) -> int:
        """Frames that it fills at a rate."""
        return int(self.cut_s * fps + Fraction(1, 2))


def _clip(i: int, size: str, fps: Fraction | int, frames: int, lufs: float | None = None, **more: object) -> Clip:
    width, height = map(int, size.split("x"))
    return Clip(i=i, width=width, height=height, fps=Fraction(fps), frames=frames, lufs=lufs, **more)  # type: ignore[arg-type]


CLIPS = (
    _clip(0, "1920x1080", 25, 75, -16),
    _clip(1, "1280x704", 24, 73, -23, tags=()),
    _clip(2, "1280x720", 25, 75, tags=()),
    _clip(3, "1024x576", 24, 72, -20, tags=(), channels=1),
    _clip(4, "1920x1080", 50, 150, -14),
    _clip(5, "1440x1080", 24, 72, -27, sar=Fraction(4, 3), filters="setsar=4/3", head_s=Fraction(5, 24)),
    _clip(6, "832x480", 16, 81, tags=()),
    _clip(7, "1280x720", 24, 96, -18, more=("-bf", "3", "-x264-params", "open-gop=1:keyint=24")),
    _clip(8, "1920x1080", _NTSC30, 90, -22, video=_X265, ending="mov", turned=90, again=(("-display_rotation", "90"), ("-tag:v", "hvc1"))),
    _clip(9, "1280x768", 24, 120, tags=()),
    _clip(10, "1366x768", 25, 64, -12, tags=(), rate=44100),
    _clip(11, "720x1280", 30, 90, -19),
    _clip(12, "1280x720", 30, 90, -25, tags=_FULL, pix="yuvj420p", filters="scale=out_range=pc", rate=44100, channels=1),
    _clip(13, "1920x1080", _NTSC24, 72, -31),
    _clip(14, "1280x720", _NTSC30, 90, -17, tags=_SD, filters=_DROPPED, more=("-fps_mode", "vfr")),
    _clip(15, "1920x1080", 30, 105, -21, filters=_JITTER,
          more=("-fps_mode", "passthrough", "-enc_time_base", "1/90000", "-video_track_timescale", "90000")),
    _clip(16, "1280x720", 24, 72, -24, video=_VP9, audio=_OPUS, ending="webm"),
    _clip(17, "960x544", 24, 97, -20, tags=(), tail_s=Fraction(-1), beeps=(0,)),
    _clip(18, "1280x720", 25, 75, -20, tags=(), tail_s=Fraction(4, 5)),
    _clip(19, "1280x720", 24, 72, -20, head_s=Fraction(-3, 10)),
    _clip(20, "1920x1080", 25, 75, -23, pix="yuv420p10le", video=_X265, more=("-tag:v", "hvc1")),
    _clip(21, "1280x720", 24, 72, -15, pix="yuv444p"),
    _clip(22, "640x640", 24, 72, -26, tags=(), rate=22050, channels=1),
    _clip(23, "1080x1920", 30, 90, -13),
    _clip(24, "720x576", 25, 75, -22, tags=_SD, video=_MPEG4, sar=Fraction(16, 15), filters="setsar=16/15"),
    _clip(25, "1280x720", 25, 100, -10),
    _clip(26, "1280x720", 25, 75, -35),
    _clip(27, "1280x720", 25, 75, -20, silent=True),
    _clip(28, "1920x1080", 25, 50, -20, pix="yuv422p10le", video=_PRORES, audio=("-c:a", "pcm_s16le"), ending="mov"),
    _clip(29, "1280x720", 24, 48, -20, channels=6),
    _clip(30, "1280x720", _NTSC60, 120, -28),
    _clip(31, "1279x719", 24, 72, tags=(), pix="yuv444p"),
    _clip(32, "1280x720", 24, 72, -20, more=("-bf", "0", "-movflags", "frag_keyframe+empty_moov")),
    _clip(33, "1280x720", 25, 75, -20, ending="ts"),
    _clip(34, "1280x720", 24, 72, -20, again=((), ("-f", "lavfi", "-i", "color=red:s=64x64:d=0.04", "-map", "0", "-map", "1",
          "-c", "copy", "-c:v:1", "png", "-disposition:v:1", "attached_pic"))),
    _clip(35, "1920x1080", 30, 90, -20, ending="mov", turned=180, again=(("-display_rotation", "180"), ())),
    _clip(36, "1280x720", 25, 75, -20, rate=44100, audio=("-c:a", "libmp3lame", "-b:a", "160k")),
    _clip(37, "1280x720", 24, 51, -29, video=_AV1, audio=_OPUS),
    _clip(38, "1920x1080", 25, 55, -33, hidden=5, again=(("-ss", "0.2"), ())),
    _clip(39, "1280x720", 24, 121, -11, audio=("-c:a", "flac"), ending="mkv"),
)  # fmt: skip


@dataclass(frozen=True)
class Stock:
    """Makes clips once and keeps them in `folder`."""

    folder: Path = field(default_factory=lambda: Path(tempfile.gettempdir()) / f"callsheet-finishing-{_edition()}")

    def all(self, clips: Sequence[Clip] = CLIPS) -> list[Path]:
        """Every clip's file."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with ThreadPoolExecutor(2) as pool:
            return list(pool.map(self.file, clips))

    def file(self, clip: Clip) -> Path:
        """One clip's file, made where it isn't there."""
        path = self.folder / f"{clip.i:02d}.{clip.ending}"
        if not path.exists():
            part = self.folder / f"part-{path.name}"
            _shoot(clip, part)
            part.replace(path)
        return path

    def fitting(self, n: int, size: str) -> Path:
        """A clip that is what a delivery of this size at 25 asks for already: three seconds, number `n`."""
        path = self.folder / f"fits-{size}-{n:02d}.mp4"
        if not path.exists():
            self.folder.mkdir(parents=True, exist_ok=True)
            part = self.folder / f"part-{path.name}"
            _shoot(_clip(n, size, 25, 75, -14 - n % 12, more=("-g", "50")), part)
            part.replace(path)
        return path


def _edition() -> str:
    """Other recipes or another ffmpeg make other clips."""
    return hashlib.sha256(Path(__file__).read_bytes() + runner.build().encode()).hexdigest()[:12]


def _shoot(clip: Clip, to: Path) -> None:
    first = to.with_name(f"raw-{to.name}") if clip.again else to
    heard = to.with_name(f"{to.name}.wav")
    sound = [] if clip.lufs is None else _sound_of(clip, heard)
    own = ("-pix_fmt", clip.pix, *clip.tags, *clip.video, *(clip.audio if sound else ()), *clip.more)
    late = ("-itsoffset", f"{float(clip.head_s):.7f}") if clip.head_s > 0 else ()
    _run(*late, "-f", "lavfi", "-i", _picture(clip), *sound, "-map", "0:v", *(("-map", "1:a") if sound else ()), *own, *_EXACT, str(first))
    heard.unlink(missing_ok=True)
    if clip.again:
        before, after = clip.again
        own = after if "-map" in after else ("-map", "0", "-c", "copy", *after)
        _run(*before, "-i", str(first), *own, *_EXACT, str(to))
        first.unlink()


_EXACT = ("-map_metadata", "-1", "-fflags", "+bitexact", "-flags:v", "+bitexact", "-flags:a", "+bitexact")


def _run(*arguments: str) -> None:
    argv = [runner.executable(), "-nostdin", "-hide_banner", "-y", "-v", "error", *arguments]
    subprocess.run(argv, check=True, env={**os.environ, "SVT_LOG": "1"})


def _picture(clip: Clip) -> str:
    """The picture upright, then turned as the camera held it."""
    upright = (clip.height, clip.width) if clip.turned in (90, 270) else (clip.width, clip.height)
    (s1, s2), w = clip.flashes, max(2, round(0.1 * clip.fps))
    e1, e2 = s1 + w - 1, s2 + w - 1
    source = f"testsrc2=s={upright[0]}x{upright[1]}:r={clip.fps},noise=alls=5:allf=t:all_seed={100 + clip.i}"
    flash = f"drawbox=x=0:y=0:w=iw:h=ih:t=fill:color=white:enable='between(n,{s1},{e1})+between(n,{s2},{e2})'"
    turn = {90: "transpose=clock", 180: "hflip,vflip"}.get(clip.turned)
    own = clip.filters.format(s1=s1, e1=e1, s2=s2, e2=e2) if "{s1}" in clip.filters else clip.filters
    chain = [source, "format=" + ("yuv444p" if clip.pix == "yuv444p" else "yuv420p"), flash, *_cells(clip.i)]
    return ",".join((*chain, f"trim=end_frame={clip.frames}", *filter(None, (turn, own))))


def _cells(number: int) -> list[str]:
    """The row of cells, as boxes that come and go."""
    bits = {2 + k: str(number >> (5 - k) & 1) for k in range(6)} | {8 + k: f"mod(floor(n/{1 << 7 - k}),2)" for k in range(8)}
    parity = "+".join(f"floor(n/{1 << k})" for k in range(8))
    lit = {0: "1", 19: "1", **bits, 16: str(number.bit_count() % 2), 17: f"mod({parity},2)"}
    ground = "drawbox=x=0:y=0:w=iw:h=ih/12:t=fill:color=black"
    # an edge of each cell is the next one's: both are rounded from the same fraction
    boxes = (
        f"drawbox=x=floor(iw*{k}/{CELLS}):y=0:w=ceil(iw/{CELLS}):h=ih/12:t=fill:color=white:enable='{on}'"
        for k, on in lit.items()
        if on != "0"
    )
    return [ground, *boxes]


def _sound_of(clip: Clip, to: Path) -> list[str]:
    """The sound as a file, and ffmpeg's options that read it in its place."""
    length = clip.frames / clip.fps + clip.head_s + clip.tail_s
    wanted = _noise(clip, float(length))
    for _ in range(2):  # clipping takes some of it away
        _write(to, wanted, clip)
        read = None if clip.silent else _read(to)
        wanted = wanted * 10 ** (((clip.lufs or 0) - read) / 20) if read is not None else wanted
    _write(to, wanted, clip)
    late = ("-itsoffset", f"{float(-clip.head_s):.7f}") if clip.head_s < 0 else ()
    return [*late, "-i", str(to)]


def _noise(clip: Clip, length: float) -> NDArray[np.float64]:
    """Noise that falls with the pitch, swells and ebbs, and beeps with the flashes."""
    draw = np.random.default_rng(1000 + clip.i)
    count = round(length * clip.rate)
    spectrum = np.fft.rfft(draw.standard_normal(count))
    pitch = np.fft.rfftfreq(count, 1 / clip.rate)
    spectrum *= np.where((pitch > 60) & ~((pitch > 800) & (pitch < 1250)), 1 / np.sqrt(np.maximum(pitch, 60)), 0)
    noise = np.fft.irfft(spectrum, count)
    at = np.arange(count) / clip.rate
    sound = 0.05 * noise / noise.std() * (1 + 0.3 * np.sin(2 * np.pi * (3 + clip.i % 3) * at))
    for n in clip.beeps:
        start = float(clip.flashes[n] / clip.fps + clip.head_s)
        inside = np.clip(np.minimum(at - start, start + 0.1 - at) / 0.001, 0, 1)
        sound += 0.25 * inside * np.sin(2 * np.pi * 1000 * (at - start))
    return sound * 0 if clip.silent else sound


def _write(path: Path, sound: NDArray[np.float64], clip: Clip) -> None:
    samples = (np.clip(sound, -1, 1) * 32767).astype("<i2")
    with wave.open(str(path), "wb") as file:
        file.setnchannels(clip.channels)
        file.setsampwidth(2)
        file.setframerate(clip.rate)
        file.writeframes(np.repeat(samples[:, None], clip.channels, axis=1).tobytes())


def _read(path: Path) -> float | None:
    argv = [runner.executable(), "-nostdin", "-hide_banner", "-nostats", "-i", str(path), "-af", "ebur128=peak=true", "-f", "null", "-"]
    return reading(runner.Ran(b"", subprocess.run(argv, capture_output=True, text=True, check=True).stderr)).lufs


if __name__ == "__main__":
    for made in Stock().all():
        print(made)
