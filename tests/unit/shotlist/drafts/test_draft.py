"""A first list is a list: its ids are legal and apart, and nothing of it is bought by itself."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from callsheet.domain.errors import InputError
from callsheet.domain.shots.shot import Status
from callsheet.shotlist.columns.cells import CellError, shot_id
from callsheet.shotlist.drafts.draft import Draft, apart
from callsheet.shotlist.files.kinds import refuse_other_text
from callsheet.shotlist.read import read
from tests.unit.cli.calling import call
from tests.unit.shotlist.drafts.test_fountain import SCRIPT
from tests.unit.shotlist.drafts.test_timelines import EDL


@settings(max_examples=25, deadline=None)
@given(st.lists(st.one_of(st.text(max_size=12), st.sampled_from(["a", "A", "a.t2", "CON", "none.", "x-2", "x", "x"])), max_size=8))
def test_ids_are_legal_and_apart(names: list[str]) -> None:
    """Whatever the clips are called, and however often."""
    ids = list(apart(names))
    assert len({id.casefold() for id in ids}) == len(names)
    for id in ids:
        try:
            assert shot_id(id) == id
        except CellError as error:
            pytest.fail(f"{id!r}: {error.why}")


def test_a_first_list_is_read_as_a_list(tmp_path: Path) -> None:
    """Every row on hold, with the columns that are filled."""
    rows = ({"shot_id": "a", "prompt": "A boat", "duration_s": "36f", "fps": "24", "x_reel": "A1"}, {"shot_id": "a", "prompt": "A lamp"})
    (tmp_path / "new.csv").write_bytes(Draft(rows).csv())
    shots = read(tmp_path / "new.csv", "new.csv").shots
    assert [(shot.shot_id, shot.status) for shot in shots] == [("a", Status.HOLD), ("a-2", Status.HOLD)]
    assert str(shots[0].duration_s) == "1.5"


def test_import_writes_it_once(tmp_path: Path) -> None:
    """Beside its source, under the name's own .csv, and never over one; an EDL at the project's rate."""
    (tmp_path / "lamp.fountain").write_text(SCRIPT)
    (tmp_path / "spot.edl").write_text(EDL)
    said = call("import", "lamp.fountain", "-C", str(tmp_path), "--json")
    assert (said.code, said.json["draft"], said.json["shots"]) == (0, "lamp.csv", 3)
    assert call("check", "lamp.csv", "-C", str(tmp_path)).code == 0
    again, rateless = (call("import", name, "-C", str(tmp_path)) for name in ("lamp.fountain", "spot.edl"))
    assert (again.code, rateless.code) == (2, 3)
    (tmp_path / "project.toml").write_text('[project]\nfps = "24"\n')
    assert call("import", "spot.edl", "-C", str(tmp_path)).code == 0


def test_what_is_no_list_is_sent_to_import() -> None:
    """By its name, whatever the file is called."""
    with pytest.raises(InputError, match="screenplay") as refused:
        refuse_other_text(SCRIPT, "lamp.csv")
    assert refused.value.problems[0].help == "`callsheet import` makes a first list of a .fountain file"
