"""A bought clip looked at once, from its first byte to its last sample: whether it is a film at all, and what is seen and heard to be wrong with it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from callsheet.domain.finding import Finding
from callsheet.media.probe import Probe, probe
from callsheet.media.watch import watch
from callsheet.qc.clip import Asked, check_clip
from callsheet.qc.picture import check_picture
from callsheet.qc.sound import check_sound


@dataclass(frozen=True, slots=True)
class Looked:
    """A whole film, and what was found in its pictures and its sound."""

    probe: Probe
    seen: tuple[Finding, ...]
    heard: tuple[Finding, ...]

    def findings(self, asked: Asked | None) -> list[Finding]:
        """All that is wrong with it for what was `asked`; silence matters only where sound was."""
        form = check_clip(self.probe, asked) if asked else []
        return [*form, *self.seen, *(self.heard if asked and asked.sound else ())]


def look(path: Path) -> Looked:
    """Sniffed, probed, decoded to the end in limited children. MediaError says why it is no whole film."""
    probed = probe(path)
    watched = watch(path, probed)
    return Looked(probed, tuple(check_picture(watched, probed.fps)), tuple(check_sound(watched, probed.fps)))
