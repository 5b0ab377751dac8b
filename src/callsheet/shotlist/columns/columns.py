"""The one definition of a shot list's columns. Reading, writing, the Parquet types and manifests/README.md all come from `COLUMNS`.

`python -m callsheet.shotlist.columns.columns` prints manifests/README.md.
"""

from __future__ import annotations

import re
import sys
import unicodedata

from callsheet.domain.delivery.fitting import FpsFit, Frame, Join
from callsheet.domain.money import text as usd_text
from callsheet.domain.shots.params import shown
from callsheet.domain.shots.shot import Status
from callsheet.domain.timebase import fps_text
from callsheet.shotlist.columns import cells, cuts_cell, params_cell, seed_cell
from callsheet.shotlist.columns.column import CLEARED, Column
from callsheet.shotlist.columns.header_units import marked, parted

#: the prefix of the author's own headers: preserved, never read
OWN_PREFIX = "x_"
#: headers of subtitles in a language (BCP 47)
SUBTITLE_PREFIX = "subtitle."
_LANGUAGE = re.compile(re.escape(SUBTITLE_PREFIX) + r"[a-z]{2,3}(-[a-z0-9]{2,8})*")


COLUMNS: tuple[Column, ...] = (
    Column(
        name="shot_id",
        parse=cells.shot_id,
        required=True,
        example="SQ010_0020",
        help="The shot's name, unique in the list regardless of case. Letters, digits, `.`, `_` and `-`, at most 64.",
        aliases=("shot", "shot code", "shot name", "name", "link", "镜号"),
    ),
    Column(
        name="prompt",
        parse=cells.prompt,
        required=True,
        example="A lighthouse at dusk, slow push in",
        help="What the shot shows, and its sound. May have several lines and use names from refs.csv: `@keeper`.",
        aliases=("action", "description", "visual prompt", "positivePrompt"),
    ),
    Column(
        name="sequence",
        parse=cells.sequence,
        example="harbour",
        default="the file's name",
        help="Shots of one sequence are cut together, in the list's order.",
        aliases=("seq", "sequence name", "scene"),
    ),
    Column(
        name="model",
        parse=cells.model,
        example="runware/ltx-2.3",
        default="the project's",
        help="The model that makes the clip, as service/model.",
        aliases=("engine", "provider"),
    ),
    Column(
        name="duration_s",
        parse=cells.duration,
        show=cells.seconds_text,
        example="3.5",
        default="the project's",
        help="Length in the cut, in seconds. The clip is bought at the next length that the model sells, and trimmed.",
        aliases=("dur", "duration", "length", "seconds", "秒数"),
        stored="seconds",
    ),
    Column(
        name="clip",
        parse=cells.text,
        example="packshot.mov",
        default="none",
        none="as empty",
        help="Your own clip instead of a bought one, such as a pack shot or a camera shot: a path relative to the list's folder. Such a row needs no prompt and costs nothing; without a duration_s, it is as long as its clip. `card`, or `card #20242a` with its colour, is a title card: a plain background for the row's `title`.",
        aliases=("own clip", "footage"),
    ),
    Column(
        name="in_s",
        parse=cells.in_point,
        show=cells.seconds_text,
        example="0.5",
        default="0",
        help="Where in its clip the shot begins, in seconds. If no existing clip is long enough, a longer one is bought.",
        aliases=("in", "in point", "source in"),
        stored="seconds",
    ),
    Column(
        name="cuts",
        parse=cuts_cell.in_cuts,
        show=cuts_cell.cuts_text,
        example="15; 6=1.0@0.5",
        default="none",
        none="as empty",
        help="Shorter cuts of the sequence that also use the shot: each is a film of its own (SEQUENCE_15), made from the same clips. `=` gives the shot's length there, `@` where in its clip it begins, in seconds.",
        aliases=("versions", "cutdowns"),
    ),
    Column(
        name="resolution",
        parse=cells.size,
        example="1280x720",
        default="the project's",
        none="the model's own",
        help="Width x height of the clip in pixels. Or give `width` and `height`.",
        aliases=("res",),
    ),
    Column(
        name="also",
        parse=cuts_cell.also,
        show=cuts_cell.also_text,
        example="9:16",
        default="the project's",
        none="no further shape",
        help="Further shapes that the shot is bought in (`9:16; 1:1`, or a size): each has its own takes (`S0010@9x16.t1`) at their own price, used by the deliveries of its shape. `off`: none.",
    ),
    Column(
        name="width",
        parse=cells.whole(1, cells.MAX_EDGE),
        bounds=(1, cells.MAX_EDGE),
        example="1280",
        default="see resolution",
        help="With `height`, instead of `resolution`.",
        stored="int64",
    ),
    Column(
        name="height",
        parse=cells.whole(1, cells.MAX_EDGE),
        bounds=(1, cells.MAX_EDGE),
        example="720",
        default="see resolution",
        help="With `width`, instead of `resolution`.",
        stored="int64",
    ),
    Column(
        name="fps",
        parse=cells.fps,
        show=fps_text,
        example="24000/1001",
        default="the project's",
        none="the model's own",
        help="Frames per second of the clip; 23.976 means 24000/1001.",
        aliases=("frame rate",),
    ),
    Column(
        name="seed",
        parse=seed_cell.seed,
        bounds=(0, cells.MAX_SEED),
        example="42",
        default="the service's choice",
        help="Sent if the model accepts one; otherwise only recorded.",
        stored="int64",
    ),
    Column(
        name="negative_prompt",
        parse=cells.negative,
        example="text, watermark",
        default="none",
        help="What the shot must not show, if the model accepts it.",
        aliases=("avoid", "negative"),
    ),
    Column(
        name="takes",
        parse=cells.whole(1, 8),
        bounds=(1, 8),
        example="2",
        default="1",
        help="How many clips to buy to choose from, 1 to 8.",
        aliases=("variants", "numberResults"),
        stored="int64",
    ),
    Column(
        name="first_frame",
        parse=cells.text,
        example="refs/pier.png",
        default="none",
        none="as empty",
        help="Picture to begin with: a file (a path relative to the list's folder), an https address, a data URI, the id of an upload, "
        "or a frame of another shot (`@prev`, `@S0010#last`).",
        aliases=("start frame", "reference image"),
    ),
    Column(
        name="last_frame",
        parse=cells.text,
        example="refs/pier_end.png",
        default="none",
        none="as empty",
        help="Picture to end with, in addition to a first_frame; given in the same way.",
        aliases=("end frame",),
    ),
    Column(
        name="audio",
        parse=cells.text,
        example="vo/0020.wav",
        default="none",
        none="as empty",
        help="Sound that drives the picture and is used in the cut; given like first_frame. Without a duration_s, the shot is as long as the sound.",
    ),
    Column(
        name="sound",
        parse=cells.switch,
        words=("on", "off"),
        show=lambda on: "on" if on else "off",
        example="off",
        default="on",
        help="Whether the shot has sound: on or off.",
    ),
    Column(
        name="params",
        parse=params_cell.params,
        show=shown,
        example="steps = 30; safety.mode = fast",
        default="the project's, else the model's",
        none="the model's",
        help="Further parameters of the model, as `name = value` between semicolons or as a JSON object. `callsheet services` lists them.",
        aliases=("parameters",),
    ),
    Column(
        name="priority",
        parse=cells.whole(1, 9),
        bounds=(1, 9),
        example="1",
        default="5",
        help="1 is bought first, 9 last.",
        stored="int64",
    ),
    Column(
        name="status",
        parse=cells.status,
        words=tuple(Status),
        example="hold",
        default="ready",
        help="ready: buy and cut. hold: cut existing clips, buy nothing. omit: leave out.",
    ),
    Column(
        name="max_cost_usd",
        parse=cells.usd,
        show=usd_text,
        example="1.50",
        default="no limit",
        help="The most that all takes and retries of the shot may cost in total (with `also`, in each shape).",
        aliases=("max cost",),
        stored="usd",
    ),
    Column(
        name="fit",
        parse=cells.fit,
        words=tuple(Frame),
        example="crop",
        default="the delivery's",
        help="How to fit a picture of another shape than the delivery's: `pad` with black, `crop` around the focus, or `blur` (pad with a blurred copy).",
        aliases=("reframe",),
    ),
    Column(
        name="focus",
        parse=cells.focus,
        example="0.7 0.4",
        default="0.5 0.5",
        help="The point that a crop keeps visible: from the left and from the top, 0 to 1.",
    ),
    Column(
        name="fps_fit",
        parse=cells.fps_fit,
        words=tuple(FpsFit),
        example="retime",
        default="the delivery's",
        help="How to convert a clip of another frame rate: `drop` (nearest frame), `retime` (a little faster or slower, up to 4.2 %), `blend` or `interpolate`.",
    ),
    Column(
        name="loudness",
        parse=cells.level,
        example="-6",
        default="match",
        help="`match` the other shots, `keep` the clip's own level, or dB above or below the others: `+3`, `-6`.",
    ),
    Column(
        name="transition",
        parse=cells.join,
        words=tuple(Join),
        example="dissolve",
        default="cut",
        help="How the shot begins: `cut`, `dissolve`, `fade` (through black) or `wipe`. The first shot of a film fades in from black instead of a `dissolve` or `wipe`.",
    ),
    Column(
        name="transition_s",
        parse=cells.duration,
        show=cells.seconds_text,
        example="0.5",
        default="0.5",
        help="How long the transition takes, in seconds. A dissolve or wipe needs as many extra frames of the clip before.",
        stored="seconds",
    ),
    Column(
        name="dialogue",
        parse=cells.spoken,
        example="[0.5-2.1] Who's there?",
        help="What is said, for subtitles: one text, or lines with their times in the shot, in seconds. Translations go into `subtitle.de`, `subtitle.pt-BR` ... Not sent.",
        aliases=("subtitle", "spoken"),
    ),
    Column(
        name="title",
        parse=cells.title,
        example="[0.5-2; bottom-left] Jane Doe",
        default="none",
        help="Text over the shot or on its title card. Options in brackets before it: start and end (seconds in the shot), position (`top-left`, `top`, `top-right`, `centre`, `bottom-left`, `bottom`, `bottom-right`), and a font file of the project. Not sent, and buys nothing.",
    ),
    Column(
        name="shot_size",
        parse=cells.text,
        example="close",
        help="The framing, for people: wide, medium, close. Not sent.",
        aliases=("framing", "景别"),
    ),
    Column(
        name="note",
        parse=cells.text,
        example="check the lamp",
        help="For people. Not sent.",
        aliases=("notes", "comment", "comments"),
    ),
)

