"""The same list, however its text is stored, is read right or refused: no wrong letter ever becomes a prompt."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from callsheet.domain.errors import InputError
from callsheet.shotlist.mapping import keep_encoding
from callsheet.shotlist.read import read

WORDS = {
    "gbk": "黄昏时的灯塔镜头缓缓推进海浪拍打礁石夜里的房间",
    "cp932": "夕暮れの灯台、ゆっくり寄る炎の中の橋",
    "cp949": "해질녘의 등대 천천히 다가가는 화면 파도",
    "cp1250": "Latarnia o zmierzchu, żółte światło, źdźbło, ćma, ňouma, řeka",
    "cp1251": "Маяк на закате, медленный наезд, жёлтый свет",
    "cp437": "Über die Brücke, café, señor, naïve, Ångström",
    "mac_roman": "“Über die Brücke” – l’été, cœur, señor",
    "utf-8": "Über 黄昏 夕暮れ Маяк 등대 “l’été”",
    "utf-16": "Über 黄昏 夕暮れ Маяк 등대 “l’été”",
    "utf-16-le": "Über 黄昏 夕暮れ Маяк 등대 “l’été”",
    "utf-32": "Über 黄昏 夕暮れ Маяк 등대 “l’été”",
    "latin-1": "Über die Brücke, café, señor, naïve, Ångström",
}
KNOWN = {"utf-8", "utf-16", "utf-16-le", "utf-32"}


@settings(max_examples=300, deadline=None, print_blob=True)
@given(data=st.data(), encoding=st.sampled_from(sorted(WORDS)), named=st.booleans())
def test_read_right_or_refused(data: st.DataObject, encoding: str, named: bool) -> None:
    """Unicode's own are read; the other eight are refused until they are named, then read letter for letter."""
    words = WORDS[encoding]
    begin = data.draw(st.integers(0, len(words) - 12))
    prompt = f"A lighthouse: {words[begin:]} ({words})"
    with TemporaryDirectory() as name:
        path = Path(name) / "film.csv"
        path.write_bytes(f'shot_id,prompt\r\nS1,"{prompt}"\r\n'.encode(encoding))
        if named and encoding not in KNOWN:
            keep_encoding(path, "film.csv", encoding)
        try:
            [shot] = read(path, "film.csv").shots
        except InputError as error:
            assert encoding not in KNOWN
            assert not named
            assert [problem.code for problem in error.problems] == ["encoding"]
        else:
            assert shot.prompt == prompt
            assert named or encoding in KNOWN
