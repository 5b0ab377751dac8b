"""Headers of other tools and languages: StudioBinder, ShotGrid/Flow, Kitsu, Toon Boom, Boords, Celtx, Frame.io; seven languages. Such a
reading is only a proposal: `callsheet import` shows it and saves it, and a list that needs one is refused until then.
"""

from __future__ import annotations

from typing import Literal

from callsheet.shotlist.columns.columns import is_open, key, meant_by
from callsheet.shotlist.columns.header_units import marked, parted

#: meanings without a column of ours: lengths in other forms, the parts of composed ids, and pictures without a stated purpose
Extra = Literal["frames", "in", "out", "start", "end", "scene", "episode", "panel", "number", "picture"]

_WORDS: dict[str, str] = {
    "shot_id": "shot no, shot number, shot nr, shot id, code, clip, clip id, clip name, Einstellung, Einstellungsnummer, Einstellung Nr, Einst, "
    "plan, n° de plan, numéro de plan, plano, nº de plano, número de plano, 镜头, 镜头号, 镜头编号, 分镜, 分镜号, 鏡號, カット, カット番号, ショット, ショット番号, "
    "컷, 컷 번호, 샷, 샷 번호, 숏",
    "prompt": "text prompt, prompt en, prompt text, video prompt, shot description, scene description, action notes, visual, visuals, caption, picture description, Beschreibung, "
    "Handlung, Bildbeschreibung, Bildinhalt, Inhalt, Aktion, contenu, description du plan, descripción, acción, contenido, 画面, 画面描述, 画面内容, 镜头描述, "
    "描述, 内容, 提示词, 動作, アクション, プロンプト, 説明, ト書き, 설명, 내용, 화면, 화면 내용, 액션, 프롬프트",
    "negative_prompt": "negativer Prompt, prompt négatif, prompt negativo, 负面提示词, 反向提示词, 负向提示词, ネガティブプロンプト, 네거티브 프롬프트, 부정 프롬프트",
    "sequence": "sequence code, Sequenz, séquence, secuencia, 场次, シーケンス, 시퀀스",
    "scene": "scene no, scene number, Szene, Szenennummer, scène, escena, 场, 场景, 场号, 場景, シーン, シーン番号, 씬, 씬 번호, 장면",
    "episode": "episode, ep, Folge, épisode, episodio, 集, 集数, 话, エピソード, 에피소드",
    "panel": "panel, panel no, panel number",
    "number": "no, nr, number, Nummer, numéro, número, id, 序号, 编号, 番号, 번호",
    "duration_s": "shot length, shot duration, clip length, runtime, run time, est time, est duration, estimated time, time, Dauer, Länge, Laenge, Zeit, Sekunden, "
    "durée, longueur, temps, secondes, duración, tiempo, segundos, 时长, 时间, 時間, 長さ, 尺, 秒, 길이, 시간, 초",
    "frames": "frames, nb frames, frame count, number of frames, num frames, cut duration, duration frames, Bilder, Anzahl Bilder, Framezahl, nb images, "
    "nombre d'images, fotogramas, cuadros, 帧数, 帧, フレーム数, コマ数, 프레임, 프레임 수",
    "in": "cut in, frame in, in, in point, source in, record in, tc in, timecode in",
    "out": "cut out, frame out, out, out point, source out, record out, tc out, timecode out",
    "start": "start, start time, start s, begin, Beginn, Start Zeit, début, inicio, 开始, 开始时间, 開始, 시작",
    "end": "end, end time, end s, Ende, fin, final, 结束, 结束时间, 終了, 끝",
    "resolution": "frame size, picture size, Auflösung, Aufloesung, Bildgröße, résolution, resolución, 分辨率, 解像度, 해상도",
    "fps": "framerate, frames per second, Bildrate, cadence, images par seconde, fotogramas por segundo, 帧率, フレームレート, 프레임레이트, 프레임 속도",
    "model": "ai model, video model, Modell, modèle, modelo, 模型, モデル, 모델",
    "seed": "seed no, 种子, 随机种子, シード, 시드",
    "takes": "variations, Varianten, variantes, 变体, 테이크 수",
    "first_frame": "first frame image, init image, Startbild, image de départ, imagen inicial, 首帧, 开始帧, 開始フレーム, 첫 프레임",
    "last_frame": "last frame image, Endbild, image de fin, imagen final, 尾帧, 结束帧, 終了フレーム, 마지막 프레임",
    "picture": "image, picture, thumbnail, still, frame image, storyboard, Bild, imagen, 图片, 参考图, 画像, 이미지, 참고 이미지",
    "dialogue": "dialog, dialogues, vo, voice over, voiceover, script, lines, Sprecher, Sprechertext, diálogo, diálogos, 台词, 对白, 旁白, セリフ, 台詞, ナレーション, 대사, 자막",
    "shot_size": "framing, shot type, Einstellungsgröße, Einstellungsgroesse, cadrage, valeur de plan, tipo de plano, encuadre, 景別, サイズ, ショットサイズ, 샷 사이즈, 사이즈",
    "note": "slugging, shot notes, remarks, Bemerkung, Bemerkungen, Notiz, Notizen, Kommentar, remarque, remarques, notas, observaciones, 备注, 備考, メモ, 비고, 메모",
    "status": "shot status, sg status list, Zustand, statut, estado, 状态, 狀態, ステータス, 상태",
    "priority": "Priorität, priorité, prioridad, 优先级, 優先度, 우선순위",
    "max_cost_usd": "budget, budget usd, Kosten, coût max, costo máximo, 预算, 予算, 예산",
}
_BY_WORD: dict[str, str] = {key(word): meaning for meaning, words in _WORDS.items() for word in words.split(",")}
#: columns that decide what is bought, so that they can't silently stay unread
DECIDES = frozenset(
    {"duration_s", "frames", "in", "start", "resolution", "fps", "model", "seed", "takes", "negative_prompt", "first_frame", "last_frame"}
    | {"picture", "status", "max_cost_usd"}
)


#: what a header with a unit may mean
_MEASURED = {"duration_s", "frames", "in", "out", "start", "end", "in_s", "transition_s", "max_cost_usd"}


def meaning(header: str) -> str | None:
    """What a header stands for: a column of ours, by its name, an alias or a word of another tool or language; one of `Extra`; otherwise
    None.
    """
    if is_open(header):
        return header.casefold()
    if whole := _meaning(header):
        return whole
    base, unit = parted(header)
    if not base and unit in ("seconds", "milliseconds"):
        return "duration_s"
    meant = _meaning(base) if unit and base else None
    return meant if meant in _MEASURED else None


def _meaning(header: str) -> str | None:
    ours = meant_by(header)
    if ours == "sequence" and key(header) == "scene":
        return "scene"
    meant = ours or _BY_WORD.get(key(header)) or ("number" if header.strip() in ("#", "№", "Nº", "N°") else None)
    return None if meant in _MEASURED and ours is None and marked(header) else meant


def unit(header: str) -> str | None:
    """The unit of a bare number in a column of lengths, if its header says so; otherwise None."""
    return parted(header)[1] or ("frames" if meaning(header) == "frames" else None)
