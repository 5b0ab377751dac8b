"""The commands by name, and how one is run: parse, do, answer, exit code. Commands are imported when they are called."""

from __future__ import annotations

import os
import sys
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any

from cyclopts import App, CycloptsError

from callsheet import __version__
from callsheet.cli.output.answer import Answer, emit
from callsheet.cli.output.errors import defect, failed, interrupted
from callsheet.domain.errors import CallsheetError, UsageError
from callsheet.store.house import VARIABLE

#: name, where it is, and what `--help` says of it (the first line stands in the overview)
COMMANDS: tuple[tuple[str, str, str], ...] = (
    (
        "demo",
        "callsheet.cli.commands.demo:demo",
        (
            "Film a sample shot list on a local stand-in: no key, no network, nothing paid.\n\n"
            "Copies the list into DIR, starts its own stand-in service with a made-up key whatever the environment holds, and renders as "
            "`render` does. Run again, it finds everything bought."
        ),
    ),
    (
        "init",
        "callsheet.cli.commands.init:init",
        (
            "Begin a project: a folder with project.toml, a shot list and a page of next commands.\n\n"
            "It plans as it is. With --sheet the list is a workbook with drop-downs. Never writes over a file."
        ),
    ),
    (
        "check",
        "callsheet.cli.commands.check:check",
        "Read a shot list and report everything that is wrong with it.\n\nEvery bad cell at once, with row, line, column and the fix. Asks nobody, spends nothing.",
    ),
    (
        "import",
        "callsheet.cli.commands.import_list:import_list",
        (
            "Propose how a list of another tool or language is read, and keep it beside the list.\n\n"
            "Shows which row is the header, what each column becomes with samples, how ids are composed and what a length means. Asks what can't be known."
        ),
    ),
    (
        "explain",
        "callsheet.cli.commands.explain:explain",
        "Say what a problem of a list is, why it is refused and what to do.\n\nWithout a code: all of them.",
    ),
    (
        "show",
        "callsheet.cli.commands.show:show",
        (
            "Show one shot whole: each value with where it came from, and the request that would buy each take.\n\n"
            "Cells by their address, then sequence, project, environment and card; what the model makes of each; the final prompt. "
            "Keys are left out. Asks nobody, spends nothing."
        ),
    ),
    (
        "plan",
        "callsheet.cli.commands.plan:plan",
        "Price a shot list and say why each take would be bought or kept.\n\nSpends nothing. Exit code 4 where it does not fit under the cap.",
    ),
    (
        "render",
        "callsheet.cli.commands.render:render",
        (
            "Buy what is missing under the cap, and cut the sequences.\n\n"
            "Shows the plan and asks first. Interrupted or killed, run it again: nothing that was bought is bought twice."
        ),
    ),
    (
        "finish",
        "callsheet.cli.commands.finish:finish",
        "Cut the sequences from the clips that are there.\n\nNever buys and never asks a service. A missing shot stands as a slate of its length.",
    ),
    (
        "approve",
        "callsheet.cli.commands.approve:approve",
        (
            "Approve a version of a sequence's film: `callsheet approve spot v003`.\n\n"
            "It is what `deliver` hands over, also when newer versions are made. Buys nothing and cuts nothing."
        ),
    ),
    (
        "deliver",
        "callsheet.cli.commands.deliver:deliver",
        (
            "Hand over the approved films: copies in a new folder, with SHA-256 checksums and a delivery note.\n\n"
            "The note says what each film is, its frames, length, codec and loudness, and who approved it when."
        ),
    ),
    (
        "animatic",
        "callsheet.cli.commands.animatic:animatic",
        (
            "Make each sequence out of first frames and slates, before anything is bought.\n\n"
            "Exact lengths and transitions as in the list; says which shots are slates still. Never buys and never asks a service."
        ),
    ),
    (
        "recover",
        "callsheet.cli.commands.recover:recover",
        "Poll, fetch and settle what was bought before; show what is in doubt.\n\nNever buys. Without TAKE: everything that is still open in this project.",
    ),
    (
        "settle",
        "callsheet.cli.commands.settle:settle",
        (
            "Say what a take really cost whose reported cost nobody believes.\n\n"
            "Replaces what counts against the caps until then, with who said it, when and where it stands; its model sends again."
        ),
    ),
    (
        "pick",
        "callsheet.cli.commands.marks:pick",
        (
            "Choose a take for the cut and lock it.\n\n"
            "A picked take stands in the cut and is not bought again, also when its row changes, until you retake its shot. Buys nothing."
        ),
    ),
    (
        "reject",
        "callsheet.cli.commands.marks:reject",
        "Take a clip out of the cut.\n\nThe next render buys another where none is left that fits. Buys nothing by itself.",
    ),
    (
        "retake",
        "callsheet.cli.commands.marks:retake",
        (
            "Have a shot made again by the next render.\n\n"
            "What it has stays in the cut, marked, until the new clip is received. Buys nothing by itself; also lifts what a failed purchase blocked."
        ),
    ),
    (
        "status",
        "callsheet.cli.commands.status:status",
        "Show every take: where it is, what it cost, what is wrong with it.\n\nWaits for no run and writes nothing.",
    ),
    (
        "attach",
        "callsheet.cli.commands.attach:attach",
        (
            "Show the run that holds this project, event by event, until it ends.\n\n"
            "From any terminal, as often as you like. Ctrl-C ends the looking, not the run."
        ),
    ),
    (
        "costs",
        "callsheet.cli.commands.costs:costs",
        "Show what was spent, held and is in doubt, and on what.\n\nWaits for no run and writes nothing.",
    ),
    (
        "reconcile",
        "callsheet.cli.commands.reconcile:reconcile",
        (
            "Hold the ledger against an invoice, or against what the service says of the account.\n\n"
            "Shows the differences; with --yes it books corrections and clears the doubts that the bill decides. The same invoice twice books nothing twice."
        ),
    ),
    (
        "services",
        "callsheet.cli.commands.services:services",
        "Show what every model sells and what becomes of every wish there.\n\nMade from the cards by the function that decides. Asks nobody, spends nothing.",
    ),
    (
        "cards",
        "callsheet.cli.commands.cards:cards",
        "Record a model's list price where its card is no longer right: `callsheet cards price MODEL --usd-per-s X --source TEXT`.\n\nEnds a freeze; new holds use it.",
    ),
    (
        "export",
        "callsheet.cli.commands.export:export",
        (
            "Write the book as double-entry text or as a table, or a cut for an editing program.\n\n"
            "The book: every line with client, job and purchase order of project.toml; refused where its sum is not the ledger's total. "
            "A cut: every sequence of --list as OTIO, EDL or FCP7 XML in a folder, and beside it the clips with timecode and reel."
        ),
    ),
    (
        "report",
        "callsheet.cli.commands.report:report",
        "Write out/report.html and out/takes.parquet from the ledger.\n\nOne HTML file with contact sheet, money, takes, failures by cause and sequences; it needs no network.",
    ),
    (
        "review",
        "callsheet.cli.commands.review:review",
        (
            "Look at takes side by side in a local page, frame by frame, and decide: pick, reject, retake, in and out, notes.\n\n"
            "Served on this machine alone. What is decided there steers the next plan and cut, as pick, reject and retake do. Buys nothing."
        ),
    ),
    (
        "doctor",
        "callsheet.cli.commands.doctor:doctor",
        "Look at the machine and the project: ffmpeg, disk, ledger, keys, versions, clips.\n\nChanges nothing and never prints a key.",
    ),
    (
        "hooks",
        "callsheet.cli.commands.hooks:hooks",
        (
            "Receive services' callbacks, so that a finished job is looked at once.\n\n"
            "Serve it behind the public address that callback_url names. A call only makes callsheet look: it buys, pays and fails nothing. Ends with Ctrl-C."
        ),
    ),
    (
        "schema",
        "callsheet.cli.commands.schema:schema",
        "Print the columns of a shot list for other programs, or write a workbook to fill.\n\nMade from the one definition that the reader has.",
    ),
    (
        "standin",
        "callsheet.cli.commands.standin:standin",
        (
            "Serve a stand-in for the services, which films test pictures and keeps a bill.\n\n"
            "The first line on stdout is its URL; set RUNWARE_BASE_URL to that URL + /v1. Ends with Ctrl-C."
        ),
    ),
)
NAMES = tuple(name for name, _, _ in COMMANDS)


