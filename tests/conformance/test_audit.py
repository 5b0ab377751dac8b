"""The audit of the vendors' documents: the page is what its data gives, worked examples leave as the documents have them, and every number is tried."""

from __future__ import annotations

import csv
import json
import re
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from callsheet.domain.run_request import RunRequest
from callsheet.planning.notes.plan_notes import hint_notes
from callsheet.planning.project_plan import Prepared, prepare
from callsheet.pricing.priced import Priced
from callsheet.standin.jobs.config import Config
from callsheet.standin.serve import running
from docs.draw_audit import PAGE, Document, Statement, documents, page
from tests.request_log import Left, logged, purchases
from tests.runners import ffmpeg
from tests.unit.cli.calling import call
from tests.unit.standin.plain_form_clients import tone

ROOT = Path(__file__).parents[2]
DOCUMENTS = documents()
TRIED = [(document, statement) for document in DOCUMENTS for statement in document.statements if statement.cells]
EXAMPLES: dict[str, Any] = {
    name: json.loads((ROOT / "configs" / "examples" / f"{name}.json").read_text()) for name in ("runware", "deapi", "bytecompute")
}
HEAD = (
    "shot_id",
    "model",
    "prompt",
    "negative_prompt",
    "duration_s",
    "resolution",
    "fps",
    "seed",
    "sound",
    "first_frame",
    "last_frame",
    "audio",
    "params",
)
_NUMBER = re.compile(r"\d")
#: numbers that are names, dates or counts of examples, not limits of a request
_NAMES = re.compile(
    r"/api/v\d|/v1/|lightricks:\S+|LTX-\S+|Ltx2_\S+|base64|UUID v4|C2PA|MP[34]|8n\+1|\b16:9|\b9:16|2\.39:1|1:1|1080p|1440p|4K"
)


def named(one: tuple[Document, Statement]) -> str:
    return f"{one[0].name}: {one[1].says}"


def test_the_page_is_what_the_data_gives() -> None:
    """Else run `python docs/draw_audit.py`."""
    assert PAGE.read_text(encoding="utf-8") == page(DOCUMENTS)


def test_all_five_documents_are_read() -> None:
    """Each with its model, and none with fewer statements than were counted."""
    assert {document.model for document in DOCUMENTS} == {
        "runware/ltx-2.3",
        "runware/ltx-2",
        "runware/ltx-2-fast",
        "bytecompute/ltx-2.3",
        "deapi/ltx-2.3",
    }
    assert all(len(document.statements) >= 35 for document in DOCUMENTS)


def test_every_statement_is_expressed_checked_or_read_or_is_missing() -> None:
    """Nothing is passed over in silence."""
    silent = [
        named((document, one))
        for document in DOCUMENTS
        for one in document.statements
        if not (one.expressed or one.checked or one.read or one.missing)
    ]
    assert not silent


def test_every_sentence_with_a_number_is_tried_or_held_by_a_test() -> None:
    """By cells below, at and above it, or by a test that is there; the others say what is missing."""
    loose = [
        named((document, one))
        for document in DOCUMENTS
        for one in document.statements
        if _NUMBER.search(_NAMES.sub("", one.says)) and not (one.cells or one.held_by or one.missing)
    ]
    assert not loose
    held = {one.held_by for document in DOCUMENTS for one in document.statements if one.held_by}
    assert [path for path in held if not (ROOT / path).is_file()] == []


def test_each_trial_says_what_comes_of_it() -> None:
    """As many outcomes as cells."""
    assert [named(one) for one in TRIED if len(one[1].cells) not in (len(one[1].come), len(one[1].price))] == []


@pytest.fixture(scope="module")
def tried(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Prepared, dict[tuple[str, str, int], Priced]]]:
    """All rows in one list, planned once: by document, statement and number of the cell."""
    folder = tmp_path_factory.mktemp("audit")
    names = {(document.name, one.says, n): row(document, one, n) for document, one in TRIED for n in range(len(one.cells))}
    for cells in names.values():
        if cells["audio"]:
            seconds, _, silence = cells["audio"].removeprefix("tone-").removesuffix(".wav").partition("-after-")
            (folder / cells["audio"]).write_bytes(tone(float(seconds), silence=float(silence or 0)))
    ids = {f"S{n:04d}": key for n, key in enumerate(names)}
    write(folder, [{**names[key], "shot_id": shot} for shot, key in ids.items()])
    with pytest.MonkeyPatch.context() as patch:
        for service in ("RUNWARE", "DEAPI", "BYTECOMPUTE"):
            patch.setenv(f"{service}_BASE_URL", "http://127.0.0.1:9")
        prepared = prepare(RunRequest(folder=folder, list="spot.csv", buy=False))
    yield prepared, {ids[item.shot.shot_id]: item for item in prepared.priced}


def row(document: Document, one: Statement, n: int) -> dict[str, str]:
    """The document's plain row with the n-th cell of a statement."""
    cell = one.cells[n]
    if one.column == "prompt":
        length, _, unit = cell.partition(" ")
        cell = " ".join(["rain"] * int(length)) if unit == "words" else "x" * int(cell.removesuffix("x"))
    cells = {**dict.fromkeys(HEAD, ""), **document.shot, **dict(one.more), **dict.fromkeys(one.blank, ""), one.column: cell}
    return {**cells, "model": document.model}


