"""What a header or a cell says beside a number is read or refused: minutes, frames, euros and percent never pass for seconds and dollars."""

from __future__ import annotations

import itertools
import random
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from callsheet.domain.errors import InputError
from callsheet.shotlist.columns.cells import CellError
from callsheet.shotlist.columns.columns import BY_NAME
from callsheet.shotlist.columns.header_units import parted
from callsheet.shotlist.columns.header_words import meaning
from callsheet.shotlist.load import load
from callsheet.shotlist.mapping import NO_MAPPING, mapping_file, save
from callsheet.shotlist.proposal.propose import propose
from callsheet.shotlist.read import read

BASES = (
    "Duration",
    "duration",
    "Length",
    "Dur",
    "Dauer",
    "Länge",
    "Durée",
    "Duración",
    "Shot length",
    "Runtime",
    "时长",
    "尺",
    "길이",
    "Est. Time",
)
#: words for units, and how many seconds a bare 2 is; None where it can't be a length
UNITS: dict[str, Decimal | None] = {
    **dict.fromkeys(("s", "sec", "Sek.", "SECONDS", "秒", "초", '"', "secondes"), Decimal(2)),
    **dict.fromkeys(("min", "Min.", "minutes", "Minuten", "分", "分钟", "분", "'", "мин"), Decimal(120)),
    **dict.fromkeys(("ms", "msec", "Millisekunden", "毫秒", "밀리초"), Decimal("0.002")),
    **dict.fromkeys(("f", "frames", "Bilder", "fotogramas", "帧", "コマ", "프레임"), Decimal("0.083")),
    **dict.fromkeys(("%", "€", "EUR", "£", "ft", "feet", "pages", "days", "SS:FF", "words", "credits"), None),
    **dict.fromkeys(("h", "Std.", "hours", "小时"), None),  # two hours: longer than a shot can be
}
FORMS = ("{0} ({1})", "{0} [{1}]", "{0} in {1}", "{0}, {1}", "{0}/{1}", "{0}_{1}", "{0} {1}", "{0}（{1}）", "{0}  ( {1} )")


def headers() -> list[tuple[str, str]]:
    """Every header with the word of its unit."""
    every = itertools.product(BASES, UNITS, FORMS)
    return [(form.format(base, word), word) for base, word, form in every if not (word in "%€£'\"" and form in ("{0}/{1}", "{0} in {1}"))]


def said_yes(folder: Path, text: str) -> Decimal | None:
    """The first shot's length after an import in which each question was answered with its first choice; None where it is refused, and "" where it has none."""
    path = folder / "film.csv"
    path.write_text(text, encoding="utf-8")
    mapping_file(path).unlink(missing_ok=True)
    try:
        grid = load(path, text.encode(), path.name, NO_MAPPING)
        document: dict[str, object] = {}
        for _ in range(4):
            proposal = propose(grid, path.name, document, {})
            document = dict(proposal.document)
            if not proposal.questions:
                break
            for question in proposal.questions:
                [(table, answer)] = question.answer(question.choices[0][0]).items()
                known = document.get(table)
                document[table] = {**known, **answer} if isinstance(known, dict) else answer
        save(path, document)
        return read(path, path.name).shots[0].duration_s
    except InputError:
        return None


def test_every_unit_in_a_header_is_seen() -> None:
    """Whatever the language and the way it is written."""
    missed = [header for header, _ in headers() if parted(header)[1] is None or meaning(header) not in ("duration_s", "frames")]
    assert missed == []


def test_a_yes_buys_no_other_length(tmp_path: Path, seed: int) -> None:
    """A list with any such header, imported with a yes to every question: its lengths are in the header's unit, or it is refused, or no length is read."""
    for header, word in random.Random(seed).sample(headers(), 80):
        right = UNITS[word]
        got = said_yes(tmp_path, f"shot_id\tprompt\t{header}\tfps\nS1\tA pier\t2\t24\nS2\tA lamp\t2\t24\n")
        assert got == right, header


@pytest.mark.parametrize(
    "header", ["Duration %", "Max cost (€)", "Dur (')", "Transition (frames)", "in (ms)", "Max. cost, cents", "transition_ms"]
)
def test_without_an_import_such_a_column_is_never_ours(tmp_path: Path, header: str) -> None:
    """Signs and units that a comparison of letters passes over."""
    path = tmp_path / "film.csv"
    path.write_text(
        f"shot_id,prompt,duration_s,x_own,{header}\n".replace("Max. cost, cents", '"Max. cost, cents"') + "S1,A pier,2,,2\n",
        encoding="utf-8",
    )
    try:
        [shot] = read(path, path.name).shots
    except InputError as error:
        assert {problem.code for problem in error.problems} <= {"header-unit", "unmapped-column", "unknown-column"}
    else:
        assert (str(shot.duration_s), shot.max_cost, shot.in_s, shot.transition_s) == ("2", None, None, None)


