"""A lane's pace where its service takes fewer requests than its slots would send: learned from what it takes and what it refuses (429). Pure.

Additive increase, multiplicative decrease, both small: refusals are proofs that cost time, and a pace that swings widely is below the limit most of the
time. Where the limit is far away (several refusals in a row, many requests without one) both grow, so that it is found soon.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

#: after a refusal the pace is so much less
_LESS = 0.97
#: where so few were taken since the last refusal the limit is far away: the gap is so many times wider
_FAR, _SEARCH = 3, 1.4
#: each request that is taken raises it by this share, which doubles with every so many since the last refusal
_MORE, _DOUBLES = 0.0005, 50
#: a lane that may send oftener than this isn't paced any more, milliseconds
FREE_MS = 20.0
#: between two requests nobody waits for longer, milliseconds
_LONGEST_MS = 60_000.0
#: what was taken is counted over so many requests, or so long (milliseconds), and then half of it is forgotten
_COUNTED, _COUNTED_MS = 200, 300_000.0
#: what was taken before the first refusal counts no longer than this, milliseconds
_LATELY_MS = 60_000.0


@dataclass(frozen=True, slots=True)
class Pace:
    """`gap_ms` between two requests, 0 where none has to be kept. `since_ms`, `taken`: how many were taken since then, by a clock in milliseconds. `strikes`:
    refusals in a row; `good`: taken since the last refusal."""

    gap_ms: float = 0.0
    since_ms: float = 0.0
    taken: int = 0
    strikes: int = 0
    good: int = 0

    def accepted(self, now_ms: float) -> Pace:
        """A request was taken."""
        counted = self._counted(now_ms)
        if not self.gap_ms:
            return counted
        gap = self.gap_ms
        # it was searched for in steps: what was really taken is nearer, unless a clock was put back meanwhile
        if not self.good and counted.taken > 1 and now_ms > counted.since_ms:
            gap = min(gap, max((now_ms - counted.since_ms) / counted.taken, FREE_MS))
        gap /= 1 + _MORE * 2 ** min(self.good / _DOUBLES, 10)
        return replace(counted, gap_ms=gap if gap > FREE_MS else 0.0, strikes=0, good=self.good + 1)

    def refused(self, now_ms: float) -> Pace:
        """A request was refused for the pace."""
        if not self.gap_ms:
            lately = self._lately(now_ms)
            seen = (now_ms - lately.since_ms) / lately.taken if lately.taken else FREE_MS
            return replace(lately, gap_ms=min(max(2 * seen, 2 * FREE_MS), _LONGEST_MS), strikes=1, good=0)
        wider = self.gap_ms * _SEARCH if self.good < _FAR else self.gap_ms / _LESS
        return replace(self, gap_ms=min(wider, _LONGEST_MS), strikes=self.strikes + 1, good=0)

    def _lately(self, now_ms: float) -> Pace:
        """Less what was taken more than a minute ago: the limit is new."""
        age_ms = now_ms - self.since_ms
        if not self.taken or age_ms <= _LATELY_MS:
            return self
        return replace(self, since_ms=now_ms - _LATELY_MS, taken=max(int(self.taken * _LATELY_MS / age_ms), 1))

    def _counted(self, now_ms: float) -> Pace:
        if not self.taken:
            return replace(self, since_ms=now_ms, taken=1)
        if self.taken >= _COUNTED or now_ms - self.since_ms > _COUNTED_MS:
            return replace(self, since_ms=(self.since_ms + now_ms) / 2, taken=self.taken // 2 + 1)
        return replace(self, taken=self.taken + 1)
