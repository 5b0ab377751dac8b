"""From a file to shots, or to everything that is wrong with it."""

from __future__ import annotations

import hashlib
import random
import time
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest

from callsheet.domain.errors import InputError, UsageError
from callsheet.domain.shots.shot import Origin, Shot, Size, Status
from callsheet.shotlist.columns.columns import COLUMNS, page
from callsheet.shotlist.read import read
from callsheet.shotlist.write import write
from tests.unit.shotlist.lists import faults, places, put, shots

MANIFESTS = Path(__file__).parents[3] / "manifests"


def test_a_full_row(tmp_path: Path) -> None:
    """Every core column arrives in its field; the cells are kept in the columns' order, whatever the file's."""
    (tmp_path / "a.png").touch()
    text = (
        "note,shot_id,prompt,sequence,model,duration_s,width,height,fps,seed,negative_prompt,takes,first_frame,sound,priority,status,max_cost_usd\n"
        'look,S1,"A pier,\nat dusk",SQ1,runware/ltx-2,"3,5",1280,720,23.976,9007199254740993,rain,2,a.png,off,1,Hold,1.5\n'
    )
    read_ = shots(tmp_path, text)
    [shot] = read_.shots
    assert replace(shot, cells=()) == Shot(
        list="film",
        shot_id="S1",
        prompt="A pier,\nat dusk",
        origin=Origin("film.csv", 2, 2),
        sequence="SQ1",
        model="runware/ltx-2",
        duration_s=Decimal("3.5"),
        size=Size(1280, 720),
        fps=Fraction(24000, 1001),
        seed=9007199254740993,
        negative_prompt="rain",
        takes=2,
        first_frame="a.png",
        sound=False,
        priority=1,
        status=Status.HOLD,
        max_cost=1_500_000,
        note="look",
    )
    named = {*text.partition("\n")[0].split(","), "resolution"} - {"width", "height"}
    assert [name for name, _ in shot.cells] == [column.name for column in COLUMNS if column.name in named]
    assert dict(shot.cells)["resolution"] == "1280x720"
    assert (read_.name, read_.file, read_.notes) == ("film", "film.csv", ())
    assert read_.sha256 == hashlib.sha256(text.encode()).hexdigest()


def test_an_empty_cell_inherits(tmp_path: Path) -> None:
    """What is not written is None, for the project or the model to fill; the sequence is the file's name."""
    [shot] = shots(tmp_path, "shot_id,prompt,model,seed\nS1,A pier,,\n").shots
    assert (shot.model, shot.seed, shot.duration_s, shot.size, shot.fps) == (None,) * 5
    assert (shot.sequence, shot.takes, shot.sound, shot.priority, shot.status) == ("film", 1, True, 5, Status.READY)
    assert shot.cells == (("shot_id", "S1"), ("prompt", "A pier"))


def test_order_is_the_files(tmp_path: Path) -> None:
    """Shots come as the rows stand."""
    assert [shot.shot_id for shot in shots(tmp_path, "shot_id,prompt\nB,x\nA,x\nC,x\n").shots] == ["B", "A", "C"]


def test_ten_faults_give_ten_errors_at_once() -> None:
    """messy.csv has ten cells that are wrong, each in its own way, and each is told with its place."""
    problems = faults(MANIFESTS, (MANIFESTS / "messy.csv").read_bytes(), "messy.csv")
    assert places(problems) == [
        ("duplicate-id", 3, 3, "shot_id"),
        ("bad-id", 4, 4, "shot_id"),
        ("missing-cell", 5, 5, "prompt"),
        ("range", 6, 6, "duration_s"),
        ("bad-resolution", 7, 8, "resolution"),
        ("bad-fps", 8, 9, "fps"),
        ("not-a-number", 9, 10, "seed"),
        ("not-a-number", 10, 11, "takes"),
        ("bad-status", 11, 12, "status"),
        ("not-a-number", 12, 13, "max_cost_usd"),
    ]
    assert all(problem.file == "messy.csv" and problem.message and problem.help for problem in problems)
    assert len({problem.message for problem in problems}) == 10


def test_several_faults_of_one_row_are_all_told(tmp_path: Path) -> None:
    """In the order of the columns, with the shot's name where it has one."""
    problems = faults(tmp_path, "shot_id,prompt,takes,fps,seed\nS1,,0,x,-1\n")
    assert [problem.column for problem in problems] == ["prompt", "fps", "seed", "takes"]
    assert {problem.shot for problem in problems} == {"S1"}


