"""Each kind of cell: what it takes, and what it says to what it doesn't."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from callsheet.domain.shots.shot import Size, Status
from callsheet.shotlist.columns import cells, params_cell, seed_cell
from callsheet.shotlist.columns.cells import CellError
from callsheet.shotlist.columns.columns import BY_NAME, COLUMNS

_NESTED = (("CFGScale", Decimal("4.5")), ("safety.checkContent", True), ("safety.mode", "full"))


@pytest.mark.parametrize(
    ("parse", "cell", "value"),
    [
        (cells.shot_id, "SQ010_0020.b-1", "SQ010_0020.b-1"),
        (cells.shot_id, "0010", "0010"),
        (cells.shot_id, "S1.take", "S1.take"),
        (cells.text, "NA", "NA"),
        (cells.text, "=SUM(A1)", "=SUM(A1)"),
        (cells.text, "two\nlines\tand a tab", "two\nlines\tand a tab"),
        (cells.sequence, "Scène 1", "Scène 1"),
        (cells.model, "runware/ltx-2.3", "runware/ltx-2.3"),
        (cells.duration, "3.5", Decimal("3.5")),
        (cells.duration, "3,5", Decimal("3.5")),
        (cells.duration, "3.500s", Decimal("3.5")),
        (cells.duration, "10 sec", Decimal(10)),
        (cells.duration, '5"', Decimal(5)),
        (cells.duration, "2.5 sec", Decimal("2.5")),
        (cells.duration, "4 sec.", Decimal(4)),
        (cells.duration, "1m30s", Decimal(90)),
        (cells.duration, "2 min", Decimal(120)),
        (cells.duration, "0,125", Decimal("0.125")),
        (cells.fps, "23.976023976023978", Fraction(24000, 1001)),
        (cells.fps, "29.97002997", Fraction(30000, 1001)),
        (cells.fps, "24.000000000000004", Fraction(24)),
        (cells.fps, "25 fps", Fraction(25)),
        (cells.fps, "12.5", Fraction(25, 2)),
        (cells.prompt, "“CAFÉ” – l’été…", "“CAFÉ” – l’été…"),
        (cells.prompt, "CAFÉ… und Müßiggang", "CAFÉ… und Müßiggang"),
        (cells.prompt, "None of them looks up", "None of them looks up"),
        (cells.duration, "0.001", Decimal("0.001")),
        (cells.size, "1280x720", Size(1280, 720)),
        (cells.size, "1280 × 720", Size(1280, 720)),
        (cells.fps, "24", Fraction(24)),
        (cells.fps, "23,976", Fraction(24000, 1001)),
        (cells.fps, "30000/1001", Fraction(30000, 1001)),
        (cells.whole(0, cells.MAX_SEED), "9007199254740993", 9007199254740993),
        (cells.switch, "OFF", False),
        (params_cell.params, "steps = 30; safety.mode=fast", (("safety.mode", "fast"), ("steps", 30))),
        (params_cell.params, "b=1\n a = 2 ;", (("a", 2), ("b", 1))),
        (params_cell.params, '{"safety": {"mode": "full", "checkContent": true}, "CFGScale": 4.50}', _NESTED),
        (params_cell.params, "aspect_ratio=16:9", (("aspect_ratio", "16:9"),)),
        (params_cell.params, 'a="30"; b=on; c=true; d=1e2', (("a", "30"), ("b", "on"), ("c", True), ("d", 100))),
        (params_cell.params, "uploadEndpoint=https://b.example/c?x=1&y=2", (("uploadEndpoint", "https://b.example/c?x=1&y=2"),)),
        (params_cell.params, "{}", ()),
        (cells.switch, "yes", True),
        (cells.status, "Hold", Status.HOLD),
        (cells.usd, "1.50", 1_500_000),
        (cells.usd, "0,000001", 1),
    ],
)
def test_what_is_meant(parse: Callable[[str], Any], cell: str, value: object) -> None:
    """A legal cell has one value."""
    assert parse(cell) == value


@pytest.mark.parametrize(
    ("parse", "cell", "code", "says"),
    [
        (cells.shot_id, "S1.t2", "bad-id", "takes"),
        (cells.shot_id, "S 1", "bad-id", "' '"),
        (cells.shot_id, "-S1", "bad-id", "begin"),
        (cells.shot_id, "é1", "bad-id", "'é'"),
        (cells.shot_id, "x" * 65, "bad-id", "65 characters"),
        (cells.shot_id, "com1", "bad-name", "Windows"),
        (cells.shot_id, "NUL.txt", "bad-name", "Windows"),
        (cells.shot_id, "S1.", "bad-name", "Windows"),
        (cells.shot_id, "#REF!", "spreadsheet-error", "formula"),
        (cells.text, "a\x00b", "control-character", "U+0000"),
        (cells.sequence, "a/b", "bad-name", "file name"),
        (cells.sequence, "aux", "bad-name", "Windows"),
        (cells.model, "ltx-2", "bad-model", "service/model"),
        (cells.duration, "00:00:05:12", "timecode", "write 5.5 (12 frames at 24 fps)"),
        (cells.duration, "1:30", "timecode", "write 90"),
        (cells.duration, "0:00:02,5", "timecode", "write 2.5"),
        (cells.duration, "84f", "timecode", "write 3.5"),
        (cells.duration, "0:00-0:02", "range", "lasts: 2"),
        (cells.duration, "0-9s", "range", "want: 9"),
        (cells.duration, "0.5-2.0 s", "range", "or 1.5 if they are start and end"),
        (cells.duration, "3+12", "range", "write seconds: 3.5"),
        (cells.prompt, "TRUE", "bare-word", "under their headers"),
        (cells.prompt, "falsch", "bare-word", "under their headers"),
        (seed_cell.seed, "-1", "not-a-number", "leave the cell empty"),
        (cells.duration, "0", "out-of-range", "more than 0"),
        (cells.duration, "-3", "not-a-number", "plain number"),
        (cells.duration, "1,234.5", "not-a-number", "plain number"),
        (cells.duration, "3601", "out-of-range", "3600"),
        (cells.duration, "1.2345", "out-of-range", "write 1.234"),
        (cells.duration, "nan", "not-a-number", "seconds"),
        (cells.duration, "٣", "not-a-number", "seconds"),
        (cells.size, "720p", "bad-resolution", "1280x720"),
        (cells.size, "4K", "bad-resolution", "3840x2160"),
        (cells.size, "1280", "bad-resolution", "1280x720"),
        (cells.size, "1281x720", "bad-resolution", "even"),
        (cells.size, "0x720", "bad-resolution", "16"),
        (cells.fps, "0", "bad-fps", "24"),
        (cells.fps, "24/0", "bad-fps", "24"),
        (cells.whole(1, 8), "9", "not-a-number", "1 to 8"),
        (cells.whole(1, 8), "2.0", "not-a-number", "1 to 8"),
        (cells.whole(0, 10), "4,2E+09", "not-a-number", "spreadsheet"),
        (cells.whole(0, 9), "²", "not-a-number", "0 to 9"),
        (cells.switch, "maybe", "not-a-switch", "on or off"),
        (cells.status, "done", "bad-status", "ready, hold or omit"),
        (params_cell.params, "steps", "bad-params", "'steps' has no value"),
        (params_cell.params, "steps=", "bad-params", "has no value"),
        (params_cell.params, "steps=1; steps=2", "bad-params", "steps is there twice"),
        (params_cell.params, '{"a": 1, "a": 2}', "bad-params", "twice"),
        (params_cell.params, '{"a": {"b": 1}, "a.b": 2}', "bad-params", "a.b is there twice"),
        (params_cell.params, '{"a": [1]}', "bad-params", "is not a number, a text"),
        (params_cell.params, '{"a": null}', "bad-params", "is not a number, a text"),
        (params_cell.params, '{"a": NaN}', "bad-params", "not a number"),
        (params_cell.params, '{"a": 1', "bad-params", "not a JSON object"),
        (params_cell.params, '{"a":' * 20_000, "bad-params", "not a JSON object"),
        (params_cell.params, "[1]", "bad-params", "name = value"),
        (params_cell.params, "1=2", "bad-params", "'1' is not a valid parameter name"),
        (params_cell.params, "#REF!", "spreadsheet-error", "formula"),
        (cells.usd, "1,000", "ambiguous-number", "write 1000 or 1.000"),
        (cells.duration, "6,000", "ambiguous-number", "write 6000 or 6.000"),
        (cells.duration, "3-5", "range", "3 or 5"),
        (cells.duration, "3 to 5 sec", "range", "3 or 5"),
        (cells.duration, "~4", "not-a-number", "plain number"),
        (cells.prompt, "None", "bare-word", "describe the picture"),
        (cells.prompt, "TOTAL", "bare-word", "describe the picture"),
        (cells.prompt, "n/a", "bare-word", "describe the picture"),
        (cells.prompt, "-", "bare-word", "describe the picture"),
        (cells.prompt, "4", "bare-word", "under their headers"),
        (cells.negative, "NaN", "bare-word", "empty"),
        (cells.sequence, "TBD", "bare-word", "name the sequence"),
        (cells.shot_id, "null", "bare-word", "name the shot"),
        (cells.prompt, "lost \ufffd letters", "damaged-text", "U+FFFD"),
        (cells.prompt, "The keeperâ€™s lamp â€“ dusk", "damaged-text", "keeper’s lamp – dusk"),
        (cells.prompt, "cafÃ©", "damaged-text", "café"),
        (cells.prompt, "caf√©", "damaged-text", "café"),
        (cells.usd, "$5", "not-a-number", "USD"),
        (cells.usd, "1.234,50", "not-a-number", "USD"),
        (cells.usd, "0", "out-of-range", "hold"),
        (cells.usd, "0.0000001", "out-of-range", "six decimals"),
    ],
)
def test_what_is_refused(parse: Callable[[str], Any], cell: str, code: str, says: str) -> None:
    """A cell that means nothing is refused with the reason and what to write instead."""
    with pytest.raises(CellError) as refused:
        parse(cell)
    assert refused.value.code == code
    assert says in f"{refused.value.why} {refused.value.fix}"


@pytest.mark.parametrize("column", COLUMNS, ids=lambda column: column.name)
def test_every_example_is_legal_and_reads_back(column: Any) -> None:
    """The table's own example of a column is a legal cell, and what is written back means the same."""
    value = column.parse(column.example)
    assert column.parse(column.show(value)) == value


