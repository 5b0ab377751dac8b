"""Pages of the report: filled templates, all text escaped, in one file that needs no other file and no network."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from callsheet.domain.money import Micros, text

_TEMPLATES = Path(__file__).parent / "templates"


def rendered(template: str, **facts: object) -> str:
    """A template as HTML; only its own style sheet is allowed, by its hash."""
    style = (_TEMPLATES / "report.css").read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters["usd"] = _usd
    policy = f"default-src 'none'; img-src data:; style-src 'sha256-{digest}'"
    return environment.get_template(template).render(style=Markup(style), policy=policy, **facts)  # noqa: S704  # our own file


def _usd(micros: Micros | None) -> str:
    return "-" if micros is None else text(micros)
