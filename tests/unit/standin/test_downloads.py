"""Clips over HTTP: whole, in parts, and no two files alike."""

from __future__ import annotations

from pathlib import Path

import pytest

from callsheet.standin.http.downloads import Part, part_wanted
from tests.film_reader import read_film
from tests.unit.standin.plain_client import Desk, desk, video


@pytest.mark.parametrize(
    ("header", "part"),
    [
        (None, Part(0, 100)),
        ("bytes=0-", Part(0, 100)),
        ("bytes=10-19", Part(10, 20)),
        ("bytes=90-500", Part(90, 100)),
        ("bytes=-10", Part(90, 100)),
        ("bytes=-500", Part(0, 100)),
        ("bytes=0-0", Part(0, 1)),
        ("bytes=100-", None),
        ("bytes=20-10", None),
        ("bytes=-0", None),
        ("bytes=1-2,4-5", Part(0, 100)),
        ("lines=1-2", Part(0, 100)),
        ("bytes=-", Part(0, 100)),
    ],
)
def test_a_range_is_read_as_http_says(header: str | None, part: Part | None) -> None:
    """One part or the whole; nothing where it lies outside."""
    assert part_wanted(header, 100) == part


def test_a_clip_comes_whole_or_in_parts(service: Desk) -> None:
    """206 and 416 with Content-Range; the parts make the whole."""
    url = service.bought()["videoURL"]
    whole = service.http.get(url)
    size = len(whole.content)
    assert (whole.status_code, whole.headers["content-length"], whole.headers["content-type"]) == (200, str(size), "video/mp4")
    head, tail = service.http.get(url, headers={"Range": "bytes=0-999"}), service.http.get(url, headers={"Range": "bytes=1000-"})
    assert (head.status_code, head.headers["content-range"]) == (206, f"bytes 0-999/{size}")
    assert head.content + tail.content == whole.content
    beyond = service.http.get(url, headers={"Range": f"bytes={size}-"})
    assert (beyond.status_code, beyond.headers["content-range"]) == (416, f"bytes */{size}")


def test_an_unknown_clip_is_a_404(service: Desk) -> None:
    """So is a known one by another ending."""
    url = service.bought()["videoURL"]
    assert service.http.get(url.replace(".mp4", ".mov")).status_code == 404
    assert service.http.get(f"{service.url}/standin/films/x.mp4").status_code == 404


@pytest.mark.parametrize("container", ["MP4", "MOV", "WEBM"])
def test_two_jobs_with_the_same_picture_give_different_files(films: Path, tmp_path: Path, container: str) -> None:
    """5 clips of a palette of 4: the first and the last show the same film, and both play though their bytes differ."""
    tasks = [video(numberResults=4, outputFormat=container), video(outputFormat=container)]
    bodies: list[bytes] = []
    with desk(films, palette=4) as service:
        service.post(*tasks)
        for task in tasks:
            item = service.ended(task["taskUUID"])["data"][0]
            bodies.append(service.http.get(item["videoURL"]).content)
            (tmp_path / "clip").write_bytes(bodies[-1])
            assert read_film(tmp_path / "clip") == [(0, frame) for frame in range(8)]
    assert bodies[0] != bodies[1]
