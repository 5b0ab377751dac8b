"""Vertically merged cells of a workbook: a scene's name applies to each row, but a length may be that of all rows together."""

from __future__ import annotations

from callsheet.domain.errors import Problem
from callsheet.domain.typed import typed
from callsheet.domain.wording import listed
from callsheet.shotlist.files.table import Grid, letter
from callsheet.shotlist.header import Header

#: columns whose merged cells may mean all rows together, or one of them
ONCE = frozenset(
    {
        "shot_id",
        "prompt",
        "negative_prompt",
        "duration_s",
        "in_s",
        "takes",
        "seed",
        "max_cost_usd",
        "transition_s",
        "first_frame",
        "last_frame",
    }
    | {"audio", "clip", "dialogue", "title", "cuts", "params"}
)


def merged_problems(grid: Grid, header: Header, file: str) -> list[Problem]:
    """One problem for each of our columns in which a merged cell would count for each row without anybody having said so."""
    found: list[Problem] = []
    for field in header.fields:
        rows = sorted(row for row, index in grid.merged if index in field.indexes)
        if field.column.name not in ONCE or not rows:
            continue
        index = next(index for row, index in sorted(grid.merged) if row == rows[0] and index in field.indexes)
        cells = listed([f"{letter(index)}{row}" for row in rows], 8)
        message = f"{cells} {'are' if len(rows) > 1 else 'is'} merged with the cell above: does it count for each row, or for all together?"
        found.append(
            Problem(
                code="merged-cell",
                message=message,
                help=f"unmerge them and give each row its own; or run `{typed('import', file)}` to let it count for each",
                row=rows[0],
                column=field.column.name,
                header=field.header if field.header != field.column.name else None,
                cell=f"{letter(index)}{rows[0]}",
            )
        )
    return found