#: what stands around a number, and what the cell then means in seconds, as a factor; None: it has to be refused
AROUND: dict[str, Decimal | None] = {
    "{}": Decimal(1),
    "{}s": Decimal(1),
    "{} sec.": Decimal(1),
    '{}"': Decimal(1),
    "{}'": Decimal(60),
    "{} min": Decimal(60),
    **dict.fromkeys(
        (
            "{}%",
            "{} €",
            "€{}",
            "${}",
            "{}k",
            "{} ms",
            "{}h",
            "-{}",
            "–{}",
            "−{}",
            "+{}",
            "~{}",
            "ca. {}",
            "<{}",
            "{}?",
            "{}+12",
            "{}p",
            "{} ft",
            "{}x",
            "({})",
            "{}e3",
            "1/{}",
            "{}-5",
            "0x{}",
            "{} 000",
            "{}½",
        )
    ),
}


@settings(max_examples=150, deadline=None, print_blob=True)
@given(
    number=st.integers(2, 59),
    around=st.sampled_from(sorted(AROUND)),
    digits=st.sampled_from("0٠０०"),
    column=st.sampled_from(["duration_s", "in_s", "transition_s", "max_cost_usd"]),
)
def test_what_stands_around_a_number_counts(number: int, around: str, digits: str, column: str) -> None:
    """A cell gives its number times its unit, or is refused: in any digits, with any sign, currency or unit around it."""
    cell = around.format("".join(chr(ord(digits) + int(sign)) for sign in str(number)))
    factor = AROUND[around] if column != "max_cost_usd" or around == "{}" else None
    try:
        value = BY_NAME[column].parse(cell)
    except CellError as error:
        assert error.fix
        return
    assert factor is not None, (column, cell, value)
    assert value == number * factor * (1_000_000 if column == "max_cost_usd" else 1)


@pytest.mark.parametrize("cell", ["24p", "25 fps", "23,98", "23.98p", "23,976 fps", "29.97"])
def test_frame_rates_as_people_write_them(cell: str) -> None:
    """Progressive and with a comma."""
    assert BY_NAME["fps"].parse(cell) == BY_NAME["fps"].parse(cell.lower().replace(",", ".").strip(" pfs"))


@pytest.mark.parametrize("cell", ["50i", "1/24", "0.04", "24 Bilder", "23976", "24%", "12/2/1", "−24"])
def test_what_is_no_frame_rate_is_refused(cell: str) -> None:
    """Fields, the time of one frame, and what a spreadsheet makes of 23.976."""
    with pytest.raises(CellError):
        BY_NAME["fps"].parse(cell)


@pytest.mark.parametrize(
    "cell", ["03-Mrz", "3-Mar", "Mar-03", "03. Mai", "03.05.2024", "2024-05-03", "3月5日", "1-janv", "3월 5일", "5 mag"]
)
@pytest.mark.parametrize("column", ["shot_id", "duration_s", "takes", "prompt"])
def test_dates_are_no_values(tmp_path: Path, cell: str, column: str) -> None:
    """What Excel, Numbers and Sheets make of 3.5 and 3-5 is refused in every column, and nothing is put in its place."""
    path = tmp_path / "film.csv"
    cells = {"shot_id": "S1", "prompt": "A pier", column: cell}
    path.write_text(",".join(cells) + "\n" + ",".join(cells.values()) + "\n", encoding="utf-8")
    with pytest.raises(InputError) as error:
        read(path, path.name)
    [problem] = error.value.problems
    assert (problem.column, problem.mended) == (column, None)


def test_numbers_of_dates_among_ids_are_refused(tmp_path: Path) -> None:
    """45293 beside 1-13 was 1-2; a list of five-digit numbers is one."""
    path = tmp_path / "film.csv"
    path.write_text("shot_id,prompt\n1-13,A pier\n45293,A lamp\n", encoding="utf-8")
    with pytest.raises(InputError) as error:
        read(path, path.name)
    assert [(problem.code, problem.cell) for problem in error.value.problems] == [("spreadsheet-date", "A3")]
    mapping_file(path).write_text('dates = "ids"\n', encoding="utf-8")
    assert [shot.shot_id for shot in read(path, path.name).shots] == ["1-13", "45293"]
    mapping_file(path).unlink()
    path.write_text("shot_id,prompt\n45292,A pier\n45293,A lamp\n", encoding="utf-8")
    assert len(read(path, path.name).shots) == 2
