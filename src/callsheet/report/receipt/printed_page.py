"""A page as PDF: printed by an installed Chromium, without a network."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from tempfile import TemporaryDirectory

from callsheet.domain.errors import SetupError
from callsheet.media.ffmpeg.child_process import Limits, communicate, start
from callsheet.store import atomic_files

#: names of browsers based on Chromium
_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "msedge", "microsoft-edge")
_MAC = Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome")
_QUIET = (
    "--headless",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-extensions",
    "--no-pdf-header-footer",
)
#: it reserves far more address space than it uses
_LIMITS = Limits(cpu_s=120, memory=1 << 46, output=1 << 30, wall_s=120.0)


def browser() -> str:
    """The browser that prints. SetupError if there is none."""
    found = next(filter(None, map(shutil.which, _NAMES)), None) or (str(_MAC) if _MAC.is_file() else None)
    if found is None:
        raise SetupError(
            "printing a PDF needs Chromium or Chrome, but neither is on the PATH",
            help="install one (apt-get install chromium), or open the page in your browser and print it there",
        )
    return found


def print_page(html: Path, to: Path) -> None:
    """Print a page of ours to `to`. SetupError if there is no browser, or it makes no PDF."""
    program = browser()
    part = atomic_files.part_path(to)
    with TemporaryDirectory(prefix="callsheet-print-") as profile:
        # its sandbox doesn't work for root; the page is our own, and its policy lets nothing run in it
        root = ("--no-sandbox",) if hasattr(os, "geteuid") and os.geteuid() == 0 else ()
        argv = (program, *_QUIET, *root, f"--user-data-dir={profile}", f"--print-to-pdf={part}", html.resolve().as_uri())
        try:
            communicate(start(argv, _LIMITS, piped=False), (), _LIMITS.wall_s)
            made = part.is_file() and part.read_bytes()[:5] == b"%PDF-"
        except (TimeoutError, OSError):
            made = False
    if not made:
        part.unlink(missing_ok=True)
        raise SetupError(f"{Path(program).name} made no PDF of {html.name}", help="open the page in a browser and print it there")
    atomic_files.replace(part, to)
