"""Forty mixed clips made into one film by callsheet, MoviePy, ffmpeg-normalize with the concat demuxer, and one filter graph; each film is read back.

    uv run python benchmarks/finishing/run.py [--peers NAME ...]

callsheet: `callsheet finish` in a project where the clips are bought already; at 25, 24000/1001 and 30000/1001, and at 25 with 500 clips (the 40, again and
again). The peers are fetched by uv for this alone, use the same ffmpeg and encoder settings, and make 25. Pictures are 480x270: nothing told here depends
on their size. Costs are those of one run each.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

import bought  # noqa: E402  # the folder above must be found first
import graph  # noqa: E402
import measure  # noqa: E402
from clips import CLIPS, Clip, Stock  # noqa: E402
from costs import Cost, FailedError, cost  # noqa: E402

from benchmarks.report import table, write  # noqa: E402
from callsheet.media.ffmpeg import runner  # noqa: E402

SIZE = (480, 270)
LUFS, DBTP = "-14", "-1"
FPS = Fraction(25)
NTSC = {"ntsc24": Fraction(24000, 1001), "ntsc30": Fraction(30000, 1001)}
LONG = 500
#: releases, so that a second look compares the same
MOVIEPY, NORMALIZE = ("moviepy==2.2.1", "imageio-ffmpeg==0.8.1"), ("ffmpeg-normalize==1.43.0",)
FINISH = (sys.executable, "-m", "callsheet", "finish", bought.LIST, "-C")

Row = dict[str, object]


@dataclass(frozen=True)
class Bench:
    """Where things are made, and out of what."""

    folder: Path
    files: Sequence[Path]

    def shots(self, count: int = len(CLIPS)) -> list[bought.Shot]:
        """As long in the cut as each clip is."""
        return [bought.Shot(self.files[n % len(CLIPS)], Decimal(CLIPS[n % len(CLIPS)].due(FPS)) / 25) for n in range(count)]


def main() -> None:
    """Every film, one after the other; results as they come."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--peers", nargs="*", default=list(PEERS), choices=list(PEERS))
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="callsheet-finishing-run-") as name:
        bench = Bench(Path(name), Stock().all())
        rows = callsheet(bench)
        rows += [row for peer in asked.peers for row in [told(peer, lambda peer=peer: PEERS[peer](bench))]]
    write("finishing", "uv run python benchmarks/finishing/run.py", rows, table(turned(rows)))


def callsheet(bench: Bench) -> list[Row]:
    """The film at 25, then the same list at two more rates, then a long one."""
    deliver = '[deliver.{}]\nresolution = "480x270"\nfps = "{}"\n'
    short = bought.project(bench.folder / "short", bench.shots(), deliver.format("web", "25"))
    used = cost([*FINISH, str(short.folder)])
    rows = [told("callsheet", lambda: (used, short.out / "film_web_v001.mp4"))]
    short.settings_file.write_text("".join(deliver.format(name, fps) for name, fps in NTSC.items()))
    cost([*FINISH, str(short.folder)])
    films = {fps: short.out / f"film_{name}_v001.mp4" for name, fps in NTSC.items()}
    rows += [told("callsheet", lambda film=film: (None, film), fps=fps) for fps, film in films.items()]
    long = bought.project(bench.folder / "long", bench.shots(LONG), deliver.format("web", "25"))
    shutil.copytree(short.normalized, long.normalized)  # the same clips
    used = cost([*FINISH, str(long.folder)])
    return [*rows, told("callsheet", lambda: (None, long.out / "film_web_v001.mp4"), clips=[CLIPS[n % len(CLIPS)] for n in range(LONG)])]


def told(name: str, make: Callable[[], tuple[Cost | None, Path]], *, clips: Sequence[Clip] = CLIPS, fps: Fraction = FPS) -> Row:
    """One film's row; where it could not be made, why."""
    row: Row = {"made by": name, "rate": str(fps), "clips": len(clips)}
    try:
        used, film = make()
    except FailedError as error:
        row["failed"] = str(error)
    else:
        row |= measure.film(film, clips, fps) | ({"cpu s": used.cpu_s, "memory MiB": used.mib} if used else {})
    print(json.dumps(row), flush=True)
    return row


def by_graph(bench: Bench) -> tuple[Cost, Path]:
    """One filter graph, which knows each clip's frames and offset."""
    film = bench.folder / "graph.mp4"
    return cost(graph.argv(CLIPS, bench.files, SIZE, FPS, film)), film


def by_moviepy(bench: Bench) -> tuple[Cost, Path]:
    """MoviePy, as its documentation joins clips."""
    film = bench.folder / "moviepy.mp4"
    return _with(MOVIEPY, "moviepy_film.py", [*map(str, SIZE), str(FPS), str(film)], bench), film


def by_normalize(bench: Bench) -> tuple[Cost, Path]:
    """ffmpeg-normalize and the concat demuxer."""
    film = bench.folder / "normalize.mp4"
    return _with(NORMALIZE, "normalized_concat.py", [runner.executable(), *map(str, SIZE), str(FPS), LUFS, DBTP, str(film)], bench), film


PEERS: Mapping[str, Callable[[Bench], tuple[Cost, Path]]] = {
    "one filter graph": by_graph,
    "ffmpeg-normalize + concat": by_normalize,
    "MoviePy": by_moviepy,
}


def _with(packages: Sequence[str], script: str, arguments: Sequence[str], bench: Bench) -> Cost:
    uv = shutil.which("uv")
    if uv is None:
        raise FailedError("uv is not on the PATH, so it could not be had")
    run = [uv, "run", "--no-project", "-q", "--python", sys.executable, *(word for name in packages for word in ("--with", name)), "python"]
    cost([*run, "-c", "pass"])  # what is fetched is fetched before the clock runs
    own = {"FFMPEG_BINARY": runner.executable(), "IMAGEIO_FFMPEG_EXE": runner.executable()}
    return cost([*run, str(Path(__file__).parent / "peers" / script), *arguments, *map(str, bench.files)], env=own)


def turned(rows: Sequence[Row]) -> list[Row]:
    """A film to a column: there are more figures than films."""
    names = [f"{row['made by']} {row['rate']} x{row['clips']}" for row in rows]
    figures = dict.fromkeys(name for row in rows for name in row if name not in ("made by", "rate", "clips"))
    return [{"": figure} | {name: row.get(figure) for name, row in zip(names, rows, strict=True)} for figure in figures]


if __name__ == "__main__":
    main()
