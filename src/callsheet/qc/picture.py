"""What is visibly wrong with a clip's pictures. Pure: measurements go in, findings come out. Limits were set on planted defects and on
clean counterparts (slow zooms, dark and noisy pictures, still shots); tests/media/test_checks.py has them all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from callsheet.domain.finding import Finding, Severity
from callsheet.domain.timebase import Fps
from callsheet.media.inspect.decode_check import Watched
from callsheet.qc.picture_levels import PictureLevels, apart, picture_levels

#: nearly all of the picture must be black
_BLACK_SHARE = 0.98
#: shortest black that is reported, seconds: two frames at 24 fps
_BLACK_S = 0.08
#: a picture is still if it changes by less than this (mean of 8-bit luma), and nowhere by more than that
_STILL, _STILL_SPOT = 0.02, 4
#: after this many still steps, refinements by the encoder still count as still, up to this change (mean, and anywhere)
_STOOD, _REDRAWN, _REDRAWN_SPOT = 5, 0.5, 8
_FROZEN_S = 0.5
#: jumps of mean luma that look like a flash, and how many within a second are too many (WCAG: three flashes)
_FLASH, _FLASHES = 20.0, 6
#: a repeated frame changes by less than this, and by less than this share of the steps around it, if those move at all
_REPEATED, _REPEATED_SHARE, _AROUND, _MOVING, _IN_A_ROW = 0.2, 0.12, 9, 1.0, 3
#: a picture of one luma (standard deviation) can't show movement
_PLAIN = 2.0
#: this share of repeated frames means that the clip has a lower rate
_DOUBLED_SHARE = 0.1
#: the share of the picture that may be outside video range, and the shortest reported stretch of such frames
_RANGE_SHARE, _RANGE_FRAMES = 0.01, 3


def check_picture(watched: Watched, fps: Fps) -> list[Finding]:
    """Everything that is visibly wrong, in the order of CHECKS."""
    levels = picture_levels(watched)
    return [finding for check in CHECKS if (finding := check(watched, levels, fps))]


def black(_watched: Watched, levels: PictureLevels, fps: Fps) -> Finding | None:
    """The picture is black for a while."""
    dark = _dark(levels)
    if len(dark) and dark.all():
        return _found("clip-all-black", Severity.FAIL, "it is black from the first frame to the last", 0)
    return _longest("clip-black", "black", dark, fps, _BLACK_S)


def frozen(watched: Watched, levels: PictureLevels, fps: Fps) -> Finding | None:
    """The picture is still for a while, and isn't black."""
    return _longest("clip-frozen", "frozen", _stands(watched, levels) & ~_dark(levels)[1:], fps, _FROZEN_S)


def flashes(_watched: Watched, levels: PictureLevels, fps: Fps) -> Finding | None:
    """The picture flashes often enough within a second to be harmful."""
    jumps = (np.flatnonzero(np.abs(np.diff(levels.level)) > _FLASH) + 1).tolist()
    worst = next((first for first, last in zip(jumps, jumps[_FLASHES - 1 :], strict=False) if last - first < fps), None)
    if worst is None:
        return None
    return _found("clip-flash", Severity.WARN, f"flashes more than three times within a second, from frame {worst} on", worst)


def doubled(watched: Watched, levels: PictureLevels, fps: Fps) -> Finding | None:
    """Frames that repeat the one before while the picture moves; many of them mean that the clip was made at a lower rate."""
    like_before = np.flatnonzero(_repeats(levels.moved, int(_FROZEN_S * fps))) + 1
    repeats = like_before[watched.luma[like_before].std(axis=(1, 2)) >= _PLAIN]
    if not len(repeats):
        return None
    share = len(repeats) / len(watched.luma)
    if share < _DOUBLED_SHARE:
        said = f"{len(repeats)} of its frames repeat the one before, first frame {repeats[0]}"
        return _found("clip-repeated", Severity.NOTE, said, int(repeats[0]))
    said = f"{100 * share:.0f} % of its frames repeat the one before: it was made at a lower frame rate"
    return _found("clip-doubled", Severity.WARN, said, int(repeats[0]))


