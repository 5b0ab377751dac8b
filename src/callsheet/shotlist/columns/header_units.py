"""Units in headers: `Duration (min)`, `Length [ms]`, `尺（コマ）`, `Budget (EUR)`, `Dur (')`. A unit other than the column's changes what is
bought, so it is understood or the column is refused, never ignored.
"""

from __future__ import annotations

import re
import unicodedata

#: readable units of length, and their seconds
SECONDS_EACH = {"seconds": "1", "minutes": "60", "milliseconds": "0.001", "hours": "3600"}
_WORDS: dict[str, str] = {
    "seconds": 's, sec, secs, second, seconds, sek, sekunde, sekunden, seconde, secondes, segundo, segundos, secondi, sekundy, сек, секунд, секунды, 秒, 秒数, 초, ", ″',
    "minutes": "min, mins, minute, minutes, minuten, minuto, minutos, minuti, минут, минуты, мин, 分, 分钟, 分鐘, 分数, 분, ', ′",
    "milliseconds": "ms, msec, msecs, millis, millisecond, milliseconds, millisekunden, millisecondes, milisegundos, мс, 毫秒, ミリ秒, 밀리초",
    "hours": "h, hr, hrs, hour, hours, std, stunde, stunden, heure, heures, hora, horas, ore, час, часы, 小时, 小時, 시간",
    "frames": "f, fr, frs, frm, frame, frames, bilder, einzelbilder, images, fotogramas, cuadros, кадры, кадров, 帧, 帧数, 幀, フレーム, フレーム数, コマ, コマ数, 프레임",
    "timecode": "tc, timecode, hh:mm:ss:ff, h:mm:ss:ff, hh:mm:ss;ff, hmsf",
    "m:ss": "m:ss, mm:ss, h:mm:ss, hh:mm:ss, min:sec, min:s, mm:ss.ms, m:s",
    "feet": "ft, feet, foot, feet+frames, fuß, pieds, pies",
    "seconds and frames": "ss:ff, s:ff, s+f, sec+fr, s.ff, 秒+コマ, 秒コマ",
    "pages": "pages, pgs, pp, eighths, 1/8, 8ths, seiten",
    "days": "d, day, days, tage, jours, días",
    "words": "words, wörter, mots, palabras",
    "%": "%, percent, prozent, pct",
    "USD": "$, usd, us$, us-dollar, us dollar, dollar, dollars",
    "cents": "ct, cts, cent, cents, ¢",
    "EUR": "€, eur, euro, euros",
    "GBP": "£, gbp, pound, pounds",
    "CHF": "chf, sfr",
    "JPY": "¥, jpy, yen, 円",
    "CNY": "cny, rmb, 元, 人民币",
    "KRW": "₩, krw, won, 원",
    "INR": "₹, inr",
    "CAD": "cad, c$, ca$",
    "AUD": "aud, a$, au$",
    "thousands": "k, tsd, thousand, thousands, t€, k€, k$, mio",
    "credits": "credits, credit, points, tokens",
}
_UNITS: dict[str, str] = {word.strip(): unit for unit, words in _WORDS.items() for word in words.split(",")}
#: a unit in brackets; behind a space, a comma or the like; and a sign that stands right behind the word
_BRACKETS = re.compile(r"^(?P<base>.*?)\s*[(\[{<（【「][\s]*(?P<word>[^()\[\]{}<>]{1,20}?)\.?[\s]*[)\]}>）】」][\s.:]*$")
_BEHIND = re.compile(r"^(?P<base>.*?)[\s_/,.;:|-]+(?:in\s+|en\s+)?(?P<word>[^\s_/,;|()\[\]-]{1,20}?)[.:]?$", re.IGNORECASE)
_SIGN = re.compile("^(?P<base>.*?)(?P<word>US\\$|[CA]\\$|[%$€£¥₩₹¢'\"′″])$")
#: characters that change a number's meaning, so that a header with one isn't the bare word
_MARKS = re.compile("[%‰€£¥₩₹¢'\"′″±°<>≤≥~≈]")


#: longer than any header; a cell that is taken for one while the separator is looked for may hold all of a picture
_LONGEST = 200


def parted(header: str) -> tuple[str, str | None]:
    """A header without its unit, and the unit: a name in `_WORDS`; None if it has none."""
    if len(header) > _LONGEST:
        return header, None
    text = unicodedata.normalize("NFKC", header).strip()
    whole = text.casefold().strip(" .:()[]")
    if (unit := _UNITS.get(whole)) is not None and not (len(whole) == 1 and whole.isascii()):  # a column's letter is not a unit
        return "", unit
    for pattern in (_BRACKETS, _SIGN, _BEHIND):
        if (found := pattern.match(text)) and (unit := _UNITS.get(found["word"].casefold().strip())):
            return found["base"].strip(), unit
    return text, None


def marked(header: str) -> bool:
    """Whether a header has a character that says what its numbers are."""
    return bool(_MARKS.search(unicodedata.normalize("NFKC", header)))


def other_unit(header: str, stored: str) -> str | None:
    """The unit that a header names if it differs from that of a column stored in this way; None if it names none, or the column's own."""
    own = {"seconds": "seconds", "usd": "USD"}.get(stored)
    unit = parted(header)[1] if own else None
    return None if unit in (None, own) else unit
