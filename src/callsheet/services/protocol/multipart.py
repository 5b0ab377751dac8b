"""multipart/form-data, deterministic: the same fields and boundary give the same bytes. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from email.message import Message

from callsheet.services.protocol.media_ref import MediaRef

_KIND = "multipart/form-data"


@dataclass(frozen=True, slots=True)
class Form:
    """Fields as text, files by field name; written in this order, fields first."""

    fields: Mapping[str, str]
    files: Mapping[str, MediaRef]

    def written(self, key: str) -> tuple[bytes, str]:
        """The body and its content type. The boundary is a digest of the purchase's key, which nothing inside can know.

        A file is called after its field: what the author calls it is nobody's business.
        """
        boundary = f"callsheet-{hashlib.sha256(key.encode()).hexdigest()[:40]}"
        parts = [_part(boundary, f'name="{name}"', "", value.encode()) for name, value in self.fields.items()]
        parts += [
            _part(boundary, f'name="{name}"; filename="{name}{file.ending}"', file.mime, _bytes(name, file))
            for name, file in self.files.items()
        ]
        return b"".join([*parts, f"--{boundary}--\r\n".encode()]), f"{_KIND}; boundary={boundary}"

    def content(self) -> dict[str, str]:
        """What a fingerprint holds of it: the fields, and the files by what is in them."""
        return dict(self.fields) | {name: file.content for name, file in self.files.items()}


def _part(boundary: str, name: str, mime: str, body: bytes) -> bytes:
    kind = f"Content-Type: {mime}\r\n" if mime else ""
    return f"--{boundary}\r\nContent-Disposition: form-data; {name}\r\n{kind}\r\n".encode() + body + b"\r\n"


def _bytes(name: str, file: MediaRef) -> bytes:
    if file.data is None:
        raise ValueError(f"{name} is an address; only a file's bytes fit into a form")
    return file.data


def text_fields(body: bytes, content_type: str) -> dict[str, str]:
    """The text fields of a form that `Form.written` wrote; files are left out. ValueError if it is no form."""
    return {name: value.decode() for name, value, is_file in _parts(body, content_type) if not is_file}


def file_fields(body: bytes, content_type: str) -> dict[str, bytes]:
    """The files of a form that `Form.written` wrote, by field. ValueError if it is no form."""
    return {name: value for name, value, is_file in _parts(body, content_type) if is_file}


def _parts(body: bytes, content_type: str) -> Iterator[tuple[str, bytes, bool]]:
    """Name, content and whether it is a file, in the form's order."""
    head = Message()
    head["content-type"] = content_type
    boundary = head.get_param("boundary")
    if head.get_content_type() != _KIND or not isinstance(boundary, str):
        raise ValueError(f"{content_type} is no form")
    for part in body.split(f"--{boundary}".encode())[1:-1]:
        lines, _, value = part.partition(b"\r\n\r\n")
        described = Message()
        described["content-disposition"] = lines.decode().partition("Content-Disposition: ")[2].partition("\r\n")[0]
        name = described.get_param("name", header="content-disposition")
        if isinstance(name, str):
            yield name, value.removesuffix(b"\r\n"), described.get_filename() is not None
