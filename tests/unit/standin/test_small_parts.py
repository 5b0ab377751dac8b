"""The small parts beneath the wires: kinds of files, the store, sounds, shares, and where letters may go."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from callsheet.domain.errors import MediaError
from callsheet.standin.http.file_kinds import bytes_of, kind
from callsheet.standin.http.request_quota import Share
from callsheet.standin.http.webhook_sender import is_here
from callsheet.standin.jobs.config import Config
from callsheet.standin.jobs.sample_sound import decoded, seconds
from callsheet.standin.jobs.uploads import Store
from tests.unit.standin.plain_form_clients import JPEG, PNG, tone


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (PNG, "image/png"),
        (JPEG, "image/jpeg"),
        (b"GIF89a...", "image/gif"),
        (b"BM....", "image/bmp"),
        (b"RIFF0000WEBPVP8 ", "image/webp"),
        (b"RIFF0000WAVEfmt ", "audio/wav"),
        (b"RIFF0000AVI LIST", None),
        (b"OggS", "audio/ogg"),
        (b"fLaC", "audio/flac"),
        (b"ID3\x04", "audio/mpeg"),
        (b"\xff\xfb\x90\x00", "audio/mpeg"),
        (b"\xff\xf1\x50\x80", None),  # ADTS: AAC
        (b"<svg", None),
        (b"", None),
    ],
)
def test_a_file_is_what_its_bytes_say(data: bytes, told: str | None) -> None:
    """Names and media types that clients give count for nothing."""
    assert kind(data) == told


def test_bytes_come_out_of_data_uris_and_base64() -> None:
    """And out of nothing else."""
    text = base64.b64encode(PNG).decode()
    assert bytes_of(text) == bytes_of(f"data:image/png;base64,{text}") == PNG
    assert bytes_of("https://example.test/a.png") is None
    assert bytes_of("data:image/png,plain") is None
    assert bytes_of("") is None


def test_the_store_looks_for_ids_only(tmp_path: Path) -> None:
    """A name that leads elsewhere is no id."""
    (tmp_path / "secret").write_bytes(b"x")
    store, key = Store(tmp_path / "sent"), "ab" * 16
    assert store.read(key) is None
    store.keep(key, b"data")
    assert store.read(key) == b"data"
    assert store.read("../secret") is None
    assert store.drop(key)
    assert not store.drop(key)
    with pytest.raises(ValueError, match="not an id"):
        store.path("../secret")


def test_a_sound_is_decoded_to_plain_samples() -> None:
    """Any channels and rate become two channels of 48 kHz, to the sample; garbage is a MediaError."""
    assert seconds(decoded(tone(1.5), "audio/wav")) == 1.5
    with pytest.raises(MediaError):
        decoded(b"RIFF0000WAVE" + bytes(100), "audio/wav")


def test_a_share_is_used_up_by_minute_and_by_day() -> None:
    """Each endpoint has its own; a minute later there is room, after the day's last only at midnight (UTC)."""
    now = [86_400.0 * 100 + 3600]
    share = Share(Config(per_minute=1, per_day=2, clock=lambda: now[0]))
    assert share.used_up("a") is None
    assert share.used_up("a") == ("minute", 60)
    assert share.used_up("b") is None
    now[0] += 61
    assert share.used_up("a") is None
    now[0] += 61
    assert share.used_up("a") == ("daily", 86_400 - 3600 - 122)
    now[0] += 86_400 - 3600 - 122
    assert share.used_up("a") is None


def test_a_faster_pace_shortens_the_minute() -> None:
    """Ten times faster, six seconds."""
    now = [0.0]
    share = Share(Config(per_minute=1, speed=10, clock=lambda: now[0]))
    share.used_up("a")
    assert share.used_up("a") == ("minute", 6)


@pytest.mark.parametrize(
    ("url", "here"),
    [
        ("http://127.0.0.1:8000/hook?a=1", True),
        ("http://localhost/", True),
        ("http://[::1]:9/", True),
        ("https://127.0.0.1/", False),
        ("http://127.0.0.1.example.test/", False),
        ("http://example.test/127.0.0.1", False),
        ("http://127.0.0.1@example.test/", False),
        ("http://127.0.0.1:99999/", False),
        ("http://127.0.0.1/a b", False),
        ("http://127.0.0.1/\r\nX: y", False),
        ("http://127.0.0.1/" + "x" * 2048, False),
        (7, False),
    ],
)
def test_letters_go_to_this_machine_only(url: object, here: bool) -> None:
    """Whatever a URL dresses up as."""
    assert is_here(url) is here
