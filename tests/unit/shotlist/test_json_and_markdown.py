"""Lists as JSON and as Markdown tables."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.shotlist.lists import faults, shots


@pytest.mark.parametrize(
    ("text", "name"),
    [
        (
            '{"shot_id": "S1", "prompt": "A pier", "duration_s": 3.50, "seed": 9007199254740993}\n\n{"prompt": "A lamp", "shot_id": "S2", "sound": false}\n',
            "a.jsonl",
        ),
        (
            '[{"shot_id": "S1", "prompt": "A pier", "duration_s": 3.50, "seed": 9007199254740993},\n {"prompt": "A lamp", "shot_id": "S2", "sound": false}]',
            "a.json",
        ),
    ],
)
def test_an_object_for_each_shot(tmp_path: Path, text: str, name: str) -> None:
    """Numbers are exact, null and a missing name are empty, true and false are on and off."""
    one, two = shots(tmp_path, text, name).shots
    assert (one.shot_id, one.prompt, str(one.duration_s), one.seed) == ("S1", "A pier", "3.5", 9007199254740993)
    assert (two.shot_id, two.duration_s, two.sound) == ("S2", None, False)


def test_params_may_be_an_object(tmp_path: Path) -> None:
    """What is JSON in a cell of a CSV is an object here."""
    [shot] = shots(tmp_path, '{"shot_id": "S1", "prompt": "A pier", "params": {"steps": 30}}\n', "a.jsonl").shots
    assert shot.params == (("steps", 30),)


@pytest.mark.parametrize(
    ("text", "code", "line"),
    [
        ('{"shot_id": "S1", "prompt": "A pier"}\n{"shot_id": \n', "json", 2),
        ('{"shot_id": "S1", "prompt": "A pier"}\n[1, 2]\n', "json", 2),
        ('{"shot_id": "S1", "shot_id": "S2", "prompt": "A pier"}\n', "json", 1),
        ('{"shot_id": "S1", "prompt": "A pier", "duration_s": NaN}\n', "json", 1),
        ('{"shot_id": "S1", "prompt": "A pier", "fps": "fast"}\n', "bad-fps", 1),
        ("[" * 100_000, "json", 1),
        ("", "empty-list", None),
        ("{}", "empty-list", None),
    ],
)
def test_what_can_not_be_read_is_told_with_its_line(tmp_path: Path, text: str, code: str, line: int | None) -> None:
    """Never passed over."""
    problem = faults(tmp_path, text, "a.jsonl")[0]
    assert (problem.code, problem.line) == (code, line)


def test_an_object_around_the_shots_is_no_shot(tmp_path: Path) -> None:
    """Programs write a story with its shots in a list: that is read and told; of two lists nobody knows which. Once such a story was bought as one clip of JSON."""
    story = '{\n "title": "Spot",\n "shots": [{"shot_id": "S1", "prompt": "A pier"}, {"shot_id": "S2", "prompt": "A lamp"}]\n}'
    found = shots(tmp_path, story, "a.json")
    assert [shot.prompt for shot in found.shots] == ["A pier", "A lamp"]
    assert "the shots are those of 'shots'; not read: title" in found.notes
    problem = faults(tmp_path, story.replace('"Spot"', '[{"shot_id": "X"}]'), "a.json")[0]
    assert (problem.code, problem.message) == ("json", "the file is one object with several lists: title, shots")
    [one] = shots(tmp_path, '{"shot_id": "S1", "prompt": "A pier", "x_refs": [{"name": "Ada"}]}', "a.json").shots
    assert one.prompt == "A pier"


def test_json_of_another_tool_is_called_by_its_name(tmp_path: Path) -> None:
    """A saved plan, a timeline and a storyboard are no lists."""
    for text, says in (
        ('{"schema": "callsheet.plan/1"}', "a saved plan"),
        ('{"OTIO_SCHEMA": "Timeline.1"}', "an OTIO timeline"),
        ('{"version": 1, "boards": []}', "a Storyboarder file"),
    ):
        assert says in faults(tmp_path, text, "a.json")[0].message


def test_a_markdown_table(tmp_path: Path) -> None:
    """Text around it is left alone; bars and breaks in cells are what they mean; a cell's line is its own."""
    text = "# Film\n\n| shot_id | prompt | duration_s |\n|---|:--|--:|\n| S1 | A pier<br>at dusk | 3 |\n| `S2` | A \\| B | fast |\n\nEnd.\n"
    [problem] = faults(tmp_path, text, "a.md")
    assert (problem.code, problem.row, problem.line, problem.cell) == ("not-a-number", 3, 6, None)
    one, two = shots(tmp_path, text.replace("fast", "4"), "a.md").shots
    assert (one.prompt, two.shot_id, two.prompt) == ("A pier\nat dusk", "S2", "A | B")


@pytest.mark.parametrize("text", ["no table\n", "| a |\n|---|\n| 1 |\n\n| b |\n|---|\n| 2 |\n"])
def test_one_table_and_no_other(tmp_path: Path, text: str) -> None:
    """None, or more than one, is refused with what to do."""
    [problem] = faults(tmp_path, text, "a.md")
    assert problem.code == "markdown"
