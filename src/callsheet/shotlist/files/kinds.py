"""Files that are not lists, recognised by kind, with what to do about each."""

from __future__ import annotations

import re

from callsheet.domain.errors import InputError, Problem

_CSV = "save the sheet with the shots as CSV UTF-8"
_EXPORT = "export its shots as CSV, with shot_id and prompt"
_DRAFT = "`callsheet import` makes a first list of a {0} file"
_SPOKEN = "use the list of shots; dialogue goes into its column dialogue"
_MAGIC: tuple[tuple[bytes, str, str], ...] = (
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook or another Office file", _CSV),
    (b"\x1f\x8b", "gzip-compressed", "unpack it first"),
    (b"BZh", "bzip2-compressed", "unpack it first"),
    (b"\x28\xb5\x2f\xfd", "zstd-compressed", "unpack it first"),
    (b"\xfd7zXZ\0", "xz-compressed", "unpack it first"),
    (b"PAR1", "a Parquet file", "name it .parquet"),
    (b"%PDF", "a PDF", "copy its table into a spreadsheet and save that as CSV UTF-8"),
    (b"{\\rtf", "a rich-text document", "copy its table into a spreadsheet and save that as CSV UTF-8"),
    (b"SQLite format 3", "an SQLite database", _EXPORT),
    (b"\x89PNG", "a PNG picture", "use the list, not a picture of it"),
    (b"\xff\xd8\xff", "a JPEG picture", "use the list, not a picture of it"),
)
_MEMBERS: tuple[tuple[bytes, str], ...] = (
    (b"xl/", "an Excel workbook"),
    (b"opendocument.spreadsheet", "an OpenDocument spreadsheet"),
    (b"word/", "a Word document"),
    (b"Index/Document.iwa", "a Numbers or Pages document"),
)
_TEXT: tuple[tuple[str, str, str], ...] = (
    (r'\{[^\0]{0,400}"callsheet\.plan/1"', "a saved plan", "only `callsheet render` reads it; check and plan read the list"),
    (r'\{[^\0]{0,400}"OTIO_SCHEMA"', "an OTIO timeline", _DRAFT.format(".otio")),
    (r'\{[^\0]*"boards"\s*:', "a Storyboarder file", _DRAFT.format(".storyboarder")),
    (r"[{\[]\s*[\"{\]}]", "JSON", "if it has one object per shot, rename it to .jsonl or .json"),
    (r"<\?xml|<fcpxml|<xmeml", "XML", _EXPORT),
    (r"<!doctype html|<html", "a web page", _CSV),
    (r"TITLE:.*\n(?:\s*FCM:|\s*\d{3})", "an EDL", _DRAFT.format(".edl")),
    (r"(?:Title|Credit|Author):.*\n|(?:INT|EXT)\. .*\n", "a screenplay (Fountain)", _DRAFT.format(".fountain")),
    (r"[+][-=+]{3,}\n\|", "a table drawn with characters", "keep the rows between bars, and write |---|---| under the header; name it .md"),
    (r"(?:---\s*\n)?-\s+[a-z_]+:.*\n\s+[a-z_]+:\s", "YAML", _EXPORT),
    (r"\|.*\n\|[\s:|-]*-[\s:|-]*\n?", "a Markdown table", "name it .md"),
    (r"(?:WEBVTT|\[Script Info\]|\d+\s*\n\d{2}:\d{2}:\d{2}[,.]\d{3}\s*-->)", "a file of subtitles", _SPOKEN),
)


def refuse_named(data: bytes, file: str) -> None:
    """InputError if the first bytes are those of a file that is not a CSV, with its kind."""
    if data.startswith(b"PK\x03\x04"):  # a ZIP contains the names of its members as plain text
        name = next((name for member, name in _MEMBERS if member in data), "a ZIP archive or an Office file")
        raise _named(file, name, "name it .xlsx" if name == _MEMBERS[0][1] else _CSV)
    for magic, name, help in _MAGIC:
        if data.startswith(magic):
            raise _named(file, name, help)


def refuse_other_text(text: str, file: str) -> None:
    """InputError if the text is not a table of cells."""
    head = text[:4000].lstrip().replace("\r\n", "\n")
    for pattern, name, help in _TEXT:
        if re.match(pattern, head, re.IGNORECASE):
            raise _named(file, name, help)


def refuse_other_json(text: str, file: str) -> None:
    """InputError if the JSON is another tool's file."""
    head = text[:4000].lstrip()
    for pattern, name, help in _TEXT[:3]:
        if re.match(pattern, head, re.IGNORECASE):
            raise _named(file, name, help)


def _named(file: str, name: str, help: str) -> InputError:
    return InputError.of([Problem(code="not-a-list", message=f"this is {name}, not a table of this kind", help=help, file=file)])
