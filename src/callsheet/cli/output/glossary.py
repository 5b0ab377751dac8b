"""The terms of callsheet, each with one meaning: the text of `callsheet explain WORD` and of docs/glossary.md."""

from __future__ import annotations

import sys
from typing import NamedTuple


class Word(NamedTuple):
    """The meaning of a term, with an example or a page if that helps."""

    means: str
    see: str = ""


WORDS: dict[str, Word] = {
    "account": Word("a service at one address, with your key; clips bought on one account are not reused on another", "`callsheet doctor`"),
    "approved version": Word(
        "the version of a film that a person has pinned; only approved versions are delivered", "`callsheet approve SEQUENCE v003`"
    ),
    "attempt": Word("one try at buying a take: one hold, one request, at most one clip", "`S0010.t1.a2` is the second attempt at take 1"),
    "canary": Word(
        "the first purchase of its kind on an account; its clip has to arrive and pass its checks before more of that kind are bought"
    ),
    "cap": Word("a limit on what may be spent, enforced by the ledger; the tightest cap that applies decides", "[caps](caps.md)"),
    "card": Word("a dated file that says what one model sells: sizes, lengths, frame rates, prices", "configs/cards"),
    "clip": Word("the file that an attempt received; it is named by its hash and never changed"),
    "conformed clip": Word("a clip fitted to a delivery: size, frame rate, pixel format, loudness"),
    "cut": Word(
        "which take is used where in a sequence, to the frame; also a shorter film of the same shots", "[cuts.NAME] in project.toml"
    ),
    "delivery": Word("a format that a sequence is finished in: size, frame rate, codec, loudness", "[deliveries](deliveries.md)"),
    "expected price": Word("what a purchase will probably cost, from receipts of earlier ones; it is shown, but holds use the list price"),
    "finding": Word("what a check found in a clip or a film; your [qc] table decides whether it rejects, flags or passes"),
    "handle": Word("frames before and after the part of a clip that is used, for an editor to trim into"),
    "headroom": Word("how much more may be spent before the tightest cap is reached"),
    "hold": Word("money set aside for an attempt before its request is sent; it counts against the caps until it is settled or released"),
    "in doubt": Word(
        "a request was sent and no answer came back: the service may have charged for it. The money stays on hold until there is evidence or you decide",
        "[money and doubt](money-and-doubt.md)",
    ),
    "lane": Word("the number of jobs at a time and the pace at which one account is used for one model", "[lanes.SERVICE] in project.toml"),
    "ledger": Word("the record of every hold, charge and release; a run reads it before it spends anything"),
    "list price": Word("the price on a model's card, for what is actually requested"),
    "mapping": Word("how to read a shot list with other headers: which header is which column", "`callsheet import LIST`"),
    "model": Word("what a service sells: `runware/ltx-2` is the model ltx-2 at the service runware"),
    "overrun": Word(
        "a charge above the quote; it is booked and shown, and if it exceeds a cap, it blocks further holds until you raise that cap"
    ),
    "padded frame": Word("the last frame of a clip, repeated if the clip is shorter than its place in the cut"),
    "pick": Word("the take that a person chose; it is used in the cut and not bought again", "`callsheet pick TAKE`"),
    "plan": Word("what would be done with every take, and at what price, before anything is spent", "`callsheet plan LIST`"),
    "project": Word("a folder with shot lists, project.toml and everything bought; it has its own id"),
    "quote": Word("the price of an attempt before it is bought: the list price, or the price that the service answers"),
    "reel": Word("the name by which an editing program finds a clip"),
    "rehearsal": Word("a run against the stand-in: same commands, test pictures, no cost", "`callsheet demo`"),
    "release": Word("to cancel a hold because nothing was charged"),
    "run": Word("one `callsheet render`, from its plan to its report"),
    "safety stop": Word(
        "a lane stops after three failing clips in a row, two charges without a clip, or too many doubts; the run ends with exit code 6"
    ),
    "sequence": Word("a group of shots that becomes one film"),
    "service": Word("a company whose API sells clips: runware, bytecompute, deapi, lightricks", "[services](reference/services.md)"),
    "settle": Word("to replace a hold with the amount that the service charged"),
    "shape": Word("a ratio of width to height, such as 9:16"),
    "shot": Word("one row of the shot list: a piece of the cut that you want"),
    "shot list": Word("your table, one row per shot: CSV, XLSX, Parquet, JSON or Markdown", "[lists](lists.md)"),
    "sidecar": Word("a file next to a film: a poster, a contact sheet, subtitles"),
    "slate": Word("a title card in place of a missing shot, or before a film with its name and version"),
    "stale": Word("received for an older version of its row; the old clip stays in the cut until the new one is received"),
    "stand-in": Word("a local server that answers as the services do and makes clips of test pictures", "`callsheet standin`"),
    "take": Word("one wanted clip of a shot; `takes = 2` asks for two", "`S0010.t2` is take 2 of shot S0010"),
    "verdict": Word("how a model handles a value of a row: exact, snapped to what it sells, dropped with a warning, or unsupported"),
    "wire": Word("the code that speaks a service's API; a new model with a known wire needs only a card"),
}

_PAGE = """\
# Glossary

Each word has one meaning, in the commands, the reports and these pages. `callsheet explain WORD` prints it in the terminal.

{rows}

This page is printed by `python -m callsheet.cli.output.glossary`.
"""


def page() -> str:
    """docs/glossary.md."""
    rows = (f"**{word}**: {one.means}.{f' See {one.see}.' if one.see else ''}" for word, one in WORDS.items())
    return _PAGE.format(rows="\n\n".join(rows))


if __name__ == "__main__":
    sys.stdout.write(page())
