"""Pictures of the terminal for README and docs, of a real plan and a real render at the stand-in: `uv run python docs/shoot_terminal.py` (needs Chromium for the film)."""

from __future__ import annotations

import os
import pty
import re
import select
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from urllib.parse import quote

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from rich.console import Console  # noqa: E402  # from the root, which is on the path only now
from rich.text import Text  # noqa: E402

from tests.browser import chromium  # noqa: E402
from tests.runners import ffmpeg  # noqa: E402
from tests.unit.cli.calling import project, service  # noqa: E402

_IMAGES = ROOT / "docs" / "images"
_WIDE, _HIGH = 100, 29
#: a picture of the film each, seconds; and how long the last one stays
_STEP_S, _STAY_S = 0.25, 3.0
_PROMPTS = (
    "The lighthouse before the storm",
    "Waves climb the pier",
    "The keeper lights the lamp",
    "A boat turns into the wind",
    "Dawn and the sea is calm",
)
_LIST = "shot_id,sequence,prompt,model,duration_s,resolution,fps,takes\n" + "".join(
    f"H{n}0,harbour,{prompt},runware/ltx-2,{2 + n % 2},1280x720,24,{1 + n % 2}\n" for n, prompt in enumerate(_PROMPTS, 1)
)
_FONT = re.compile(r"@font-face \{.*?\}\s*", re.DOTALL)
_MOVE = re.compile(r"\x1b\[(\d*)([A-HJKf])|\x1b\[\?\d+[hl]|\r|\n")


class Screen:
    """What a terminal shows of programs that go up, erase lines and write them anew, as rich's live displays do."""

    def __init__(self) -> None:
        self.lines, self.row, self.back = [""], 0, False

    def feed(self, text: str) -> None:
        """Take in what a program writes."""
        at = 0
        for found in _MOVE.finditer(text):
            self._write(text[at : found.start()])
            at = found.end()
            self._move(found[0], int(found[1] or 1), found[2])
        self._write(text[at:])

    def _write(self, text: str) -> None:
        if text:
            self.lines[self.row] = text if self.back else self.lines[self.row] + text
            self.back = False

    def _move(self, sign: str, count: int, letter: str | None) -> None:
        if sign == "\n":
            self.row, self.back = self.row + 1, False
            if self.row == len(self.lines):
                self.lines.append("")
        elif sign == "\r":
            self.back = True
        elif letter == "K":
            self.lines[self.row] = ""
        elif letter == "A":
            self.row = max(0, self.row - count)

    def picture(self, title: str) -> str:
        """The last lines as SVG, without fonts from elsewhere."""
        console = Console(record=True, width=_WIDE, file=open(os.devnull, "w"), force_terminal=True, color_system="truecolor")  # noqa: PTH123, SIM115
        # a source tree is named by its path on this machine, which is nobody's business
        shown = [line for line in self.lines[: self.row + 1] if "configs: the source tree" not in line][-_HIGH:]
        console.print(Text.from_ansi("\n".join(shown).rstrip() or " "))
        return _FONT.sub("", console.export_svg(title=title)).replace("Fira Code", "DejaVu Sans Mono, Menlo, Consolas")


def played(argv: Sequence[str], folder: Path, typed: bytes) -> Iterator[tuple[float, Screen]]:
    """A command in a terminal of its own, in a project's folder: its screen every `_STEP_S`, and at its end. `typed` is typed once it asks."""
    leader, follower = pty.openpty()
    size = {"COLUMNS": str(_WIDE), "LINES": str(_HIGH), "TERM": "xterm-256color"}
    with subprocess.Popen(argv, stdin=follower, stdout=follower, stderr=follower, cwd=folder, env={**os.environ, **size}) as child:  # noqa: S603  # our own command
        os.close(follower)
        screen, began, shown, asked = Screen(), time.monotonic(), -1, False
        raw = b""
        while True:
            if select.select([leader], [], [], 0.05)[0]:
                try:
                    raw += os.read(leader, 65536)
                except OSError:
                    break
                text = raw.decode(errors="ignore")
                raw = b""
                screen.feed(text)
                if not asked and "[y/N]" in text:
                    os.write(leader, typed)
                    asked = True
            number = int((time.monotonic() - began) / _STEP_S)
            if number != shown:
                shown = number
                yield number * _STEP_S, screen
        child.wait()
        yield time.monotonic() - began, screen
    os.close(leader)


def _film(pictures: Sequence[str], folder: Path, to: Path) -> None:
    """The pictures as a GIF; each is photographed by Chromium."""
    browser = chromium.found() or sys.exit("no Chromium is installed: apt-get install chromium, or another package's")
    with chromium.tab(browser, folder / "profile") as tab:
        tab.do("Emulation.setDeviceMetricsOverride", width=900, height=566, deviceScaleFactor=1, mobile=False)
        for number, svg in enumerate(pictures):
            page = folder / "picture.html"
            page.write_text(f'<body style="margin:0;background:#292929"><img style="width:900px" src="data:image/svg+xml,{quote(svg)}">')
            tab.do("Page.navigate", url=page.as_uri())
            tab.do("Runtime.evaluate", expression="document.images[0].decode()", awaitPromise=True)
            tab.photograph(folder / f"{number:04d}.png")
    last = f"tpad=stop_mode=clone:stop_duration={_STAY_S}"
    palette = f"{last},scale=760:-1:flags=lanczos,split[a][b];[a]palettegen=max_colors=32[p];[b][p]paletteuse=dither=none"
    ffmpeg(["-framerate", str(1 / _STEP_S), "-i", str(folder / "%04d.png"), "-vf", palette, "-y", str(to)])


def main() -> None:
    """Plan and render five shots in a terminal."""
    with tempfile.TemporaryDirectory() as text, service(Path(text), speed=6.0):
        folder = Path(text)
        place = project(folder / "lighthouse", _LIST)
        command = [sys.executable, "-m", "callsheet"]
        *_, (_, screen) = played([*command, "plan", "spot.csv", "--cap", "2"], place, b"")
        (_IMAGES / "plan.svg").write_text(screen.picture("callsheet plan spot.csv --cap 2"), encoding="utf-8")
        pictures = [
            one.picture("callsheet render spot.csv --cap 2")
            for _, one in played([*command, "render", "spot.csv", "--cap", "2", "--no-prefect"], place, b"y\n")
        ]
        (_IMAGES / "render.svg").write_text(pictures[-1], encoding="utf-8")
        (folder / "film").mkdir()
        _film(
            [one for number, one in enumerate(pictures) if not number or one != pictures[number - 1]],
            folder / "film",
            _IMAGES / "render.gif",
        )


if __name__ == "__main__":
    main()
