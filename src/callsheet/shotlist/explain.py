"""An explanation of each problem of a list, and its fix.

`python -m callsheet.shotlist.explain` prints docs/reference/problems.md.
"""

from __future__ import annotations

import sys
from typing import NamedTuple


class Explained(NamedTuple):
    """A kind of problem: what it is, why it is refused, what to do; and an example of a wrong and a right cell or line."""

    what: str
    why: str
    fix: str
    wrong: str = ""
    right: str = ""


CODES: dict[str, Explained] = {
    "same-shape": Explained(
        "a further shape of a row gives the size that the row is already bought in",
        "the same would be bought twice",
        "remove it, or use a model that sells the shape",
    ),
    "ambiguous-column": Explained(
        "a header could mean two columns",
        "the wrong one would change what is bought",
        "rename it to one of the two",
        "size",
        "resolution",
    ),
    "ambiguous-number": Explained(
        "a number may have a thousands mark or a decimal mark",
        "the two readings differ by a factor of a thousand",
        "write it without thousands marks",
        "1,500",
        "1500 or 1.5",
    ),
    "bad-cuts": Explained(
        "parts in shorter cuts can't be read",
        "a shorter film would show the wrong parts",
        "separate names with ;, each with its length and in-point",
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
        "the options of a title in brackets can't be read",
        "it would appear at another time or position, or in another font",
        "write times in seconds, a position and a font file, separated by `;`, or no brackets",
        "[2-1; left] Jane Doe",
        "[1-2; bottom-left] Jane Doe",
    ),
    "bad-focus": Explained(
        "the point that a crop keeps in sight can't be read",
        "the wrong part of the picture would be cut off",
        "two numbers from 0 to 1",
        "left",
        "0.2 0.5",
    ),
    "bad-fps": Explained(
        "a cell is not a frame rate", "the clip would have another rate", "a film or video rate, at most 240", "fast", "24"
    ),
    "bad-id": Explained(
        "a shot's id is invalid",
        "it is also a file name, on every system",
        "letters, digits, then also . _ and -, at most 64",
        "Scene 1/2",
        "SC1_2",
    ),
    "bad-level": Explained("a loudness can't be read", "the shot would be as loud as the others", "match, keep, or dB", "loud", "-6"),
    "bad-model": Explained(
        "a model's name isn't written as service/model",
        "callsheet would not know which service to use",
        "service/model",
        "LTX",
        "runware/ltx-2.3",
    ),
    "bad-name": Explained(
        "a name can't be part of a file name", "clips and films are files", "remove the characters that are named", "a/b", "a-b"
    ),
    "bad-params": Explained(
        "parameters can't be read",
        "the service would get wrong parameters, or none",
        "name = value between semicolons, or a JSON object",
        "steps 30",
        "steps = 30",
    ),
    "bad-reference": Explained(
        "a reference to another shot's picture is invalid, circular or part of too long a chain",
        "the shot would wait for ever, or be bought without it",
        "name a shot of this list, or a file; [continuity] max_links allows longer chains",
        "@S9999#last",
        "@S0010#last",
    ),
    "bad-resolution": Explained(
        "a size can't be read, or isn't valid for a film",
        "the clip would have another size",
        "width x height, even numbers from 16 to 8192",
        "1080p",
        "1920x1080",
    ),
    "bad-shape": Explained(
        "further shapes can't be read",
        "clips of the wrong shape would be bought",
        "separate shapes with ;",
        "portrait",
        "9:16; 1:1",
    ),
    "bad-status": Explained(
        "a status is unknown",
        "a shot might be bought by mistake",
        "ready, hold or omit; [status] of a mapping has your own words",
        "done",
        "hold",
    ),
    "bad-type": Explained(
        "a column of a Parquet file has a type that can't be a cell", "its values would be guessed", "store it as text or numbers"
    ),
    "bad-word": Explained("a word is not one that the column accepts", "the default would be used", "use one of those that are named"),
    "bare-word": Explained(
        "a cell has a placeholder for nothing",
        "a program or a person in a hurry left it, and it would be bought as a prompt",
        "empty the cell, or write a value",
        "None",
        "",
    ),
    "cell-count": Explained(
        "a row has more cells than the header",
        "it is unclear which cell is which",
        "put cells that contain the separator in quotes",
        "A1,one, two,3",
        'A1,"one, two",3',
    ),
    "comment-row": Explained("a row is a comment", "it would be bought", "delete it; or leave_out in a mapping", "# later"),
    "control-character": Explained("a text contains an invisible character", "a service would get it", "type the text again"),
    "csv-syntax": Explained(
        "the quotes of a row don't match",
        "everything after it would be misread",
        "double each mark inside a cell in quotes",
        '"a 5" lens"',
        '"a 5"" lens"',
    ),
    "cut-table": Explained(
        "a [cuts.NAME] table of project.toml has invalid shots, lengths or in-points",
        "a shorter film would lack a shot, or show the wrong one",
        "name shots of the list in its order, each once",
    ),
    "spreadsheet-date": Explained(
        "a cell is a date, but shouldn't be",
        "a spreadsheet made it from a number or an id, and the original is lost",
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
        "no first list can be made from a screenplay, a storyboard or a timeline",
        "its shots can't be distinguished, or their lengths would be guessed",
        "follow the message",
    ),
    "duplicate-id": Explained(
        "an id is used twice, ignoring case", "one shot would hide the other", "rename it; takes = 2 buys two clips of one shot"
    ),
    "empty-list": Explained("there is no shot", "there is nothing to do", "add a row for each shot"),
    "encoding": Explained(
        "the encoding of the text is unknown",
        "a guess would buy the wrong words",
        "add --encoding NAME with the encoding that shows the right letters, or save it as UTF-8",
    ),
    "formula": Explained(
        "a formula of a workbook was never calculated", "it has no value", "open the workbook in a spreadsheet program and save it"
    ),
    "header-unit": Explained(
        "a header has another unit than its column",
        "minutes, frames or euros would be bought as seconds and dollars",
        "convert the cells; `callsheet import` can read lengths in other units",
        "Transition (frames)",
        "transition_s",
    ),
    "hidden-row": Explained(
        "a workbook hides rows", "they may or may not be shots", "`callsheet import` asks; or show them, or delete them"
    ),
    "struck-row": Explained(
        "a workbook has rows with struck-through text",
        "people strike out what is cut, and it would be bought",
        "`callsheet import` asks; or remove the strikethrough, or delete the rows",
    ),
    "struck-text": Explained(
        "some words of a workbook's cell are struck through",
        "people strike out what is cut, and a service would get it as words",
        "delete these words, or remove their strikethrough",
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
        "`callsheet import` removes or keeps it; or type plain text",
        "a <b>red</b> lamp",
        "a red lamp",
    ),
    "merged-cell": Explained(
        "a cell is merged with the one above it",
        "three shots of 6 s each would be bought, although all three together may be 6 s",
        "unmerge it and give each row its own; or run `callsheet import` to let it count for each",
    ),
    "missing-cell": Explained("a cell that every shot needs is empty", "the shot can't be bought", "fill it"),
    "missing-column": Explained("a column that every list needs is missing", "no shot can be read", "add it, or import the list"),
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
    "not-a-list": Explained("the file is not a shot list", "it can't be read as one", "follow the message"),
    "not-a-number": Explained(
        "a cell is not a number, or not of the required kind", "it would be guessed", "write digits, without unit, sign or thousands marks"
    ),
    "not-a-switch": Explained("a cell is neither on nor off", "it would be guessed", "on or off"),
    "not-found": Explained(
        "a file doesn't exist", "the shot would be bought without it", "correct the path, which is relative to the list's folder"
    ),
    "out-of-range": Explained("a number is outside the allowed range", "it can't be bought", "write one within the range that is named"),
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
        "your own clip can't be used, or is too short",
        "the film would have a gap or a frozen picture",
        "name a film in the project that is long enough",
        "notes.txt",
        "packshot.mov",
    ),
    "question": Explained(
        "an import has to ask, but there is no terminal",
        "a guess would decide what is bought",
        "answer in a file, and pass it with --map",
    ),
    "range": Explained("a length is a range", "one length is bought", "write only the length that you want", "3-5", "4"),
    "bad-ref": Explained(
        "refs.csv has a row or a column that can't be used",
        "prompts would be sent without its text",
        "give each a name and a text, in the columns `name` and `text`",
    ),
    "repeated-header": Explained(
        "a row is the header once more, or says which types or units its columns have",
        "its words would be bought",
        "delete it; or leave_out in a mapping",
        "shot_id,prompt",
    ),
    "section-row": Explained(
        "a row is a scene heading", "it would be bought", "delete it; or leave_out in a mapping", "INT. LAMP ROOM - NIGHT"
    ),
    "spreadsheet-error": Explained("a formula of a spreadsheet failed", "an error is not a value", "correct the formula", "#REF!"),
    "timecode": Explained(
        "a length is a timecode, a clock time or a count of frames",
        "the column is seconds, and the row has no rate",
        "write the seconds; or fill fps; or import the list",
        "00:00:03:12",
        "3.5",
    ),
    "too-long": Explained("a text is longer than any model accepts", "it would be cut off", "shorten it"),
    "too-many-columns": Explained("the header has hundreds of columns", "this is not a shot list", "keep only the columns that it needs"),
    "totals-row": Explained("a row is a sum", "it would be bought", "delete it; or leave_out in a mapping", "TOTAL"),
    "unknown-column": Explained(
        "a header is almost a known one", "a misspelt column would be ignored", "correct it, or start it with x_", "promt", "prompt"
    ),
    "unknown-ref": Explained(
        "a prompt uses a name that refs.csv doesn't have",
        "the service would get the @ and the name as words",
        "correct the name, or add it to refs.csv; write @@name for a literal @",
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
        "an unread column decides what is bought",
        "the default would be bought instead",
        "import the list, or rename the column to ours, or start its name with x_",
        "Dauer",
        "duration_s",
    ),
    "workbook": Explained("a workbook can't be read, is too large, or has several sheets", "its meaning is unknown", "follow the message"),
}

_PAGE = """\
# Problems of a list

`callsheet check LIST` reports all of them at once; `callsheet explain CODE` explains one. `check --format concise|json|github|sarif` is for editors, scripts, GitHub Actions and code scanning.

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
