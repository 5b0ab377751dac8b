"""The environment of child processes: what a program needs to run, and no key, password or address."""

from __future__ import annotations

import os
from collections.abc import Iterable

#: names, and prefixes of names, that programs need: paths, locale, certificates, fonts, libraries, and our own ffmpeg
_NAMES = frozenset({"PATH", "HOME", "USER", "LOGNAME", "SHELL", "LANG", "LANGUAGE", "TZ", "TZDIR", "TMPDIR", "TEMP", "TMP", "SYSTEMROOT"})
_OURS = frozenset({"CALLSHEET_FFMPEG", "DO_NOT_TRACK", "VIRTUAL_ENV", "NUMBER_OF_PROCESSORS"})
_BEGINNINGS = ("LC_", "XDG_", "FONTCONFIG_", "LD_LIBRARY_", "DYLD_", "PYTHON", "SSL_CERT_", "OMP_", "COV_", "COVERAGE_")


def child_environment(also: Iterable[str] = ()) -> dict[str, str]:
    """The variables of this process's environment that are on the list; `also` are further prefixes."""
    kept = (*_BEGINNINGS, *also)
    return {name: os.environ[name] for name in os.environ if name in _NAMES or name in _OURS or name.startswith(kept)}
