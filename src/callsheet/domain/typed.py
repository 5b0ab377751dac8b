"""Commands that are printed for somebody to type: the one place that writes one, so that every name in it is quoted as a shell wants it."""

from __future__ import annotations

import shlex


def typed(*words: object) -> str:
    """`callsheet` and the words after it as one line for a POSIX shell: a space, a quote or a $ in a name stays part of the name."""
    return shlex.join(["callsheet", *map(str, words)])
