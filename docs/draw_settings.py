"""Draws docs/reference/project.md from the models of what people write in TOML: `python docs/draw_settings.py`. A test compares the page with them."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, get_origin

from pydantic import BaseModel

from callsheet.settings.tables.file import ProjectFile
from callsheet.shotlist.mapping_table import MappingTable
from callsheet.toml_file.faults import bare_type, expects, inner_type, toml_text
from callsheet.toml_file.table import unit_of

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "reference" / "project.md"

HEAD = """# What you write in TOML

Drawn from the models that read the files, by `python docs/draw_settings.py`. Every key may be left out unless it says "required". A key that doesn't exist, a value of another type and a number out of range are errors, with the file, the line and the fix.

An editor can check and complete the files while you type. Write the schema once, and name it in the file's first line:

```sh
callsheet schema project > project.schema.json
```

```toml
#:schema ./project.schema.json
[project]
fps = "24"
```

[Taplo](https://taplo.tamasfe.dev) reads that line, and so does every editor that uses it, such as VS Code with Even Better TOML. `callsheet schema delivery`, `card` and `mapping` print the schemas of the other files.

# project.toml
"""


def page() -> str:
    """The whole page."""
    shipped = tomllib.loads((ROOT / "configs" / "defaults.toml").read_text())
    web = tomllib.loads((ROOT / "configs" / "deliveries" / "web.toml").read_text())
    return "\n".join([HEAD, *_tables(ProjectFile, shipped | {"deliver": web}), "# NAME.mapping.toml\n", *_mapping()]) + "\n"


def _tables(model: type[BaseModel], defaults: Mapping[str, Any]) -> Iterator[str]:
    """A section for each table of a file."""
    for name, field in model.model_fields.items():
        inner = inner_type(field.annotation)
        origin = get_origin(bare_type(field.annotation))
        form = f"[[{name}]]" if origin is list else f"[{name}.NAME]" if origin is dict and name != "qc" else f"[{name}]"
        yield f"## `{form}`\n\n{_sentence(field.description)}\n"
        if name == "qc":
            yield from _findings(defaults["qc"])
        elif isinstance(inner, type) and issubclass(inner, BaseModel):
            yield from _keys(inner, defaults.get(name, {}))
        else:
            yield "Which parameters a model has, and what each takes, stands in [Services](services.md).\n"


def _mapping() -> Iterator[str]:
    yield "How a list of another form is read. `callsheet import` writes it; it is yours to edit.\n"
    yield from _keys(MappingTable, {})


def _findings(verdicts: Mapping[str, str]) -> Iterator[str]:
    yield "Each code is `reject`, `flag` or `pass`; what a code means stands in the comments of [configs/defaults.toml](../../configs/defaults.toml).\n"
    yield "| default | codes |\n|---|---|"
    for verdict in ("reject", "flag", "pass"):
        yield f"| `{verdict}` | {', '.join(f'`{code}`' for code, word in verdicts.items() if word == verdict)} |"
    yield ""


def _keys(model: type[BaseModel], defaults: Mapping[str, Any]) -> Iterator[str]:
    """A row for each key, and the tables within."""
    yield "| key | value | default | meaning | example |\n|---|---|---|---|---|"
    inside: list[tuple[str, type[BaseModel]]] = []
    for name, field in model.model_fields.items():
        key, inner = field.alias or name, inner_type(field.annotation)
        default = f"`{toml_text(defaults[key])}`" if key in defaults else "required" if field.is_required() else ""
        unit = f", in {unit_of(field)}" if unit_of(field) else ""
        example = f"`{toml_text(field.examples[0])}`" if field.examples else ""
        yield f"| `{key}` | {expects(field)}{unit} | {default} | {field.description} | {example} |"
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            inside.append((key, inner))
    yield ""
    for key, inner in inside:
        yield f"`{key}` is a table:\n"
        yield from _keys(inner, defaults.get(key, {}))


def _sentence(text: str | None) -> str:
    return f"{(text or '')[:1].upper()}{(text or '')[1:]}."


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
