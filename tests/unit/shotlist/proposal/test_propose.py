"""What `import` makes of a list that nobody has seen yet."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from callsheet.domain.errors import InputError
from callsheet.shotlist.columns.header_words import meaning, unit
from callsheet.shotlist.load import load
from callsheet.shotlist.mapping import NO_MAPPING, save
from callsheet.shotlist.proposal.propose import Proposal, propose
from callsheet.shotlist.read import read


def proposed(text: str, said: dict[str, Any] | None = None, before: dict[str, Any] | None = None) -> Proposal:
    """The proposal for a CSV."""
    return propose(load(Path("film.csv"), text.encode(), "film.csv", NO_MAPPING), "film.csv", before or {}, said or {})


def asked(proposal: Proposal) -> list[tuple[str, ...]]:
    """Where the open answers stand."""
    return [(*question.table, question.name) for question in proposal.questions]


@pytest.mark.parametrize(
    ("header", "means"),
    [
        ("SHOT #", "shot_id"),
        ("Shot Code", "shot_id"),
        ("Einstellung", "shot_id"),
        ("N° de plan", "shot_id"),
        ("镜号", "shot_id"),
        ("カット番号", "shot_id"),
        ("컷 번호", "shot_id"),
        ("Action Notes", "prompt"),
        ("Beschreibung", "prompt"),
        ("Descripción", "prompt"),
        ("画面描述", "prompt"),
        ("내용", "prompt"),
        ("Dauer (Sek.)", "duration_s"),
        ("Dauer (s)", "duration_s"),
        ("Durée", "duration_s"),
        ("Duración", "duration_s"),
        ("时长", "duration_s"),
        ("尺", "duration_s"),
        ("길이", "duration_s"),
        ("Nb Frames", "frames"),
        ("Cut In", "in"),
        ("Bildrate", "fps"),
        ("景别", "shot_size"),
        ("セリフ", "dialogue"),
        ("备注", "note"),
        ("#", "number"),
        ("Scene", "scene"),
        ("subtitle.de", "subtitle.de"),
        ("Lens", None),
    ],
)
def test_headers_of_other_tools_and_languages(header: str, means: str | None) -> None:
    """English, German, French, Spanish, Chinese, Japanese, Korean."""
    assert meaning(header) == means


@pytest.mark.parametrize(
    ("header", "counts"),
    [("Duration (s)", "seconds"), ("秒数", "seconds"), ("Nb Frames", "frames"), ("Length [frames]", "frames"), ("Dur", None)],
)
def test_what_a_header_says_of_its_unit(header: str, counts: str | None) -> None:
    """Seconds and frames, where the header says so."""
    assert unit(header) == counts


def test_the_header_is_found_below_titles() -> None:
    """Titles, headings and totals are told apart from shots."""
    text = "My film,v3,\n,,\nSHOT #,DESCRIPTION,SIZE\n1. EXT. PIER - DAY,,\n1A,A keeper walks,WS\nTOTAL,1 shot,\n"
    found = proposed(text)
    assert found.document == {
        "header_row": 3,
        "leave_out": ["headings", "totals"],
        "columns": {"SHOT #": "shot_id", "DESCRIPTION": "prompt", "SIZE": "shot_size"},
    }
    assert found.questions == ()


def test_size_is_what_its_cells_say() -> None:
    """Pixels or framing."""
    assert proposed("shot_id,prompt,Size\nS1,A pier,1280x720\n").document["columns"]["Size"] == "resolution"
    assert proposed("shot_id,prompt,Size\nS1,A pier,CU\n").document["columns"]["Size"] == "shot_size"


def test_ids_are_composed_where_one_column_does_not_tell_shots_apart() -> None:
    """Shot within scene within sequence within episode; a sequence that stands in two episodes is two sequences."""
    text = "Episode,Sequence,Name,Description\nE1,SQ1,SH1,One\nE1,SQ1,SH2,Two\nE2,SQ1,SH1,Three\n"
    assert proposed(text).document["compose"] == {"sequence": "{Episode}_{Sequence}", "shot_id": "{Episode}_{Sequence}_{Name}"}
    assert "compose" not in proposed("Scene,Shot,Description\n1,1A,One\n2,2A,Two\n").document


def test_prompts_alone_are_numbered() -> None:
    """With a header or without one."""
    assert proposed("prompt\nA pier\nA lamp\n").document == {"columns": {"prompt": "prompt"}, "compose": {"shot_id": "S{n}"}}
    bare = proposed("A lighthouse at dusk\nA lamp is lit at night\n").document
    assert bare == {"header_row": 0, "columns": {"A": "prompt"}, "compose": {"shot_id": "S{n}"}}


def test_the_prompt_is_found_by_its_cells() -> None:
    """One column of sentences under a header that says nothing is the prompt; of two it is asked which."""
    assert proposed("shot_id,Foo\nS1,A lighthouse stands at dusk\n").document["columns"]["Foo"] == "prompt"
    assert asked(proposed("shot_id,Foo,Bar\nS1,A lighthouse stands at dusk,The keeper walks to the lamp\n")) == [("columns", "prompt")]


@pytest.mark.parametrize(
    ("header", "cells", "length", "questions"),
    [
        ("Duration", ["3", "4"], None, []),
        ("Duration", ["72", "96"], None, [("length", "unit")]),
        ("Duration", ["3s", "4 sec"], None, []),
        ("Duration", ["00:00:03:12", "00:00:01:00"], {"unit": "timecode"}, [("length", "fps")]),
        ("Duration", ["0:00:05", "0:01:10"], {"unit": "m:ss"}, []),
        ("Duration", ["0:05", "1:10"], None, [("length", "unit")]),
        ("Duration", ["72f", "48f"], None, [("length", "fps")]),
        ("Nb Frames", ["72", "48"], {"unit": "frames"}, [("length", "fps")]),
        ("Wie lang", ["3,5", "4"], None, [("columns", "Wie lang")]),
    ],
)
def test_what_a_length_means(header: str, cells: list[str], length: dict[str, str] | None, questions: list[tuple[str, ...]]) -> None:
    """What header and cells say is taken; the rest is asked."""
    text = f"shot_id;prompt;{header}\n" + "".join(f"S{n};A pier;{cell}\n" for n, cell in enumerate(cells))
    found = proposed(text)
    assert found.document.get("length") == length
    assert asked(found) == questions


def test_a_pair_of_frames_is_asked_once() -> None:
    """Whether the last frame counts, and the rate; both are answered by what was said."""
    text = "shot_id,prompt,Cut In,Cut Out\nS1,A pier,1001,1072\n"
    assert asked(proposed(text)) == [("length", "last_is"), ("length", "fps")]
    done = proposed(text, {"length": {"last_is": "inclusive", "fps": "24"}})
    assert done.questions == ()
    assert done.document["length"] == {"first": "Cut In", "last": "Cut Out", "last_is": "inclusive", "fps": "24"}


def test_a_bare_in_beside_an_out_is_no_point_in_a_clip() -> None:
    """`In` and `Out` of a cut are frames; read as seconds, each shot would begin somewhere else and have the default's length."""
    pair = "shot_id,prompt,In,Out,FPS\nS1,A pier,8,80,24\nS2,A lamp,0,72,24\n"
    found = proposed(pair, {"length": {"last_is": "exclusive"}})
    assert found.questions == ()
    assert found.document["length"] == {"first": "In", "last": "Out", "last_is": "exclusive"}
    with_lengths = proposed("shot_id,prompt,In,Out,Duration\nS1,A pier,8,11,3\n")
    assert asked(with_lengths) == [("columns", "In")]
    assert with_lengths.document["columns"]["Duration"] == "duration_s"


