"""The length of each cut, to the frame, and its difference from the wanted length. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction

from callsheet.cutting.conform import sequences
from callsheet.domain.cut import Cut
from callsheet.domain.errors import Problem, UsageError
from callsheet.domain.timebase import Fps, fps_text, frames_in_cut, half_up, seconds
from callsheet.domain.timecode import Timecode
from callsheet.domain.wording import counted, listed
from callsheet.pricing.priced import Priced
from callsheet.settings.tables.cuts import film_length
from callsheet.settings.values import Setting


@dataclass(frozen=True, slots=True, kw_only=True)
class CutLength:
    """A cut's frames at a rate, and the wanted frames; `rounded` names the shots whose lengths are not whole frames."""

    sequence: str
    frames: int
    fps: Fps
    wanted: int | None = None
    rounded: str = ""
    #: its frames if the rounding were spread
    spread: int | None = None

    def of(self, cut: Cut) -> CutLength:
        """The same for a cut whose length people have changed by choosing frames."""
        frames = sum(shot.frames for shot in cut.shots)
        return (
            self
            if frames == self.frames
            else replace(self, frames=frames, rounded="frames were chosen by hand for some of its shots", spread=None)
        )

    @property
    def summary(self) -> str:
        """For people: `long: 760 frames, 30.4 s at 25 fps; wanted 750: 10 too many: 20 shots of 1.5 s round up at 25 fps`."""
        said = f"{self.sequence}: {self.frames} frames, {_seconds(seconds(self.frames, self.fps))} s at {fps_text(self.fps)} fps"
        if self.wanted is None:
            return said
        off = self.frames - self.wanted
        if not off:
            return f"{said}, as wanted"
        why = f": {self.rounded}" if self.rounded else ""
        if self.spread == self.wanted:
            why += '; rounding = "even" in [project] makes it as wanted'
        return f"{said}; wanted {self.wanted}: {abs(off)} too {'many' if off > 0 else 'few'}{why}"


def cut_lengths(priced: Sequence[Priced], fps: Fps, wanted: Mapping[str, str]) -> tuple[CutLength, ...]:
    """Every sequence of the list, and every shorter cut of it. `wanted` has lengths as written, by sequence. ValueError if one isn't a
    length at the rate.
    """
    found: list[CutLength] = []
    for sequence, items in sequences(priced).items():
        frames = sum(item.frames_at(fps) for item in items)
        exact = half_up(Fraction(sum((item.used_s for item in items), Decimal(0))) * fps)
        due = frames_of(wanted[sequence], fps) if sequence in wanted else None
        found.append(
            CutLength(sequence=sequence, frames=frames, fps=fps, wanted=due, rounded="; ".join(_rounded(items, fps)), spread=exact)
        )
    return tuple(found)


def wanted_by(text: str, names: Sequence[str]) -> dict[str, str]:
    """The lengths in `--length`: `30` for the only sequence, `NAME=30` for one of several. UsageError if it isn't a length, or the sequence
    is ambiguous.
    """
    name, given, length = text.rpartition("=")
    if given and name not in names:
        raise UsageError(f"--length: no sequence {name!r}", help=f"there are: {', '.join(names)}")
    if not given and len(names) != 1:
        raise UsageError(
            f"--length {text} doesn't say which sequence it is for", help=f"write --length {names[0] if names else 'NAME'}={text}"
        )
    try:
        return {name if given else names[0]: film_length(length)}
    except ValueError as error:
        raise UsageError(f"--length: {error}", help="write --length 30, 750f or 00:00:30:00") from None


def frames_of(text: str, fps: Fps) -> int:
    """The frames of a length as written. ValueError if it is not a timecode at the rate."""
    if ":" in text:
        return Timecode.parse(text, fps).frame
    if "f" in text:
        return int(text.partition("f")[0])
    return half_up(Fraction(Decimal(text.rstrip("s ").strip())) * fps)


def length_problems(wanted: Mapping[str, Setting[str]], fps: Fps) -> Iterator[Problem]:
    """The wanted lengths of project.toml that aren't any at the films' rate."""
    for length in wanted.values():
        try:
            frames_of(length.value, fps)
        except ValueError as error:
            help = "write seconds, frames or timecode"
            yield Problem(code="settings", message=f"{length.origin}: {error}", help=help, file=length.origin.split()[0])


def _rounded(items: Sequence[Priced], fps: Fps) -> Iterator[str]:
    """Which lengths are rounded to more or fewer frames; nothing if the rounding is spread."""
    counts = Counter(item.used_s for item in items if item.begins_s is None)
    for up in (True, False):
        off = {length: count for length, count in counts.items() if _is_off(length, fps, up=up)}
        lengths = [f"{counted(count, 'shot')} of {length:f} s" for length, count in off.items()]
        if off:
            verb = "rounds" if sum(off.values()) == 1 else "round"
            yield f"{listed(lengths, 3)} {verb} {'up' if up else 'down'} at {fps_text(fps)} fps"


def _is_off(length: Decimal, fps: Fps, *, up: bool) -> bool:
    exact, frames = Fraction(length) * fps, frames_in_cut(length, fps)
    return frames > exact if up else frames < exact


def _seconds(length: Fraction) -> str:
    return f"{float(length):.3f}".rstrip("0").rstrip(".")
