"""A screenplay in Fountain: each scene becomes a row. Syntax as on https://fountain.io/syntax (1.1), as far as scenes need it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from callsheet.shotlist.drafts.draft import Cells, Draft, unread

_BONEYARD = re.compile(r"/\*.*?\*/", re.DOTALL)
_NOTE = re.compile(r"\[\[.*?\]\]", re.DOTALL)
_HEADING = re.compile(r"(?:INT\.?/EXT|INT/EXT|I/E|INT|EXT|EST)[. ].*", re.IGNORECASE)
_NUMBER = re.compile(r"\s*#([^#\s][^#]*)#\s*$")
_EMPHASIS = re.compile(r"(?<!\\)(\*{1,3}|_)(?=\S)(.+?)(?<=\S)(?<!\\)\1")
_TITLE = re.compile(r"[A-Za-z][A-Za-z ]*:")


@dataclass(slots=True)
class _Scene:
    """A scene while it is read: its heading and number, the action, the dialogue, the speakers."""

    heading: str
    number: str = ""
    action: list[str] = field(default_factory=list[str])
    said: list[str] = field(default_factory=list[str])
    speakers: dict[str, None] = field(default_factory=dict[str, None])


def fountain(text: str, file: str) -> Draft:
    """A row for each scene: heading and action as its prompt, its lines as dialogue, in the script's order. InputError if there is no
    scene.
    """
    text = _NOTE.sub("", _BONEYARD.sub("", text.replace("\r\n", "\n").replace("\r", "\n")))
    scenes = list(_scenes(_blocks(_without_title(text))))
    if not scenes:
        raise unread(file, "there is no scene", "start each scene with INT. or EXT., or with a full stop and its name")
    silent = sum(not scene.action for scene in scenes)
    notes = ["a scene is rarely one shot: split its row where the picture cuts, and give each a length"]
    notes += [f"{silent} scene{'s have' if silent > 1 else ' has'} no action: the prompt is only the heading"] if silent else []
    return Draft(tuple(map(_row, scenes)), tuple(notes))


def _row(scene: _Scene) -> Cells:
    heading = scene.heading.rstrip(".")
    return {
        "shot_id": f"SC{scene.number}" if scene.number else "",
        "prompt": "\n".join([f"{heading}.", *scene.action]),
        "dialogue": "\n".join(scene.said),
        "note": ", ".join(scene.speakers),
    }


def _without_title(text: str) -> str:
    """The script without its title page: keys with colons from the first line to the first empty one."""
    text = text.lstrip("\ufeff\n")
    head, _, rest = text.partition("\n\n")
    return rest if _TITLE.match(head) and not _HEADING.match(head) else text


def _blocks(text: str) -> Iterator[list[str]]:
    """Groups of lines, separated by empty ones."""
    block: list[str] = []
    for line in [*text.split("\n"), ""]:
        if line.strip():
            block.append(line.strip())
        elif block:
            yield block
            block = []


def _scenes(blocks: Iterator[list[str]]) -> Iterator[_Scene]:
    """Each scene with its action and dialogue; text before the first one is ignored."""
    scene: _Scene | None = None
    for block in blocks:
        first = block[0]
        lines = block
        forced = re.fullmatch(r"\.(?=[^.\s]).*", first) is not None
        if forced or (_HEADING.fullmatch(first) and len(block) == 1):
            if scene:
                yield scene
            heading = first[1:] if forced else first
            number = _NUMBER.search(heading)
            scene = _Scene(_plain(_NUMBER.sub("", heading)), number[1].strip() if number else "")
            lines = block[1:]
        if scene and lines:
            _take(scene, lines)
    if scene:
        yield scene


def _take(scene: _Scene, block: list[str]) -> None:
    """Add a block to its scene: speech or action. Sections, synopses, transitions, lyrics and page breaks are ignored."""
    first = block[0]
    cue = first.startswith("@") or (
        first == first.upper() and any(sign.isalpha() for sign in first) and not first.startswith(("!", ">", "~"))
    )
    if first.startswith(("#", "=")) or (first.startswith(">") and not first.endswith("<")) or re.fullmatch(r"[A-Z ]+ TO:", first):
        return
    if cue and len(block) > 1:
        scene.speakers[re.sub(r"\s*\(.*?\)|\^$", "", first.removeprefix("@")).strip()] = None
        scene.said += [_plain(line) for line in block[1:] if not (line.startswith("(") and line.endswith(")"))]
    else:
        scene.action.append(" ".join(_plain(line.removeprefix("!").strip("><").strip()) for line in block if not line.startswith("~")))


def _plain(text: str) -> str:
    """A line without emphasis marks."""
    for _ in range(3):
        text = _EMPHASIS.sub(r"\2", text)
    return text.replace("\\*", "*").replace("\\_", "_").strip()
