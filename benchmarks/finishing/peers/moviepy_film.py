"""MoviePy as its documentation shows it: clips fitted into the frame, laid end to end, written. `moviepy_film.py WIDTH HEIGHT FPS OUT CLIP ...`"""

from __future__ import annotations

import sys

import moviepy  # installed for this script alone

WHOLE = {"codec": "libx264", "preset": "veryfast", "audio_codec": "aac", "audio_bitrate": "192k", "audio_fps": 48000, "logger": None}


def main() -> None:
    wide, high, fps, out, *files = sys.argv[1:]
    clips = [fitted(moviepy.VideoFileClip(file), int(wide), int(high)) for file in files]
    film = moviepy.concatenate_videoclips(clips, method="compose")
    film.write_videofile(
        out, fps=float(fps) if "." in fps else int(fps), ffmpeg_params=["-crf", "18", "-g", "50", "-pix_fmt", "yuv420p"], **WHOLE
    )


def fitted(clip: moviepy.VideoFileClip, wide: int, high: int) -> moviepy.VideoFileClip:
    """As large as fits; even sides, as H.264 wants them."""
    scale = min(wide / clip.w, high / clip.h)
    return clip.resized((2 * round(clip.w * scale / 2), 2 * round(clip.h * scale / 2)))


if __name__ == "__main__":
    main()
