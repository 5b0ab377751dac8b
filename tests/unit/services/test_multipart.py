"""Forms, files and written-down requests: the bytes that leave."""

from __future__ import annotations

import base64

import pytest

from callsheet.services.protocol.answers import handed_over, path_of
from callsheet.services.protocol.media_ref import MediaRef, mime_of
from callsheet.services.protocol.multipart import Form, text_fields
from callsheet.services.protocol.request import Request, pack, unpack
from tests.unit.services.asks import JPG, KEY, LINK, PNG


def test_a_form_reads_back_as_it_was_written() -> None:
    """Text of any kind, even what looks like the form's own marks; files are left out."""
    fields = {"prompt": 'a "pier"\r\n\r\n--callsheet-\r\nContent-Disposition: form-data; name="x"', "empty": "", "ümlaut": "…"}
    body, kind = Form(fields, {"image": PNG}).written(KEY)
    assert text_fields(body, kind) == fields
    assert PNG.data
    assert PNG.data in body


def test_the_boundary_is_the_keys() -> None:
    """The same key gives the same bytes, another key another boundary, and the key itself stands nowhere."""
    form = Form({"prompt": "a"}, {})
    assert form.written(KEY) == form.written(KEY)
    assert form.written(KEY)[1] != form.written(f"{KEY}!")[1]
    assert KEY.encode() not in form.written(KEY)[0]


def test_an_address_is_no_part_of_a_form() -> None:
    """It would arrive as an empty file."""
    with pytest.raises(ValueError, match="is an address"):
        Form({}, {"image": LINK}).written(KEY)


@pytest.mark.parametrize("kind", ["application/json", "multipart/form-data", "text/plain; boundary=x", ""])
def test_what_is_no_form(kind: str) -> None:
    """No boundary, or another kind."""
    with pytest.raises(ValueError, match="no form"):
        text_fields(b"--x--", kind)


@pytest.mark.parametrize(
    "request_",
    [
        Request("POST", "", b'[{"taskType":"videoInference"}]'),
        Request("POST", "", b""),
        Request("POST", "/generate", b"\x00\xff\n\r\nbinary", "multipart/form-data; boundary=x"),
        Request("GET", "/api/v2/jobs/1"),
        Request("POST", "/ümlaut?a=b", b"", ""),
        Request("POST", "", b"callsheet-request/1 a body that looks like a head"),
    ],
)
def test_a_request_is_written_down_and_read_back(request_: Request) -> None:
    """Method, path, content type and every byte."""
    assert unpack(pack(request_)) == request_


def test_json_for_the_base_url_is_its_body_alone() -> None:
    """So what earlier versions wrote down is read as they meant it."""
    assert pack(Request("POST", "", b"[1]")) == b"[1]"
    assert unpack(b"[1]") == Request("POST", "", b"[1]")


@pytest.mark.parametrize(
    "written",
    [b"callsheet-request/1 {", b"callsheet-request/1 {}\n", b"callsheet-request/1 [1]\nx", b'callsheet-request/1 {"method":"P"}\n'],
)
def test_a_damaged_head_is_told(written: bytes) -> None:
    """Nothing is sent that was not written."""
    with pytest.raises(ValueError, match=r"a saved request can|a request was saved"):
        unpack(written)
    whole = pack(Request("POST", "/a", b""))
    with pytest.raises(ValueError, match=r"a saved request can|a request was saved"):
        unpack(whole.removesuffix(b"\n"))


def test_an_address_that_the_service_keeps_to_itself() -> None:
    """Told from a public one."""
    assert path_of(handed_over("/jobs/1/download")) == "/jobs/1/download"
    assert path_of("https://example.com/service:/x") is None


@pytest.mark.parametrize(
    ("data", "mime", "ending"),
    [
        (b"\xff\xd8\xff\xe1", "image/jpeg", ".jpg"),
        (b"\x89PNG\r\n\x1a\n", "image/png", ".png"),
        (b"GIF89a", "image/gif", ".gif"),
        (b"BM....", "image/bmp", ".bmp"),
        (b"RIFF....WEBPVP8", "image/webp", ".webp"),
        (b"RIFF....WAVEfmt", "audio/wav", ".wav"),
        (b"OggS", "audio/ogg", ".ogg"),
        (b"fLaC", "audio/flac", ".flac"),
        (b"ID3\x04", "audio/mpeg", ".mp3"),
        (b"\xff\xfb\x90\x64" + bytes(413) + b"\xff\xfb\x90\x64", "audio/mpeg", ".mp3"),
        (b"<svg>", "application/octet-stream", ""),
        (b"", "application/octet-stream", ""),
    ],
)
def test_a_file_is_known_by_its_first_bytes(data: bytes, mime: str, ending: str) -> None:
    """Not by its name."""
    assert mime_of(data) == mime
    assert MediaRef.of_bytes("x.png", data).ending == ending


def test_a_file_by_its_content() -> None:
    """The digest for bytes, the address for an address; as one text: a data URI, or the address."""
    assert JPG.content == f"sha256:{JPG.sha256}"
    assert LINK.content == LINK.uri == "https://example.com/pier.png"
    assert base64.b64decode(JPG.uri.removeprefix("data:image/jpeg;base64,")) == JPG.data
    assert repr(JPG.data) not in repr(JPG)


def test_a_data_uri_is_a_file() -> None:
    """Its own word for its kind is not believed; its cell is shortened for people."""
    read = MediaRef.of_data_uri(PNG.uri.replace("image/png", "image/gif"))
    assert (read.data, read.mime, read.sha256, read.cell) == (PNG.data, "image/png", PNG.sha256, "data:image/gif;base64,...")
    assert MediaRef.of_data_uri("data:,GIF8%20").data == b"GIF8 "
    for cell in ("refs/a.png", "data:image/png;base64", "data:image/png;base64,§§"):
        with pytest.raises(ValueError, match="data URI"):
            MediaRef.of_data_uri(cell)


def test_a_file_is_bytes_or_an_address() -> None:
    """Never both, never neither."""
    for values in ({}, {"data": b"x", "url": "https://x"}):
        with pytest.raises(ValueError, match="either"):
            MediaRef(cell="x", mime="", **values)  # type: ignore[arg-type]  # the two fields' own types
