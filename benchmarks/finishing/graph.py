"""The peer that everybody writes first: one filter graph over all clips. Written with care: each clip's frames and offsets are given to it by hand."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

from clips import RATE, Clip  # beside this file

from callsheet.media.ffmpeg import runner


def argv(clips: Sequence[Clip], files: Sequence[Path], size: tuple[int, int], fps: Fraction, to: Path) -> list[str]:
    """ffmpeg's call; the graph stands in a file beside `to`, since it is longer than an argument may be."""
    lines = [line for n, clip in enumerate(clips) for line in _chains(n, clip, size, fps)]
    joined = "".join(f"[v{n}][a{n}]" for n in range(len(clips)))
    script = to.with_suffix(".graph")
    script.write_text(";\n".join([*lines, f"{joined}concat=n={len(clips)}:v=1:a=1[v][a]"]))
    inputs = [word for file in files for word in ("-i", str(file))]
    gop = str(round(2 * fps))
    # the settings of callsheet's `web` delivery
    picture = ["-c:v", "libx264", "-preset", "veryfast", "-crf", "18", "-g", gop, "-threads", "1", "-pix_fmt", "yuv420p"]
    sound = ["-c:a", "aac", "-b:a", "256000", "-aac_coder", "fast", "-aac_pns", "0", "-aac_is", "0", "-cutoff", "22000", "-ar", str(RATE)]
    out = ["-map", "[v]", "-map", "[a]", *picture, *sound, "-movflags", "+faststart", str(to)]
    return [runner.executable(), "-nostdin", "-hide_banner", "-nostats", "-y", *inputs, "-/filter_complex", str(script), *out]


def _chains(n: int, clip: Clip, size: tuple[int, int], fps: Fraction) -> tuple[str, str]:
    frames, (wide, high) = clip.due(fps), size
    width, height = _inside(clip.aspect, wide, high)
    scaled = f"scale={width}:{height}:flags=bicubic:out_color_matrix=bt709:out_range=tv,pad={wide}:{high}:-1:-1,setsar=1,format=yuv420p"
    ended = f"tpad=stop_mode=clone:stop={frames},trim=end_frame={frames},setpts=PTS-STARTPTS"
    samples = round(frames / fps * RATE)
    if clip.lufs is None:
        sound = f"anullsrc=r={RATE}:cl=stereo,atrim=end_sample={samples}[a{n}]"
    else:
        late = f"asetpts=PTS-({float(max(clip.head_s, 0)):.6f})/TB,aresample={RATE}:async=1:min_hard_comp=0.02:first_pts=0"
        sound = f"[{n}:a:0]{late},aformat=sample_fmts=fltp:channel_layouts=stereo,apad,atrim=end_sample={samples}[a{n}]"
    return f"[{n}:v:0]setpts=PTS-STARTPTS,fps={fps}:start_time=0:round=near,{scaled},{ended}[v{n}]", sound


def _inside(aspect: Fraction, wide: int, high: int) -> tuple[int, int]:
    width = min(Fraction(wide), high * aspect)
    return 2 * round(width / 2), 2 * round(width / aspect / 2)
