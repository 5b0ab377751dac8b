"""A verdict for each file of a shot at a model, before anything is spent. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from typing import Literal, NamedTuple

from callsheet.domain.shots.shot import Size
from callsheet.services.cards.card import Card, FileRule
from callsheet.services.cards.film_length import Length
from callsheet.services.cards.verdict import Verdict, VerdictKind
from callsheet.services.protocol.media_ref import MediaRef

Field = Literal["first_frame", "last_frame", "audio"]
#: the columns that name files
COLUMNS: tuple[Field, ...] = ("first_frame", "last_frame", "audio")
#: a cell as written in the list, or the file that it names, read
Given = str | MediaRef | None

#: shapes that differ by less than this count as one
_SHAPE = Fraction(1, 50)


class Files(NamedTuple):
    """The files that a shot names."""

    first_frame: Given = None
    last_frame: Given = None
    audio: Given = None

    @property
    def voice(self) -> MediaRef | None:
        """The sound that drives the picture, if it was read."""
        return self.audio if isinstance(self.audio, MediaRef) else None


def verdicts(files: Files, size: Size, card: Card, length: Length) -> Iterator[Verdict]:
    """One for each file. `size` is the picture size that the shot wants, `length` the length that is bought."""
    for name, given in zip(COLUMNS, files, strict=True):
        if given is not None:
            yield _verdict(name, given, files, size, card, length)


def _verdict(name: Field, given: str | MediaRef, files: Files, size: Size, card: Card, length: Length) -> Verdict:
    cell = given if isinstance(given, str) else given.cell
    shown = cell if len(cell) <= 200 else f"{cell[:197]}..."
    cut_s = length.cut_s if name == "audio" and isinstance(given, MediaRef) and given.data is not None else None
    if why := _refusal(name, given, files, card, cut_s):
        return Verdict(name, VerdictKind.UNSUPPORTED, shown, "", why)
    assert isinstance(given, MediaRef)
    stretch = Fraction(given.size.width * size.height, given.size.height * size.width) if given.size else Fraction(1)
    if name != "audio" and given.size and abs(stretch - 1) >= _SHAPE:
        why = f"the picture is {given.size}, the shot {size}; {card.name} crops or stretches the picture"
        return Verdict(name, VerdictKind.SNAPPED, shown, str(given.size), why)
    if name == "audio" and given.data is None:
        return Verdict(
            name,
            VerdictKind.SNAPPED,
            shown,
            shown,
            "for a sound at an address, the cut uses the service's sound; name a file to use your own",
        )
    if cut_s is not None and given.seconds is not None:
        saved = f"; {float(length.saved_s):.2f} s of film less are paid" if length.saved_s else ""
        why = f"it lasts {float(given.seconds):.2f} s, the shot {length.verdict.wanted} s: it is cut to {float(cut_s):.2f} s before it is sent{saved}"
        return Verdict(name, VerdictKind.SNAPPED, shown, f"{float(cut_s):.2f} s", why)
    return Verdict(name, VerdictKind.EXACT, shown, shown)


def _refusal(name: Field, given: str | MediaRef, files: Files, card: Card, cut_s: Fraction | None) -> str:
    """Why a file can't be sent; "" if it can. A sound that is trimmed first is sent as WAV of `cut_s` seconds."""
    if not getattr(card.inputs, name):
        return f"{card.name} accepts no {name}; empty the cell or use another model"
    if name == "last_frame" and files.first_frame is None:
        return f"{card.name} accepts a last_frame only with a first_frame"
    if name == "last_frame" and files.audio is not None:
        return f"{card.name} accepts no last_frame with a sound"
    if isinstance(given, str):
        return "the file was not read"
    kind, rule = ("sound", card.inputs.sound) if name == "audio" else ("picture", card.inputs.image)
    if given.data is not None and not given.mime.startswith("audio/" if kind == "sound" else "image/"):
        return f"it is not in a {kind} format that services accept"
    if cut_s is not None:
        given = replace(given, mime="audio/wav", seconds=cut_s, data=b"")
    return _against(given, rule, card)


def _against(given: MediaRef, rule: FileRule, card: Card) -> str:
    if given.uploaded and not rule.uploads:
        return f"{card.name} accepts no ids of earlier uploads; name the file"
    if given.url is not None and not given.uploaded and not rule.urls:
        return f"{card.name} accepts files, not addresses; download it and name the file"
    if rule.types and given.mime and given.mime not in rule.types:
        return f"it is {given.mime}; {card.name} takes {', '.join(rule.types)}"
    if rule.max_bytes and given.data is not None and len(given.data) > rule.max_bytes:
        return f"it has {len(given.data) / 1e6:.1f} MB; {card.name} takes at most {rule.max_bytes / 1e6:g} MB"
    if rule.min_s is None and rule.max_s is None:
        return ""
    if given.seconds is None:
        return f"its length is unknown, but {card.name} has limits for it"
    if (rule.min_s and given.seconds < rule.min_s) or (rule.max_s and given.seconds > rule.max_s):
        return f"it lasts {float(given.seconds):.2f} s; {card.name} takes {rule.min_s or 0} to {rule.max_s or 'any'} s"
    return ""
