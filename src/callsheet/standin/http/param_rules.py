"""Rules for a request's parameters: each says what is wrong with a value, with words and codes in the service's style."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol, cast

from callsheet.standin.http.file_kinds import IMAGES, bytes_of, kind
from callsheet.standin.http.webhook_sender import is_here

Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Wrong:
    """One error in a request: a code in the service's style, the parameter's path (two for a pair), and what was expected."""

    code: str
    parameter: str | list[str]
    message: str
    allowed: tuple[object, ...] = ()


class Rule(Protocol):
    """The values that a parameter may have."""

    def wrong(self, path: str, value: object, /) -> list[Wrong]:
        """What is wrong with `value` at `path`; empty if it is accepted."""
        ...


def _invalid(path: str, expected: str, allowed: tuple[object, ...] = ()) -> list[Wrong]:
    return [Wrong(f"invalid{_capital(path)}", path, f"Invalid value for '{path}' parameter. It must be {expected}.", allowed)]


def missing(path: str) -> Wrong:
    """The error for a missing parameter that is required."""
    return Wrong(f"missing{_capital(path)}", path, f"Missing required parameter '{path}'.")


def _capital(path: str) -> str:
    last = path.rpartition(".")[2]
    return last[:1].upper() + last[1:]


def _number(value: object) -> float | None:
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


@dataclass(frozen=True, slots=True)
class Whole:
    """A whole number from `least` to `most`, in steps."""

    least: int
    most: int | None = None
    step: int = 1

    def wrong(self, path: str, value: object) -> list[Wrong]:
        """Floats are wrong, even whole ones, and so is true."""
        whole = value if isinstance(value, int) and not isinstance(value, bool) else None
        if whole is not None and whole >= self.least and (self.most is None or whole <= self.most) and whole % self.step == 0:
            return []
        to = f" to {self.most}" if self.most is not None else " or more"
        return _invalid(path, f"an integer, {self.least}{to}" + (f", a multiple of {self.step}" if self.step > 1 else ""))


@dataclass(frozen=True, slots=True)
class Hundredths:
    """A number from `least` to `most` with at most two decimals."""

    least: float
    most: float

    def wrong(self, path: str, value: object) -> list[Wrong]:
        """Compared in hundredths, so that the float of 4.35 isn't taken for a finer number."""
        number = _number(value)
        if number is not None and self.least <= number <= self.most and abs(number * 100 - round(number * 100)) < 1e-6:
            return []
        return _invalid(path, f"a number from {self.least:g} to {self.most:g} in steps of 0.01")


@dataclass(frozen=True, slots=True)
class OneOf:
    """One of a few values; 6 and 6.0 are the same number."""

    values: tuple[object, ...]

    def wrong(self, path: str, value: object) -> list[Wrong]:
        """True doesn't count as 1."""
        fits = any(value == known and isinstance(value, bool) == isinstance(known, bool) for known in self.values)
        return [] if fits else _invalid(path, f"one of {', '.join(map(str, self.values))}", self.values)


@dataclass(frozen=True, slots=True)
class Word:
    """One of a few words, in upper or lower case: the services' own nodes send both."""

    words: tuple[str, ...]

    def wrong(self, path: str, value: object) -> list[Wrong]:
        """The error lists the words as the page writes them."""
        fits = isinstance(value, str) and value.upper() in self.words
        return [] if fits else _invalid(path, f"one of {', '.join(self.words)}", self.words)


@dataclass(frozen=True, slots=True)
class Text:
    """A string of `least` to `most` characters that matches `form`, if there is one."""

    least: int = 1
    most: int | None = None
    form: re.Pattern[str] | None = None
    called: str = "a string"

    def wrong(self, path: str, value: object) -> list[Wrong]:
        """Length counts characters, not bytes."""
        fits = isinstance(value, str) and self.least <= len(value) and (self.most is None or len(value) <= self.most)
        if fits and (self.form is None or self.form.fullmatch(cast("str", value))):
            return []
        length = f" of {self.least} to {self.most} characters" if self.most is not None else ""
        return _invalid(path, self.called + length)


@dataclass(frozen=True, slots=True)
class Here:
    """The URL of a webhook or an upload, which has to be on this machine."""

    def wrong(self, path: str, value: object) -> list[Wrong]:
        """A stand-in calls no other machine."""
        here = f"This stand-in calls http://127.0.0.1:PORT/... only; leave '{path}' out, or point it there."
        return [] if is_here(value) else [Wrong("unsupportedParameter", path, here)]


@dataclass(frozen=True, slots=True)
class Group:
    """An object with parameters of its own."""

    fields: Mapping[str, Rule]
    required: tuple[str, ...] = ()

    def wrong(self, path: str, value: object) -> list[Wrong]:
        """Everything that is wrong inside, each with its path."""
        if not isinstance(value, dict):
            return _invalid(path, "an object")
        return wrong_fields(cast("Json", value), self.fields, self.required, f"{path}." if path else "")


@dataclass(frozen=True, slots=True)
class FrameImages:
    """Exactly one image, for the first frame: as a string, or as an object with `image` and `frame`."""

    def wrong(self, path: str, value: object) -> list[Wrong]:
        """None of these models takes a last frame."""
        items = cast("list[object]", value) if isinstance(value, list) else []
        if len(items) != 1:
            return _invalid(path, "an array of exactly 1 image")
        if isinstance(items[0], str):
            return _IMAGE.wrong(path, items[0])
        return _FRAME_IMAGE.wrong(path, items[0])


@dataclass(frozen=True, slots=True)
class Image:
    """An image as a URL, an upload's id, bare base64 or a data URI; only the bytes of a data URI are checked."""

    def wrong(self, path: str, value: object) -> list[Wrong]:
        """URLs aren't fetched, and ids of uploads elsewhere are accepted unseen."""
        if isinstance(value, str) and value.startswith("data:") and kind(bytes_of(value) or b"") not in IMAGES:
            return _invalid(path, "an image: JPEG, PNG, GIF, BMP or WebP")
        return Text().wrong(path, value)


FLAG = OneOf((True, False))
_IMAGE = Image()
_FRAME_IMAGE = Group({"image": _IMAGE, "frame": OneOf(("first", 0))}, required=("image",))


def wrong_fields(given: Json, fields: Mapping[str, Rule], required: tuple[str, ...], prefix: str = "") -> list[Wrong]:
    """Everything that is wrong with an object's parameters: missing, unknown, out of range."""
    found = [missing(prefix + name) for name in required if name not in given]
    for name, value in given.items():
        rule = fields.get(name)
        if rule is None:
            found.append(Wrong("unknownParameter", prefix + name, f"Unknown parameter '{prefix}{name}'.", tuple(fields)))
        else:
            found.extend(rule.wrong(prefix + name, value))
    return found
