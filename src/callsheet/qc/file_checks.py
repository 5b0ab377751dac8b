"""Checks what files hold: a clip's decoded pictures and sound, a finished film's packets."""

from __future__ import annotations

from pathlib import Path

from callsheet.domain.cut import Delivery
from callsheet.domain.finding import Finding
from callsheet.media.inspect.decode_check import watch
from callsheet.media.inspect.file_form import file_form
from callsheet.media.inspect.film_facts import Probe
from callsheet.media.inspect.packets import read_packets
from callsheet.media.inspect.probe import sniff
from callsheet.qc.delivery import TracksDue, check_file, check_form
from callsheet.qc.picture import check_picture
from callsheet.qc.sound import check_sound


def check_decoded(path: Path, probed: Probe) -> tuple[tuple[Finding, ...], tuple[Finding, ...]]:
    """What is wrong with a clip's pictures, and with its sound, decoded in a limited child process. MediaError if it can't be decoded to the end."""
    watched = watch(path, probed)
    return tuple(check_picture(watched, probed.fps)), tuple(check_sound(watched, probed.fps))


def check_film(path: Path, delivery: Delivery, frames: int, due: TracksDue) -> list[Finding]:
    """What is wrong with the format of a film of ours, which has to have so many `frames`. Levels are checked by whoever measured them. Its
    pictures need no decoding: they come from conformed clips whose bytes were checked, and its sound was decoded when it was measured.
    """
    probed = read_packets(str(path), sniff(path))
    return check_form(probed, delivery, frames) + check_file(probed, file_form(path), delivery, due)
