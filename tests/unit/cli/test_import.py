"""`callsheet import`: a mapping is proposed, shown, asked for where it can't be known, and used by every command from then on."""

from __future__ import annotations

import os
import pty
from pathlib import Path

from tests import command
from tests.unit.cli.calling import call, project, service

TOON_BOOM = "Sequence,Scene,Panel,Duration,Dialogue,Action Notes\n1,1,1,00:00:01:12,,A boat leaves\n1,1,2,00:00:01:00,Hello,A lamp is lit\n"
GERMAN = "sep=;\nEinstellung;Szene;Beschreibung;Dauer\nE010;1;Ein Leuchtturm in der Dämmerung;3,5\n"


def test_what_is_known_is_kept_and_used(tmp_path: Path) -> None:
    """A German list needs no question; check and plan then read it, and say so in one line."""
    folder = project(tmp_path, GERMAN)
    refused = call("check", "spot.csv", "-C", str(folder))
    assert refused.code == 3
    assert "callsheet import spot.csv" in refused.out + refused.err
    done = call("import", "spot.csv", "-C", str(folder))
    assert done.code == 0, done.err
    assert "Dauer" in done.out
    assert "duration_s in seconds" in done.out
    assert "'3,5'" in done.out
    for word in ("check", "plan"):
        read = call(word, "spot.csv", "--json", "-C", str(folder))
        assert read.code == 0, read.out
        [said] = [note for note in read.json["notes"] if "spot.mapping.toml" in note]
        assert said == "read by spot.mapping.toml: shot_id = Einstellung, sequence = Szene, prompt = Beschreibung, duration_s = Dauer"


def test_without_a_terminal_open_questions_keep_nothing(tmp_path: Path) -> None:
    """Exit code 3 with each question and how to answer it; the answers come in a file, and then it is kept."""
    folder = project(tmp_path, TOON_BOOM)
    asked = call("import", "spot.csv", "--json", "-C", str(folder))
    assert asked.code == 3
    assert [problem["code"] for problem in asked.json["errors"]] == ["question"]
    assert 'length."fps" = "24"' in asked.json["errors"][0]["help"]
    assert not (folder / "spot.mapping.toml").exists()
    (folder / "answers.toml").write_text('length."fps" = "24"\n')
    done = call("import", "spot.csv", "--map", "answers.toml", "--json", "-C", str(folder))
    assert done.code == 0, done.out
    assert done.json["shots"] == 2
    assert done.json["mapping"]["compose"] == {"shot_id": "{Sequence}_{Scene}_{Panel}"}
    again = call("import", "spot.csv", "--json", "-C", str(folder))
    assert (again.code, again.json["mapping"]) == (0, done.json["mapping"])


def test_at_a_terminal_it_asks(tmp_path: Path) -> None:
    """The question with its choices; the number that is typed is kept."""
    folder = project(tmp_path, TOON_BOOM)
    control, terminal = pty.openpty()
    words = ("import", "spot.csv", "-C", str(folder))
    child = command.start(*words, environment={**os.environ, "TERM": "xterm"}, stdin=terminal, stdout=terminal, stderr=terminal)
    os.close(terminal)
    shown, answered = "", False
    while True:
        try:
            shown += os.read(control, 4096).decode(errors="replace")
        except OSError:  # the terminal's other end was closed: the child has ended
            break
        if "  > " in shown and not answered:
            os.write(control, b"2\n")
            answered = True
    os.close(control)
    assert child.wait(timeout=60) == 0, shown
    assert "how many make a second?" in shown
    assert 'fps = "25"' in (folder / "spot.mapping.toml").read_text()


def test_a_mapping_with_a_slip_keeps_nothing(tmp_path: Path) -> None:
    """A file that is no mapping, and one that isn't there."""
    folder = project(tmp_path, TOON_BOOM)
    (folder / "answers.toml").write_text('[length]\nfps = "fast"\n')
    assert call("import", "spot.csv", "--map", "answers.toml", "-C", str(folder)).code == 3
    assert call("import", "spot.csv", "--map", "none.toml", "-C", str(folder)).code == 2
    assert not (folder / "spot.mapping.toml").exists()


def test_cells_that_are_still_wrong_are_told(tmp_path: Path) -> None:
    """The mapping is kept, and what the list's author has to correct is told with the cell."""
    folder = project(tmp_path, "Nummer,Beschreibung,Dauer (s)\nA1,Ein Leuchtturm,3-5\n")
    done = call("import", "spot.csv", "--json", "-C", str(folder))
    assert done.code == 3
    [problem] = done.json["errors"]
    assert (problem["code"], problem["cell"], problem["header"]) == ("range", "C2", "Dauer (s)")
    assert (folder / "spot.mapping.toml").exists()


def test_what_is_bought_is_what_the_mapping_says(tmp_path: Path) -> None:
    """Rendered from a Toon Boom list: two clips of the lengths that the timecodes say."""
    folder = project(tmp_path / "film", TOON_BOOM)
    (folder / "answers.toml").write_text('[length]\nfps = "24"\n')
    (folder / "project.toml").write_text('[project]\nmodel = "runware/ltx-2"\nresolution = "320x192"\nfps = "24"\n')
    assert call("import", "spot.csv", "--map", "answers.toml", "-C", str(folder)).code == 0
    with service(tmp_path):
        rendered = call("render", "spot.csv", "--cap", "1", "--yes", "--no-prefect", "--json", "-C", str(folder))
    assert rendered.code == 0, rendered.err
    status = call("status", "spot.csv", "--json", "-C", str(folder)).json
    assert sorted(take["take"] for take in status["takes"]) == ["1_1_1.t1", "1_1_2.t1"]
