"""Inspects files: a bought clip from its first byte to its last sample, a finished film by its packets."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from callsheet.domain.attempt import ClipLength
from callsheet.domain.cut import Delivery
from callsheet.domain.finding import Finding
from callsheet.media.inspect.decode_check import watch
from callsheet.media.inspect.file_form import file_form
from callsheet.media.inspect.film_facts import Probe
from callsheet.media.inspect.packets import read_packets
from callsheet.media.inspect.probe import probe, sniff
from callsheet.qc.clip import Asked, check_clip, huge
from callsheet.qc.delivery import TracksDue, check_file, check_form
from callsheet.qc.picture import check_picture
from callsheet.qc.sound import BROKEN, check_sound


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
        return [*form, *self.seen, *(one for one in self.heard if wanted or one.code == BROKEN)]


def inspect_file(path: Path, asked: Asked | None = None) -> Inspected:
    """Recognised, probed, decoded to the end in limited child processes; a file far larger than `asked` isn't decoded. MediaError says why
    it isn't a complete film.
    """
    probed = probe(path)
    if asked and huge(probed, asked):
        return Inspected(probed, (), ())
    watched = watch(path, probed)
    return Inspected(probed, tuple(check_picture(watched, probed.fps)), tuple(check_sound(watched, probed.fps)))


def check_film(path: Path, delivery: Delivery, frames: int, due: TracksDue) -> list[Finding]:
    """What is wrong with the format of a film of ours, which has to have so many `frames`. Levels are checked by whoever measured them. Its
    pictures need no decoding: they come from conformed clips whose bytes were checked, and its sound was decoded when it was measured.
    """
    probed = read_packets(str(path), sniff(path))
    return check_form(probed, delivery, frames) + check_file(probed, file_form(path), delivery, due)
