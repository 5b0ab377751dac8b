"""A screenplay's scenes as rows."""

from __future__ import annotations

import pytest

from callsheet.domain.errors import InputError
from callsheet.shotlist.drafts.fountain import fountain

SCRIPT = """Title: The Lamp
Author: Nobody
Draft date: 1 May

FADE IN:

INT. LAMP ROOM - NIGHT #12A#

The *old* keeper climbs the stairs. [[Is this the **right** stair?]]
He carries a _lantern_.

/* EXT. CUT SCENE - DAY

Nobody sees this. */

KEEPER (O.S.)
(panting)
Who's there?
It's late.

BRAM ^
Only me.

CUT TO:

EXT. SEA - DAWN

# A section

= a synopsis

.BLACK ROCKS

Waves.

EXIT THE BOAT

> THE END <
"""


def test_each_scene_is_a_row() -> None:
    """Headings in each form, what is seen as the prompt, what is said as dialogue, who says it in the note; nothing of notes, boneyard, transitions and sections."""
    first, second, third = fountain(SCRIPT, "lamp.fountain").rows
    assert first == {
        "shot_id": "SC12A",
        "prompt": "INT. LAMP ROOM - NIGHT.\nThe old keeper climbs the stairs. He carries a lantern.",
        "dialogue": "Who's there?\nIt's late.\nOnly me.",
        "note": "KEEPER, BRAM",
    }
    assert (second["prompt"], second["dialogue"]) == ("EXT. SEA - DAWN.", "")
    assert third["prompt"] == "BLACK ROCKS.\nWaves.\nEXIT THE BOAT\nTHE END"


def test_what_is_open_is_told() -> None:
    """That a scene is seldom a shot, and which have nothing but a heading."""
    assert "1 scene has no action: the prompt is only the heading" in fountain(SCRIPT, "lamp.fountain").notes


@pytest.mark.parametrize("text", ["", "Title: X\n\nA lamp.\n", "...and then\n"])
def test_a_text_without_a_scene_is_refused(text: str) -> None:
    """With how a scene begins."""
    with pytest.raises(InputError, match="there is no scene"):
        fountain(text, "lamp.fountain")
