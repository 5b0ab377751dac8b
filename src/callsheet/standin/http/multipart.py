"""Forms as browsers and HTTP clients send them: `multipart/form-data`, read strictly, with fields and files kept apart."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from email.message import Message
from hashlib import sha256


@dataclass(frozen=True, slots=True)
class Upload:
    """A file in a form: the name and media type that the client gave it, and its bytes."""

    filename: str
    mime: str
    data: bytes

    def log_entry(self) -> dict[str, object]:
        """The file as the job log has it."""
        return {"filename": self.filename, "mime": self.mime, "bytes": len(self.data), "sha256": sha256(self.data).hexdigest()}


@dataclass(frozen=True, slots=True)
class Form:
    """Text fields and files by name."""

    fields: dict[str, str] = field(default_factory=dict[str, str])
    files: dict[str, Upload] = field(default_factory=dict[str, Upload])


def read_form(content_type: str, body: bytes) -> Form:
    """The form in a request's body. ValueError with the reason for another content type, a truncated body, or a repeated field."""
    header = _header("content-type", content_type)
    boundary = header.get_param("boundary")
    if header.get_content_type() != "multipart/form-data" or not isinstance(boundary, str) or not boundary:
        raise ValueError("The body must be multipart/form-data.")
    form = Form()
    for head, data in _parts(boundary.encode("latin-1"), body):
        name = str(head.get_param("name", "", header="content-disposition"))
        if not name:
            raise ValueError("A part of the form has no name.")
        if name in form.fields or name in form.files:
            raise ValueError(f"The form has '{name}' twice.")
        filename = head.get_filename()
        if filename is None:
            form.fields[name] = data.decode()  # UnicodeDecodeError is a ValueError
        else:
            form.files[name] = Upload(filename, head.get_content_type(), data)
    return form


def _parts(boundary: bytes, body: bytes) -> Iterator[tuple[Message, bytes]]:
    mark = b"\r\n--" + boundary
    whole = b"\r\n" + body
    start, *pieces = whole.split(mark)
    if start.strip() or not pieces or not pieces[-1].startswith(b"--"):
        raise ValueError("The form ends before its last boundary.")
    for piece in pieces[:-1]:
        head, blank, data = piece.partition(b"\r\n\r\n")
        if not blank or not head.startswith(b"\r\n"):
            raise ValueError("A part of the form has no head.")
        yield _head(head[2:].decode()), data


def _head(text: str) -> Message:
    message = Message()
    for line in text.split("\r\n"):
        name, colon, value = line.partition(":")
        if not colon:
            raise ValueError("A part's head can't be read.")
        message[name.strip()] = value.strip()
    return message


def _header(name: str, value: str) -> Message:
    message = Message()
    message[name] = value
    return message
