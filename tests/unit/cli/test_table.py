"""Tables: columns as wide as their cells, folded where the terminal is narrow."""

from __future__ import annotations

from rich.cells import cell_len

from callsheet.cli.output.table import Column, table, wrapped

COLUMNS = (Column("take"), Column("why", elastic=True), Column("model", folds=1), Column("list $", right=True))
ROWS = [["S0010.t1", "new", "runware/ltx-2", "0.48"], ["S0020.t1", "prompt changed since it was bought", "runware/ltx-2.3", "12.00"]]


def test_columns_line_up() -> None:
    """Numbers stand right, words left, and no line ends in blanks."""
    lines = table(COLUMNS, ROWS, 200)
    assert lines[0].split() == ["take", "why", "model", "list", "$"]
    assert len({cell_len(line) for line in lines}) == 1
    assert lines[1].endswith(" 0.48")
    assert all(line == line.rstrip() for line in lines)


def test_a_narrow_terminal_loses_the_least_important_column_first() -> None:
    """The model folds away; what is elastic is cut with an ellipsis; nothing is wider than the terminal."""
    folded = table(COLUMNS, ROWS, 60)
    assert "model" not in folded[0]
    assert "prompt changed since it was bought" in folded[2]
    squeezed = table(COLUMNS, ROWS, 44)
    assert "…" in squeezed[2]
    assert all(cell_len(line) <= 44 for line in squeezed)


def test_what_wraps_gives_way_before_a_column_is_lost() -> None:
    """A long reason is broken between words as long as that makes room for the other columns; where there is no terminal, nothing is broken or lost."""
    columns = (Column("take"), Column("why", elastic=True, wraps=True, least=20), Column("model", folds=1), Column("list $", right=True))
    shown = table(columns, ROWS, 60)
    assert ("model" in shown[0], shown[2].split()[:3], shown[3].split()) == (True, ["S0020.t1", "prompt", "changed"], ["was", "bought"])
    assert "model" not in table(columns, ROWS, 50)[0]
    [_, row] = table(columns, [["S0020.t1", "changed " * 40, "runware/ltx-2", "12.00"]], 198)
    assert row.endswith("12.00")


def test_wide_characters_keep_the_columns_straight() -> None:
    """A Chinese or Japanese name takes two places per character."""
    lines = table((Column("shot"), Column("n", right=True)), [["灯台", "1"], ["abcd", "22"]], 40)
    assert [cell_len(line) for line in lines] == [8, 8, 8]


def test_line_breaks_in_a_cell_become_blanks() -> None:
    """A prompt of two lines stays in its row."""
    assert table((Column("x"),), [["one\n two"]], 40) == ["x", "one two"]


def test_a_command_to_type_is_not_broken() -> None:
    """It stays on one line, whole, though that is wider; in a cell it is broken, for there it would be cut short."""
    line = "  note: paused by anna; `callsheet hold --undo spot:A030.t1` lets it be bought"
    assert wrapped(line, 40) == ["  note: paused by anna;", "      `callsheet hold --undo spot:A030.t1`", "      lets it be bought"]
    assert any(
        "`callsheet hold" in part and "`" not in part[1:] for part in table((Column("why", elastic=True, wraps=True),), [[line]], 30)
    )
