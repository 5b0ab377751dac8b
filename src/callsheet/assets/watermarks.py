"""The watermark pictures of deliveries: read and measured once, before anything is planned."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from functools import lru_cache
from pathlib import Path

from callsheet.assets.project_file import UnusableFile, read_project_file
from callsheet.domain.cut import Delivery
from callsheet.domain.delivery.watermark import Stamp, Watermark
from callsheet.domain.errors import InputError, MediaError, Problem
from callsheet.media.inspect import measure_inputs
from callsheet.services.protocol.media_ref import MediaRef
from callsheet.store.project_folder import Project

#: a larger file is not a logo, bytes
_MOST = 20 << 20


def with_watermarks(deliveries: Sequence[Delivery], project: Project) -> tuple[Delivery, ...]:
    """The deliveries, with their `watermark_file` loaded. InputError with every file that can't be used, and why."""
    problems: list[Problem] = []
    found: list[Delivery] = []
    for one in deliveries:
        try:
            marked = one.stamp and _read(one.stamp, project)
        except ValueError as error:
            why = f"[deliver.{one.name}] watermark_file: {one.stamp and one.stamp.name} {error}"
            help = "name a PNG or JPEG file in the project's folder"
            problems.append(Problem(code="deliver-value", message=why, help=help, file="project.toml"))
            continue
        found.append(replace(one, fitting=replace(one.fitting, watermark=marked)) if marked else one)
    if problems:
        raise InputError.of(problems)
    return tuple(found)


def _read(stamp: Stamp, project: Project) -> Watermark:
    """ValueError with a message if the file can't be used."""
    try:
        path, ref = read_project_file(project.folder / stamp.name, (project.folder,), _MOST, _measured)
    except UnusableFile as error:
        raise ValueError(str(error)) from None
    assert ref.size is not None, "a measured picture has a size"
    return Watermark(stamp=stamp, file=path, sha256=ref.sha256, mime=ref.mime, aspect=Fraction(ref.size.width, ref.size.height))


@lru_cache(maxsize=16)
def _measured(path: Path, changed_ns: int, size: int) -> tuple[Path, MediaRef]:
    """Path and content of a picture that decodes to its end; once per process, until the file is written again."""
    del changed_ns, size
    found = MediaRef.of_bytes(path.name, path.read_bytes())
    if not found.mime.startswith("image/"):
        raise ValueError("is not a picture file that callsheet reads")
    try:
        return path, replace(found, size=measure_inputs.picture(found.data or b"", found.mime))
    except MediaError as error:
        raise ValueError(f"can't be read as a picture: {str(error).partition(' | ')[0]}") from None
