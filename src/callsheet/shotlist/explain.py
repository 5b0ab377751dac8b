"""What each problem of a list is, and what to do about it. `python -m callsheet.shotlist.explain` prints docs/reference/problems.md."""

from __future__ import annotations

import sys
from typing import NamedTuple


class Explained(NamedTuple):
    """A kind of problem: what it is, why it is refused, what to do; and a cell or line that has it, with one that is right."""

    what: str
    why: str
    fix: str
    wrong: str = ""
    right: str = ""


CODES: dict[str, Explained] = {
    "same-shape": Explained(
        "a further shape of a row is what the row is bought in already",
        "the same would be bought twice",
        "leave it out, or take a model that sells the shape",
    ),
    "ambiguous-column": Explained(
        "a header could mean two columns",
        "the wrong one would change what is bought",
        "give it one of the two names",
        "size",
        "resolution",
    ),
    "ambiguous-number": Explained(
        "a number could have a thousands mark or a decimal mark",
        "a factor of a thousand lies between the two",
        "write it without thousands marks",
        "1,500",
        "1500 or 1.5",
    ),
    "bad-cuts": Explained(
        "parts in shorter cuts can't be read",
        "a shorter film would show something else",
        "names with ; between them, each with its length and in-point",
        "15, 6: 1 s",
        "15; 6=1.0@0.5",
    ),
    "bad-dialogue": Explained(
        "times before lines of dialogue can't be read",
        "subtitles would appear at another time",
        "seconds from the shot's start, or no times",
        "[2-1] Hello",
        "[1-2] Hello",
    ),
    "bad-title": Explained(
        "what is said of a title in brackets can't be read",
        "it would appear at another time or position, or in another font",
        "times in seconds, a place and a font file, with `;` between them, or no brackets",
        "[2-1; left] Jane Doe",
        "[1-2; bottom-left] Jane Doe",
    ),
    "bad-focus": Explained(
        "the point that a crop keeps in sight can't be read",
        "another part of the picture would be cut off",
        "two numbers from 0 to 1",
        "left",
        "0.2 0.5",
    ),
    "bad-fps": Explained(
        "a cell is not a frame rate", "the clip would have another rate", "a film or video rate, at most 240", "fast", "24"
    ),
    "bad-id": Explained(
        "a shot's id can't be one",
        "it is also a file's name, on every system",
        "letters, digits, then also . _ and -, at most 64",
        "Scene 1/2",
        "SC1_2",
    ),
    "bad-level": Explained("a loudness can't be read", "the shot would be as loud as the others", "match, keep, or dB", "loud", "-6"),
    "bad-model": Explained(
        "a model is named in another way", "callsheet would not know whom to ask", "service/model", "LTX", "runware/ltx-2.3"
    ),
    "bad-name": Explained(
        "a name can't be part of a file's name", "clips and films are files", "leave out the signs that are named", "a/b", "a-b"
    ),
    "bad-params": Explained(
        "parameters can't be read",
        "the service would get others, or none",
        "name = value between semicolons, or a JSON object",
        "steps 30",
        "steps = 30",
    ),
    "bad-reference": Explained(
        "a picture of another shot leads nowhere, in a circle or too far",
        "the shot would wait for ever, or be bought without it",
        "a shot of this list, or a file; [continuity] max_links allows longer chains",
        "@S9999#last",
        "@S0010#last",
    ),
    "bad-resolution": Explained(
        "a size can't be read, or can't be filmed",
        "the clip would have another size",
        "width x height, even numbers from 16 to 8192",
        "1080p",
        "1920x1080",
    ),
    "bad-shape": Explained(
        "further shapes can't be read",
        "clips of another shape would be bought",
        "shapes with ; between them",
        "portrait",
        "9:16; 1:1",
    ),
    "bad-status": Explained(
        "a status is unknown",
        "a shot could be bought that should not be",
        "ready, hold or omit; [status] of a mapping has your own words",
        "done",
        "hold",
    ),
    "bad-type": Explained(
        "a column of a Parquet file has a type that no cell has", "its values would be guessed", "store it as text or numbers"
    ),
    "bad-word": Explained("a word is not one that the column takes", "the default would be taken", "one of those that are named"),
    "bare-word": Explained(
        "a cell holds a word for nothing",
        "a program or a hurried hand left it, and it would be bought as a prompt",
        "empty the cell, or write what is meant",
        "None",
        "",
    ),
    "cell-count": Explained(
        "a row has more cells than the header",
        "nobody knows which cell is which",
        "put a cell that holds the separator in quotes",
        "A1,one, two,3",
        'A1,"one, two",3',
    ),
    "comment-row": Explained("a row is a comment", "it would be bought", "delete it; or leave_out in a mapping", "# later"),
    "control-character": Explained("a text holds an invisible character", "a service would get it", "type the text again"),
    "csv-syntax": Explained(
        "quotes of a row don't match",
        "everything after it would be misread",
        "double each quote in a cell between quotes",
        '"a 5" lens"',
        '"a 5"" lens"',
    ),
    "cut-table": Explained(
        "a [cuts.NAME] table of project.toml names shots, lengths or in-points that can't be",
        "a shorter film would lack a shot, or show another one",
        "name shots of the list in its order, each once",
    ),
    "spreadsheet-date": Explained(
        "a cell is a date, but shouldn't be",
        "a spreadsheet made it of a number or an id, and what was typed is lost",
        'format the column as text and type it again; dates = "ids" in a mapping where ids are meant so',
        "03-Mar",
        "3-3",
    ),
    "damaged-text": Explained(
        "letters were lost or decoded twice before the list was saved",
        "the service would film the wrong words",
        "export it again from its source",
        "cafÃ©",
        "café",
    ),
    "duplicate-column": Explained("two columns have one meaning", "one of them would be ignored", "rename one, or import the list"),
    "no-draft": Explained(
        "no first list can be made of a screenplay, a storyboard or a timeline",
        "its shots can't be distinguished, or their lengths would be guessed",
        "do what the message says",
    ),
    "duplicate-id": Explained(
        "an id is used twice, ignoring case", "one shot would hide the other", "rename it; takes = 2 buys two clips of one shot"
    ),
    "empty-list": Explained("there is no shot", "there is nothing to do", "add a row for each shot"),
    "encoding": Explained(
        "the encoding of the text is unknown",
        "a guess would buy wrong words",
        "--encoding NAME with the one that reads right, or save it as UTF-8",
    ),
    "formula": Explained(
        "a formula of a workbook was never calculated", "it has no value", "open the workbook in a spreadsheet program and save it"
    ),
    "header-unit": Explained(
        "a header names another unit than its column has",
        "minutes, frames or euros would be bought as seconds and dollars",
        "convert the cells; lengths of other units are read after `callsheet import`",
        "Transition (frames)",
        "transition_s",
    ),
    "hidden-row": Explained(
        "a workbook hides rows", "they may or may not be shots", "`callsheet import` asks; or show them, or delete them"
    ),
    "json": Explained("a line is not a JSON object", "the shot can't be read", "one object in each line, or an array"),
    "mapping": Explained(
        "the mapping next to the list can't be used",
        "the list would be read in another way than before",
        "correct it, or import the list again",
    ),
    "markdown": Explained("a Markdown file has no table, or several", "it isn't clear which has the shots", "leave one table"),
    "html-markup": Explained(
        "a prompt holds HTML",
        "a service would get its tags as words",
        "`callsheet import` takes it out or keeps it; or type the text plain",
        "a <b>red</b> lamp",
        "a red lamp",
    ),
    "merged-cell": Explained(
        "a cell is merged with the one above it",
        "three shots of 6 s each would be bought, where 6 s may be all three together",
        "unmerge it and give each row its own; or `callsheet import` keeps that it counts for each",
    ),
    "missing-cell": Explained("a cell that every shot needs is empty", "the shot can't be bought", "fill it"),
    "missing-column": Explained("a column that every list needs isn't there", "no shot can be read", "add it, or import the list"),
    "no-handle": Explained(
        "no clip of the model is long enough for the transition over it, or for a shorter cut",
        "its last frame would be repeated, after you paid for it",
        "shorten the shot or the transition",
    ),
    "no-rate": Explained(
        "a length counts frames, but no frame rate is known",
        "the length would be guessed",
        "fill fps, or set fps under [length] in the mapping",
    ),
    "not-a-file": Explained("a path names a folder, or a shot", "no picture can be sent", "name a file"),
    "not-a-list": Explained(
        "the file is something else than a shot list", "it can't be read as one", "do what the message says about its kind"
    ),
    "not-a-number": Explained(
        "a cell is not a number of the kind that is needed", "it would be guessed", "digits, without unit, sign or thousands marks"
    ),
    "not-a-switch": Explained("a cell is neither on nor off", "it would be guessed", "on or off"),
    "not-found": Explained("a file is not there", "the shot would be bought without it", "paths are seen from the list's folder"),
    "out-of-range": Explained(
        "a number is outside of what can be", "it can't be bought, or never would be", "write one within the limits that are named"
    ),
    "title-font": Explained(
        "the font file of a title can't be used",
        "the title would be written in another font",
        "name a .ttf or .otf file of the project",
        "[fonts/none.ttf] Jane Doe",
        "[fonts/Serif.ttf] Jane Doe",
    ),
    "card-length": Explained(
        "a title card has no length",
        "its length in the cut is unknown",
        "write its duration_s",
        "card",
        "card, with duration_s 2.5",
    ),
    "own-clip": Explained(
        "a clip of the author's can't be cut, or is too short",
        "the film would have a hole or a frozen picture",
        "name a film of the project that is long enough",
        "notes.txt",
        "packshot.mov",
    ),
    "question": Explained(
        "an import has to ask, but there is no terminal",
        "a guess would decide what is bought",
        "answer in a file and give it with --map",
    ),
    "range": Explained("a length is a range", "one length is bought", "write the one that is wanted", "3-5", "4"),
    "bad-ref": Explained(
        "refs.csv has a row or a column that can't be used",
        "prompts would be sent without the text that it stands for",
        "give each a name and a text, in columns called so",
    ),
    "repeated-header": Explained(
        "a row is the header once more",
        "its words would be bought, where lists were put together",
        "delete it; or leave_out in a mapping",
        "shot_id,prompt",
    ),
    "section-row": Explained(
        "a row is a scene heading", "it would be bought", "delete it; or leave_out in a mapping", "INT. LAMP ROOM - NIGHT"
    ),
    "spreadsheet-error": Explained("a formula of a spreadsheet failed", "its error is not what was meant", "correct the formula", "#REF!"),
    "timecode": Explained(
        "a length is a timecode, a clock time or a count of frames",
        "the column is seconds, and the row has no rate",
        "write the seconds; or fill fps; or import the list",
        "00:00:03:12",
        "3.5",
    ),
    "too-long": Explained("a text is longer than any model takes", "it would be cut off", "shorten it"),
    "too-many-columns": Explained("the header has hundreds of columns", "this is not a shot list", "leave those that it needs"),
    "totals-row": Explained("a row is a sum", "it would be bought", "delete it; or leave_out in a mapping", "TOTAL"),
    "unknown-column": Explained(
        "a header is almost a known one", "a slip of the pen would leave it unread", "correct it, or begin it with x_", "promt", "prompt"
    ),
    "unknown-ref": Explained(
        "a prompt names what refs.csv doesn't have",
        "the service would get the sign and the name as words",
        "correct the name, or add it to refs.csv; @@name where the sign is meant",
        "@keper with a lantern",
        "@keeper with a lantern",
    ),
    "unwritten": Explained(
        "a prompt is not written yet",
        "a service gets each row alone, and would film the words of the form",
        "describe the picture in the row itself",
        "same as above",
        "A lighthouse at dusk, closer",
    ),
    "unmapped-column": Explained(
        "a column that nothing reads decides what is bought",
        "the default would be bought instead",
        "import the list, or give the column our name, or begin it with x_",
        "Dauer",
        "duration_s",
    ),
    "workbook": Explained(
        "a workbook can't be read, is too large, or has several sheets", "its meaning is unknown", "do what the message says"
    ),
}

_PAGE = """\
# Problems of a list

`callsheet check LIST` reports all of them at once; `callsheet explain CODE` says what one is. `check --format concise|json|github|sarif` is for editors, scripts, GitHub Actions and code scanning.

| code | what it is | why it is refused | what to do | wrong | right |
|---|---|---|---|---|---|
{rows}

This page is printed by `python -m callsheet.shotlist.explain`.
"""


def page() -> str:
    """docs/reference/problems.md."""
    rows: list[str] = []
    for code, (what, why, fix, wrong, right) in CODES.items():
        cells = (f"`{code}`", what, why, fix, f"`{wrong}`" if wrong else "", f"`{right}`" if right else "")
        rows.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return _PAGE.format(rows="\n".join(rows))


if __name__ == "__main__":
    sys.stdout.write(page())
