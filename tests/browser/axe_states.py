"""The states of the review page, one after the other, and what axe-core finds in each."""

from __future__ import annotations

import json
from collections.abc import Iterator

from tests.browser.review_page import Person

#: what axe can't decide by itself: text over a film, films' captions, and buttons whose only text is a glyph. Their names and colours are seen to in the style sheet.
_UNDECIDED = {"color-contrast", "video-caption", "label-content-name-mismatch", "heading-order"}
_FOUND = """axe.run(document, { resultTypes: ["violations", "incomplete"] }).then((told) => JSON.stringify([
  told.violations.map((one) => [one.id, one.nodes.map((node) => `${node.target} ${node.failureSummary}`)]), told.incomplete.map((one) => one.id)]))"""
WIDTHS = {"desk": (1280, 800), "phone": (390, 844)}


def violations(somebody: Person, script: str) -> list[object]:
    """What axe finds on the page as it stands."""
    if not somebody.ask("Boolean(window.axe)"):
        somebody.do("Runtime.evaluate", expression=script)
    violated, undecided = json.loads(somebody.ask(_FOUND))
    return [*violated, *sorted(set(undecided) - _UNDECIDED)]


def states(somebody: Person) -> Iterator[str]:
    """One state of the page after the other, from all shots to the keys."""
    yield "grid"
    somebody.press("ArrowRight", "Enter")
    somebody.settled()
    yield "one take"
    somebody.press("i", "g", "ArrowUp", "Enter", *"darker", "Enter")
    somebody.until("document.body.page.store.state.shots[0].notes.length")
    somebody.settled()
    yield "a note with a pin"
    for key, state in (("v", "two takes"), ("w", "wipe"), ("d", "difference")):
        somebody.press(key)
        somebody.settled()
        yield state
    somebody.press("d", "g")
    yield "drawing"
    somebody.press("Escape", "c")
    somebody.until("document.body.page.viewer.context")
    yield "context"
    somebody.press("Escape", "?")
    somebody.until("document.querySelector('dialog[open]')")
    yield "keys"
    somebody.press("Escape")
    somebody.until("!document.querySelector('dialog[open]')")
