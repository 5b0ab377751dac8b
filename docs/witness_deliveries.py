"""Writes docs/reference/delivered-files.md: a small film in every shipped delivery, as MediaInfo reads it, which shares no code with ffmpeg.

uv run --with pymediainfo python docs/witness_deliveries.py
"""

from __future__ import annotations

import tempfile
import tomllib
from fractions import Fraction
from importlib import import_module
from pathlib import Path
from typing import Any

from callsheet.domain.cut import Cut, CutShot, Delivery
from callsheet.domain.shots.shot import Size
from callsheet.finishing.finish import finish
from callsheet.settings.deliveries import delivery_from
from callsheet.standin.jobs.sample_films import Film, shoot
from callsheet.store.atomic_files import digest
from callsheet.store.project_folder import Project

HOUSE = Path(__file__).parents[1]
PAGE = HOUSE / "docs" / "reference" / "delivered-files.md"
HEAD = """# What is in the delivered files

Two shots of a second each at 24 frames a second, finished in every shipped delivery with `language = "de"`, and read by MediaInfo {version}, which shares no code with the ffmpeg
that made them. The commands' own checks read the same from the file that is handed over (`delivery-...` under `[qc]`). Made by `docs/witness_deliveries.py`.

| delivery | container | picture | size | frames | rate | depth, colour | tags | timecode | sound | language | chapters | index |
|---|---|---|---|---|---|---|---|---|---|---|---|---|
"""


def main() -> None:
    """Make the films, read them, write the page."""
    witness: Any = import_module("pymediainfo")
    rows: list[str] = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        shots = tuple(_shot(number, folder) for number in (1, 2))
        names = ["web", *sorted(path.stem for path in (HOUSE / "configs" / "deliveries").glob("*.toml") if path.stem != "web")]
        for delivery in (_delivery(one) for one in names):
            made = finish(Cut(sequence="SQ", shots=shots), delivery, Project(folder / "project"))
            if made.failing:
                raise SystemExit(f"{delivery.name}: {made.failing}")
            rows.append(_row(delivery, witness.MediaInfo.parse(made.file)))
        version = witness.MediaInfo._get_library()[2]  # noqa: SLF001  # the package says it nowhere else
    PAGE.write_text(HEAD.format(version=version) + "\n".join(rows) + "\n", encoding="utf-8")


def _shot(number: int, folder: Path) -> CutShot:
    film = Film(640, 360, 24, 48, sound=True, number=number)
    path = folder / film.name
    shoot(film, path)
    return CutShot(shot=f"S{number}", frames=24, clip=path, sha256=digest(path))


def _delivery(name: str) -> Delivery:
    table = tomllib.loads((HOUSE / "configs" / "deliveries" / f"{name}.toml").read_text(encoding="utf-8"))
    preset = {} if table.get("like") == "dnxhr" or name in ("prores", "dnxhr") else {"preset": "veryfast"}
    like = {} if name == "web" else {"like": name}
    return delivery_from(name, {**like, **preset, "language": "de"}, Size(640, 360), Fraction(24), house=HOUSE)


def _row(delivery: Delivery, read: Any) -> str:
    general, video, sound = read.general_tracks[0], read.video_tracks[0], read.audio_tracks[0]
    tags = f"{video.color_primaries} / {video.transfer_characteristics} / {video.matrix_coefficients}, {video.color_range or 'no range (QuickTime has no place for it)'}"
    timecodes = [one.time_code_of_first_frame for one in read.other_tracks if one.time_code_of_first_frame]
    chapters = {value for menu in read.menu_tracks for name, value in menu.to_data().items() if name[:2].isdigit()}
    cells = (
        delivery.name,
        f"{general.format} {general.format_profile or ''}".strip(),
        " ".join(filter(None, (video.format, video.format_profile, video.codec_id))),
        f"{video.width}x{video.height}",
        video.frame_count or "-",
        f"{video.frame_rate} {video.frame_rate_mode or ''}".strip(),
        " ".join(filter(None, (f"{video.bit_depth} bit" if video.bit_depth else "", video.chroma_subsampling))) or "-",
        tags,
        timecodes[0] if timecodes else "-",
        f"{sound.format} {sound.channel_layout or sound.channel_s} {sound.sampling_rate}",
        sound.language or "-",
        ", ".join(sorted(chapters)) or "-",
        {"Yes": "in front", "No": "behind"}.get(general.isstreamable, "-"),
    )
    return f"| {' | '.join(map(str, cells))} |"


if __name__ == "__main__":
    main()
