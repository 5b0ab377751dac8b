"""`callsheet finish`."""

from __future__ import annotations

from callsheet.cli.answer import Answer
from callsheet.cli.options import HERE, Common, ListFile
from callsheet.cli.running import drive, ended, straight
from callsheet.engine.order import Order
from callsheet.engine.prepare import prepare
from callsheet.report.documents import finish_document


def finish(list: ListFile, /, *, common: Common = HERE) -> Answer:
    """Cut and stitch what is there."""
