"""The commands by name, and how one runs: parse, execute, answer, exit code. A command is imported only when it is called."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

from cyclopts import App, CycloptsError, Group

from callsheet import __version__
from callsheet.cli.applied import applied
from callsheet.cli.output.answer import Answer
from callsheet.cli.output.emit import emit
from callsheet.cli.output.errors import defect, failed, interrupted
from callsheet.domain.errors import CallsheetError, SetupError, UsageError
from callsheet.store import atomic_files

#: headings of the overview, by the folder of their commands
_GROUPS = {
    folder: Group(title, sort_key=position)
    for position, (folder, title) in enumerate(
        {
            "begin": "Begin and look up",
            "lists": "Shot lists",
            "buying": "Plan and buy",
            "takes": "Takes",
            "films": "Films",
            "money": "Money",
            "services": "Services",
        }.items()
    )
}

#: name, import path and `--help` text of each command; its first line is the summary in the overview
COMMANDS: tuple[tuple[str, str, str], ...] = (
    (
        "demo",
        "callsheet.cli.commands.begin.demo:demo",
        (
            "Render a sample shot list on a local stand-in, without a key, a network connection or any cost.\n\n"
            "Copies the list into DIR, starts a stand-in, ignores any key in the environment, renders the list without asking, and writes a report. "
            "If you run the demo again, there is nothing left to buy."
        ),
    ),
    (
        "init",
        "callsheet.cli.commands.begin.init:init",
        (
            "Start a project: a folder with project.toml, a shot list and a README that shows the next commands.\n\n"
            "You can plan the list immediately. With --sheet, the list is a workbook with drop-downs. Never overwrites a file."
        ),
    ),
    (
        "check",
        "callsheet.cli.commands.lists.check:check",
        "Read a shot list and report everything that is wrong with it.\n\nReports all problems in one pass, each with its location and fix. Contacts no service and spends nothing.",
    ),
    (
        "import",
        "callsheet.cli.commands.lists.import_list:import_list",
        (
            "Propose how to read a list from another tool or in another language, and save the result as a mapping next to the list.\n\n"
            "Shows the header row, each column with samples, how ids are composed and what a length means. Asks you only about what callsheet can't determine by itself. "
            "Turns a .fountain, .storyboarder, .edl or .otio file into a first shot list."
        ),
    ),
    (
        "explain",
        "callsheet.cli.commands.begin.explain:explain",
        "Explain a term, or a problem in a list and its fix.\n\nWithout CODE, lists every problem and every term with a short explanation.",
    ),
    (
        "docs",
        "callsheet.cli.commands.begin.docs:docs",
        "List the pages of the documentation, or print one.\n\nThe pages are installed with callsheet, so they describe this version and need no network.",
    ),
    (
        "show",
        "callsheet.cli.commands.lists.show:show",
        (
            "Show everything about one shot: each value and its origin, and the request that would buy each take.\n\n"
            "Shows the final prompt, which values are adjusted to what the model offers, and where each value comes from, such as the cell, the sequence, the project, "
            "the environment or the card. Leaves out API keys. Contacts no service and spends nothing."
        ),
    ),
    (
        "plan",
        "callsheet.cli.commands.buying.plan:plan",
        "Price a shot list, and show why each take would be bought or kept.\n\nSpends nothing. Exits with code 4 if the plan doesn't fit under the caps.",
    ),
    (
        "render",
        "callsheet.cli.commands.buying.render:render",
        "Buy the missing clips, as far as the caps allow, and cut the sequences.\n\nShows the plan and asks before it buys. If a run is interrupted or killed, run the command again: nothing is bought twice.",
    ),
    (
        "finish",
        "callsheet.cli.commands.films.finish:finish",
        "Cut the sequences from the clips received so far.\n\nBuys nothing and contacts no service. A missing shot becomes a slate of the same length.",
    ),
    (
        "approve",
        "callsheet.cli.commands.films.approve:approve",
        "Approve a version of a sequence's film: `callsheet approve spot v003`.\n\n`deliver` then hands over this version, even if there are newer ones. Buys nothing and cuts nothing.",
    ),
    (
        "deliver",
        "callsheet.cli.commands.films.deliver:deliver",
        "Copy the approved films into a new folder, with SHA-256 checksums and a delivery note.\n\nFor each film, the note states the number of frames, the length, codec and loudness, and who approved the film and when.",
    ),
    (
        "animatic",
        "callsheet.cli.commands.films.animatic:animatic",
        "Cut each sequence from first frames and slates, before anything is bought.\n\nUses the lengths and transitions in the list, and names the shots that are still slates. Buys nothing and contacts no service.",
    ),
    (
        "recover",
        "callsheet.cli.commands.buying.recover:recover",
        "Collect the clips of earlier purchases, book their costs, and show which purchases are in doubt.\n\nBuys nothing. Without TAKES, collects every purchase that is still open in this project.",
    ),
    (
        "settle",
        "callsheet.cli.commands.money.settle:settle",
        (
            "Correct the cost of a take if the cost that the service reported is implausible.\n\n"
            "Records your name, the time and the source, and counts the corrected cost against the caps. "
            "If the implausible cost was the only reason that callsheet stopped buying from the take's model, callsheet can buy from that model again."
        ),
    ),
    (
        "pick",
        "callsheet.cli.commands.takes.marks:pick",
        "Choose a take for the cut, and lock the take.\n\nA picked take stays in the cut and isn't bought again, even if its row changes, until you retake its shot or undo the pick. Buys nothing.",
    ),
    (
        "reject",
        "callsheet.cli.commands.takes.marks:reject",
        "Remove a take's clip from the cut.\n\nIf the shot has no other usable clip, the next render buys a new one. Buys nothing by itself.",
    ),
    (
        "retake",
        "callsheet.cli.commands.takes.marks:retake",
        "Mark a shot to be bought again by the next render.\n\nUntil the new clip is received, the current one stays in the cut. Also unblocks a shot whose purchases failed. Buys nothing by itself.",
    ),
    (
        "hold",
        "callsheet.cli.commands.buying.controls:hold",
        "Keep takes from being bought until you undo this.\n\nAlso works during a run. If a take's job was already sent, callsheet still collects it and keeps the clip.",
    ),
    (
        "cancel",
        "callsheet.cli.commands.buying.controls:cancel",
        (
            "Keep takes from being bought until you undo this, and stop their jobs where the service allows it.\n\n"
            "Also works during a run. What the service has charged still counts against the caps. If a clip arrives nevertheless, callsheet keeps it."
        ),
    ),
    (
        "pause",
        "callsheet.cli.commands.buying.controls:pause",
        "Pause buying in this project until you run `callsheet resume`.\n\nA run that is under way collects what was already bought, then waits. A new run buys nothing and reports the pause.",
    ),
    (
        "resume",
        "callsheet.cli.commands.buying.controls:resume",
        "End a pause.\n\nA waiting run continues within a second.",
    ),
    (
        "status",
        "callsheet.cli.commands.takes.status:status",
        "Show every take with its state, cost and findings.\n\nWith LIST, also shows takes that haven't been bought yet. Also works during a run. Writes nothing.",
    ),
    (
        "attach",
        "callsheet.cli.commands.buying.attach:attach",
        "Follow the run that is under way in this project, event by event, until it ends.\n\nWorks from any terminal. Ctrl-C ends `attach`, but the run continues.",
    ),
    (
        "costs",
        "callsheet.cli.commands.money.costs:costs",
        "Show how much was spent, is on hold or is in doubt, and for what.\n\nAlso works during a run. Never changes the ledger.",
    ),
    (
        "reconcile",
        "callsheet.cli.commands.money.reconcile:reconcile",
        (
            "Compare the ledger with an invoice, or with your account at the service.\n\n"
            "Shows the differences. With --invoice and --yes, books the corrections and resolves purchases in doubt where the invoice shows whether they were charged. Never books the same invoice twice."
        ),
    ),
    (
        "services",
        "callsheet.cli.commands.services.services:services",
        "Show what each model offers, and how it handles each column.\n\nUses the same cards and rules as `plan`. Contacts no service and spends nothing.",
    ),
    (
        "cards",
        "callsheet.cli.commands.services.cards:cards",
        (
            "Record a model's list price if its card is out of date: `callsheet cards price MODEL --usd-per-s X --source TEXT`.\n\n"
            "From then on, callsheet puts money on hold at this price. If it stopped buying from the model because the service charged more than the list price, it can then buy from the model again."
        ),
    ),
    (
        "export",
        "callsheet.cli.commands.films.export:export",
        (
            "Export the ledger for bookkeeping, or a cut for an editing program.\n\n"
            "For the ledger, callsheet compares the sum of all entries with the ledger's total, then writes every entry with the client, "
            "production job and purchase order from project.toml. For a cut, callsheet writes every sequence of --list to a folder as OTIO, EDL or FCP7 XML, together with the clips, their timecode and reel names."
        ),
    ),
    (
        "report",
        "callsheet.cli.commands.money.report:report",
        (
            "Write the report, out/report.html, and the table of takes, out/takes.parquet.\n\n"
            "The report is one HTML file that opens offline: a contact sheet, the money, the takes, the sequences, and the failures grouped by cause."
        ),
    ),
    (
        "review",
        "callsheet.cli.commands.takes.review:review",
        (
            "Compare takes side by side and frame by frame on a local page, where you can pick, reject, retake, trim or comment.\n\n"
            "The page is served on this machine only. Your decisions apply to the next plan and cut, like those of `pick`, `reject` and `retake`. Buys nothing."
        ),
    ),
    (
        "doctor",
        "callsheet.cli.commands.begin.doctor:doctor",
        "Check the machine and the project: ffmpeg, disk, ledger, API keys, versions, clips.\n\nChanges nothing unless you give an --accept option. Never prints an API key.",
    ),
    (
        "hooks",
        "callsheet.cli.commands.services.hooks:hooks",
        (
            "Receive callbacks from services, so that callsheet picks up finished jobs immediately.\n\n"
            "The public address in callback_url has to forward to this command. A callback only makes callsheet poll the service; by itself, "
            "a callback can't buy anything, book a charge or mark a job as failed. Stop the command with Ctrl-C."
        ),
    ),
    (
        "schema",
        "callsheet.cli.commands.begin.schema:schema",
        "Print the schema of a shot list, project.toml, another file or the output of commands, or write a workbook to fill in.\n\nText editors can use the schema to complete and check such files.",
    ),
    (
        "completion",
        "callsheet.cli.completion:completion",
        (
            "Print a script that completes commands and options in your shell.\n\n"
            "Save the script where your shell looks for it. bash: ~/.local/share/bash-completion/completions/callsheet. "
            "zsh: _callsheet, in a folder listed in $fpath. fish: ~/.config/fish/completions/callsheet.fish."
        ),
    ),
    (
        "standin",
        "callsheet.cli.commands.services.standin:standin",
        "Run a local stand-in for the services: a server that makes clips of test pictures and keeps a bill.\n\nThe first line on stdout is the stand-in's URL. Set RUNWARE_BASE_URL to that URL followed by /v1. Stop the stand-in with Ctrl-C.",
    ),
)
NAMES = tuple(name for name, _, _ in COMMANDS)


def build() -> App:
    """The application, with every command registered by name only."""
    app = App(
        name="callsheet",
        help="Turn a shot list into finished film sequences with AI-video services, under a hard spending cap.",
        version=__version__,
        help_format="plaintext",
        result_action="return_value",
        exit_on_error=False,
        print_error=False,
        suppress_keyboard_interrupt=False,
    )
    for position, (name, target, help) in enumerate(COMMANDS):
        folder = target.removeprefix("callsheet.cli.commands.").partition(".")[0]
        group = _GROUPS.get(folder, _GROUPS["begin"])  # what needs to know all commands stands above their folders
        app.command(target, name=name, help=help, group=group, sort_key=position)
    options = Group("Options", sort_key=len(_GROUPS))
    for option, help in (("--help", "Show this help and exit."), ("--version", "Show the version of callsheet and exit.")):
        app[option].group = options
        app[option].help = help
    return app


def run(argv: Sequence[str] | None = None) -> int:
    """Run one command line and return its exit code (contract). Raises nothing but the interpreter's own exit."""
    tokens = hoist(sys.argv[1:] if argv is None else argv)
    _open_what_is_closed()
    for stream in (sys.stdout, sys.stderr):
        reconfigure: Any = getattr(stream, "reconfigure", None)
        if reconfigure is not None:  # a terminal that can't show a character shows a replacement instead of failing
            reconfigure(errors="replace")
    command = next((token for token in tokens if token in NAMES), "callsheet")
    as_json = "--json" in (tokens[: tokens.index("--")] if "--" in tokens else tokens)
    with applied(tokens):
        return _run(tokens, command, as_json=as_json)


