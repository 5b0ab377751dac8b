"""Each clip fitted by ffmpeg, its sound levelled by ffmpeg-normalize, all joined by ffmpeg's concat demuxer: the usual three steps.

`normalized_concat.py FFMPEG WIDTH HEIGHT FPS LUFS DBTP OUT CLIP ...`; clips without sound are given a silent one, and are not levelled.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path


def main() -> None:
    ffmpeg, wide, high, fps, lufs, dbtp, out, *files = sys.argv[1:]
    os.environ["FFMPEG_PATH"] = ffmpeg
    shape = f"scale={wide}:{high}:force_original_aspect_ratio=decrease:force_divisible_by=2,pad={wide}:{high}:-1:-1,setsar=1,fps={fps}"
    folders = [Path(out).parent / name for name in ("fitted", "levelled")]
    for folder in folders:
        folder.mkdir(exist_ok=True)
    made = [one(ffmpeg, Path(file), folders, shape, ("-t", lufs, "-tp", dbtp)) for file in files]
    listed = folders[1] / "list.txt"
    listed.write_text("".join(f"file '{path}'\n" for path in made))
    run(ffmpeg, "-f", "concat", "-safe", "0", "-i", str(listed), "-c", "copy", out)


def one(ffmpeg: str, file: Path, folders: list[Path], shape: str, level: tuple[str, ...]) -> Path:
    fitted, levelled = (folder / f"{file.stem}.mp4" for folder in folders)
    said = subprocess.run([ffmpeg, "-nostdin", "-hide_banner", "-i", str(file)], capture_output=True, text=True, check=False).stderr
    silent = "Audio:" not in said
    inputs = ["-i", str(file), *(("-f", "lavfi", "-i", "anullsrc=r=48000:cl=stereo") if silent else ())]
    encoded = ["-c:v", "libx264", "-preset", "veryfast", "-crf", "18", "-g", "50", "-pix_fmt", "yuv420p", "-video_track_timescale", "90000"]
    sound = ["-c:a", "aac", "-b:a", "192k", "-ar", "48000", "-ac", "2"]
    run(ffmpeg, *inputs, "-map", "0:v:0", "-map", "1:a" if silent else "0:a:0", "-vf", shape, *encoded, *sound, *(("-shortest",) if silent else ()),
        str(fitted))  # fmt: skip
    if silent:
        return fitted
    subprocess.run(
        ["ffmpeg-normalize", str(fitted), *level, *sound[:6], "-f", "-q", "-o", str(levelled)], check=True, stdin=subprocess.DEVNULL
    )
    return levelled


def run(ffmpeg: str, *arguments: str) -> None:
    subprocess.run([ffmpeg, "-nostdin", "-hide_banner", "-v", "error", "-y", *arguments], check=True)


if __name__ == "__main__":
    main()