BY_NAME: dict[str, Column] = {column.name: column for column in COLUMNS}


def is_open(header: str) -> bool:
    """Whether a header is of a kind that may occur any number of times: the author's own, or a language's subtitles."""
    name = header.casefold()
    return (name.startswith(OWN_PREFIX) and len(name) > len(OWN_PREFIX)) or _LANGUAGE.fullmatch(name) is not None


def own(name: str) -> Column:
    """The column of such a header: the author's own text, or subtitles."""
    if _LANGUAGE.fullmatch(name):
        return Column(name=name, parse=cells.spoken, example="[0.5-2.1] Wer da?", help="The dialogue in this language.")
    return Column(name=name, parse=cells.text, example="", help="Your own; preserved, but not read.")


def key(header: str) -> str:
    """A header as headers are compared: without case, spaces and punctuation."""
    return "".join(sign for sign in unicodedata.normalize("NFKC", header).casefold() if sign.isalnum())


_NAMES: dict[str, str] = {key(column.name): column.name for column in COLUMNS}
_ALIASES: dict[str, str] = {key(alias): column.name for column in COLUMNS for alias in column.aliases}


def meant_by(header: str) -> str | None:
    """The canonical name for a header, by name or alias; None if it is not one of ours, or counts in another unit than ours."""
    name = _NAMES.get(key(header)) or _ALIASES.get(key(header))
    if name is None or BY_NAME[name].stored not in ("seconds", "usd") or not marked(header):
        return name
    return name if parted(header)[1] == {"seconds": "seconds", "usd": "USD"}[BY_NAME[name].stored] else None


