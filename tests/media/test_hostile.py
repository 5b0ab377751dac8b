"""A file that came from outside can't make anything here read another file, open a socket, or use more than its share."""

from __future__ import annotations

import os
import random
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path

import pytest

from callsheet.domain.errors import MediaError
from callsheet.media.clip.normalize import normalize
from callsheet.media.clip.thumbnail import still
from callsheet.media.ffmpeg import runner
from callsheet.media.ffmpeg.command import FILM_GUARD, words
from callsheet.media.inspect.probe import decodes, inspect_clip, probe
from callsheet.store.atomic_files import digest
from tests.media.boxes import changed, elsewhere, patched
from tests.media.clips import Clips, delivery
from tests.runners import ffmpeg

#: seconds and bytes that a look at any of these files may take
_MOST_S, _MOST_BYTES = 20.0, 600 << 20


class Trap:
    """A file that tells whether anyone opened it, and a port that tells whether anyone called."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "secret.mp4"
        os.mkfifo(self.file)
        self._sprung = threading.Event()
        self._waiting = threading.Thread(target=self._wait, daemon=True)
        self._listening = socket.create_server(("127.0.0.1", 0))
        self._listening.setblocking(False)
        self.url = f"http://127.0.0.1:{self._listening.getsockname()[1]}/secret.ts"
        self._waiting.start()

    def _wait(self) -> None:
        with self.file.open("wb"):  # waits until someone opens it to read
            self._sprung.set()

    def sprung(self) -> list[str]:
        """What was touched."""
        touched = ["file"] if self._sprung.wait(0.05) else []
        try:
            self._listening.accept()[0].close()
        except BlockingIOError:
            return touched
        return [*touched, "socket"]

    def close(self) -> None:
        """Let go of the thread that waits."""
        os.close(os.open(self.file, os.O_RDONLY | os.O_NONBLOCK))
        self._waiting.join(5)
        self._listening.close()


@contextmanager
def _trap(folder: Path) -> Generator[Trap]:
    trap = Trap(folder)
    try:
        yield trap
    finally:
        trap.close()


def _hls_file(path: Path, trap: Trap, _clips: Clips) -> None:
    path.write_text(f"#EXTM3U\n#EXT-X-TARGETDURATION:3\n#EXTINF:3,\nfile://{trap.file}\n#EXT-X-ENDLIST\n")


def _hls_http(path: Path, trap: Trap, _clips: Clips) -> None:
    path.write_text(f"#EXTM3U\n#EXT-X-TARGETDURATION:3\n#EXTINF:3,\n{trap.url}\n#EXT-X-ENDLIST\n")


def _concat(path: Path, trap: Trap, _clips: Clips) -> None:
    path.write_text(f"ffconcat version 1.0\nfile {trap.file}\n")


def _drawing(path: Path, trap: Trap, _clips: Clips) -> None:
    path.write_text(
        f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"><image xlink:href="{trap.file}"/></svg>'
    )


def _xml_drawing(path: Path, trap: Trap, clips: Clips) -> None:
    _drawing(path, trap, clips)
    path.write_text('<?xml version="1.0"?>\n' + path.read_text())


def _page(path: Path, trap: Trap, _clips: Clips) -> None:
    path.write_text(f'<html><img src="{trap.url}"></html>')


def _playlist_in_a_box(path: Path, trap: Trap, clips: Clips) -> None:
    """Looks like MP4 by its first bytes and like a playlist to whoever guesses."""
    _hls_file(path, trap, clips)
    path.write_bytes(b"\0\0\0\x18ftypmp42" + bytes(12) + path.read_bytes())


def _reference(path: Path, trap: Trap, clips: Clips) -> None:
    path.write_bytes(changed(_behind(clips), {b"dref": lambda _: elsewhere(str(trap.file))}))


def _behind(clips: Clips) -> bytes:
    """A film whose index stands behind its samples, so that a longer index moves nothing."""
    path = clips.folder / "behind.mp4"
    if not path.exists():
        ffmpeg(["-i", str(clips.film(1)), "-c", "copy", "-movflags", "-faststart", str(path)])
    return path.read_bytes()


def _claims(path: Path, _trap: Trap, clips: Clips) -> None:
    """A picture of 30000x30000, by its index."""
    path.write_bytes(changed(_behind(clips), {b"stsd": _sized(30000, 30000)}))


def _sized(width: int, height: int) -> Callable[[bytes], bytes]:
    """In a picture's sample entry: 8 bytes of header, 8 of the entry's own, 8 more before it, 16 reserved."""

    def change(body: bytes) -> bytes:
        return patched(8 + 8 + 8 + 16, ">HH", width, height)(body) if body[12:16] == b"avc1" else body

    return change


def _large(path: Path, _trap: Trap, _clips: Clips) -> None:
    """A real picture beyond the limit, small as a file."""
    ffmpeg(["-f", "lavfi", "-i", "color=black:s=6400x5600:d=0.04:r=24", "-c:v", "libx264", "-preset", "ultrafast", str(path)])


def _still_png(path: Path, _trap: Trap, _clips: Clips) -> None:
    """A picture format in a film's box: another decoder, with other bombs."""
    ffmpeg(["-f", "lavfi", "-i", "color=black:s=4000x4000:d=0.04:r=24", "-c:v", "png", "-f", "mov", str(path)])


