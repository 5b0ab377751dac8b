"""HTML in texts, as pages and databases export it. A service would get it as words, so the mapping says what to do with it."""

from __future__ import annotations

import html
import re
from html.entities import html5

_NAMES = "a|abbr|b|big|blockquote|body|br|center|code|div|em|font|h[1-6]|head|hr|html|i|img|ins|label|li|mark|ol|p|pre|q|s|script|small|span|strike|strong|style|sub|sup|table|tbody|td|th|thead|tr|tt|u|ul"
_TAG = re.compile(rf"</?(?:{_NAMES})(?:\s[^<>]*)?/?>|<!--.*?-->", re.IGNORECASE | re.DOTALL)
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_BREAKS = re.compile(r"<br\s*/?>|</(?:p|div|li|h[1-6]|tr)>", re.IGNORECASE)


def markup(text: str) -> str | None:
    """The first tag or named sign of HTML in a text; None if it has none."""
    if "<" in text and (found := _TAG.search(text)):
        return found[0]
    if "&" not in text:
        return None
    return next((found[0] for found in _ENTITY.finditer(text) if found[0][1] == "#" or found[0][1:] in html5), None)


def plain(text: str) -> str:
    """The text that a page would show: line ends kept, tags removed, `&amp;` read as `&`."""
    shown = html.unescape(_TAG.sub("", _BREAKS.sub("\n", text)))
    return re.sub(r" *\n\s*", "\n", shown.replace("\u00a0", " ")).strip()
