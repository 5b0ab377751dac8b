"""The modules of the ledger, each loaded when it is first used: they need SQLAlchemy, whose import takes a third of a short command, and a project that has bought
nothing has no ledger.
"""

from __future__ import annotations

from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from callsheet.budget.ledger import limits, marks, prices, read, receipts, standing, store, tally

__all__ = ["limits", "marks", "prices", "read", "receipts", "standing", "store", "tally"]


def __getattr__(name: str) -> ModuleType:
    """A module of `budget/ledger`, when its name is first looked up here."""
    if name not in __all__:
        raise AttributeError(name)
    globals()[name] = module = import_module(f"callsheet.budget.ledger.{name}")
    return module
