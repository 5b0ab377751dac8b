"""Rules for the parameters of a request: each says what is wrong with a value, in the vendor's kind of words and codes."""

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
    """One thing wrong with a request: the vendor's kind of code, the parameter by its path (two for a pair), what was expected."""

    code: str
    parameter: str | list[str]
    message: str
    allowed: tuple[object, ...] = ()


class Rule(Protocol):
    """What one parameter may hold."""

    def wrong(self, path: str, value: object, /) -> list[Wrong]:
        """What is wrong with `value`, which stands at `path`; nothing where it fits."""
        ...


def _invalid(path: str, expected: str, allowed: tuple[object, ...] = ()) -> list[Wrong]:
    return [Wrong(f"invalid{_capital(path)}", path, f"Invalid value for '{path}' parameter. It must be {expected}.", allowed)]


def missing(path: str) -> Wrong:
    """What is wrong where a parameter that must be there isn't."""
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
        """A float is wrong here even where it is whole, and so is true."""
        whole = value if isinstance(value, int) and not isinstance(value, bool) else None
        if whole is not None and whole >= self.least and (self.most is None or whole <= self.most) and whole % self.step == 0:
            return []
        to = f" to {self.most}" if self.most is not None else " or more"
        return _invalid(path, f"an integer, {self.least}{to}" + (f", a multiple of {self.step}" if self.step > 1 else ""))


@dataclass(frozen=True, slots=True)
class Hundredths:
    """A number from `least` to `most` with two decimals at most."""

    least: float
    most: float

    def wrong(self, path: str, value: object) -> list[Wrong]:
        """Compared in hundredths, so that 4.35 is not finer than it looks."""
        number = _number(value)
        if number is not None and self.least <= number <= self.most and abs(number * 100 - round(number * 100)) < 1e-6:
            return []
        return _invalid(path, f"a number from {self.least:g} to {self.most:g} in steps of 0.01")


@dataclass(frozen=True, slots=True)
class OneOf:
    """One of a few values; a number may come as 6 or as 6.0."""

    values: tuple[object, ...]

    def wrong(self, path: str, value: object) -> list[Wrong]:
        """True is not 1 here."""
        fits = any(value == known and isinstance(value, bool) == isinstance(known, bool) for known in self.values)
        return [] if fits else _invalid(path, f"one of {', '.join(map(str, self.values))}", self.values)


@dataclass(frozen=True, slots=True)
class Word:
    """One of a few words, in capitals or small letters: vendors' own nodes send both."""

    words: tuple[str, ...]

    def wrong(self, path: str, value: object) -> list[Wrong]:
        """Told as the page writes them."""
        fits = isinstance(value, str) and value.upper() in self.words
        return [] if fits else _invalid(path, f"one of {', '.join(self.words)}", self.words)


@dataclass(frozen=True, slots=True)
class Text:
    """A string of `least` to `most` characters, matching `form` where one is given."""

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
    """The URL of a webhook or an upload: this machine's."""

    def wrong(self, path: str, value: object) -> list[Wrong]:
        """A stand-in calls nobody else."""
        here = f"This stand-in calls http://127.0.0.1:PORT/... only; leave '{path}' out, or point it there."
        return [] if is_here(value) else [Wrong("unsupportedParameter", path, here)]


@dataclass(frozen=True, slots=True)
class Group:
    """An object with parameters of its own."""

    fields: Mapping[str, Rule]
    required: tuple[str, ...] = ()

    def wrong(self, path: str, value: object) -> list[Wrong]:
        """Everything wrong inside, each with its path."""
        if not isinstance(value, dict):
            return _invalid(path, "an object")
        return wrong_fields(cast("Json", value), self.fields, self.required, f"{path}." if path else "")


@dataclass(frozen=True, slots=True)
class FrameImages:
    """Exactly one image, for the first frame: as a string, or as an object with `image` and `frame`."""

    def wrong(self, path: str, value: object) -> list[Wrong]:
        """A last frame is not sold by any of these models."""
        items = cast("list[object]", value) if isinstance(value, list) else []
        if len(items) != 1:
            return _invalid(path, "an array of exactly 1 image")
        if isinstance(items[0], str):
            return _IMAGE.wrong(path, items[0])
        return _FRAME_IMAGE.wrong(path, items[0])


@dataclass(frozen=True, slots=True)
class Image:
    """An image as a URL, the id of an upload, bare base64 or a data URI; the last is looked into."""

    def wrong(self, path: str, value: object) -> list[Wrong]:
        """URLs aren't fetched here, and ids of uploads elsewhere are believed."""
        if isinstance(value, str) and value.startswith("data:") and kind(bytes_of(value) or b"") not in IMAGES:
            return _invalid(path, "an image: JPEG, PNG, GIF, BMP or WebP")
        return Text().wrong(path, value)


FLAG = OneOf((True, False))
_IMAGE = Image()
_FRAME_IMAGE = Group({"image": _IMAGE, "frame": OneOf(("first", 0))}, required=("image",))


def wrong_fields(given: Json, fields: Mapping[str, Rule], required: tuple[str, ...], prefix: str = "") -> list[Wrong]:
    """Everything wrong with an object's parameters: missing, unknown, out of bounds."""
    found = [missing(prefix + name) for name in required if name not in given]
    for name, value in given.items():
        rule = fields.get(name)
        if rule is None:
            found.append(Wrong("unknownParameter", prefix + name, f"Unknown parameter '{prefix}{name}'.", tuple(fields)))
        else:
            found.extend(rule.wrong(prefix + name, value))
    return found
