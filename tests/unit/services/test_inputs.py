"""Files of a shot, lengths in frames, prices without a list: what is sold and what is refused, with the reason."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from callsheet.domain.errors import InputError
from callsheet.domain.shots.shot import Size
from callsheet.services.cards.card import load_cards
from callsheet.services.cards.fit import Fit, Verdict, VerdictKind, Wanted, fit
from callsheet.services.cards.list_price import quote, quoted
from callsheet.services.protocol.media_ref import MediaRef, mime_of
from tests.unit.services.asks import JPG, LINK, PNG, WAV

CARDS = load_cards(Path(__file__).parents[3] / "configs" / "cards")
BYTECOMPUTE, DEAPI, RUNWARE = CARDS["bytecompute/ltx-2.3"], CARDS["deapi/ltx-2.3"], CARDS["runware/ltx-2.3"]
PLAIN = Wanted(prompt="A pier at dusk", duration_s=Decimal(5), size=Size(1024, 576), fps=Fraction(24))


def at_deapi(**more: Any) -> Fit:
    return fit(replace(PLAIN, **more), DEAPI, quotes=True)


def verdict(found: Fit, field: str) -> Verdict:
    [one] = [verdict for verdict in found.verdicts if verdict.field == field]
    return one


def test_a_cell_that_nobody_read_blocks_the_shot() -> None:
    """Whoever plans without reading files buys nothing without them."""
    for card in (BYTECOMPUTE, DEAPI, RUNWARE):
        found = fit(replace(PLAIN, first_frame="a.png"), card, quotes=True)
        assert found.ask is None
        assert "was not read" in verdict(found, "first_frame").why


@pytest.mark.parametrize(
    ("card", "files"),
    [
        (RUNWARE, {"first_frame": PNG}),
        (RUNWARE, {"first_frame": LINK}),
        (BYTECOMPUTE, {"first_frame": LINK}),
        (BYTECOMPUTE, {"first_frame": PNG, "last_frame": JPG}),
        (DEAPI, {"first_frame": PNG}),
        (DEAPI, {"first_frame": PNG, "last_frame": JPG}),
        (DEAPI, {"audio": WAV}),
        (DEAPI, {"audio": WAV, "first_frame": JPG}),
    ],
)
def test_files_that_were_read_go_along(card: Any, files: dict[str, MediaRef]) -> None:
    """Exactly those that were named."""
    found = fit(replace(PLAIN, **files), card, quotes=True)  # type: ignore[arg-type]  # the fields' own type
    assert found.ask
    assert {name: getattr(found.ask, name) for name in ("first_frame", "last_frame", "audio") if getattr(found.ask, name)} == files
    assert all(verdict(found, name).kind is VerdictKind.EXACT for name in files)


@pytest.mark.parametrize(
    ("card", "files", "field", "says"),
    [
        (RUNWARE, {"first_frame": PNG, "last_frame": JPG}, "last_frame", "accepts no last_frame"),
        (RUNWARE, {"audio": WAV}, "audio", "accepts no audio"),
        (BYTECOMPUTE, {"last_frame": JPG}, "last_frame", "only with a first_frame"),
        (DEAPI, {"last_frame": JPG}, "last_frame", "only with a first_frame"),
        (DEAPI, {"audio": WAV, "first_frame": PNG, "last_frame": JPG}, "last_frame", "with a sound"),
        (DEAPI, {"first_frame": LINK}, "first_frame", "files, not addresses"),
        (DEAPI, {"first_frame": WAV}, "first_frame", "in a picture format"),
        (DEAPI, {"audio": PNG}, "audio", "a sound format"),
        (
            DEAPI,
            {"first_frame": MediaRef.of_bytes("x", b"\xff\xd8\xff" + bytes(10_000_000))},
            "first_frame",
            "10.0 MB; deapi/ltx-2.3 takes at most 10 MB",
        ),
        (RUNWARE, {"first_frame": MediaRef.of_bytes("x", b"hello")}, "first_frame", "in a picture format that services accept"),
        (DEAPI, {"first_frame": replace(PNG, mime="image/tiff")}, "first_frame", "it is image/tiff; deapi/ltx-2.3 takes image/jpeg"),
        (DEAPI, {"audio": MediaRef.of_bytes("x", b"OggS")}, "audio", "its length is unknown"),
        (DEAPI, {"audio": replace(WAV, seconds=Fraction("0.99"))}, "audio", "lasts 0.99 s; deapi/ltx-2.3 takes 1 to 11 s"),
    ],
)
def test_files_that_are_not_taken(card: Any, files: dict[str, MediaRef], field: str, says: str) -> None:
    """Nothing is bought, and the reason is the file's own."""
    found = fit(replace(PLAIN, **files), card, quotes=True)  # type: ignore[arg-type]  # the fields' own type
    assert found.ask is None
    assert verdict(found, field).kind is VerdictKind.UNSUPPORTED
    assert says in verdict(found, field).why


