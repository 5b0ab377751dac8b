"""Languages: the tags that authors write (BCP 47) as the three letters that files carry (ISO 639-2/T)."""

from __future__ import annotations

#: what says nothing of its language
UNDETERMINED = "und"
_PAIRS = (
    "af:afr ar:ara be:bel bg:bul bn:ben bs:bos ca:cat cs:ces cy:cym da:dan de:deu el:ell en:eng es:spa et:est eu:eus fa:fas fi:fin fr:fra "
    "ga:gle gl:glg gu:guj he:heb hi:hin hr:hrv hu:hun hy:hye id:ind is:isl it:ita ja:jpn ka:kat kk:kaz ko:kor lt:lit lv:lav mk:mkd ml:mal "
    "mr:mar ms:msa mt:mlt nb:nob nl:nld nn:nno no:nor pa:pan pl:pol pt:por ro:ron ru:rus sk:slk sl:slv sq:sqi sr:srp sv:swe sw:swa ta:tam "
    "te:tel th:tha tl:tgl tr:tur uk:ukr ur:urd uz:uzb vi:vie zh:zho"
)
_CODES: dict[str, str] = {tag: code for tag, _, code in (pair.partition(":") for pair in _PAIRS.split())}


def letters(tag: str) -> str:
    """`deu` for `de` or `de-AT`; a tag of three letters is one already; `und` for what isn't known here, and for no tag."""
    first = tag.casefold().partition("-")[0]
    return _CODES.get(first) or (first if len(first) == 3 and first.isalpha() and first.isascii() else UNDETERMINED)
