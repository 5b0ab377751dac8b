"""One short film in every shipped delivery: what each file is, read back from it, and the pictures of docs/images.

    uv run python benchmarks/deliveries/run.py [--keep DIR]

Six scenes of different sizes, rates, ranges, shapes and levels (`scenes.py`) stand bought in a project; `callsheet finish` and `callsheet animatic` make
the films, with settings that docs/deliveries.md tells of. `--keep` leaves the project there, to play them.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from benchmarks.deliveries import scenes, seen  # noqa: E402  # the folder above must be found first
from benchmarks.report import table, write  # noqa: E402
from callsheet.settings.delivery_tables import shipped  # noqa: E402
from callsheet.store.project_folder import Project  # noqa: E402

IMAGES = ROOT / "docs" / "images"
PROJECT = '[project]\nname = "The Lighthouse"\nresolution = "1280x720"\nfps = "25"\n\n'
TRACKS = {"subtitle_tracks": True, "language": "en"}
DESK = {"slate_s": 2, "countdown_s": 2, "head_s": 1, "tail_s": 1}
#: what is asked of a delivery beyond what it is as shipped
ASKED: Mapping[str, Mapping[str, object]] = {
    "web": {**TRACKS, "beside": ["poster", "contact-sheet", "gif"], "subtitles": ["srt", "vtt"]},
    "webm": TRACKS,
    "broadcast-ebu": {**DESK, "burn_subtitles": "de"},
    "broadcast-atsc": DESK,
    "vertical": {"burn_subtitles": "dialogue"},
}
#: what stands beside `web`, and what docs call it
BESIDE = {"_poster.jpg": "poster.jpg", "_sheet.jpg": "contact-sheet.jpg", ".gif": "film.gif"}


def main() -> None:
    """The films, one picture of each, and the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--keep", type=Path, metavar="DIR")
    kept: Path | None = parser.parse_args().keep
    if kept and kept.exists():
        parser.error(f"{kept} is there already")
    with tempfile.TemporaryDirectory(prefix="callsheet-deliveries-") as name:
        folder = (kept or Path(name) / "film").resolve()
        project = scenes.project(folder, Path(name) / "clips", PROJECT + "".join(map(_table, shipped(ROOT))))
        rows = [_shown(film, project) for film in _made("finish", scenes.LIST, project)]
        _beside(project)
        scenes.storyboard(project, Path(name) / "clips")
        [board] = _made("animatic", scenes.BOARD, project)
        middles = [shot["record_in"] + shot["frames"] // 2 for shot in board["shots"]]
        seen.sheet(project.folder / board["file"], middles, IMAGES / "animatic.webp")
    write("deliveries", "uv run python benchmarks/deliveries/run.py", rows, table(rows))


def _table(name: str) -> str:
    asked = "".join(f"{key} = {json.dumps(value)}\n" for key, value in ASKED.get(name, {}).items())
    return f"[deliver.{name}]\n{asked}\n"


def _made(command: str, file: str, project: Project) -> list[dict[str, Any]]:
    """The films that a command made, as its JSON tells."""
    called = [sys.executable, "-m", "callsheet", command, file, "-C", str(project.folder), "--json"]
    ran = subprocess.run(called, stdout=subprocess.PIPE, check=False)
    assert ran.returncode == 0, ran.stdout.decode()
    return json.loads(ran.stdout)["sequences"]


def _shown(film: Mapping[str, Any], project: Project) -> seen.Row:
    """A picture of one film for docs, and its row."""
    file = project.folder / film["file"]
    seen.sheet(file, _frames(film), IMAGES / f"delivery-{film['delivery']}.webp")
    row = {"delivery": film["delivery"], **seen.measured(file)}
    print(json.dumps(row), flush=True)
    return row


def _frames(film: Mapping[str, Any]) -> list[int]:
    """Six frames: slate and clock where there are any, the programme's first and last, what is spoken, a dissolve's middle, and others' middles."""
    placed = {shot["shot"]: shot for shot in film["shots"]}
    fps = film["frames"] / film["duration_s"]
    first = film["programme"]["record_in"]
    last = first + film["programme"]["frames"] - 1
    spoken = placed[scenes.SPOKEN]["record_in"] + round(fps * (scenes.SPOKEN_S + 0.25))
    dissolve = placed[scenes.DISSOLVED]["record_in"] + round(fps * scenes.DISSOLVE_S / 2)
    others = ["S0002", "S0004"]
    around = [0, round(fps * scenes.SECONDS) + 1] if first else [placed[shot]["record_in"] + placed[shot]["frames"] // 2 for shot in others]
    return sorted([*around, first, spoken, dissolve, last])


def _beside(project: Project) -> None:
    """What stands beside a film, for docs."""
    for ending, name in BESIDE.items():
        shutil.copyfile(project.out / f"film_web_v001{ending}", IMAGES / name)


if __name__ == "__main__":
    main()
