"""Filter graphs, typed: the only place that knows ffmpeg-python.

The package builds the graph, escapes filter values and orders the arguments; it runs nothing here. Values must never be escaped beforehand.
The same graph gives the same arguments in every process, so they can be part of a content key.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import ffmpeg as _library  # it has no types; everything of it that is used is typed below

from callsheet.domain.timebase import SAMPLE_RATE
from callsheet.media.ffmpeg.command import Command, Value

_ffmpeg = cast("Any", _library)

Options = Mapping[str, Value]
#: how sound of the normalized form is read
RAW_SOURCE: Options = {"f": "f32le", "ar": SAMPLE_RATE, "ac": 2}


class _File(str):
    """The name of a file in a graph, told from all other words: the library knows text alone."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Target:
    """One output file."""

    node: Any


@dataclass(frozen=True, slots=True)
class Pad:
    """One stream of pictures or sound between two filters."""

    node: Any

    def filter(self, name: str, *positional: Value, **named: Value | Path) -> Pad:
        """This stream through a filter. A file that it reads is a Path."""
        return Pad(self.node.filter(name, *positional, **{option: _named(value) for option, value in named.items()}))

    def split(self) -> tuple[Pad, Pad]:
        """This stream twice."""
        both = self.node.filter_multi_output("split")
        return Pad(both.stream(0)), Pad(both.stream(1))

    def joined(self, name: str, other: Pad, *positional: Value, **named: Value) -> Pad:
        """This stream and `other` through a filter that takes two."""
        return Pad(_ffmpeg.filter([self.node, other.node], name, *positional, **named))

    def to(self, path: Path | str, options: Options, *others: Pad) -> Target:
        """This stream, and `others` behind it, into a file, with the options that stand before its name."""
        return Target(_ffmpeg.output(self.node, *(one.node for one in others), _named(path), **options))


@dataclass(frozen=True, slots=True)
class Source:
    """One `-i`."""

    node: Any

    def stream(self, index: int) -> Pad:
        """The stream with this index in the file, whatever its kind."""
        return Pad(self.node[str(index)])

    def sound(self) -> Pad:
        """The first sound stream."""
        return Pad(self.node["a:0"])


def source(path: Path | str, options: Mapping[str, Value | None], *, again: bool = False) -> Source:
    """A file to read, with the options that stand before its `-i`, None for one that stands alone. `again` where a graph may read the same file twice: equal inputs are one to the library."""
    own = {"itsoffset": 0} if again else {}
    return Source(_ffmpeg.input(_named(path), **options, **own))


def generated(name: str, **named: Value) -> Pad:
    """What a filter without input makes, such as `color` or `anullsrc`. Plain values only: nothing is escaped here."""
    spec = ":".join(f"{option}={value}" for option, value in named.items())
    return Source(_ffmpeg.input(f"{name}={spec}", f="lavfi")).stream(0)


def steps(pad: Pad) -> list[tuple[str, str]]:
    """The filters that a pad has come through, each with its options, from its file's stream on. Of one line of filters, with plain values only."""
    found: list[tuple[str, str]] = []
    node = pad.node.node
    while node.incoming_edge_map:
        options = [*map(str, node.args), *(f"{name}={value}" for name, value in node.kwargs.items())]
        found.append((node.name, ":".join(options)))
        node = node.incoming_edges[0].upstream_node
    return found[::-1]


def command(*targets: Target) -> Command:
    """What ffmpeg is called with to make these files: one command for all of them."""
    merged = _ffmpeg.merge_outputs(*(one.node for one in targets))
    reads: list[Path] = []
    writes: list[Path] = []
    nodes = [merged.node]
    while nodes:
        node = nodes.pop()
        (writes if node.name == "output" else reads).extend(Path(value) for value in node.kwargs.values() if isinstance(value, _File))
        nodes += [edge.upstream_node for edge in node.incoming_edges]
    return Command(tuple(str(word) for word in merged.get_args()), tuple(dict.fromkeys(reads)), tuple(dict.fromkeys(writes)))


def _named(value: Value | Path) -> Value:
    return _File(value) if isinstance(value, Path) else value