def test_one_value_has_one_text() -> None:
    """However a value was typed, it is kept as one text, so that typing it otherwise is no change."""
    for name, spellings, text in (
        ("duration_s", ("3.5", "3,5", "3.50s"), "3.5"),
        ("duration_s", ("10", "10.0", "10.000 s"), "10"),
        ("fps", ("23.976", "24000/1001"), "24000/1001"),
        ("sound", ("off", "FALSE", "0"), "off"),
        ("max_cost_usd", ("1.5", "1,50"), "1.50"),
        ("resolution", ("1280x720", "1280 X 720"), "1280x720"),
    ):
        column = BY_NAME[name]
        assert {column.show(column.parse(spelling)) for spelling in spellings} == {text}


@pytest.mark.parametrize(
    ("cell", "rate", "seconds"),
    [
        ("00:00:03:12", Fraction(24), "3.5"),
        ("00:00:03:12", Fraction(25), "3.48"),
        ("72f", Fraction(24), "3"),
        ("72 frames", Fraction(24000, 1001), "3.003"),
        ("00:01:00:00", Fraction(24000, 1001), "60.06"),
        ("3.5", Fraction(24), None),
    ],
)
def test_frames_are_counted_at_the_rows_rate(cell: str, rate: Fraction, seconds: str | None) -> None:
    """Timecode and frames are seconds once there is a rate; other lengths are none of its business."""
    assert cells.duration_at(cell, rate) == (None if seconds is None else Decimal(seconds))


@pytest.mark.parametrize("cell", ["00:00:03:24", "00:61:00:00", "00:01:00;02"])
def test_timecode_that_no_clock_shows_is_refused(cell: str) -> None:
    """Frames beyond the rate, and drop-frame timecode beyond a minute."""
    with pytest.raises(CellError):
        cells.duration_at(cell, Fraction(24))
