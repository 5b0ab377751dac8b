"""What a user once said of a list, kept beside it in `NAME.mapping.toml`, so that every later command reads the list alike."""

from __future__ import annotations

from collections.abc import MutableMapping
from pathlib import Path
from typing import Any

import tomlkit
from tomlkit.exceptions import TOMLKitError

from callsheet.domain.errors import InputError, UsageError
from callsheet.shotlist.encoding import canonical, decode

_HELP = "name one that Python knows, such as cp1252, gbk, cp932, cp949 or mac_roman"


def mapping_file(path: Path) -> Path:
    """Where a list's mapping is, if it has one."""
    return path.with_suffix(".mapping.toml")


def encoding_of(path: Path) -> str | None:
    """The encoding that a list's mapping names; None where it has none. InputError where the mapping can't be read."""
    name = _document(path).get("encoding")
    if name is None:
        return None
    encoding = canonical(str(name))
    if encoding is None:
        raise InputError(f"{mapping_file(path).name}: {name!r} is no encoding", help=_HELP)
    return encoding


def keep_encoding(path: Path, shown_as: str, name: str) -> None:
    """Keep in the mapping that the list is in this encoding. UsageError where it is none, InputError where the list isn't in it."""
    encoding = canonical(name)
    if encoding is None:
        raise UsageError(f"--encoding: {name!r} is no encoding", help=_HELP)
    if path.suffix.lower() == ".parquet":
        raise UsageError("--encoding: a Parquet file says itself how its text is stored", help="leave it out")
    document = _document(path)
    try:
        decode(path.read_bytes(), shown_as, encoding)
        if document.get("encoding") != encoding:
            document["encoding"] = encoding
            mapping_file(path).write_text(tomlkit.dumps(document), encoding="utf-8")  # pyright: ignore[reportUnknownMemberType]  # its stub leaves it untyped
    except OSError as error:
        raise InputError(f"{mapping_file(path).name} can't be written: {error.strerror}", help="make the list's folder writable") from None


def _document(path: Path) -> MutableMapping[str, Any]:
    """The mapping as it is, comments and all; empty where there is none."""
    file = mapping_file(path)
    try:
        return tomlkit.parse(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return tomlkit.document()
    except (OSError, ValueError, TOMLKitError) as error:
        raise InputError(f"{file.name} can't be read: {error}", help="mend it, or delete it and give --encoding again") from None