def test_a_column_that_says_which_shots_are_wanted_is_asked() -> None:
    """Unread, what somebody unticked would be bought."""
    assert asked(proposed("shot_id,prompt,Include?\nS1,A pier,TRUE\nS2,A lamp,FALSE\n")) == [("status", "true"), ("status", "false")]
    assert asked(proposed("shot_id,prompt,Use\nS1,A pier,[x]\nS2,A lamp,[ ]\n")) == [("status", "[x]"), ("status", "[ ]")]


@pytest.mark.parametrize("word", ["VRAI", "faux", "Wahr", "FALSCH", "verdadero"])
def test_a_switch_of_another_language_is_no_dialogue(word: str) -> None:
    """Excel writes TRUE and FALSE in its user's language."""
    assert proposed(f"shot_id,prompt,Sound\nS1,A pier,{word}\n").document["columns"]["Sound"] == "sound"


def test_status_words() -> None:
    """Known words are mapped; what only the user knows is asked."""
    found = proposed("shot_id,prompt,Status\nS1,A pier,wtg\nS2,A lamp,omt\nS3,A door,fin\n")
    assert found.document["status"] == {"wtg": "ready", "omt": "omit"}
    assert asked(found) == [("status", "fin")]


def test_a_picture_is_asked() -> None:
    """A storyboard's picture may be the first frame, or only for people."""
    assert asked(proposed("shot_id,prompt,Image\nS1,A pier,https://example.com/1.jpg\n")) == [("columns", "Image")]


