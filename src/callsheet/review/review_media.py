"""Pictures, proxies and facts of a review's clips: made on request, and cached in the project's state by the clip's content."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Generator, Iterable
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from callsheet.domain.errors import CallsheetError
from callsheet.media.clip.proxy import proxy_size, waveform, write_proxy
from callsheet.media.clip.thumbnail import still
from callsheet.media.inspect.probe import probe
from callsheet.store import atomic_files, clip_store
from callsheet.store.project_folder import Project

#: a thumbnail's width, pixels
_WIDE = 320
#: child processes for a review at a time
_AT_ONCE = 2


@dataclass(frozen=True, slots=True)
class ClipFacts:
    """What a page needs to step through a clip: `fps` as a fraction of two whole numbers, the proxy's size in pixels."""

    fps: tuple[int, int]
    frames: int
    width: int
    height: int
    sound: bool


class ReviewMedia:
    """The files of a review. Each is made once, whoever requests it first; MediaError if a clip can't be read."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._folder = project.state / "review"
        if not atomic_files.writable(self._folder):  # another's project, or a backup: what is made for a look goes with it
            self._elsewhere = TemporaryDirectory(prefix="callsheet-review-")
            self._folder = Path(self._elsewhere.name)
        self._at_once = threading.Semaphore(_AT_ONCE)
        self._guard = threading.Lock()
        self._making: dict[Path, threading.Lock] = {}

    def proxy(self, sha256: str) -> Path:
        """The clip's small copy."""
        return self._made(f"{sha256}.mp4", lambda to: write_proxy(self.clip(sha256), to))

    def thumbnail(self, sha256: str) -> Path:
        """A picture from the middle of the clip, WebP."""
        return self._made(
            f"{sha256}.webp", lambda to: atomic_files.write(to, still(self.clip(sha256), self.facts(sha256).frames // 2, _WIDE))
        )

    def wave(self, sha256: str) -> Path:
        """Its sound over its length, WebP."""
        return self._made(f"{sha256}.wave.webp", lambda to: atomic_files.write(to, waveform(self.clip(sha256))))

    def facts(self, sha256: str) -> ClipFacts:
        """What was measured of it."""
        path = self._folder / f"{sha256}.json"
        with suppress(OSError, ValueError, TypeError, KeyError):  # none yet, or cut off by a full disk
            kept = json.loads(path.read_text())
            rate = (int(kept["fps"][0]), int(kept["fps"][1]))
            return ClipFacts(rate, int(kept["frames"]), int(kept["width"]), int(kept["height"]), sound=bool(kept["sound"]))
        probed = probe(self.clip(sha256))
        size = proxy_size(probed)
        rate = (probed.fps.numerator, probed.fps.denominator)
        made = ClipFacts(rate, probed.frames, size.width, size.height, sound=probed.sound is not None)
        atomic_files.write(path, json.dumps(asdict(made)))
        return made

    def clip(self, sha256: str) -> Path:
        """The bought file."""
        return clip_store.clip_path(self._project, sha256)

    def make_ahead(self, hashes: Iterable[str], ended: threading.Event) -> None:
        """Make the missing files of all clips, pictures first, until told to stop; a clip that can't be read fails when it is requested."""
        for make in (self.thumbnail, self.proxy):
            for sha256 in hashes:
                if ended.is_set():
                    return
                with suppress(CallsheetError, OSError):
                    make(sha256)

    def _made(self, name: str, make: Callable[[Path], None]) -> Path:
        path = self._folder / name
        if not path.is_file():
            with self._one_at_a_time(path), self._at_once:
                if not path.is_file():
                    make(path)
        return path

    @contextmanager
    def _one_at_a_time(self, path: Path) -> Generator[None]:
        with self._guard:
            lock = self._making.setdefault(path, threading.Lock())
        with lock:
            yield
