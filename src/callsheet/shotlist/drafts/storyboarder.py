"""A storyboard of Wonder Unit's Storyboarder: each board becomes a row. The file is JSON with `boards`, times in milliseconds."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any, cast

from callsheet.domain.timebase import fps_text, parse_fps
from callsheet.shotlist.columns.cells import seconds_text
from callsheet.shotlist.drafts.draft import Cells, Draft, unread


def storyboarder(text: str, file: str, folder: Path) -> Draft:
    """A row for each board, with the name of its drawing: the author decides whether a sketch is a first frame. InputError if the file
    isn't a storyboard.
    """
    try:
        found: Any = json.loads(text)
        boards = cast("list[dict[str, Any]]", found["boards"])
        rate = fps_text(parse_fps(str(found["fps"]))) if found.get("fps") else ""
        usual = found.get("defaultBoardTiming")
        rows = tuple(_row(board, usual, rate, folder) for board in boards)
    except (ValueError, ArithmeticError, TypeError, KeyError, AttributeError, RecursionError):
        raise unread(file, "it has no boards as Storyboarder writes them", "save it again in Storyboarder") from None
    if not rows:
        raise unread(file, "it has no boards", "draw some")
    notes: list[str] = []
    if empty := sum(not row["prompt"] for row in rows):
        notes.append(f"{empty} board{'s have' if empty > 1 else ' has'} no action: write the prompt")
    if drawn := sum("x_board" in row for row in rows):
        notes.append(
            f"{drawn} drawings are listed in x_board, which isn't read: rename the column to first_frame to use them as first frames"
        )
    return Draft(rows, tuple(notes))


def _row(board: dict[str, Any], usual: object, rate: str, folder: Path) -> Cells:
    milliseconds = board.get("duration") or usual
    drawing = f"images/{board['url']}" if board.get("url") else ""
    return {
        "shot_id": str(board.get("shot") or board.get("number") or ""),
        "prompt": str(board.get("action") or "").strip(),
        "duration_s": seconds_text(Decimal(str(milliseconds)) / 1000) if milliseconds else "",
        "fps": rate,
        "dialogue": str(board.get("dialogue") or "").strip(),
        "note": str(board.get("notes") or "").strip(),
        **({"x_board": drawing} if drawing and (folder / drawing).is_file() else {}),
    }
