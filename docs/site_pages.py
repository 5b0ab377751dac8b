"""Hooks of mkdocs: pages that lie outside docs/ become pages of the site, and links between all of them are made to fit.

A link to a file that is no page, such as a module, becomes the file's name. A link to a file that doesn't exist ends the build.
"""

from __future__ import annotations

import posixpath
import re
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

ROOT = Path(__file__).parents[1]
#: files of the repository, and where each stands in the site
OUTSIDE = {
    "README.md": "index.md",
    "CHANGELOG.md": "changelog.md",
    "CONTRIBUTING.md": "contributing.md",
    "manifests/README.md": "reference/columns.md",
    "deployments/README.md": "how-to/deployments.md",
    "benchmarks/README.md": "benchmarks/index.md",
    **{path.relative_to(ROOT).as_posix(): path.relative_to(ROOT).as_posix() for path in ROOT.glob("benchmarks/results/*.md")},
}
_LINK = re.compile(r"(?P<text>\[[^\]\n]*\])\((?!https?:|#|mailto:)(?P<path>[^)#\s]+)(?P<anchor>#[^)\s]*)?\)")
_CODE = re.compile(r"^```.*?^```|`[^`\n]*`", re.MULTILINE | re.DOTALL)


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Adds the pages that lie outside docs/."""
    for source, page in OUTSIDE.items():
        files.append(File.generated(config, page, content=(ROOT / source).read_text(encoding="utf-8")))
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:  # noqa: ARG001  # mkdocs gives all four by name
    """The page with its links as the site has them; code is left alone."""
    here = page.file.src_uri
    source = next((outside for outside, inside in OUTSIDE.items() if inside == here), f"docs/{here}")
    code = [match.span() for match in _CODE.finditer(markdown)]

    def replaced(link: re.Match[str]) -> str:
        if any(start <= link.start() < end for start, end in code):
            return link[0]
        return _linked(link, source, here)

    return _LINK.sub(replaced, markdown)


def _linked(link: re.Match[str], source: str, here: str) -> str:
    target = posixpath.normpath(posixpath.join(posixpath.dirname(source), link["path"]))
    if not (ROOT / target).exists():
        raise PluginError(f"{source} links to {link['path']}, which doesn't exist: correct the link")
    inside = OUTSIDE.get(target) or (target.removeprefix("docs/") if target.startswith("docs/") and not target.endswith(".py") else None)
    if inside is None:
        return f"{link['text'][1:-1]} (`{target}`)" if link["text"][1:-1].strip("`") != target else f"`{target}`"
    return f"{link['text']}({posixpath.relpath(inside, posixpath.dirname(here) or '.')}{link['anchor'] or ''})"
