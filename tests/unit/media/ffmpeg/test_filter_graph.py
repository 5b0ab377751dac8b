"""Filter graphs become arguments: escaped once, in an order that never changes."""

from __future__ import annotations

import os
import subprocess
import sys

from callsheet.media.ffmpeg import filter_graph

_GRAPH = """
from callsheet.media.ffmpeg import filter_graph as graph
source = graph.source("clip", {"f": "mov", "threads": 1})
picture = source.stream(0).filter("scale", 64, 36, flags="bicubic").to("p.mp4", {"c:v": "libx264", "crf": 18})
sound = source.stream(1).filter("apad").filter("atrim", end_sample=9).to("s.f32", {"f": "f32le"})
print(graph.arguments(picture, sound))
"""


def test_one_source_feeds_two_files() -> None:
    """It is opened once; each output has its own options and its own chain."""
    source = filter_graph.source("clip", {"f": "mov"})
    picture = source.stream(0).filter("scale", 64, 36).to("p.mp4", {"crf": 18})
    sound = source.sound().filter("apad").to("s.f32", {"f": "f32le"})
    assert filter_graph.arguments(picture, sound) == (
        *("-f", "mov", "-i", "clip", "-filter_complex", "[0:0]scale=64:36[s0];[0:a:0]apad[s1]"),
        *("-map", "[s0]", "-crf", "18", "p.mp4", "-map", "[s1]", "-f", "f32le", "s.f32"),
    )


def test_values_are_escaped_for_the_graph() -> None:
    """Paths may hold what filters use as marks."""
    pad = filter_graph.generated("color", c="red", s="64x36").filter("drawtext", textfile="/a:b,c[d];e'f.txt")
    arguments = filter_graph.arguments(pad.to("-", {"f": "null"}))
    assert arguments[:4] == ("-f", "lavfi", "-i", "color=c=red:s=64x36")
    assert arguments[5] == "[0:0]drawtext=textfile=/a\\\\:b\\,c\\[d\\]\\;e\\\\\\'f.txt[s0]"


def test_every_process_gives_the_same_arguments() -> None:
    """They are part of content keys, so no order may come from hashes."""
    said = {
        subprocess.run(
            [sys.executable, "-c", _GRAPH], env={**os.environ, "PYTHONHASHSEED": seed}, capture_output=True, check=True, text=True
        ).stdout
        for seed in ("0", "1", "2")
    }
    assert len(said) == 1