_PAGE = """\
# Shot lists

A shot list is a CSV, XLSX, Parquet, JSONL or Markdown table with one row per shot. Only `shot_id` and `prompt` are required, and a list in which every row has a `clip` of its own needs no `prompt`; an empty cell takes the default.

- `lighthouse.csv`: two sequences, a dozen shots, two models. Copy it and begin.
- `messy.csv`: ten wrong cells, each wrong in its own way. `callsheet check` reports them all at once.

CSV may be separated by `,` `;` tab or `|` and encoded as UTF-8, UTF-16 or UTF-32. Any other encoding is refused until you name it
(`callsheet check LIST --encoding gbk`), which is saved in `NAME.mapping.toml` next to the list. Cells may have several lines.
To read a list from another tool or in another language, run `callsheet import LIST` once: see [Lists from other tools](../docs/lists.md).
Headers are compared without case, spaces and punctuation. The other names below are also accepted, each with a note.
Headers that begin with `x_` are your own and are preserved. Every other unknown header is reported and not read,
or refused if its cells decide what is bought, such as lengths.

| column | empty means | example | what it is | also read |
|---|---|---|---|---|
{rows}

If the second column mentions `none`, write that word, in lower case, to clear the default. `None`, `NaN` and the like are refused, because programs write them for missing values.
`shot_id` and `prompt` (bold) must be filled. A bare `size` is refused: it could be `resolution` or `shot_size`.
This page is printed by `python -m callsheet.shotlist.columns.columns`.
"""


def page() -> str:
    """manifests/README.md: the columns as a table for people."""
    rows: list[str] = []
    for column in COLUMNS:
        name = f"**{column.name}**" if column.required else column.name
        empty = f"{column.default}; `{CLEARED}`: {column.none}" if column.none else column.default
        parts = (name, empty, f"`{column.example}`", column.help, ", ".join(column.aliases))
        rows.append("| " + " | ".join(part.replace("|", "\\|") for part in parts) + " |")
    return _PAGE.format(rows="\n".join(rows))


if __name__ == "__main__":
    sys.stdout.write(page())
