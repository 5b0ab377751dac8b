"""What a wire writes: the same bytes for the same arguments, the vendor's own requests, and nothing else."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from typing import Any, cast

from callsheet.conformance.examples import RequestExample
from callsheet.conformance.verdicts import Missing, Subject
from callsheet.conformance.wishes import asks, plain, sample
from callsheet.domain.shots.params import flat
from callsheet.domain.shots.shot import Size
from callsheet.services.cards.card import Card
from callsheet.services.cards.fit import fit
from callsheet.services.protocol.ask import Ask
from callsheet.services.protocol.media_ref import MediaRef
from callsheet.services.protocol.multipart import text_fields
from callsheet.services.protocol.request import Request, pack, unpack
from callsheet.services.request_notes import filled, noted

KEY, OTHER = "5a6a1b1e-0000-4000-8000-000000000001", "5a6a1b1e-0000-4000-8000-000000000002"
_JOB = "0b5a1f6e-9f0a-4a3f-8f6d-2d7a5c3e1b00"
#: a length in whole frames, as seconds, may be off by less than this
_NEAR = Fraction(1, 10_000)
_FORM = "multipart/form-data"


def key_is_stable(subject: Subject) -> Iterator[str]:
    """The same purchase gives the same bytes"""
    wire = subject.wire
    for name, ask in _asks(subject):
        request = wire.submit(ask, KEY)
        if wire.submit(ask, KEY) != request:
            yield f"{name}: submit gave two different requests for the same arguments"
        if wire.recovery != "blind" and wire.submit(ask, OTHER) == request:
            yield f"{name}: the wire is {wire.recovery}, and its request does not depend on the key"


def essence_is_the_purchase(subject: Subject) -> Iterator[str]:
    """A purchase's fingerprint changes with what is bought, and contains no key"""
    wire = subject.wire
    for name, ask in _asks(subject):
        essence = wire.essence(ask)
        if wire.essence(ask) != essence:
            yield f"{name}: essence gave different bytes for the same purchase"
        if KEY.encode() in essence:
            yield f"{name}: essence contains the key"
        if wire.essence(replace(ask, prompt=f"{ask.prompt} in the rain")) == essence:
            yield f"{name}: essence is the same for another prompt"
        if ask.first_frame and wire.essence(replace(ask, first_frame=sample("image/jpeg"))) == essence:
            yield f"{name}: essence is the same for another picture"


def packed_requests_round_trip(subject: Subject) -> Iterator[str]:
    """Written requests are read back byte for byte"""
    wire = subject.wire
    requests = {f"{name}: submit": wire.submit(ask, KEY) for name, ask in _asks(subject)}
    requests["poll"] = wire.poll([_JOB])
    for name, request in requests.items():
        if unpack(pack(request)) != request:
            yield f"{name}: the request read back differs from the packed one"


def files_go_in_their_places(subject: Subject) -> Iterator[str]:
    """A purchase that is written with its files' digests is sent with their bytes"""
    wire = subject.wire
    for name, ask in _asks(subject):
        files = {file.sha256: file for file in (ask.first_frame, ask.last_frame, ask.audio) if file and file.data is not None}
        written = pack(wire.submit(noted(ask), KEY))
        if files and any(file.data in written for file in files.values() if file.data):
            yield f"{name}: the written request contains a file's bytes"
        if filled(unpack(written), files) != wire.submit(ask, KEY):
            yield f"{name}: the sent request is not the purchase with its files"


def sold_reads_back(subject: Subject) -> Iterator[str]:
    """Size, frame rate and length are read back from a purchase's bytes"""
    for name, ask in _asks(subject):
        told = subject.wire.sold(pack(subject.wire.submit(ask, KEY)))
        if told is None and ask.audio is None:
            yield f"{name}: sold says nothing"
        if told and (told.size, told.fps) != (ask.size, ask.fps):
            yield f"{name}: sold says {told.size} at {told.fps}, asked for was {ask.size} at {ask.fps}"
        if told and ask.audio is None and abs(told.seconds - Fraction(ask.duration_s)) > _NEAR:
            yield f"{name}: sold says {told.seconds} s, asked for were {ask.duration_s} s"
    if subject.wire.sold(b"{") is not None:
        yield "sold returns a value for meaningless bytes"


