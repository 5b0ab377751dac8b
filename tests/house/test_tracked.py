"""What may stand in no file of the repository."""

from __future__ import annotations

import re
import subprocess

from tests.house.sources import ROOT

#: a machine's own paths, an index that not everybody has, and what looks like a key
_PRIVATE = {
    "a machine's path": re.compile(
        rb"(?<![\w.])/(?:root|home/(?!crew\b)[a-z]\w*|Users/\w+|opt/(?:pypi|wheels)|work/(?:main|shared))(?=[/\s\"'`]|$)"
    ),
    "a package index": re.compile(rb"(?:extra-)?index-url\s*=|find-links\s*=|https?://(?!pypi\.org/simple)[\w.-]+/simple\b"),
    "a key": re.compile(rb"\b(?:sk-[A-Za-z0-9]{20,}|gh[pousr]_[A-Za-z0-9]{30,}|AKIA[A-Z0-9]{16})\b|-----BEGIN [A-Z ]*PRIVATE KEY"),
}


def _tracked() -> list[str]:
    """Files that git knows or would take; in a tree without git, all but what is built."""
    run = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if run.returncode == 0:
        return sorted(set(run.stdout.splitlines()))
    built = {".venv", "dist", "__pycache__", ".pytest_cache", ".ruff_cache", ".hypothesis"}
    return sorted(path.relative_to(ROOT).as_posix() for path in ROOT.rglob("*") if path.is_file() and not built & set(path.parts))


def test_nothing_private_is_in_the_repository() -> None:
    """No machine's path, no private index, no key."""
    found = [
        f"{name}: {what}: {match[0].decode(errors='replace')}"
        for name in _tracked()
        if (ROOT / name).is_file()
        for what, pattern in _PRIVATE.items()
        if (match := pattern.search((ROOT / name).read_bytes()))
    ]
    assert found == []


def test_every_package_in_the_lock_is_from_the_public_index() -> None:
    """So that a fresh clone installs what was locked."""
    hosts = set(re.findall(r"https?://([^/\"]+)/", (ROOT / "uv.lock").read_text()))
    assert hosts == {"pypi.org", "files.pythonhosted.org"}


def test_the_license_is_whole() -> None:
    """Apache-2.0, from its title to its end."""
    text = (ROOT / "LICENSE").read_text()
    assert "Apache License" in text
    assert "Version 2.0, January 2004" in text
    assert "END OF TERMS AND CONDITIONS" in text