def test_what_was_answered_is_not_asked_again() -> None:
    """An earlier mapping counts as far as it fits the columns that the list has today."""
    text = "shot_id,prompt,Image\nS1,A pier,https://example.com/1.jpg\n"
    before = {"columns": {"Image": "", "Old": "note"}, "compose": {"sequence": "{Old}"}}
    found = proposed(text, before=before)
    assert found.questions == ()
    assert found.document == {"columns": {"shot_id": "shot_id", "prompt": "prompt", "Image": ""}}


def test_two_columns_of_one_name_are_refused() -> None:
    """A mapping can't tell them apart."""
    with pytest.raises(InputError, match="2 columns are named 'prompt'"):
        proposed("shot_id,prompt,prompt\nS1,A pier,A lamp\n")


def test_every_question_can_be_answered_as_its_example_says(tmp_path: Path) -> None:
    """What the message shows is TOML that a mapping takes."""
    import tomllib  # noqa: PLC0415  # only here

    for text in (
        "shot_id,prompt,Cut In,Cut Out\nS1,A pier,1001,1072\n",
        "shot_id,prompt,Status,Image\nS3,A door,fin,https://example.com/1.jpg\n",
        "shot_id,Foo,Bar\nS1,A lighthouse stands at dusk,The keeper walks to the lamp\n",
    ):
        found = proposed(text)
        for question in found.questions:
            said = tomllib.loads(question.example())
            assert asked(proposed(text, said)) == [where for where in asked(found) if where != (*question.table, question.name)]


def test_prompts_as_benchmarks_publish_them_are_read(tmp_path: Path) -> None:
    """The shape of VBench's full info (objects with nested info, some without) and of a prompt in each line: one column of prompts each, ids made, the rest not read."""
    (tmp_path / "info.json").write_text(
        '[{"prompt_en": "In a still frame, a stop sign", "dimension": ["temporal_flickering"]},'
        ' {"prompt_en": "a bird and a cat", "dimension": ["multiple_objects"], "auxiliary_info": {"multiple_objects": {"object": "bird and cat"}}}]'
    )
    (tmp_path / "full_text.txt").write_text("A river changes from blue to brown.\nA dog is on the left of an apple, then the dog runs.")
    for name, first in (("info.json", "In a still frame, a stop sign"), ("full_text.txt", "A river changes from blue to brown.")):
        data = (tmp_path / name).read_bytes()
        proposal = propose(load(tmp_path / name, data, name, NO_MAPPING), name, {}, {})
        assert not proposal.questions
        save(tmp_path / name, proposal.document)
        shots = read(tmp_path / name, name).shots
        assert ([shot.shot_id for shot in shots], shots[0].prompt) == (["S001", "S002"], first)


def test_lengths_are_asked_whatever_else_is_called_time() -> None:
    """`time` that says dawn names no length: a column of seconds beside it is asked, and no default is bought in its place."""
    found = proposed("shot,description,film_seconds,clip_seconds,time\n1,A pier,3.5,5,dawn\n2,A lamp,2.5,5,dusk\n")
    assert asked(found) == [("columns", "film_seconds"), ("columns", "clip_seconds")]