def _run(tokens: list[str], command: str, *, as_json: bool) -> int:
    folder = _folder(tokens).absolute()
    try:
        answer = _answer(tokens, command)
        return emit(answer, as_json=as_json) if answer else 0
    except KeyboardInterrupt:
        return emit(interrupted(command), as_json=as_json)
    except Exception as error:  # noqa: BLE001  # the outermost edge: what reaches it is a defect of callsheet, and is reported as one
        return emit(_failure(error, command, folder), as_json=as_json)


def _failure(error: Exception, command: str, folder: Path) -> Answer:
    """The answer to an exception that no command explains."""
    if not os.path.isdir(folder):  # noqa: PTH112 # False if it can't be read
        return failed(_gone(folder), command)
    if isinstance(error, OSError) and error.errno in atomic_files.FULL:
        help = "free disk space, then run the same command again, which continues here"
        return failed(SetupError(f"can't write: {atomic_files.refused(error)}", help=help), command)
    if isinstance(error, OSError) and error.errno in atomic_files.DENIED and error.filename:  # a socket that is refused names no file
        help = "run as a user who may write there, or name another place"
        return failed(SetupError(f"can't be opened or written: {atomic_files.refused(error)}", help=help), command)
    return defect(error, command, folder)


def _gone(folder: Path) -> SetupError:
    """The error for a folder that existed when the command began: what failed since then failed because the folder is gone."""
    return SetupError(
        f"the project folder {folder} disappeared while the command ran: it was moved or renamed, or its disk is gone",
        help="its ledger has every purchase; move the folder back, or run the same command again at its new location",
    )


