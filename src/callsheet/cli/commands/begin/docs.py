"""`callsheet docs`."""

from __future__ import annotations

from typing import Annotated

from cyclopts import Parameter

from callsheet.cli.options import HERE, Common
from callsheet.cli.output.answer import Answer, schema
from callsheet.cli.output.documents_compared import Docs, DocsPage
from callsheet.domain.errors import UsageError
from callsheet.domain.typed import typed
from callsheet.domain.wording import did_you_mean
from callsheet.store.house import docs_root


def docs(
    page: Annotated[str | None, Parameter(help="Page to print, such as tutorial or reference/json. Default: list all pages.")] = None,
    /,
    *,
    common: Common = HERE,  # noqa: ARG001  # it reads no project, but takes the options that all commands take
) -> Answer:
    """The documentation of this version: its pages and their location, or the text of one."""
    root = docs_root()
    files = {path.relative_to(root).with_suffix("").as_posix(): path for path in sorted(root.rglob("*.md"))}
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
    rows = [f"  {one['page']:<28}{one['title']}" for one in pages]
    return Answer(document=document, lines=[f"The pages are in {root}. `{typed('docs', next(iter(files)))}` prints the first:", "", *rows])