def build() -> App:
    """The application, with every command registered by name only."""
    app = App(
        name="callsheet",
        help="Turn a shot list into finished film sequences with AI-video services, under a hard budget.",
        version=__version__,
        help_format="plaintext",
        result_action="return_value",
        exit_on_error=False,
        print_error=False,
        suppress_keyboard_interrupt=False,
    )
    for position, (name, target, help) in enumerate(COMMANDS):
        app.command(target, name=name, help=help, sort_key=position)
    return app


def run(argv: Sequence[str] | None = None) -> int:
    """Run one command line and return its exit code (contract). Never raises, but for the interpreter's own end."""
    tokens = hoist(sys.argv[1:] if argv is None else argv)
    for stream in (sys.stdout, sys.stderr):
        reconfigure: Any = getattr(stream, "reconfigure", None)
        if reconfigure is not None:  # a terminal that can't show a character shows a mark instead of failing
            reconfigure(errors="replace")
    command = next((token for token in tokens if token in NAMES), "callsheet")
    as_json = "--json" in (tokens[: tokens.index("--")] if "--" in tokens else tokens)
    try:
        with _housed(tokens):
            answer = _answer(tokens, command)
        return emit(answer, as_json=as_json) if answer else 0
    except KeyboardInterrupt:
        return emit(interrupted(command), as_json=as_json)
    except Exception as error:  # noqa: BLE001  # the outermost edge: what reaches it is a defect of ours, and is told as one
        return emit(defect(error, command, _folder(tokens)), as_json=as_json)


