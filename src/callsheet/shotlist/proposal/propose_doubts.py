"""Questions about a whole list: hidden and struck rows, merged cells, ids that look like dates, HTML in prompts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from callsheet.domain.wording import listed
from callsheet.shotlist.columns.dates import is_date, serials
from callsheet.shotlist.files.table import Grid, Row, letter
from callsheet.shotlist.mapping import PART
from callsheet.shotlist.markup import markup
from callsheet.shotlist.merged_cells import ONCE
from callsheet.shotlist.proposal.question import Question


def doubts(grid: Grid, headers: Sequence[str], rows: Sequence[Row], document: dict[str, Any]) -> list[Question]:
    """The questions; `document` says which columns are what."""
    columns: dict[str, str] = document.get("columns", {})
    compose: dict[str, str] = document.get("compose", {})
    read_as = [{columns.get(text, "")} | {name for name, template in compose.items() if text in PART.findall(template)} for text in headers]
    asked: list[Question] = []
    if grid.hidden:
        choices = (("read", "they are shots"), ("leave out", "they are none"))
        hidden = listed([str(number) for number in sorted(grid.hidden)], 10)
        asked.append(Question((), "hidden", f"the workbook hides row {hidden}: do they count?", choices))
    if grid.struck:
        choices = (("read", "they are shots"), ("leave out", "they are cut"))
        struck = listed([str(number) for number in sorted(grid.struck)], 10)
        asked.append(Question((), "struck", f"the workbook strikes text of row {struck} through: do they count?", choices))
    once = sorted((row, index) for row, index in grid.merged if index < len(headers) and read_as[index] & ONCE)
    if once:
        cells = listed([f"{letter(index)}{row}" for row, index in once], 5)
        choices = (("each", "the value counts for each row; otherwise unmerge them and give each row its own"),)
        asked.append(
            Question(
                (), "merged", f"{cells} {'are' if len(once) > 1 else 'is'} merged with the cell above: does it count for each?", choices
            )
        )
    for index, names in enumerate(read_as):
        cells = [row.cells[index] for row in rows]
        dates = [cell for cell in cells if is_date(cell)] or [cells[at] for at in serials(cells)]
        if "shot_id" in names and dates and not any(question.name == "dates" for question in asked):
            choices = (("ids", "they are meant so; otherwise format the column as text and type them again"),)
            asked.append(Question((), "dates", f"did a spreadsheet turn ids into dates ({listed(dates, 3)})?", choices))
        tags = [tag for cell in cells if (tag := markup(cell))]
        if names & {"prompt", "negative_prompt"} and tags and not any(question.name == "markup" for question in asked):
            choices = (("take out", "tags are removed, &amp; is read as &, <br> as a line break"), ("keep", "it is sent unchanged"))
            asked.append(
                Question(
                    (), "markup", f"prompts contain HTML ({listed(list(dict.fromkeys(tags)), 3)}): what should be done with it?", choices
                )
            )
    return asked