@pytest.mark.parametrize(("times", "open_"), [("0:00:00:00 0:00:10:15 0:00:45:00", True), ("0:05 0:09", True), ("0:05 0:03 0:09", False)])
def test_times_that_only_rise_are_asked(times: str, open_: bool) -> None:
    """A list of markers says where each shot begins; read as lengths, each would be bought as long as all before it."""
    rows = "\n".join(f"S{n},{time},A pier" for n, time in enumerate(times.split()))
    assert (("columns", "time") in asked(proposed(f"shot,time,description\n{rows}\n"))) is open_


def test_two_columns_of_prompts_are_asked() -> None:
    """One for the picture and one for the clip, in any language; a negative one is none of them. The words for pictures are no file either."""
    assert asked(proposed("镜号,画面描述,出图提示词\n1,灯塔,A lighthouse\n2,海,The sea\n")) == [("columns", "prompt")]
    assert asked(proposed("shot,still_prompt,motion_prompt\n1,A cup on a table,It turns\n")) == [("columns", "prompt")]
    single = proposed("shot,image_prompt,negative_prompt\n1,A still of a pier,blur\n")
    assert (single.questions, single.document["columns"]["image_prompt"]) == ((), "prompt")


def test_what_is_heard_is_no_file() -> None:
    """`Audio` of a script of two columns says what is to be heard; a sound that drives the picture is a file."""
    assert proposed("shot,Visual,Audio\n1,A red banner slams in,Error chime\n").document["columns"]["Audio"] == ""
    assert proposed("shot,Visual,Audio\n1,A red banner slams in,vo/1.wav\n").document["columns"]["Audio"] == "audio"


def test_short_words_may_be_all_that_there_is_to_choose_from() -> None:
    """Where no column has sentences the question names those that have words at all."""
    [question] = proposed("Shot #,Duration,Scale,Core Content\n1,3s,Wide,Store\n2,4s,Close,Hand\n").questions
    assert [choice for choice, _ in question.choices] == ["Scale", "Core Content"]


def test_a_comment_is_no_header_of_a_file_of_prompts() -> None:
    """Lines with commas are prompts as they stand, with a comment among them or not."""
    text = "A watch on velvet, dramatic light\nA car at sunset\n# night\nA lamp, at night\n"
    found = propose(load(Path("film.txt"), text.encode(), "film.txt", NO_MAPPING), "film.txt", {}, {})
    assert (found.questions, found.document["columns"], found.left_out) == ((), {"A": "prompt"}, ("1 row of comments",))


def test_what_only_some_rows_have_is_asked_before_it_is_a_prompt() -> None:
    """People's names are as long as some prompts; a prompt stands in every row."""
    assert asked(proposed("Shot,Animation assignations\nS1,John Doe and Joan Did\nS2,\n")) == [("columns", "prompt")]


def test_lists_and_objects_of_json_are_no_prompt_and_no_slip_of_the_pen() -> None:
    """They are written for programs."""
    cells = '"[{""name"": ""main"", ""type"": ""normal""}]"'
    made = proposed(f"name,summary of it,sequences\nS1,A lighthouse at dusk,{cells}\n")
    assert (made.document["columns"]["summary of it"], asked(made)) == ("prompt", [])


def test_a_shots_name_is_not_written_over_it_unasked() -> None:
    """Other tools call a shot's name its title."""
    assert asked(proposed("id,prompt,title\nS1,A pier,City run\n")) == [("columns", "title")]
    assert asked(proposed("id,prompt,title\nS1,A pier,[0.5-2] City run\n")) == []
    assert asked(proposed("id,prompt,title\nS1,A pier,City run\n", {"columns": {"title": ""}})) == []


def test_rows_that_hold_shots_of_their_own_may_be_scenes() -> None:
    """The shots within are not read, so it is asked whether the row is one."""
    text = 'name,description,shots\nS1,A test scene,"[{""name"": ""main""}]"\n'
    assert asked(proposed(text)) == [("columns", "shots")]
    assert asked(proposed(text, {"columns": {"shots": ""}})) == []
