"""What must never stand in the sources and is no import: imports are the contracts' business (pyproject.toml, checked by lint-imports)."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from tests.house.sources import ROOT, Source, sources

Function = ast.FunctionDef | ast.AsyncFunctionDef

_STARTS = re.compile(r"os\.(system|popen|fork|forkpty|exec\w*|spawn\w*|posix_spawn\w*)|asyncio\.create_subprocess_\w+|multiprocessing\.\w+")


def test_no_process_is_started_by_another_way() -> None:
    """Only `subprocess` starts a child, and a contract says who may import that: media/ffmpeg/child_process, cli/prefect/server and cli/detached."""
    found = [
        f"{source.where}: {ast.unparse(node)}"
        for source in sources()
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and isinstance(node.func.value, ast.Name)
        if _STARTS.fullmatch(f"{node.func.value.id}.{node.func.attr}")
    ]
    assert found == []


_SQL = re.compile(
    r"\s*(SELECT\s.+\sFROM|INSERT\s+(OR\s+\w+\s+)?INTO|UPDATE\s+\w+\s+SET|DELETE\s+FROM|CREATE\s+(TABLE|TRIGGER|INDEX|VIEW)|PRAGMA)\b",
    re.DOTALL,
)


def test_sql_stands_in_the_ledger_only() -> None:
    """Nothing else writes or reads money behind its back."""
    found = [
        f"{source.where}:{node.lineno}"
        for source in sources()
        if not source.module.startswith("callsheet.budget.ledger")
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and _SQL.match(node.value)
    ]
    assert found == []


def _functions(source: Source) -> Iterator[Function]:
    return (node for node in ast.walk(source.tree) if isinstance(node, Function))


def _body_lines(function: Function) -> int:
    """Lines of the body, its docstring not counted."""
    body = function.body[1:] if ast.get_docstring(function) is not None else function.body
    return (body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0


def test_functions_stay_small() -> None:
    """No body over 60 lines; half of them at most 8."""
    sizes = {f"{source.where}:{function.name}": _body_lines(function) for source in sources() for function in _functions(source)}
    assert {name: size for name, size in sizes.items() if size > 60} == {}
    assert sorted(sizes.values())[len(sizes) // 2] <= 8


def test_modules_stay_small() -> None:
    """No module over 400 lines."""
    assert {source.where: lines for source in sources() if (lines := len(source.text.splitlines())) > 400} == {}


def test_modules_of_the_page_stay_small() -> None:
    """No module of the review page over 400 lines, either."""
    sizes = {path.name: len(path.read_text(encoding="utf-8").splitlines()) for path in (ROOT / "src/callsheet/review/page").glob("*.js")}
    assert sizes
    assert {name: lines for name, lines in sizes.items() if lines > 400} == {}


def _public(source: Source) -> Iterator[ast.AST]:
    """The module, its public classes and functions, and the public methods of classes that aren't protocols."""
    yield source.tree
    for node in source.tree.body:
        if isinstance(node, Function | ast.ClassDef) and not node.name.startswith("_"):
            yield node
            if isinstance(node, ast.ClassDef) and "Protocol" not in map(ast.unparse, node.bases):
                yield from (item for item in node.body if isinstance(item, Function) and not item.name.startswith("_"))


def test_everything_public_says_what_it_does() -> None:
    """Modules, public classes, functions and methods have a docstring; an empty __init__ has nothing to say."""
    missing = [
        f"{source.where}:{getattr(node, 'name', '')}"
        for source in sources()
        if source.text.strip()
        for node in _public(source)
        if isinstance(node, ast.Module | ast.ClassDef | Function) and not ast.get_docstring(node)
    ]
    assert missing == []


_EXCUSE = re.compile(r"#\s*(noqa|type:\s*ignore|pyright:\s*ignore)(?P<rest>[^#\n]*)(?P<reason>#.*)?")


def test_a_rule_is_set_aside_only_with_a_reason() -> None:
    """`noqa` and `type: ignore` name the rule and say why."""
    found = [
        f"{source.where}: {line.strip()}"
        for source in sources()
        for line in source.text.splitlines()
        if (excuse := _EXCUSE.search(line)) and not excuse["reason"]
    ]
    assert found == []


_COMMANDS = (
    "check",
    "plan",
    "render",
    "finish",
    "recover",
    "pick",
    "reject",
    "retake",
    "status",
    "costs",
    "report",
    "import",
    "export",
    "settle",
    "explain",
)
_COMMAND_BEFORE = re.compile(r"callsheet (?:" + "|".join(_COMMANDS) + r")\b[^`]*$")


def _typed_by_hand(node: ast.JoinedStr) -> bool:
    """Whether a text puts a value into a command that it names, without `typed`, which quotes it for a shell."""
    before = ""
    for part in node.values:
        if isinstance(part, ast.FormattedValue) and not ast.unparse(part.value).startswith("typed(") and _COMMAND_BEFORE.search(before):
            return True
        before += str(part.value) if isinstance(part, ast.Constant) else ""
    return False


def test_commands_to_type_are_quoted() -> None:
    """A list's name may have spaces and quotes: `domain/typed` writes every command that has a value in it."""
    found = [
        f"{source.where}:{node.lineno}"
        for source in sources()
        for node in ast.walk(source.tree)
        if isinstance(node, ast.JoinedStr) and _typed_by_hand(node)
    ]
    assert found == []


_LEFTOVER = re.compile(r"\b(TODO|FIXME|XXX|NotImplementedError)\b")
_SKIPS = re.compile(r"pytest\.(skip|importorskip|xfail)\(|mark\.(skip\b|xfail\b|skipif\((?!sys\.platform))")


def test_nothing_is_left_to_be_done_and_no_test_is_skipped() -> None:
    """What stands, stands: no reminders, no stubs, and no tests that don't run but for what another platform lacks."""
    tests = [path for path in (ROOT / "tests").rglob("*.py") if path.name != "test_nevers.py"]
    left = [source.where for source in sources() if _LEFTOVER.search(source.text)]
    skipped = [path.relative_to(ROOT).as_posix() for path in tests if _SKIPS.search(path.read_text(encoding="utf-8"))]
    assert (left, skipped) == ([], [])