def test_a_picture_of_another_shape_warns() -> None:
    """It is bought, and said; a small difference is none."""
    upright = replace(PNG, size=Size(1080, 1920))
    found = at_deapi(first_frame=upright)
    assert found.ask
    assert verdict(found, "first_frame").kind is VerdictKind.SNAPPED
    assert "the picture is 1080x1920, the shot 1024x576" in verdict(found, "first_frame").why
    assert verdict(at_deapi(first_frame=replace(PNG, size=Size(1000, 570))), "first_frame").kind is VerdictKind.EXACT
    assert verdict(at_deapi(first_frame=replace(PNG, size=None)), "first_frame").kind is VerdictKind.EXACT


def test_a_long_data_uri_is_not_shown_whole() -> None:
    """A verdict is for people."""
    found = fit(replace(PLAIN, first_frame="data:image/png;base64," + "A" * 5000), DEAPI, quotes=True)
    assert len(verdict(found, "first_frame").wanted) == 200


@pytest.mark.parametrize(
    ("seconds", "frames"),
    [("2", 49), ("5", 121), ("8", 193), ("10", 241), ("0.5", 49), ("2.0416", 49), ("2.05", 57), ("3.375", 81), ("10.04", 241)],
)
def test_a_length_in_frames_is_rounded_up(seconds: str, frames: int) -> None:
    """To 8n+1, as in the guide's table; what is paid and used is said."""
    ask = at_deapi(duration_s=Decimal(seconds)).ask
    assert ask
    assert ask.frames == frames
    assert Fraction(ask.duration_s) * 24 <= frames < (Fraction(ask.duration_s) + Fraction(1, 1_000_000)) * 24
    assert f"{frames} frames" in verdict(at_deapi(duration_s=Decimal(seconds)), "duration_s").granted


def test_frames_that_are_needed_exactly_are_exact() -> None:
    """81 frames are 3.375 s."""
    assert verdict(at_deapi(duration_s=Decimal("3.375")), "duration_s").kind is VerdictKind.EXACT
    assert verdict(at_deapi(duration_s=Decimal(5)), "duration_s").kind is VerdictKind.SNAPPED


@pytest.mark.parametrize("seconds", ["10.05", "11", "20"])
def test_more_frames_than_the_most_are_refused(seconds: str) -> None:
    """With how many there are, and how many it would take."""
    found = at_deapi(duration_s=Decimal(seconds))
    assert found.ask is None
    assert "at most 241 frames at 24 fps (10.04 s)" in verdict(found, "duration_s").why


@pytest.mark.parametrize(
    ("audio", "frames"),
    [("2", 49), ("5", 121), ("8", 193), ("10", 241), ("1.2", 49), ("2.2", 49), ("2.25", 57), ("6.01", 145), ("6.3", 153), ("10.2", 241)],
)
def test_the_film_is_as_long_as_the_sound(audio: str, frames: int) -> None:
    """As the guide rounds: to the nearest 8n+1."""
    ask = at_deapi(audio=replace(WAV, seconds=Fraction(audio)), duration_s=Decimal(audio), own_length=False).ask
    assert ask
    assert (ask.frames, ask.audio_s) == (frames, None)


@pytest.mark.parametrize(
    ("audio", "says"),
    [
        ("1.2", "the film goes on for 0.84 s after the sound"),
        ("2.2", "the last 0.16 s of the sound have no picture"),
        ("2.3", "the film goes on for 0.07 s after the sound"),
    ],
)
def test_what_the_sound_does_to_the_length_is_said(audio: str, says: str) -> None:
    """That it decides, and how the film differs from it."""
    found = at_deapi(audio=replace(WAV, seconds=Fraction(audio)), duration_s=Decimal(audio), own_length=False)
    assert "the sound sets the length" in verdict(found, "duration_s").why
    assert says in verdict(found, "duration_s").why


def test_a_film_that_is_as_long_as_its_sound_says_nothing_of_a_difference() -> None:
    """49 frames are 2.0417 s."""
    found = at_deapi(audio=replace(WAV, seconds=Fraction(49, 24)), duration_s=Decimal(2))
    assert "sound" not in verdict(found, "duration_s").why


def test_a_sound_that_sets_too_long_a_film_is_refused() -> None:
    """The service takes up to 11 s and cuts at 10.04 without a word: beyond what rounds to 241 frames the shot is too long."""
    found = at_deapi(audio=replace(WAV, seconds=Fraction("10.5")), duration_s=Decimal("10.5"), own_length=False)
    assert found.ask is None
    assert "at most 241 frames" in verdict(found, "duration_s").why
    assert "split the shot" in verdict(found, "duration_s").why