def test_a_duplicate_in_a_faulty_row_is_told(tmp_path: Path) -> None:
    """Another fault in the row doesn't hide that its id is taken, whatever the case or the way an accent is made."""
    assert places(faults(tmp_path, "shot_id,prompt,fps\nS1,x,24\ns1,,fast\n")) == [
        ("duplicate-id", 3, 3, "shot_id"),
        ("missing-cell", 3, 3, "prompt"),
        ("bad-fps", 3, 3, "fps"),
    ]


def test_edges_come_in_pairs(tmp_path: Path) -> None:
    """One edge alone, and edges that contradict the resolution, are told; a faulty edge is told once."""
    header = "shot_id,prompt,width,height,resolution\n"
    assert places(faults(tmp_path, header + "S1,x,1280,,\n")) == [("bad-resolution", 2, 2, "width")]
    assert places(faults(tmp_path, header + "S1,x,,720,\n")) == [("bad-resolution", 2, 2, "height")]
    assert places(faults(tmp_path, header + "S1,x,1280,720,1920x1080\n")) == [("bad-resolution", 2, 2, "width")]
    assert places(faults(tmp_path, header + "S1,x,1281,720,\n")) == [("bad-resolution", 2, 2, "width")]
    assert places(faults(tmp_path, header + "S1,x,wide,720,\n")) == [("not-a-number", 2, 2, "width")]
    assert shots(tmp_path, header + "S1,x,1280,720,1280x720\n").shots[0].size == Size(1280, 720)


def test_a_file_that_is_not_there_is_told_with_the_nearest(tmp_path: Path) -> None:
    """Paths are seen from the list's folder; URLs and references are for others to look at."""
    (tmp_path / "refs").mkdir()
    (tmp_path / "refs" / "mara_v3.png").touch()
    header = "shot_id,prompt,first_frame,audio\n"
    missing, odd = faults(tmp_path, header + f"S1,x,refs/mara_v2.png,\nS2,x,,{'long' * 2000}\n")
    assert (missing.code, missing.column, missing.help) == ("not-found", "first_frame", "mara_v3.png exists")
    assert (odd.row, odd.column) == (3, "audio")
    assert len(odd.message) < 200
    assert len(shots(tmp_path, header + 'S1,x,refs/mara_v3.png,https://a.example/x.wav\nS2,x,@prev,"data:,x"\n').shots) == 2


def test_suspicious_names_are_noted(tmp_path: Path) -> None:
    """Ids that Excel may have made and sequences that only case tells apart are legal, and said."""
    text = "shot_id,prompt,sequence\n1E5,x,SQ1\nMAR-01,x,sq1\nS1,x,SQ1\n"
    assert shots(tmp_path, text).notes == (
        "row 2: Excel may have changed the shot id 1E5",
        "SQ1 and sq1 differ only in case, and count as two sequences",
    )


def test_the_page_of_columns_is_up_to_date() -> None:
    """manifests/README.md is what `python -m callsheet.shotlist.columns.columns` prints."""
    assert (MANIFESTS / "README.md").read_text(encoding="utf-8") == page()


def test_the_demos_list() -> None:
    """lighthouse.csv: a dozen shots, two sequences, two models, nothing to say about it."""
    found = read(MANIFESTS / "lighthouse.csv", "lighthouse.csv")
    assert len(found.shots) == 12
    assert {shot.sequence for shot in found.shots} == {"harbour", "lamp"}
    assert {shot.model for shot in found.shots} == {"runware/ltx-2", "runware/ltx-2.3"}
    assert found.notes == ()


def test_an_unknown_ending_can_not_be_written(tmp_path: Path) -> None:
    """Only .csv, .xlsx and .parquet are written."""
    with pytest.raises(UsageError, match=r"film\.ods"):
        write([], tmp_path / "film.ods")


def test_what_can_not_be_opened_is_told(tmp_path: Path) -> None:
    """A folder, or a file that went away, is the user's to mend."""
    with pytest.raises(InputError, match=r"gone\.csv can't be read"):
        read(tmp_path / "gone.csv", "gone.csv")
    with pytest.raises(InputError, match="folder can't be read"):
        read(tmp_path, "folder")


def test_a_list_of_no_shots_is_a_header(tmp_path: Path) -> None:
    """What is written without shots is a list to begin with."""
    write([], tmp_path / "new.csv")
    assert (tmp_path / "new.csv").read_text() == "shot_id,prompt\n"


