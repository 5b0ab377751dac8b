"""The contact sheet's pictures, from real films."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from callsheet.domain.errors import MediaError
from callsheet.media.clip.thumbnail import still, strip
from callsheet.report.receipt.contact_strips import strips
from callsheet.store.project_folder import Project
from tests.runners import ffmpeg
from tests.unit.report.made_up_project import attempt, take

#: grey that grows by 4 with each frame
_RAMP = "color=black:s=64x36:r=10:d=2,format=gray,geq=lum='N*8'"


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    """Two seconds at 10 frames per second, each frame brighter than the last."""
    path = tmp_path / "clip.mp4"
    ffmpeg(["-f", "lavfi", "-i", _RAMP, "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-bf", "0", str(path)])
    return path


def greys(picture: bytes, width: int) -> list[int]:
    """The mean brightness of each `width`-wide part of a WebP."""
    raw = ffmpeg(["-f", "webp_pipe", "-i", "pipe:0", "-f", "rawvideo", "-pix_fmt", "gray", "pipe:1"], stdin=picture).stdout
    height = 36 * width // 64
    whole = len(raw) // height
    rows = [raw[row * whole : (row + 1) * whole] for row in range(height)]
    return [sum(sum(row[at : at + width]) for row in rows) // (width * height) for at in range(0, whole, width)]


def test_a_strip_shows_exactly_the_frames_that_were_asked_for(clip: Path) -> None:
    """Frames 2, 9 and 16 side by side, each as bright as it is in the film."""
    found = greys(strip(clip, (2, 9, 16), 64), 64)
    assert [abs(seen - frame * 8) <= 12 for seen, frame in zip(found, (2, 9, 16), strict=True)] == [True, True, True]
    assert found == sorted(found)


def test_a_still_is_one_frame(clip: Path) -> None:
    """The first frame is dark, the last one bright."""
    assert greys(still(clip, 0, 64), 64)[0] < 20 < 120 < greys(still(clip, 19, 64), 64)[0]


def test_a_file_that_is_no_film_is_refused(tmp_path: Path) -> None:
    """A page of HTML named .mp4 is never handed to a decoder."""
    path = tmp_path / "clip.mp4"
    path.write_text("<html>not found</html>")
    with pytest.raises(MediaError):
        still(path, 0, 64)


def test_pictures_are_made_once_and_a_bad_clip_says_why(clip: Path, tmp_path: Path) -> None:
    """The second report reads what the first one made; a clip that can't be opened leaves a reason."""
    project = Project(tmp_path)
    bad = tmp_path / "bad.mp4"
    bad.write_text("<html>")
    takes = [take(attempt("S1", sha256="11" * 32), file=clip), take(attempt("S2", sha256="22" * 32), file=bad)]
    first = strips(takes, project)
    assert first["11" * 32].uri.startswith("data:image/webp;base64,")
    assert base64.b64decode(first["11" * 32].uri.partition(",")[2])[:4] == b"RIFF"
    assert (first["22" * 32].uri, bool(first["22" * 32].missing)) == ("", True)
    clip.unlink()
    assert strips(takes, project)["11" * 32] == first["11" * 32]
