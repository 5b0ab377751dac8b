"""Which frame of which clip stands on the screen, read off the pictures that the browser shows."""

from __future__ import annotations

import os
import random
from pathlib import Path

from tests.browser.review_page import Person
from tests.film_reader import Cell, pictures, read_cell

SEED = int(os.environ["CALLSHEET_TEST_SEED"])


def shown(somebody: Person, tmp_path: Path, clip: str) -> Cell | None:
    """What the picture of a clip shows, by the code that its film carries."""
    file = tmp_path / "screen.png"
    file.write_bytes(somebody.picture(f'.pane[data-clip="{clip}"] video'))
    return read_cell(next(iter(pictures(file))))


def seek_and_read(somebody: Person, tmp_path: Path, shot: str, seeks: int) -> None:
    """Random frames of a clip: what is on the screen is the frame that the page says, and the one that was asked for."""
    rng = random.Random(f"{SEED} {shot}")
    somebody.settled()
    clip = somebody.ask("document.body.page.viewer.clip.id")
    frames = somebody.ask("document.body.page.viewer.film.frames")
    first = None
    for frame in [0, *(rng.randrange(frames) for _ in range(seeks))]:
        somebody.ask(f"document.body.page.viewer.together.seek({frame})")
        somebody.settled()
        said = int(somebody.ask("document.querySelector('.frame').textContent"))
        cell = shown(somebody, tmp_path, clip)
        assert cell is not None, f"seed {SEED}: nothing can be read at frame {frame} of {shot}"
        first = first or cell
        assert (said, cell[0], cell[1] - first[1]) == (frame, first[0], frame), f"seed {SEED}: asked for frame {frame} of {shot}"
