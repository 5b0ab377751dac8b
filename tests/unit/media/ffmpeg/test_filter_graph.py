"""Filter graphs become arguments: escaped once, in an order that never changes."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from callsheet.media.ffmpeg import filter_graph

_GRAPH = """
from callsheet.media.ffmpeg import filter_graph as graph
source = graph.source("clip", {"f": "mov", "threads": 1})
picture = source.stream(0).filter("scale", 64, 36, flags="bicubic").to("p.mp4", {"c:v": "libx264", "crf": 18})
sound = source.stream(1).filter("apad").filter("atrim", end_sample=9).to("s.f32", {"f": "f32le"})
print(graph.command(picture, sound))
"""


def test_one_source_feeds_two_files() -> None:
    """It is opened once; each output has its own options and its own chain."""
    source = filter_graph.source("clip", {"f": "mov"})
    picture = source.stream(0).filter("scale", 64, 36).to("p.mp4", {"crf": 18})
    sound = source.sound().filter("apad").to("s.f32", {"f": "f32le"})
    assert filter_graph.command(picture, sound).words == (
        *("-f", "mov", "-i", "clip", "-filter_complex", "[0:0]scale=64:36[s0];[0:a:0]apad[s1]"),
        *("-map", "[s0]", "-crf", "18", "p.mp4", "-map", "[s1]", "-f", "f32le", "s.f32"),
    )


def test_values_are_escaped_for_the_graph() -> None:
    """Paths may hold what filters use as marks."""
    pad = filter_graph.generated("color", c="red", s="64x36").filter("drawtext", textfile="/a:b,c[d];e'f.txt")
    arguments = filter_graph.command(pad.to("-", {"f": "null"})).words
    assert arguments[:4] == ("-f", "lavfi", "-i", "color=c=red:s=64x36")
    assert arguments[5] == "[0:0]drawtext=textfile=/a\\\\:b\\,c\\[d\\]\\;e\\\\\\'f.txt[s0]"


def test_a_graph_knows_its_files() -> None:
    """What it reads, within filters too, and what it writes; pipes and generators are none."""
    clip, text, made = Path("/a/clip.mp4"), Path("/a/b:c.txt"), Path("/a/made.mp4")
    pictures = filter_graph.source(clip, {"f": "mov"}).stream(0).filter("drawtext", textfile=text)
    silence = filter_graph.generated("anullsrc", r=48000)
    command = filter_graph.command(pictures.to(made, {}), silence.to("-", {"f": "null"}))
    assert (set(command.reads), command.writes) == ({clip, text}, (made,))


def test_every_process_gives_the_same_arguments() -> None:
    """They are part of content keys, so no order may come from hashes."""
    said = {
        subprocess.run(
            [sys.executable, "-c", _GRAPH], env={**os.environ, "PYTHONHASHSEED": seed}, capture_output=True, check=True, text=True
        ).stdout
        for seed in ("0", "1", "2")
    }
    assert len(said) == 1
