"""`callsheet docs`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from callsheet.cli.options import HERE, Common
from callsheet.cli.output.answer import Answer, schema
from callsheet.cli.output.documents_compared import Docs, DocsPage
from callsheet.domain.errors import UsageError
from callsheet.domain.typed import typed
from callsheet.domain.wording import did_you_mean
from callsheet.store.house import docs_root

#: pages that lie outside docs/, by the names that the site gives them
_OUTSIDE = {"reference/columns": "manifests/README.md", "how-to/deployments": "deployments/README.md"}
#: the order of the list: whoever asks for it most likely begins
_ORDER = ("tutorial", "how-to", "", "reference", "adr")


def docs(
    page: Annotated[str | None, Parameter(help="Page to print, such as tutorial or reference/json. Default: list all pages.")] = None,
    /,
    *,
    common: Common = HERE,  # noqa: ARG001  # it reads no project, but takes the options that all commands take
) -> Answer:
    """The documentation of this version: its pages and their location, or the text of one."""
    root = docs_root()
    files = _pages(root)
    if page is not None:
        wanted = page.removeprefix("docs/").removesuffix(".md")
        if wanted not in files:
            raise UsageError(f"no page {page!r}", help=did_you_mean(wanted, [*files], "`callsheet docs` lists them"))
        files = {wanted: files[wanted]}
    texts = {name: path.read_text(encoding="utf-8") for name, path in files.items()}
    pages: list[DocsPage] = [
        {"page": name, "title": text.partition("\n")[0].removeprefix("# "), "file": str(files[name])} for name, text in texts.items()
    ]
    document: Docs = {"schema": schema("docs"), "folder": str(root), "pages": pages}
    if page is not None:
        return Answer(document=document, lines=next(iter(texts.values())).rstrip().split("\n"))
    width = max(map(len, files)) + 2
    rows = [f"  {one['page']:<{width}}{one['title']}" for one in pages]
    return Answer(document=document, lines=[f"The pages are in {root}. `{typed('docs', next(iter(files)))}` prints the first:", "", *rows])


def _pages(root: Path) -> dict[str, Path]:
    """Each page's file by the page's name, in the order of the list."""
    inside = {path.relative_to(root).with_suffix("").as_posix(): path for path in root.rglob("*.md")}
    pages = inside | {name: root.parent / file for name, file in _OUTSIDE.items()}
    return dict(sorted(pages.items(), key=lambda page: (_rank(page[0]), page[0])))


def _rank(name: str) -> int:
    group = name.partition("/")[0]
    return _ORDER.index(group if group in _ORDER else "")