def requests_are_the_vendors(subject: Subject) -> Iterator[str]:
    """A shot becomes the vendor's own request, field by field"""
    examples = subject.given()
    mine = [example for example in examples.requests if example.model in subject.cards]
    if not mine:
        raise Missing([f"no example of a request for {', '.join(subject.cards)}"])
    for example in mine:
        ask = _asked(example, subject.cards[example.model])
        if ask is None:
            yield f"{example.name}: the card doesn't sell its own vendor's example"
        else:
            yield from (f"{example.name}: {wrong}" for wrong in _differences(subject.wire.submit(ask, KEY), example, examples.ours))


def _asks(subject: Subject) -> Iterator[tuple[str, Ask]]:
    for card in subject.cards.values():
        yield from ((f"{card.name}, {name}", ask) for name, ask in asks(card).items())


def _asked(example: RequestExample, card: Card) -> Ask | None:
    shot = example.shot
    wanted = replace(
        plain(card, shot["prompt"]),
        duration_s=Decimal(shot["duration_s"]),
        size=Size.parse(shot["resolution"]),
        fps=Fraction(shot.get("fps", card.fps.default)),
        negative_prompt=shot.get("negative_prompt"),
        seed=int(shot["seed"]) if "seed" in shot else None,
        params=dict(flat(json.loads(shot.get("params", "{}"), parse_float=Decimal))),
    )
    files: dict[str, MediaRef] = {}
    for name in ("first_frame", "last_frame", "audio"):
        if cell := shot.get(name):
            files[name] = sample(cell[1:], shot["duration_s"]) if cell.startswith("@") else MediaRef.of_url(cell)
    wanted = replace(wanted, first_frame=files.get("first_frame"), last_frame=files.get("last_frame"), audio=files.get("audio"))
    return fit(wanted, card, quotes=True).ask


def _differences(request: Request, example: RequestExample, ours: tuple[str, ...]) -> Iterator[str]:
    sends = example.sends
    if (request.method, request.path) != (sends.method, sends.path):
        yield f"{request.method} {request.path or '/'}, the example says {sends.method} {sends.path or '/'}"
    form = request.content_type.startswith(_FORM)
    sent, wanted = _leaves(_fields(request), form=form), _leaves(sends.fields, form=form)
    for path in sorted(sent.keys() | wanted.keys()):
        if path not in ours and sent.get(path) != wanted.get(path):
            yield f"{path} is {sent.get(path, 'not sent')!s:.80}, the example says {wanted.get(path, 'nothing of it')!s:.80}"
    for name, mime in sends.files.items():
        head = f'name="{name}"; filename='.encode()
        if head not in request.body or f"Content-Type: {mime}".encode() not in request.body:
            yield f"the file {name} ({mime}) is not in the form"


def _fields(request: Request) -> Mapping[str, Any]:
    """The one object, or the form, that a request carries."""
    if request.content_type.startswith(_FORM):
        return text_fields(request.body, request.content_type)
    found: object = json.loads(request.body)
    only: object = cast("list[object]", found)[0] if isinstance(found, list) else found
    return cast("Mapping[str, Any]", only)


def _leaves(value: object, path: str = "", *, form: bool) -> dict[str, object]:
    """Values by dotted path; 8 and 8.0 are one number, and in a form all is text."""
    if isinstance(value, Mapping | list):
        items = cast("Mapping[str, object]", value).items() if isinstance(value, Mapping) else enumerate(cast("list[object]", value))
        return {name: leaf for key, inner in items for name, leaf in _leaves(inner, f"{path}.{key}".lstrip("."), form=form).items()}
    if isinstance(value, int | float) and not isinstance(value, bool):
        value = Decimal(str(value)).normalize()
    return {path: f"{value:f}" if form and isinstance(value, Decimal) else value}
