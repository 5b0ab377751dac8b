"""Commands that are printed for a person to type: built only here, so that every name in them is quoted for a shell."""

from __future__ import annotations

import shlex


def typed(*words: object) -> str:
    """`callsheet` and the words after it as one line for a POSIX shell: a space, a quote or a $ in a name stays part of the name."""
    return shlex.join(["callsheet", *map(str, words)])
