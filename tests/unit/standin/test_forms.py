"""Forms to the letter, as HTTP clients write them and as they break."""

from __future__ import annotations

import httpx
import pytest

from callsheet.standin.http.multipart import Upload, read_form


def test_a_form_of_a_real_client_is_read() -> None:
    """Text with what isn't ASCII, and a file whose bytes look like a boundary's start and end with line ends."""
    data = b"\r\n--\r\n\x00\xff--abc\r\n\r\n"
    request = httpx.Request("POST", "http://x/", files={"prompt": (None, "Ein Löwe\r\n2"), "image": ("a \u00fc.png", data, "image/png")})
    form = read_form(request.headers["content-type"], request.read())
    assert form.fields == {"prompt": "Ein Löwe\r\n2"}
    assert form.files["image"].data == data
    assert form.files["image"].mime == "image/png"


def test_what_is_written_down_of_a_file_is_not_the_file() -> None:
    """Its length and hash."""
    told = Upload("a.png", "image/png", b"xyz").log_entry()
    assert told == {
        "filename": "a.png",
        "mime": "image/png",
        "bytes": 3,
        "sha256": "3608bca1e44ea6c4d268eb6db02260269892c0b42b86bbf1e77a6fa16c3c9282",
    }


PART = b'--b\r\nContent-Disposition: form-data; name="x"\r\n\r\n1\r\n'


@pytest.mark.parametrize(
    ("content_type", "body", "said"),
    [
        ("application/json", b"{}", "multipart/form-data"),
        ("multipart/form-data", PART + b"--b--\r\n", "multipart/form-data"),
        ("multipart/form-data; boundary=b", PART, "last boundary"),
        ("multipart/form-data; boundary=b", b"", "last boundary"),
        ("multipart/form-data; boundary=b", PART + PART + b"--b--\r\n", "twice"),
        ("multipart/form-data; boundary=b", b"--b\r\nContent-Disposition: form-data\r\n\r\n1\r\n--b--", "no name"),
        ("multipart/form-data; boundary=b", b"--b\r\nno head\r\n--b--", "no head"),
        ("multipart/form-data; boundary=b", b"--b\r\nno colon\r\n\r\n1\r\n--b--", "can't be read"),
        ("multipart/form-data; boundary=b", PART.replace(b"1", b"\xff") + b"--b--", "decode"),
    ],
)
def test_a_broken_form_is_refused_in_words(content_type: str, body: bytes, said: str) -> None:
    """As ValueError, whatever is wrong."""
    with pytest.raises(ValueError, match=said):
        read_form(content_type, body)


def test_an_ending_without_a_line_end_is_an_ending() -> None:
    """Clients differ in that."""
    assert read_form("multipart/form-data; boundary=b", PART + b"--b--").fields == {"x": "1"}
