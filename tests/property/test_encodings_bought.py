"""The same list in twelve encodings, bought at a stand-in: what its log has is what the author wrote, or nothing was sent."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.property.test_encodings import KNOWN, WORDS
from tests.unit.cli.calling import call, service

QUICK = ("gbk", "cp1251", "utf-16")


def prompts(state: Path) -> str:
    """Everything that the stand-in was sent."""
    return "".join(path.read_bytes().decode("unicode_escape", errors="replace") for path in sorted(state.rglob("*.json*")))


def escaped(words: str) -> str:
    """The words as a log that is decoded so shows them, whether it holds them as UTF-8 or as JSON's escapes."""
    return words.encode().decode("unicode_escape", errors="replace")


@pytest.mark.parametrize(
    "encoding", [pytest.param(name, marks=() if name in QUICK else [pytest.mark.slow, pytest.mark.nightly]) for name in sorted(WORDS)]
)
def test_no_wrong_letter_is_sent(encoding: str, tmp_path: Path) -> None:
    """Unnamed, what isn't Unicode's is refused before anything is sent; named, the request has each letter."""
    folder = tmp_path / "film"
    folder.mkdir()
    words = WORDS[encoding]
    text = f'shot_id,prompt,model,duration_s,resolution,fps\r\nS1,"A lamp: {words}",runware/ltx-2,1,320x192,24\r\n'
    (folder / "spot.csv").write_bytes(text.encode(encoding))
    render = ("render", "spot.csv", "--cap", "1", "--yes", "--no-prefect", "-C", str(folder), "--json")
    with service(tmp_path):
        first = call(*render)
        if encoding not in KNOWN:
            assert first.code == 3
            assert [problem["code"] for problem in first.json["errors"]] == ["encoding"]
            assert "A lamp" not in prompts(tmp_path / "standin")
            first = call(*render, "--encoding", encoding)
    assert first.code == 0, first.err
    sent = prompts(tmp_path / "standin")
    assert words in sent or escaped(words) in sent
