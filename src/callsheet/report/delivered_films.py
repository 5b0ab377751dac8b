"""Films that were handed over, in JSON documents."""

from __future__ import annotations

from typing_extensions import TypedDict

from callsheet.report.json_parts import FpsText, Number


class SidecarPart(TypedDict):
    """A sidecar file of a film."""

    file: str
    sha256: str


class DeliveredFilm(TypedDict):
    """A film that was handed over."""

    file: str
    sequence: str
    delivery: str
    version: int
    frames: int
    fps: FpsText
    width: int
    height: int
    codec: str
    profile: str | None
    container: str
    timecode: str | None
    loudness_lufs: Number | None
    true_peak_dbtp: Number | None
    complete: bool
    missing: list[str]
    removed: list[str]
    failing: list[str]
    rehearsed: list[str]
    duration_s: Number
    sha256: str
    bytes: int
    approved_by: str
    approved_at: str
    beside: list[SidecarPart]
