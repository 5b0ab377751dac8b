"""Six scenes as different as what services and cameras hand in, and the project whose list cuts them: what every delivery is made from.

Each has a ring that is round as long as nothing is stretched; in some there are bars whose colours are known.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

from benchmarks.finishing import bought
from callsheet.media.ffmpeg import runner
from callsheet.media.ffmpeg.command import Command
from callsheet.store.project_folder import Project

LIST = bought.LIST
SECONDS = 2
#: the shot that comes on by a dissolve of so many seconds, and the one in which somebody speaks, from then on
DISSOLVED, DISSOLVE_S = "S0003", 1
SPOKEN, SPOKEN_S = "S0001", Fraction(1, 2)

BOARD = "board.csv"
_BOARD = """shot_id,prompt,model,duration_s,first_frame,fit
B010,"The lighthouse in the evening, a slow push in.",runware/ltx-2.3,2,refs/1.png,
B020,"The keeper looks up, a lamp in his hand.",runware/ltx-2.3,2,,
B030,A gull over the pier.,runware/ltx-2.3,2,refs/2.png,blur
"""

_H264 = ("-c:v", "libx264", "-preset", "veryfast", "-crf", "16")
_H265 = ("-c:v", "libx265", "-preset", "fast", "-crf", "16", "-x265-params", "log-level=error", "-tag:v", "hvc1")
_HD = ("-colorspace", "bt709", "-color_primaries", "bt709", "-color_trc", "bt709", "-color_range", "tv")
_SD = ("-colorspace", "bt470bg", "-color_primaries", "bt470bg", "-color_trc", "gamma28", "-color_range", "tv")
_TO_709 = "scale=out_color_matrix=bt709:out_range=tv,format=yuv420p"


@dataclass(frozen=True, kw_only=True)
class Scene:
    """One clip: its size and rate, what is to be seen, a tone and its level, and what its row says beside that."""

    size: tuple[int, int]
    fps: Fraction
    seen: str
    hertz: int
    level_db: int
    cells: Mapping[str, str] = field(default_factory=dict[str, str])
    #: a pixel's width to its height
    sar: Fraction = Fraction(1)
    #: filters after the ring is drawn, then the encoder's options
    pixels: str = _TO_709
    options: Sequence[str] = (*_HD, *_H264)
    #: by how much a player turns it, degrees anticlockwise
    turned: int = 0

    @property
    def frames(self) -> int:
        """A second more than the cut takes, so that a dissolve has something to go on with."""
        return int(self.fps * (SECONDS + 1))


SCENES = (
    Scene(size=(1920, 1080), fps=Fraction(25), seen="smptehdbars", hertz=220, level_db=-6),
    Scene(
        size=(1280, 720), fps=Fraction(24), hertz=277, level_db=-20,
        seen="gradients=c0=0x2b1055:c1=0xd76d77:c2=0xffaf7b:n=3:x0=0:y0=0:x1=0:y1=719:speed=0.00001",
        cells={"dialogue": f"[{float(SPOKEN_S)}-1.9] Is anybody up there?", "subtitle.de": "Ist da oben jemand?"},
    ),
    Scene(
        size=(720, 1280), fps=Fraction(30), hertz=330, level_db=0, cells={"focus": "0.5 0.3"},
        seen="gradients=c0=0x0b486b:c1=0x3b8686:c2=0xcff09e:n=3:x0=0:y0=0:x1=719:y1=1279:speed=0.00001",
    ),
    Scene(
        size=(720, 576), fps=Fraction(25), seen="pal75bars", hertz=392, level_db=-12, sar=Fraction(16, 15),
        pixels="scale=out_color_matrix=bt601:out_range=tv,format=yuv420p", options=(*_SD, *_H264),
        cells={"transition": "dissolve", "transition_s": str(DISSOLVE_S)},
    ),
    Scene(
        size=(1280, 720), fps=Fraction(30000, 1001), seen="testsrc2", hertz=440, level_db=-25, turned=90,
        pixels="scale=out_color_matrix=bt709:out_range=pc,format=yuvj420p,transpose=clock",
        options=(*_HD[:-1], "pc", *_H264),
    ),
    Scene(
        size=(1080, 1080), fps=Fraction(60000, 1001), hertz=494, level_db=-15,
        seen="gradients=type=spiral:n=4:c0=0x1c7ed6:c1=0xf59f00:c2=0xe64980:c3=0x2b8a3e:x0=200:y0=300:x1=900:y1=800:speed=0.02",
        pixels="scale=out_color_matrix=bt709:out_range=tv,format=yuv420p10le", options=(*_HD, *_H265),
        cells={"fit": "blur", "transition": "fade"},
    ),
)  # fmt: skip


def project(folder: Path, clips: Path, settings: str) -> Project:
    """A project in which the scenes are bought, ready for `callsheet finish film.csv`; `settings` is its project.toml. The clips are made in `clips`."""
    clips.mkdir(parents=True, exist_ok=True)
    with ThreadPoolExecutor(2) as pool:
        files = list(pool.map(_filmed, SCENES, [clips / f"{n}.mov" for n in range(len(SCENES))]))
    made = bought.project(folder, [bought.Shot(file, Decimal(SECONDS)) for file in files], settings)
    _told(made.folder / LIST)
    return made


def storyboard(project: Project, clips: Path) -> None:
    """A list of which nothing is bought, ready for `callsheet animatic board.csv`: two stills and a slate."""
    (project.folder / "refs").mkdir()
    for n in (1, 2):
        still = project.folder / "refs" / f"{n}.png"
        runner.run(
            Command(("-v", "error", "-i", str(clips / f"{n}.mov"), "-frames:v", "1", "-y", str(still))), what=f"taking a still of scene {n}"
        )
    (project.folder / BOARD).write_text(_BOARD)


def _told(list: Path) -> None:
    """Add to each row what its scene says. None of it reaches a request, so the clips stay bought."""
    with list.open(newline="") as file:
        rows = [{**row, **scene.cells} for row, scene in zip(csv.DictReader(file), SCENES, strict=True)]
    with list.open("w", newline="") as file:
        writer = csv.DictWriter(file, dict.fromkeys(name for row in rows for name in row))
        writer.writeheader()
        writer.writerows(rows)


def _filmed(scene: Scene, clip: Path) -> Path:
    plain = clip.with_stem(f"{clip.stem}-plain")
    runner.run(Command((*_drawn(scene), "-y", str(plain))), what=f"filming {clip.name}")
    turn = ("-display_rotation", str(scene.turned))
    runner.run(Command(("-v", "error", *turn, "-i", str(plain), "-c", "copy", "-y", str(clip))), what=f"turning {clip.name}")
    return clip


def _drawn(scene: Scene) -> list[str]:
    width, height = scene.size
    seen = f"{scene.seen}{':' if '=' in scene.seen else '='}s={width}x{height}:r={scene.fps}"
    tone = f"sine=f={scene.hertz}:r=48000:d={float(scene.frames / scene.fps):.6f},volume={scene.level_db}dB,aformat=channel_layouts=stereo"
    shape = f"setsar={scene.sar.numerator}/{scene.sar.denominator}"
    graph = f"[0:v]setsar=1[a];[a][1:v]overlay=format=auto,trim=end_frame={scene.frames},{scene.pixels},{shape}[v]"
    sources = [word for source in (seen, _ring(scene), tone) for word in ("-f", "lavfi", "-i", source)]
    return ["-v", "error", *sources, "-filter_complex", graph, "-map", "[v]", "-map", "2:a", *scene.options, "-c:a", "aac"]


def _ring(scene: Scene) -> str:
    """Drawn once and held; wide as it has to be in pixels that aren't square."""
    width, height = scene.size
    radius = min(width * scene.sar, height) * 3 // 10
    away = f"hypot((X-{width // 2})*{float(scene.sar):.6f},Y-{height // 2})"
    drawn = f"geq=r=255:g=255:b=255:a='255*between({away},{radius - radius // 20},{radius})'"
    return f"color=white:s={width}x{height}:r={scene.fps},trim=end_frame=1,format=rgba,{drawn},loop=-1:1"