def write(folder: Path, rows: list[dict[str, str]]) -> None:
    with (folder / "spot.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, HEAD)
        writer.writeheader()
        writer.writerows(rows)


@pytest.mark.parametrize("one", TRIED, ids=named)
def test_below_at_and_above_a_number(one: tuple[Document, Statement], tried: tuple[Prepared, dict[tuple[str, str, int], Priced]]) -> None:
    """What comes of each cell is what the audit says: exact, something near, dropped or unsupported; what it costs; whether `check` has a note."""
    document, statement = one
    items = [tried[1][document.name, statement.says, n] for n in range(len(statement.cells))]
    if statement.price:
        assert [None if item.quote is None else Decimal(item.quote.micros) / 1_000_000 for item in items] == [
            Decimal(price) for price in statement.price
        ]
    elif statement.hint:
        told = ["note" if any(statement.hint in note for note in hint_notes([item], tried[0].cards)) else "" for item in items]
        assert told == list(statement.come)
    else:
        assert [came(item, statement.field or statement.column) for item in items] == list(statement.come)


def came(item: Priced, field: str) -> str:
    """What the model says to one column of a row."""
    [verdict] = [verdict for verdict in item.fit.verdicts if verdict.field == field]
    return f"{verdict.kind.value} {verdict.granted}" if verdict.kind.value == "snapped" else verdict.kind.value


def test_the_documents_have_as_many_examples() -> None:
    """Of a request and its answer; the guide's three and ByteCompute's own form have no answers."""
    counted = Counter(one["model"] for one in EXAMPLES["runware"]["requests"])
    assert {document.model: document.examples for document in DOCUMENTS if document.examples} == dict(counted)


WORKED = [(service, example) for service in ("runware", "deapi") for example in EXAMPLES[service]["requests"]]


@pytest.mark.parametrize(("service", "example"), WORKED, ids=[f"{service} {example['name']}" for service, example in WORKED])
def test_a_worked_example_leaves_as_the_document_has_it(service: str, example: dict[str, Any], tmp_path: Path) -> None:
    """Its row, bought by `callsheet render`: every field of the request that left is the example's, but for those that the card says are added."""
    left = bought(example, tmp_path)
    wanted, sent = leaves(example["sends"]["fields"]), leaves(left.fields)
    form = left.headers["content-type"].startswith("multipart/")
    added = json.loads(call("services", example["model"], "--json").out)["models"][0]["adds"]
    extra = {name for name in sent if name not in wanted}
    assert extra <= {*added, "taskUUID", "webhook_url", "webhook_secret"}, extra
    for name, value in wanted.items():
        if name != "taskUUID":
            assert same(sent[name], value) if form else sent[name] == value, name
    assert left.url.path.endswith(example["sends"]["path"])
    assert left.headers["authorization"].startswith("Bearer ")
    assert service != "deapi" or left.headers["accept"] == "application/json"
    for name, mime in example["sends"]["files"].items():
        assert f'name="{name}"; filename="'.encode() in left.body
        assert f"Content-Type: {mime}".encode() in left.body


def bought(example: dict[str, Any], folder: Path) -> Left:
    shot = example["shot"]
    cells = {**dict.fromkeys(HEAD, ""), **{name: cell for name, cell in shot.items() if name in HEAD}}
    for name in ("first_frame", "last_frame", "audio"):
        if cells[name] == "@image/jpeg":
            cells[name] = "frame.jpg"
            ffmpeg(["-f", "lavfi", "-i", "testsrc2=s=64x36", "-frames:v", "1", str(folder / "frame.jpg")])
        if cells[name] == "@audio/wav":
            cells[name] = "voice.wav"
            (folder / "voice.wav").write_bytes(tone(float(shot["duration_s"])))
    write(folder, [{**cells, "shot_id": "S1", "model": example["model"]}])
    # only what leaves is looked at: no clip has to be made
    with (
        running(Config(speed=0.0, palette=1, state=folder / "standin", faults={"refuse": 1.0})) as url,
        pytest.MonkeyPatch.context() as patch,
        logged() as left,
    ):
        patch.setenv("RUNWARE_BASE_URL", f"{url}/v1")
        patch.setenv("DEAPI_BASE_URL", url)
        for service in ("RUNWARE", "DEAPI"):
            patch.setenv(f"{service}_API_KEY", "canary-2b9d")
        said = call("render", "spot.csv", "--cap", "5", "--yes", "--no-prefect", "-C", str(folder), "--json")
    assert purchases(left), said.err or said.out
    return purchases(left)[0]


def leaves(value: Any, path: str = "") -> dict[str, Any]:
    """Values by dotted path."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else None
    if items is None:
        return {path: value}
    return {name: leaf for key, inner in items for name, leaf in leaves(inner, f"{path}.{key}".lstrip(".")).items()}


def same(text: str, value: Any) -> bool:
    """Whether a form's text is a value; numbers are numbers, however they are written."""
    return Decimal(text) == Decimal(str(value)) if isinstance(value, int | float) else text == value