def out_of_range(_watched: Watched, levels: PictureLevels, _fps: Fps) -> Finding | None:
    """Colours outside video range: usually a wrong range tag."""
    beyond = np.flatnonzero(levels.outside > _RANGE_SHARE)
    if len(beyond) < _RANGE_FRAMES:
        return None
    worst = 100 * float(levels.outside.max())
    return _found(
        "clip-range",
        Severity.WARN,
        f"colours are outside video range in {len(beyond)} frames, up to {worst:.0f} % of the picture",
        int(beyond[0]),
    )


Check = Callable[[Watched, PictureLevels, Fps], Finding | None]
CHECKS: tuple[Check, ...] = (black, frozen, flashes, doubled, out_of_range)


def spans(flags: Iterable[bool]) -> list[tuple[int, int]]:
    """First and one past the last index of each stretch of True."""
    found: list[tuple[int, int]] = []
    at = 0
    for flag, run in groupby(flags):
        length = len(list(run))
        if flag:
            found.append((at, at + length))
        at += length
    return found


def _dark(levels: PictureLevels) -> NDArray[np.bool_]:
    return levels.black >= _BLACK_SHARE


def _stands(watched: Watched, levels: PictureLevels) -> NDArray[np.bool_]:
    """The steps over which the picture is the same. Movement anywhere counts, such as something small on a still background."""
    still = (levels.moved < _STILL) & (levels.most <= _STILL_SPOT)
    for core, _ in (span for span in spans(still.tolist()) if _length(span) >= _STOOD):
        same = spans(_alike(watched.luma, watched.luma[core]).tolist())
        first, end = next(span for span in same if span[0] <= core < span[1])
        still[first : end - 1] = True
    return still


def _alike(pictures: NDArray[np.uint8], one: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Which pictures differ from `one` by no more than an encoder's refinements."""
    change = apart(pictures, one)
    return (change.mean(axis=(-2, -1)) < _REDRAWN) & (change.max(axis=(-2, -1)) <= _REDRAWN_SPOT)


def _repeats(moved: NDArray[np.float64], long: int) -> NDArray[np.bool_]:
    """Steps with almost no change while the picture moves. Only a few in a row: more is a still picture."""
    if len(moved) < _AROUND:
        return np.zeros(len(moved), dtype=bool)
    half = _AROUND // 2
    windows = np.lib.stride_tricks.sliding_window_view(np.pad(moved, half, mode="reflect"), _AROUND)
    usual = np.percentile(windows, 75, axis=1)  # a cut or a flash among them doesn't count
    around = np.minimum(
        usual, np.minimum(windows[:, :half].max(axis=1), windows[:, half + 1 :].max(axis=1))
    )  # on both sides, because a cut may separate them
    small = (moved < _REPEATED) & (moved < _REPEATED_SHARE * around)
    repeats = small & (around > _MOVING)
    crowded = [span for span in spans(small.tolist()) if _length(span) > _IN_A_ROW]
    standing = [span for span in spans((moved < _STILL).tolist()) if _length(span) >= long]
    for first, end in (*crowded, *standing):
        repeats[max(0, first - _AROUND) : end + _AROUND] = False
    return repeats


def _longest(code: str, what: str, flags: NDArray[np.bool_], fps: Fps, shortest_s: float) -> Finding | None:
    """The longest stretch, reported with the number of the others."""
    found = [span for span in spans(flags.tolist()) if span[1] - span[0] >= shortest_s * fps]
    if not found:
        return None
    first, end = max(found, key=_length)
    more = f", and {len(found) - 1} times more" if len(found) > 1 else ""
    return _found(code, Severity.WARN, f"{what} from frame {first} to {end} ({float((end - first) / fps):.2f} s){more}", first)


def _length(span: Sequence[int]) -> int:
    return span[1] - span[0]


def _found(code: str, severity: Severity, message: str, frame: int) -> Finding:
    return Finding(code=code, severity=severity, message=message, frame=frame)