def _open_what_is_closed() -> None:
    """Open standard streams that the caller closed (`>&-`) on the null device. Otherwise the next file that is opened would take their
    number, and output would be written into it.
    """
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest free number: this one
        if getattr(sys, name) is None:
            setattr(sys, name, Path(os.devnull).open("w" if number else "r", encoding="utf-8"))  # noqa: SIM115  # as long as the process


def hoist(argv: Sequence[str]) -> list[str]:
    """Move `-C DIR`, `--house DIR`, `--json` and `--ascii` behind the command, so that they may also be given before it."""
    tokens, moved = list(argv), list[str]()
    while tokens and tokens[0] in ("-C", "--folder", "--house", "--json", "--ascii"):
        taken = 1 if tokens[0] in ("--json", "--ascii") else 2
        moved += tokens[:taken]
        tokens = tokens[taken:]
    return [*tokens[:1], *moved, *tokens[1:]]


def _answer(tokens: list[str], command: str) -> Answer | None:
    """The command's answer; None if `--help`, `--version` or the command itself has already printed everything."""
    try:
        return build()(tokens or ["--help"])
    except CycloptsError as error:
        help = f"see `callsheet {command} --help`" if command in NAMES else "see `callsheet --help`"
        return failed(UsageError(str(error), help=help), command)
    except CallsheetError as error:
        return failed(error, command)


def _folder(tokens: Sequence[str]) -> Path:
    """The project folder for the defect's log, whatever else is wrong with the command line."""
    for option, value in pairwise(tokens):
        if option in ("-C", "--folder") and Path(value).is_dir():
            return Path(value)
    return Path()