@pytest.mark.parametrize(
    ("audio", "shot", "frames", "cut", "saved"),
    [
        ("10.5", "8", 193, Fraction(193, 24), "2.33"),
        ("5", "3", 73, Fraction(73, 24), "2.00"),
        ("11.5", "2", 49, Fraction(49, 24), "9.33"),
        ("8.2", "8", 193, None, ""),  # rounds to the same film
        ("8.3", "8", 193, Fraction(193, 24), "0.33"),
    ],
)
def test_a_sound_is_cut_to_the_shot(audio: str, shot: str, frames: int, cut: Fraction | None, saved: str) -> None:
    """What goes on beyond the film that the shot needs is cut before it is sent; what that saves is said."""
    found = at_deapi(audio=replace(WAV, seconds=Fraction(audio)), duration_s=Decimal(shot))
    assert found.ask
    assert (found.ask.frames, found.ask.audio_s) == (frames, cut)
    said = verdict(found, "audio")
    assert (said.kind is VerdictKind.SNAPPED) is (cut is not None)
    assert not saved or f"{saved} s of film less are paid" in said.why


def test_a_shot_that_is_longer_than_its_sound_is_refused() -> None:
    """There would be nothing to show after it."""
    found = at_deapi(duration_s=Decimal(8), audio=WAV)
    assert found.ask is None
    assert "the sound that drives the picture lasts 5.00 s" in verdict(found, "duration_s").why


@pytest.mark.parametrize(("seed", "sold"), [(0, True), (4_294_967_295, True), (4_294_967_296, False), (-1, False)])
def test_seeds_have_a_largest(seed: int, sold: bool) -> None:
    """-1 would be a random one: that is what an empty cell means."""
    assert bool(at_deapi(seed=seed).ask) is sold


def test_a_model_without_a_list_price_is_not_for_sale_unasked() -> None:
    """It is refused with words, at its own cell; where the service is asked for its price it is sold at that."""
    found = fit(PLAIN, DEAPI)
    assert found.ask is None
    assert "no list price" in verdict(found, "model").why
    ask = at_deapi().ask
    assert ask
    with pytest.raises(InputError, match="no list price"):
        quote(DEAPI, ask)
    told = quoted(DEAPI, 17_371, "2026-11-02T08:00:00Z")
    assert (told.micros, told.price_ref, told.extrapolated) == (17_371, "deapi/ltx-2.3 quoted 2026-11-02T08:00:00Z", False)


@pytest.mark.parametrize(
    ("wanted", "size"),
    [
        ("1280x720", "1024x576"),
        ("1920x1080", "1024x576"),
        ("720x1280", "576x1024"),
        ("640x360", "896x512"),
        ("1280x544", "1024x432"),
        ("500x500", "512x512"),
        ("512x512", "512x512"),
        ("528x1024", "528x1024"),
        ("1080x1080", "1024x1024"),
        ("1024x600", "1024x608"),
        ("900x400", "960x416"),
    ],
)
def test_a_size_keeps_its_shape_first(wanted: str, size: str) -> None:
    """A picture of another shape would get bars: a smaller one of the same shape is better."""
    ask = at_deapi(size=Size.parse(wanted)).ask
    assert ask
    assert str(ask.size) == size


@pytest.mark.parametrize(
    ("wanted", "size"),
    [
        ("1920x1080", "1920x1080"),
        ("1080x1920", "1080x1920"),
        ("720x1280", "720x1280"),
        ("2160x3840", "1080x1920"),
        ("3840x2160", "1920x1080"),
        ("320x192", "854x512"),
        ("1281x721", "1282x722"),
    ],
)
def test_edges_within_a_largest_picture(wanted: str, size: str) -> None:
    """Scaled to fit both edges, whichever way the picture stands, else up to the next step."""
    ask = fit(replace(PLAIN, size=Size.parse(wanted)), BYTECOMPUTE).ask
    assert ask
    assert str(ask.size) == size


def test_a_sound_beyond_the_limit_that_is_not_cut_is_refused() -> None:
    """The shot is as long as the sound, so nothing may be cut."""
    found = at_deapi(audio=replace(WAV, seconds=Fraction("11.01")), duration_s=Decimal("11.01"), own_length=False)
    assert "lasts 11.01 s; deapi/ltx-2.3 takes 1 to 11 s" in verdict(found, "audio").why


def test_a_shot_that_is_too_long_is_to_be_split() -> None:
    """Whatever its sound."""
    found = at_deapi(audio=replace(WAV, seconds=Fraction("10.5")), duration_s=Decimal("10.05"))
    assert found.ask is None
    assert "split the shot" in verdict(found, "duration_s").why


@pytest.mark.parametrize("head", ["fffb9000", "fffa9000", "fff38000", "fff28000", "ffe38000", "ffe28000"])
def test_mp3_is_known_by_its_frames(head: str) -> None:
    """MPEG 1, 2 and 2.5, with a checksum and without; what only begins like one and has no second frame is none."""
    first = bytes.fromhex(head)
    length = 417 if first[1] & 0x18 == 0x18 else 208 if first[1] & 0x10 else 417
    frame = first.ljust(length, b"\x00")
    assert mime_of(frame + frame) == mime_of(frame) == "audio/mpeg"
    assert mime_of(frame + b"plain text") == "application/octet-stream"
    assert mime_of(first[:2] + b"\xf0\x00" + frame) == "application/octet-stream"