def hoist(argv: Sequence[str]) -> list[str]:
    """`-C DIR`, `--house DIR` and `--json` may stand before the command, too: they are moved behind it."""
    tokens, moved = list(argv), list[str]()
    while tokens and tokens[0] in ("-C", "--folder", "--house", "--json"):
        taken = 1 if tokens[0] == "--json" else 2
        moved += tokens[:taken]
        tokens = tokens[taken:]
    return [*tokens[:1], *moved, *tokens[1:]]


@contextmanager
def _housed(tokens: Sequence[str]) -> Generator[None]:
    """What `--house` names holds for this command, in every thread and child of it, as if the environment had named it."""
    options = tokens[: tokens.index("--")] if "--" in tokens else tokens
    named = next((value for option, value in pairwise(options) if option == "--house"), None)
    named = named or next((token.partition("=")[2] for token in options if token.startswith("--house=")), None)
    before = os.environ.get(VARIABLE)
    if named:
        os.environ[VARIABLE] = named
    try:
        yield
    finally:
        if named:
            os.environ.pop(VARIABLE)
        if named and before is not None:
            os.environ[VARIABLE] = before


def _answer(tokens: list[str], command: str) -> Answer | None:
    """What the command answers; None where `--help`, `--version` or the command itself has said it all."""
    try:
        return build()(tokens or ["--help"])
    except CycloptsError as error:
        help = f"see `callsheet {command} --help`" if command in NAMES else "see `callsheet --help`"
        return failed(UsageError(str(error), help=help), command)
    except CallsheetError as error:
        return failed(error, command)


def _folder(tokens: Sequence[str]) -> Path:
    """The project folder for the defect's log, whatever else was wrong with the command line."""
    for option, value in pairwise(tokens):
        if option in ("-C", "--folder") and Path(value).is_dir():
            return Path(value)
    return Path()
