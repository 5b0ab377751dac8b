"""The takes as a pandas frame. pandas is imported when it is asked for, and nowhere else in callsheet."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd


def takes(folder: Path | str = ".") -> pd.DataFrame:
    """The takes of a project as its last `callsheet report` wrote them, one row per take. Money stays exact (Arrow decimals).

    FileNotFoundError where no report was written yet.
    """
    import pandas as pd  # noqa: PLC0415  # two seconds to import: only for who asks for a frame

    path = Path(folder) / "out" / "takes.parquet"
    return pd.read_parquet(path, dtype_backend="pyarrow")  # pyright: ignore[reportUnknownMemberType]  # its stub leaves keyword arguments untyped


def entries(file: Path | str) -> pd.DataFrame:
    """The lines of the book as `callsheet export --format parquet FILE` wrote them: `held`, `in_doubt` and `settled` are what each line moved, exact.

    FileNotFoundError where there is no such file.
    """
    import pandas as pd  # noqa: PLC0415  # as above

    return pd.read_parquet(file, dtype_backend="pyarrow")  # pyright: ignore[reportUnknownMemberType]  # as above
