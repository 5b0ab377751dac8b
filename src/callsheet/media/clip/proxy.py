"""Small copies of bought clips for review: every frame in its place, fast to seek in, playable in every browser."""

from __future__ import annotations

from pathlib import Path

from callsheet.domain.delivery.caption import Caption, CaptionPosition
from callsheet.domain.shots.picture_geometry import inside
from callsheet.domain.shots.shot import Size
from callsheet.media.clip import burnt_titles, fitting
from callsheet.media.clip.text_layout import Page
from callsheet.media.ffmpeg import filter_graph, runner
from callsheet.media.ffmpeg.command import PLAIN_FILE, STDOUT, film_guard
from callsheet.media.inspect.film_facts import Probe
from callsheet.media.inspect.probe import probe
from callsheet.store import atomic_files

#: the longer edge, pixels; and frames between key frames: a seek then takes some 24 ms
LONGEST, GROUP = 640, 12
_QUALITY = 24
_SOUND = {"c:a": "aac", "b:a": "96k", "ac": 2, "ar": 48000}
_WAVE = "1280x72"


def write_proxy(clip: Path, to: Path, text: str = "") -> None:
    """Write the proxy of a clip to `to`: H.264 and AAC in MP4, frame n at exactly n/fps seconds, `text` burnt in at the bottom.

    MediaError if the clip can't be read.
    """
    probed = probe(clip)
    size = proxy_size(probed)
    source = _source(clip, probed)
    pad = fitting.shown(source, probed).filter("scale", size.width, size.height, flags="bicubic").filter("setsar", 1)
    if text:
        captions, page = (Caption(text, CaptionPosition.BOTTOM),), Page(size)
        burnt_titles.written(captions, page, to.parent)
        pad = burnt_titles.laid(pad, captions, page, to.parent, None)
    step = f"{probed.fps.denominator}/{probed.fps.numerator}"
    # counted, not timed: frame n on a page is the clip's n-th, whatever its time stamps
    pad = pad.filter("format", "yuv420p").filter("settb", step).filter("setpts", "N")
    picture = {
        "c:v": "libx264",
        "preset": "veryfast",
        "crf": _QUALITY,
        "g": GROUP,
        "keyint_min": GROUP,
        "sc_threshold": 0,
        "bf": 0,
        "threads": 2,
        "fps_mode": "passthrough",
        "enc_time_base": step.replace("/", ":"),
        "movflags": "+faststart",
        "f": "mp4",
    }
    part = atomic_files.part_path(to)
    sounds = [fitting.sound_pad(source, probed.sound)] if probed.sound else []
    options = {**picture, **(_SOUND if sounds else {}), **PLAIN_FILE}
    try:
        runner.run(filter_graph.command(pad.to(part, options, *sounds)), limits=runner.SUSPECT, what=f"a proxy of {clip.name}")
        atomic_files.replace(part, to)
    finally:
        part.unlink(missing_ok=True)


def proxy_size(probed: Probe) -> Size:
    """The display size of a clip's proxy: its own shape, no larger than the clip."""
    longest = min(LONGEST, max(probed.size.width, probed.size.height))
    return inside(probed.aspect, Size(longest, longest))


def waveform(clip: Path) -> bytes:
    """A clip's sound over its length as a small transparent WebP. MediaError if it has none."""
    probed = probe(clip)
    source = _source(clip, probed)
    sound = (fitting.sound_pad(source, probed.sound) if probed.sound else source.stream(probed.index)).filter(
        "aformat", channel_layouts="mono"
    )
    drawn = sound.filter("showwavespic", s=_WAVE, colors="0xa8a8a8", scale="sqrt")
    webp = {"frames:v": 1, "c:v": "libwebp", "lossless": 1, "f": "webp"}
    return runner.run(filter_graph.command(drawn.to(STDOUT, webp)), limits=runner.SUSPECT, what=f"the waveform of {clip.name}").stdout


def _source(clip: Path, probed: Probe) -> filter_graph.Source:
    guard = film_guard(probed.container, probed.decoders, changes=probed.changes)
    return filter_graph.source(clip, {**guard, "f": probed.container})
