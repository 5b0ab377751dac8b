"""The plan of a list says per delivery what finishing will do to its pictures."""

from __future__ import annotations

from callsheet.domain.run_request import RunRequest
from callsheet.planning.project_plan import prepare
from tests.project_stage import Stage


def test_a_snapped_size_and_an_enlargement_are_told_with_their_price(stage: Stage) -> None:
    """1920x1080 is bought as 1920x1088 and cropped; 640x384 in a 1280x768 film is enlarged, and the native size has a price."""
    (stage.folder / "project.toml").write_text('[project]\nresolution = "1280x768"\nfps = 24\n')
    stage.write("shot_id,prompt,model,duration_s,resolution\nA,a lamp,runware/ltx-2,3,640x384\nB,a boat,runware/ltx-2,3,1280x768\n")
    notes = prepare(RunRequest(folder=stage.folder, list="spot.csv")).plan.notes
    mine = [note for note in notes if note.startswith("web ")]
    assert len(mine) == 1
    assert mine[0].startswith("web 1280x768: enlarged 2.00x; native 1280x768 costs ")
    assert mine[0].endswith(" (A)")
