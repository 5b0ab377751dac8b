"""What the pages say can be typed, can be typed."""

from __future__ import annotations

import re
import shlex
import shutil
from pathlib import Path

import pytest

from callsheet.cli.app import NAMES, build
from callsheet.cli.commands.begin.demo import environment
from callsheet.domain.errors import Exit
from callsheet.store.house import house_root
from tests.unit.cli.calling import call

ROOT = Path(__file__).parents[3]
COMMANDS = ROOT / "docs" / "reference" / "commands.md"
PAGES = [
    ROOT / "README.md",
    *sorted((ROOT / "docs").glob("*.md")),
    *sorted((ROOT / "docs" / "reference").glob("*.md")),
    *sorted((ROOT / "docs" / "how-to").glob("*.md")),
]


def typed(page: Path) -> list[str]:
    """The callsheet command lines in a page's blocks and inline code."""
    text = page.read_text(encoding="utf-8")
    blocks = "\n".join(re.findall(r"```(?:console)?\n(.*?)```", text, re.DOTALL)).replace("\n$ ", "\n")
    lines = [line for line in blocks.splitlines() if re.match(r"(pip install uv && )?(uv run )?callsheet ", line)]
    inline = re.findall(r"`((?:uv run )?callsheet [a-z][^`|\[]*)`", re.sub(r"```.*?```", "", text, flags=re.DOTALL))
    return [re.sub(r"^(pip install uv && )?(uv run )?callsheet ", "", line) for line in (*lines, *inline)]


LINES = sorted({(page.relative_to(ROOT).as_posix(), line) for page in PAGES for line in typed(page)})


def test_there_are_lines_to_try() -> None:
    """The pattern finds what the pages show."""
    assert len(LINES) > 15
    assert {shlex.split(line, comments=True)[0] for _, line in LINES} == set(NAMES)


@pytest.mark.parametrize(("page", "line"), LINES)
def test_a_command_line_in_the_pages_parses(page: str, line: str) -> None:
    """Each is understood as it stands: LIST, DIR and USD are taken as names and amounts."""
    words = ["12" if word == "USD" else word for word in shlex.split(line, comments=True)]
    needs_list = words[0] in ("check", "import", "plan", "render", "finish") and len(words) == 1
    build().parse_args([*words, *(["spot.csv"] if needs_list else [])], exit_on_error=False, print_error=False)


@pytest.mark.parametrize("command", NAMES)
def test_every_command_and_option_stands_in_the_reference(command: str) -> None:
    """What --help shows is on the page, and the other way round."""
    page = COMMANDS.read_text(encoding="utf-8")
    assert f"`callsheet {command}" in page
    options = set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", call(command, "--help").out)) - {"--help", "--version", "--folder", "--verbose"}
    assert options, "every command has options"
    assert not [option for option in options if option not in page]


def test_the_reference_lists_every_exit_code() -> None:
    """No code without its meaning."""
    rows = re.findall(r"^\| (\d+) \| \S", (COMMANDS.parent / "exit-codes.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert {int(row) for row in rows} == {int(code) for code in Exit}


def test_links_between_the_pages_lead_somewhere() -> None:
    """Every relative link names a file that is there."""
    for page in PAGES:
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
            assert (page.parent / target).exists(), f"{page.name} links to {target}"


CONSOLE = re.compile(r'^```(?:csv title="(?P<file>[^"]+)"|(?P<console>console))\n(?P<text>.*?)^```', re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("page", [page for page in PAGES if "```console\n" in page.read_text(encoding="utf-8")], ids=lambda page: page.stem)
def test_console_blocks_show_what_commands_print(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Line by line, in order; `...` stands for lines left out. The list of a page is the last one that it shows; what buys is compared up to its plan."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "1000")
    for block in CONSOLE.finditer(page.read_text(encoding="utf-8")):
        if file := block["file"]:
            Path(file).parent.mkdir(parents=True, exist_ok=True)
            Path(file).write_text(block["text"], encoding="utf-8")
            continue
        for shown in re.split(r"^\$ ", block["text"], flags=re.MULTILINE)[1:]:
            command, _, output = shown.partition("\n")
            printed = printed_by(shlex.split(command.removeprefix("uv run ").removeprefix("callsheet ")))
            for line in output.split("\n"):
                if PLANNED.match(line):
                    break
                if line.strip() not in ("", "..."):
                    assert line.rstrip() in printed, f"{page.name} shows {line!r} of `{command}`, which prints:\n" + "\n".join(printed)
                    del printed[: printed.index(line.rstrip()) + 1]


#: from this line on, a console block is of one run: its clock, its job ids
PLANNED = re.compile(r"\d\d:\d\d:\d\dZ ")


def printed_by(words: list[str]) -> list[str]:
    """A command's lines on stdout and stderr. `demo` is planned only: its run takes a minute."""
    if words[0] != "demo":
        said = call(*words)
        return (said.out + said.err).splitlines()
    shutil.copy(house_root() / "manifests" / "lighthouse.csv", "lighthouse.csv")
    with environment({"RUNWARE_API_KEY": "made-up", "RUNWARE_BASE_URL": "http://127.0.0.1:9/v1"}):
        said = call("plan", "lighthouse.csv", "--cap", "2.50")
    return [
        "This demo buys from a local stand-in: no key needed, nothing is paid. Working in callsheet-demo.",
        *(said.out + said.err).splitlines(),
    ]


def test_the_picture_is_small() -> None:
    """A clone doesn't pay for it."""
    assert (ROOT / "docs" / "images" / "report.webp").stat().st_size < 300_000
