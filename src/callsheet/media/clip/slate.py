"""A slate: replaces a missing shot with a picture of the same length that names the shot, the reason, and its prompt."""

from __future__ import annotations

from pathlib import Path

from callsheet.domain.cut import Delivery
from callsheet.media.clip import title_card
from callsheet.media.clip.normalized import Normalized
from callsheet.media.clip.title_card import Words

#: longest line of the reason, and most lines; the same for the prompt in a wide picture and in a tall one
_WHY_COLUMNS, _WHY_LINES = 40, 3
_PROMPT_WIDE, _PROMPT_TALL = (56, 6), (24, 9)


def slate(shot: str, why: str, frames: int, delivery: Delivery, folder: Path, *, prompt: str = "") -> Normalized:
    """A silent picture of exactly `frames` that shows `shot`, its `prompt` and the reason `why`, cached in `folder`. Thread-safe and
    repeatable. MediaError if ffmpeg fails.
    """
    size = delivery.size
    asked = title_card.centred(prompt, *(_PROMPT_WIDE if size.width >= size.height else _PROMPT_TALL))
    reason = title_card.centred(why, _WHY_COLUMNS, _WHY_LINES) or "no clip"
    words = [
        Words(text=shot, letters=title_card.letters(size, shot, 8), y="h*0.30-text_h"),
        *([Words(text=asked, letters=title_card.letters(size, asked, 24), y="h*0.36")] if asked else []),
        Words(text=reason, letters=title_card.letters(size, reason, 22), y="h*0.80", colour=title_card.QUIET),
    ]
    return title_card.card(words, frames, delivery, folder, what=f"the slate of {shot}")
