"""Prompts as they are sent: templates and refs."""

from __future__ import annotations

from pathlib import Path

import pytest

from callsheet.domain.errors import InputError, Problem
from callsheet.domain.run_request import RunRequest
from callsheet.planning.project_plan import Prepared, prepare
from callsheet.shotlist.write import write

REFS = "name,text\nkeeper,an old keeper in oilskins\nnoir,black and white\n"
LIST = "shot_id,sequence,prompt\nA,one,@keeper on the quay\nB,two,A lamp\n"
#: the author's fingerprint of the row below, as it has been since before there were refs: another one would buy everything again
ROW = 'shot_id,prompt,model,duration_s\nA,"Mail press@example.com, @nasa says",runware/ltx-2,3\n'
PRINT = "7ac44c390ec090283487825b8107b1b8b4f0edf683d9d167b474f3588117f371"


def planned(folder: Path, list: str = LIST, refs: str | None = REFS, settings: str = "") -> Prepared:
    (folder / "spot.csv").write_text(list, encoding="utf-8")
    (folder / "project.toml").write_text(settings, encoding="utf-8")
    if refs is not None:
        (folder / "refs.csv").write_text(refs, encoding="utf-8")
    return prepare(RunRequest(folder=folder, list="spot.csv", buy=False))


def sent(found: Prepared) -> list[str]:
    return [item.ask.prompt for item in found.priced if item.ask]


def wrong(folder: Path, **how: str) -> tuple[Problem, ...]:
    with pytest.raises(InputError) as refused:
        planned(folder, **how)
    return refused.value.problems


def test_a_prompt_is_sent_with_refs_and_template(tmp_path: Path) -> None:
    """The sequence's template goes before the project's; both may name refs."""
    settings = '[project]\nprompt = "Super 16. {prompt}"\n[sequences.two]\nprompt = "@noir: {prompt}, wide"\n'
    assert sent(planned(tmp_path, settings=settings)) == [
        "Super 16. an old keeper in oilskins on the quay",
        "black and white: A lamp, wide",
    ]


def test_a_project_without_refs_buys_nothing_anew(tmp_path: Path) -> None:
    """Its row has the fingerprint that it had before there were refs; an @ is text, and refs that no prompt names change nothing."""
    before = planned(tmp_path, list=ROW, refs=None)
    assert sent(before) == ["Mail press@example.com, @nasa says"]
    after = planned(tmp_path, list=ROW.replace("@nasa", "@@nasa"))
    assert [item.author_print for item in (*before.priced, *after.priced)] == [PRINT, PRINT]


def test_what_a_ref_or_a_template_says_is_the_authors_own_change(tmp_path: Path) -> None:
    """Both fingerprints of the row that has it are others; those of the row beside it aren't."""
    first = planned(tmp_path)
    older = planned(tmp_path, refs=REFS.replace("old keeper", "young keeper"))
    assert [one.author_print == other.author_print for one, other in zip(first.priced, older.priced, strict=True)] == [False, True]
    whole = planned(tmp_path, settings='[project]\nprompt = "Super 16. {prompt}"\n')
    assert not {item.author_print for item in first.priced} & {item.author_print for item in whole.priced}


def test_an_unknown_name_is_told_at_its_row(tmp_path: Path) -> None:
    """In rows and in templates, with the near name, beside the other faults of the list."""
    found = wrong(
        tmp_path,
        list="shot_id,prompt,takes\nA,@keper on the quay,99\nB,A lamp,1\n",
        settings='[project]\nprompt = "@nor: {prompt}"\n',
    )
    told = [(problem.code, problem.row, problem.help) for problem in found]
    assert ("unknown-ref", 2, "did you mean keeper? To send it unchanged, write @@keper") in told
    assert ("unknown-ref", None, "did you mean noir? To send it unchanged, write @@nor") in told
    assert ("not-a-number", 2) in [(code, row) for code, row, _ in told]


def test_a_wrong_template_or_refs_file_is_told(tmp_path: Path) -> None:
    """Nothing is sent half made."""
    assert wrong(tmp_path, settings='[project]\nprompt = "Super 16"\n')[0].column == "prompt"
    assert wrong(tmp_path, refs="name,text\nkeeper,None\n")[0].file == "refs.csv"


def test_the_list_keeps_what_its_author_wrote(tmp_path: Path) -> None:
    """Written back, it has names, not what they stand for."""
    found = planned(tmp_path)
    assert found.shots
    write(found.shots.shots, tmp_path / "again.csv")
    assert "@keeper on the quay" in (tmp_path / "again.csv").read_text(encoding="utf-8")