def test_five_thousand_rows_are_quick(tmp_path: Path) -> None:
    """A long list with faults in it takes a fraction of a second; told with a wide margin for slow machines."""
    rng = random.Random(5)
    rows = [
        f'S{n:05},"A pier, take {n}",runware/ltx-2,{rng.randint(1, 20)},1280x704,24,{n},{"fast" if n % 500 == 0 else 1}'
        for n in range(5000)
    ]
    path = put(tmp_path, "shot_id,prompt,model,duration_s,resolution,fps,seed,takes\n" + "\n".join(rows))
    start = time.process_time()
    assert len(faults(tmp_path, path.read_bytes())) == 10
    assert time.process_time() - start < 2


@pytest.mark.parametrize(
    "cell",
    [
        "#REF!",
        "#BEZUG!",
        "#¡REF!",
        "#NV",
        "#N/D",
        "#WERT!",
        "#VALEUR!",
        "#ИМЯ?",
        "#SPILL!",
        "#ERROR!",
        "#DIV/0!",
        "#######",
        "Loading...",
        "Wird geladen…",
    ],
)
def test_a_failed_formula_is_never_bought(tmp_path: Path, cell: str) -> None:
    """Spreadsheets write their errors in their user's language; as an id such a cell makes its row no comment."""
    assert [problem.code for problem in faults(tmp_path, f"shot_id,prompt\nS1,{cell}\n")] == ["spreadsheet-error"]
    assert [problem.code for problem in faults(tmp_path, f"shot_id,prompt\n{cell},A pier\n")] == ["spreadsheet-error"]


def test_a_comment_and_a_hash_in_a_prompt_are_no_failed_formula(tmp_path: Path) -> None:
    """Only a cell that is all error counts."""
    assert [problem.code for problem in faults(tmp_path, "shot_id,prompt\n# the harbour,\n")] == ["comment-row"]
    [shot] = shots(tmp_path, "shot_id,prompt\nS1,#1 on the door! Loading... a crane\n").shots
    assert shot.prompt == "#1 on the door! Loading... a crane"


@pytest.mark.parametrize(
    "first",
    ["Summe", "Gesamtsumme", "Total général", "Sous-total", "Insgesamt: 2 Einstellungen", "TOTAL (2 shots)", "Totaal", "Summa", "小計", "소계", "Total runtime", "Sum = 7"],
)  # fmt: skip
def test_totals_are_never_bought(tmp_path: Path, first: str) -> None:
    """Whatever the language, and whatever stands in the cells behind them."""
    assert [problem.code for problem in faults(tmp_path, f"shot_id,prompt,duration_s\nS1,A pier,3\n{first},2 shots,7\n")] == ["totals-row"]


@pytest.mark.parametrize(
    "cell",
    ["ditto", "Same as above.", "〃", "同上", "siehe oben", "Insert prompt here", "<PROMPT HERE>", "[your description]", "Description", "lorem ipsum dolor sit",
     "A {{character}} walks", "A pier in ${place}"],
)  # fmt: skip
def test_a_prompt_that_is_not_written_yet_is_never_bought(tmp_path: Path, cell: str) -> None:
    """A mark for the row above, a form's own words, a template's field; as a sequence, only the first means nothing."""
    assert [problem.code for problem in faults(tmp_path, f"shot_id,prompt\nS1,{cell}\n")] == ["unwritten"]


def test_words_of_a_form_in_a_sentence_are_a_prompt(tmp_path: Path) -> None:
    """A prompt may speak of prompts, and of the same things."""
    for cell in (
        "The same pier by night",
        "A text on a wall",
        "A hand writes the description of a ship",
        "A sign: {closed}",
        "Same place, closer",
    ):
        assert len(shots(tmp_path, f'shot_id,prompt\nS1,"{cell}"\n').shots) == 1
    assert [problem.code for problem in faults(tmp_path, "shot_id,prompt,sequence\nS1,A pier,ditto\n")] == ["unwritten"]


@pytest.mark.parametrize("header", ["Shot,Prompt,Duration", "shot_id,prompt,duration_s"])
def test_the_header_once_more_is_never_bought(tmp_path: Path, header: str) -> None:
    """As where two lists were put together; a row that only begins like it is a shot."""
    assert [problem.code for problem in faults(tmp_path, f"{header}\nS1,A pier,3\n{header}\nS2,Gulls,3\n")] == ["repeated-header"]
    assert len(shots(tmp_path, f"{header}\nShot,The prompt of a theatre,3\n").shots) == 1


def test_a_total_in_a_prompt_or_a_framing_is_a_shot(tmp_path: Path) -> None:
    """German writes Totale for a wide shot."""
    assert len(shots(tmp_path, "shot_size,shot_id,prompt\nTotale,S1,Total eclipse over the pier\n").shots) == 1
    assert len(shots(tmp_path, "prompt,shot_id\nTotal eclipse over the pier,S1\n").shots) == 1
