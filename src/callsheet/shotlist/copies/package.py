"""The parts of a workbook in its archive. Everything not requested is copied byte for byte: formulas with their values, formats, charts, macros."""

from __future__ import annotations

import io
import posixpath
import re
import zipfile
from dataclasses import dataclass, field
from xml.sax.saxutils import escape, quoteattr

from callsheet.shotlist.files.workbook import refuse_bombs

_RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
_NOTHING = f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<Relationships xmlns="{_PACKAGE}"></Relationships>'
_RELATION = re.compile(r"<(?:\w+:)?Relationship\b([^>]*)/?>")
_ATTRIBUTE = re.compile(r"([\w:]+)\s*=\s*(?:\"([^\"]*)\"|'([^']*)')")


@dataclass(slots=True)
class Package:
    """An archive whose parts can be read, replaced and added."""

    archive: zipfile.ZipFile
    changed: dict[str, bytes] = field(default_factory=dict[str, bytes])

    @classmethod
    def of(cls, data: bytes, file: str) -> Package:
        """The package of a workbook's bytes. InputError if it isn't one, or isn't safe to unpack."""
        refuse_bombs(data, file)
        return cls(zipfile.ZipFile(io.BytesIO(data)))

    def text(self, name: str) -> str | None:
        """A part that is XML; None if there is none."""
        if name in self.changed:
            return self.changed[name].decode()
        if name not in self.archive.namelist():
            return None
        data = self.archive.read(name)
        return data.decode("utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig")

    def put(self, name: str, data: str | bytes) -> None:
        """Add or replace a part."""
        if isinstance(data, str):
            data = re.sub(r"(<\?xml[^>]*encoding=)[\"'][^\"']*[\"']", r'\1"UTF-8"', data, count=1).encode()
        self.changed[name] = data

    def free(self, pattern: str) -> str:
        """The first unused part name; `{}` in the pattern is a number."""
        there = {*self.archive.namelist(), *self.changed}
        return next(name for n in range(1, len(there) + 2) if (name := pattern.format(n)) not in there)

    def related(self, part: str, kind: str) -> tuple[str, str] | None:
        """Id and name of the first part to which `part` is related in this way; None if there is none."""
        for found in _RELATION.finditer(self.text(_relations_of(part)) or ""):
            said = attributes(found[1])
            if said.get("Type", "").endswith(f"/{kind}") and said.get("TargetMode") != "External":
                target = said.get("Target", "")
                name = target.lstrip("/") if target.startswith("/") else posixpath.normpath(posixpath.join(posixpath.dirname(part), target))
                return said.get("Id", ""), name
        return None

    def relate(self, part: str, kind: str, target: str) -> str:
        """Relate `part` to the part `target`; returns the relation's id."""
        name = _relations_of(part)
        text = self.text(name) or _NOTHING
        ids = {attributes(found[1]).get("Id") for found in _RELATION.finditer(text)}
        new = next(id for n in range(1, len(ids) + 2) if (id := f"rIdCallsheet{n}") not in ids)
        entry = f'<Relationship Id="{new}" Type="{_RELATIONS}/{kind}" Target={quoteattr("/" + target)}/>'
        self.put(name, re.sub(r"<(\w+:)?Relationships\b([^>]*)/>", r"<\1Relationships\2></\1Relationships>", text, count=1))
        self._insert(name, "Relationships", entry)
        return new

    def declare(self, *, ending: str = "", part: str = "", kind: str) -> None:
        """Declare in the content types what files with an ending, or a part, are, unless that is declared already."""
        text = self.text("[Content_Types].xml") or ""
        if part and f'PartName="/{part}"' not in text:
            self._insert("[Content_Types].xml", "Types", f'<Override PartName="/{escape(part)}" ContentType="{kind}"/>')
        if ending and not re.search(rf'Extension="{ending}"', text, re.IGNORECASE):
            self._insert("[Content_Types].xml", "Types", f'<Default Extension="{ending}" ContentType="{kind}"/>')

    def _insert(self, name: str, root: str, entry: str) -> None:
        """Insert an entry at the end of a part's root element, with the part's own prefix."""
        text = self.text(name) or ""
        found = re.search(rf"<(\w+:)?{root}\b", text)
        prefix = (found[1] if found else None) or ""
        end = text.rindex(f"</{prefix}{root}")
        self.put(name, text[:end] + entry.replace("<", f"<{prefix}", 1) + text[end:])

    def data(self) -> bytes:
        """The whole workbook's bytes."""
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
            for member in self.archive.infolist():
                made.writestr(member, self.changed.get(member.filename, self.archive.read(member.filename)), member.compress_type)
            for name, data in self.changed.items():
                if name not in self.archive.namelist():
                    made.writestr(name, data)
        return out.getvalue()


def attributes(text: str) -> dict[str, str]:
    """An element's attributes by name, as written."""
    return {found[1]: found[2] if found[2] is not None else found[3] for found in _ATTRIBUTE.finditer(text)}


def _relations_of(part: str) -> str:
    folder, name = posixpath.split(part)
    return posixpath.join(folder, "_rels", f"{name}.rels")
