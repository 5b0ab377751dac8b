"""Third-party notices of what callsheet installs, from the packages' own metadata: `python .ci/notices.py` writes them, `--check` says whether they still hold.

A licence that nobody has agreed to here fails, and so does a package that names none: look at it, then add a line below.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "THIRD_PARTY_NOTICES.md"
EXTRAS = frozenset({"keyring", "notify", "postgres", "timeline"})
#: how packages that name no SPDX expression call their licences, and what that is there
NAMES = {
    "Apache 2.0 License": "Apache-2.0",
    "Apache Software License": "Apache-2.0",
    "Artistic License": "Artistic-1.0-Perl OR GPL-2.0-or-later",
    "BSD": "BSD-3-Clause",
    "BSD License": "BSD-3-Clause",
    "Dual License": "Apache-2.0 OR BSD-3-Clause",
    "ISC License": "ISC",
    "MIT License": "MIT",
    "MIT Licence": "MIT",
    "MIT license": "MIT",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "The MIT License (MIT)": "MIT",
}
#: licences under which a package may be installed beside callsheet, which is Apache-2.0
AGREED = frozenset(
    {"0BSD", "Apache-2.0", "Artistic-1.0-Perl", "BSD-2-Clause", "BSD-3-Clause", "CC0-1.0", "CNRI-Python", "GPL-2.0-or-later", "ISC"}
    | {"LGPL-3.0-only", "MIT", "MIT-0", "MPL-2.0", "PSF-2.0", "Zlib"}
)
#: programs and libraries that wheels carry beside their own code
CARRIED = {
    "imageio-ffmpeg": "the program ffmpeg with x264 and x265, under GPL-3.0-or-later; callsheet starts it as a process of its own. "
    "Source: https://ffmpeg.org/download.html. `CALLSHEET_FFMPEG` names another one",
    "av": "libraries of FFmpeg with x264 and x265, under GPL-3.0-or-later, loaded by processes of their own. Source: https://github.com/PyAV-Org/pyav-ffmpeg",
    "psycopg-binary": "libpq (PostgreSQL licence) and OpenSSL (Apache-2.0); only with the extra `postgres`",
    "numpy": "OpenBLAS (BSD-3-Clause) and the runtime of gfortran (GPL-3.0-or-later with the GCC runtime library exception)",
    "tzdata": "the time zone database, in the public domain",
}
_HEAD = """# Third-party notices

callsheet itself is under the Apache License 2.0 (LICENSE). It carries a part of the font JetBrains Mono (SIL Open Font License 1.1, `media/ffmpeg/fonts/OFL.txt`),
and the fonts DejaVu Sans and DejaVu Sans Mono 2.37 (the licence of Bitstream Vera with the changes of DejaVu and Arev, `media/ffmpeg/fonts/DejaVu-LICENSE.txt`).
It installs the packages below, each under its own licence, whose text is in the package's `.dist-info`. Made by `.ci/notices.py` from their metadata; CI fails
where a package or a licence has changed.

**ffmpeg is GPL.** callsheet neither contains nor links it: the wheels of imageio-ffmpeg and av bring it. Who passes on an image or an installation that
contains them passes on GPL software, and owes its source.

"""


def installed(
    name: str = "callsheet", extras: frozenset[str] = EXTRAS, known: dict[str, frozenset[str]] | None = None
) -> dict[str, frozenset[str]]:
    """The packages that `name` with its extras needs on this machine, by name, with the extras that they are needed with."""
    known = {} if known is None else known
    key = canonicalize_name(name)
    if extras <= known.get(key, frozenset()) and key in known:
        return known
    known[key] = known.get(key, frozenset()) | extras
    for needed in map(Requirement, metadata.distribution(name).requires or ()):
        if needed.marker is None or any(needed.marker.evaluate({"extra": extra}) for extra in (extras or {""})):
            installed(needed.name, frozenset(needed.extras), known)
    return known


def licence(name: str) -> str:
    """A package's licence as SPDX names it; empty where it says none."""
    found = metadata.metadata(name)
    said = [found.get("License-Expression"), (found.get("License") or "").partition("\n")[0].strip()]
    said += [word.rpartition(":: ")[2] for word in found.get_all("Classifier") or () if word.startswith("License ::")]
    for words in said:
        spdx = NAMES.get(words or "", words or "")
        if spdx and set(spdx.replace("(", "").replace(")", "").replace(" AND ", " OR ").split(" OR ")) <= AGREED:
            return spdx
    return ""


def page() -> str:
    """The notices as a page."""
    names = sorted(installed().keys() - {"callsheet"})
    rows = [f"| {name} | {licence(name)} |" for name in names]
    carried = [f"- **{name}** carries {what}." for name, what in CARRIED.items()]
    return _HEAD + "\n".join(["| package | licence |", "|---|---|", *rows, "", "## What wheels carry besides", "", *carried]) + "\n"


def problems() -> Iterator[str]:
    """What a person has to look at."""
    yield from (f"{name} names no licence that is agreed to here" for name in installed() if not licence(name))
    if not PAGE.is_file() or PAGE.read_text(encoding="utf-8") != page():
        yield f"{PAGE.name} is not what the installed packages say: run .ci/notices.py"


if __name__ == "__main__":
    if "--check" not in sys.argv:
        PAGE.write_text(page(), encoding="utf-8")
    found = list(problems())
    sys.exit("\n".join(found) if found else 0)
