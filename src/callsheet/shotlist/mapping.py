"""What a user once said of a list, kept beside it in `NAME.mapping.toml`, so that every later command reads the list alike."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from callsheet.domain.errors import InputError, UsageError
from callsheet.shotlist.encoding import canonical, decode

_HELP = "name one that Python knows, such as cp1252, gbk, cp932, cp949 or mac_roman"


def mapping_file(path: Path) -> Path:
    """Where a list's mapping is, if it has one."""
    return path.with_suffix(".mapping.toml")


def encoding_of(path: Path) -> str | None:
    """The encoding that a list's mapping names; None where it has none. InputError where the mapping can't be read."""
    name = _read(path).get("encoding")
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
    known = _read(path)
    try:
        decode(path.read_bytes(), shown_as, encoding)
        if known.get("encoding") != encoding:
            _write(path, "encoding", encoding)
    except OSError as error:
        raise InputError(f"{mapping_file(path).name} can't be written: {error.strerror}", help="make the list's folder writable") from None


def _read(path: Path) -> dict[str, Any]:
    """What the mapping says; empty where there is none."""
    file = mapping_file(path)
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise InputError(f"{file.name} can't be read: {error}", help="mend it, or delete it and give --encoding again") from None


def _write(path: Path, key: str, value: str) -> None:
    """Set one value of the mapping, whose comments and other values stay as they are."""
    import tomlkit  # noqa: PLC0415  # slow to import, and most lists have no mapping to write

    file = mapping_file(path)
    document = tomlkit.parse(file.read_text(encoding="utf-8")) if file.exists() else tomlkit.document()
    document[key] = value
    file.write_text(tomlkit.dumps(document), encoding="utf-8")  # pyright: ignore[reportUnknownMemberType]  # its stub leaves it untyped
