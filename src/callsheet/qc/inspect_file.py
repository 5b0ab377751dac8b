"""Inspects a clip that comes from outside, from its first byte to its last sample."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from callsheet.domain.attempt import ClipLength
from callsheet.domain.finding import Finding
from callsheet.media.inspect.film_facts import Probe
from callsheet.media.inspect.probe import probe
from callsheet.qc.clip import Asked, check_clip, huge

#: the only finding that counts whether sound was ordered or not
_BROKEN = "clip-sound-broken"


@dataclass(frozen=True, slots=True)
class Inspected:
    """A complete film, and what was found in its pictures and its sound."""

    probe: Probe
    seen: tuple[Finding, ...]
    heard: tuple[Finding, ...]

    @property
    def length(self) -> ClipLength:
        """Its length."""
        return ClipLength(self.probe.duration, self.probe.fps)

    def findings(self, asked: Asked | None) -> list[Finding]:
        """Everything that is wrong with it for what was `asked`; silence counts only if sound was ordered, invalid samples always."""
        form = check_clip(self.probe, asked) if asked else []
        wanted = asked is not None and asked.sound
        return [*form, *self.seen, *(one for one in self.heard if wanted or one.code == _BROKEN)]


def inspect_file(path: Path, asked: Asked | None = None) -> Inspected:
    """Recognised, probed, decoded to the end in limited child processes; a file far larger than `asked` isn't decoded. MediaError says why
    it isn't a complete film.
    """
    probed = probe(path)
    if asked and huge(probed, asked):
        return Inspected(probed, (), ())
    from callsheet.qc.file_checks import check_decoded  # noqa: PLC0415  # it loads numpy and PyAV, which only a clip that arrives needs

    seen, heard = check_decoded(path, probed)
    return Inspected(probed, seen, heard)