def _slow_clock(path: Path, _trap: Trap, clips: Clips) -> None:
    """Each frame lasts an hour."""
    path.write_bytes(changed(_behind(clips), {b"stts": patched(12, ">I", 3600 * 12288), b"edts": lambda _: b""}))


def _endless(path: Path, _trap: Trap, clips: Clips) -> None:
    """A sample table that claims a thousand million entries."""
    path.write_bytes(changed(_behind(clips), {b"stsz": patched(8, ">I", 0x3FFFFFFF)}))


def _same_size(path: Path, _trap: Trap, clips: Clips) -> None:
    """So many samples of one size that no table is needed."""
    path.write_bytes(changed(_behind(clips), {b"stsz": patched(4, ">II", 1, 1 << 28)}))


def _huge_box(path: Path, _trap: Trap, clips: Clips) -> None:
    """A box that claims 4 GB."""
    data = bytearray(_behind(clips))
    at = data.index(b"moov") - 4
    data[at : at + 4] = b"\xff\xff\xff\xf0"
    path.write_bytes(bytes(data))


def _playlist_in_packets(path: Path, trap: Trap, clips: Clips) -> None:
    """Looks like a transport stream by its first bytes and like a playlist to whoever guesses."""
    _hls_file(path, trap, clips)
    _in_packets(path, path.read_bytes())


def _script_in_packets(path: Path, trap: Trap, clips: Clips) -> None:
    _concat(path, trap, clips)
    _in_packets(path, path.read_bytes())


def _noise_in_packets(path: Path, _trap: Trap, _clips: Clips) -> None:
    """Tables and packets of a transport stream that mean nothing."""
    _in_packets(path, random.Random(7).randbytes(187 * 4000))


def _in_packets(path: Path, data: bytes) -> None:
    filled = data.ljust(187 * 40, b"\n")
    path.write_bytes(b"".join(b"\x47" + filled[at : at + 187] for at in range(0, len(filled), 187)))


def _broken_packets(path: Path, _trap: Trap, clips: Clips) -> None:
    """A transport stream whose pictures are damaged."""
    data = bytearray(clips.quirk("transport stream").read_bytes())
    for at in range(len(data) // 2, len(data) // 2 + 188 * 12):
        data[at] = data[at] if at % 188 < 12 else 0xFF
    path.write_bytes(bytes(data))


def _cut(path: Path, _trap: Trap, clips: Clips) -> None:
    whole = clips.quirk("index in front").read_bytes()
    path.write_bytes(whole[: len(whole) // 2])


_FILES = {
    "playlist of a file": (_hls_file, "not a film"),
    "playlist of a page": (_hls_http, "not a film"),
    "list of files": (_concat, "not a film"),
    "drawing": (_drawing, "not a film"),
    "drawing with a header": (_xml_drawing, "not a film"),
    "page": (_page, "not a film"),
    "playlist in a box": (_playlist_in_a_box, "not a complete film"),
    "playlist in packets": (_playlist_in_packets, "not a"),
    "list of files in packets": (_script_in_packets, "not a"),
    "noise in packets": (_noise_in_packets, "not a"),
    "broken packets": (_broken_packets, "not a complete film"),
    "samples in another file": (_reference, "not a complete film"),
    "too large a picture": (_large, "claims 6400x5600"),
    "a png in a film's box": (_still_png, "its picture is stored as png"),
    "an hour a frame": (_slow_clock, "freezes for 3600.0 s"),
    "endless table": (_endless, "not a complete film"),
    "endless samples of one size": (_same_size, "not a complete film"),
    "cut short": (_cut, "not a complete film"),
}


@pytest.mark.parametrize("name", sorted(_FILES))
def test_a_hostile_file_is_refused_and_touches_nothing(clips: Clips, tmp_path: Path, name: str) -> None:
    """Refused with a reason and what to do; no other file is opened, nobody is called, and it ends soon."""
    make, reason = _FILES[name]
    path = tmp_path / "bought.mp4"
    with _trap(tmp_path) as trap:
        make(path, trap, clips)
        started = time.monotonic()
        with pytest.raises(MediaError, match=r"(?s).*") as refused:
            inspect_clip(path)
        assert trap.sprung() == []
    assert reason in str(refused.value)
    assert refused.value.problems[0].help
    assert time.monotonic() - started < _MOST_S


@pytest.mark.parametrize("name", ["playlist of a file", "playlist in a box", "playlist in packets", "samples in another file", "drawing"])
def test_it_touches_nothing_on_its_way_into_a_film_either(clips: Clips, tmp_path: Path, name: str) -> None:
    """Should one ever be on the shelf: neither normalizing it nor a still of it opens anything else."""
    path = tmp_path / "bought.mp4"
    with _trap(tmp_path) as trap:
        _FILES[name][0](path, trap, clips)
        with pytest.raises(MediaError):
            normalize(path, digest(path), 12, delivery(), tmp_path / "store")
        with pytest.raises(MediaError):
            still(path, 0, 64)
        assert trap.sprung() == []


def test_the_trap_is_a_trap(tmp_path: Path) -> None:
    """Whoever opens the file or calls the port is seen."""
    with _trap(tmp_path) as trap:
        assert trap.sprung() == []
        subprocess.run([runner.executable(), "-v", "quiet", "-i", str(trap.file)], stdin=subprocess.DEVNULL, timeout=20, check=False)
        assert trap.sprung() == ["file"]
    (tmp_path / "two").mkdir()
    with _trap(tmp_path / "two") as trap:
        calling = [runner.executable(), "-v", "quiet", "-rw_timeout", "300000", "-i", trap.url]
        subprocess.run(calling, stdin=subprocess.DEVNULL, timeout=20, check=False)
        assert trap.sprung() == ["socket"]


def test_a_film_that_names_its_samples_rightly_is_still_read(clips: Clips, tmp_path: Path) -> None:
    """The box tools change nothing where nothing is to be changed."""
    path = tmp_path / "same.mp4"
    path.write_bytes(changed(_behind(clips), {}))
    assert path.read_bytes() == _behind(clips)
    assert inspect_clip(path).frames == 48


@pytest.mark.parametrize("make", [_claims, _huge_box])
def test_a_claim_that_the_samples_belie_does_no_harm(clips: Clips, tmp_path: Path, make: Callable[[Path, Trap, Clips], None]) -> None:
    """Where the index lies about a size and all samples are there, the film is what decodes."""
    path = tmp_path / "bought.mp4"
    make(path, Trap.__new__(Trap), clips)
    told = inspect_clip(path)
    assert (told.frames, told.width, told.height) == (48, 320, 192)


_LOOK = """
import resource, sys
from pathlib import Path
from callsheet.domain.errors import MediaError
from callsheet.media.inspect.probe import inspect_clip, workers
try:
    inspect_clip(Path(sys.argv[1]))
except MediaError:
    workers.close()
    print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024)
"""


@pytest.mark.parametrize("name", ["too large a picture", "an hour a frame", "endless table", "endless samples of one size"])
def test_memory_is_bounded(clips: Clips, tmp_path: Path, name: str) -> None:
    """Whatever it claims, the process that looks at it stays small."""
    path = tmp_path / "bought.mp4"
    with _trap(tmp_path) as trap:
        _FILES[name][0](path, trap, clips)
    said = subprocess.run([sys.executable, "-c", _LOOK, str(path)], capture_output=True, text=True, check=True, timeout=60).stdout
    assert 0 < int(said) < _MOST_BYTES


def test_a_picture_beyond_the_limit_is_not_decoded_even_if_its_size_was_not_told(tmp_path: Path, clips: Clips) -> None:
    """The decoder has the limit, too."""
    path = tmp_path / "large.mp4"
    _large(path, Trap.__new__(Trap), clips)
    with pytest.raises(MediaError, match="not a complete film"):
        decodes(path, probe(clips.film(1)))


def test_a_clock_that_claims_hours_ends_with_the_frames_that_are_wanted(clips: Clips, tmp_path: Path) -> None:
    """Normalizing makes no more frames than the cut has, however long the file says that it is."""
    path = tmp_path / "slow.mp4"
    with _trap(tmp_path) as trap:
        _slow_clock(path, trap, clips)
    started = time.monotonic()
    ffmpeg(
        [*words(FILM_GUARD), "-f", "mov", "-i", str(path), "-an", "-vf", "fps=24,trim=end_frame=12", "-f", "null", "-"],
        limits=runner.SUSPECT,
    )
    assert time.monotonic() - started < _MOST_S
