"""The frames of a shot that a person chose: in and out of its clip, or parts of several clips in sequence. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from callsheet.domain.attempt import Attempt
from callsheet.domain.cut import ClipOrigin, CutShot, Delivery
from callsheet.domain.delivery.caption import Caption
from callsheet.domain.delivery.fitting import FpsFit, retimed
from callsheet.domain.mark import Span
from callsheet.store import clip_store
from callsheet.store.project_folder import Project
from callsheet.transport.account import loopback_label

#: frames of a clip, with the attempt that it is of
Part = tuple[Span, Attempt]


def marked(placed: CutShot, parts: Sequence[Part], project: Project, delivery: Delivery) -> Iterator[CutShot]:
    """The shot as its parts, each a cut of its own under the shot's name; as it was placed where there are none.

    What is said stands with the first part, counted from it; the way into the shot is the first part's, the others follow by hard cuts.
    """
    if not parts:
        yield placed
    began = 0
    for number, (span, clip) in enumerate(parts):
        whole_frames = placed.fitting.fps is FpsFit.RETIME and retimed(span.fps, delivery.fps)
        first, end = (span.first, span.end) if whole_frames else span.at(delivery.fps)
        shown = replace(placed.fitting, first=first, captions=tuple(_captions(placed.fitting.captions, began, end - first)))
        shot = replace(placed, frames=end - first, fitting=shown)
        if number:
            shot = replace(shot, transition=None, said=())
        yield shot if clip.sha256 == placed.sha256 else _of_clip(shot, clip, project)
        began += end - first


def _captions(captions: Sequence[Caption], began: int, frames: int) -> Iterator[Caption]:
    """What is burnt into one part: texts without times into each, timed ones where they fall."""
    for caption in captions:
        if caption.end is None:
            yield caption
        elif caption.first < began + frames and caption.end > began:
            yield replace(caption, first=max(0, caption.first - began), end=min(frames, caption.end - began))


def _of_clip(shot: CutShot, clip: Attempt, project: Project) -> CutShot:
    """The part with another of the shot's clips in it."""
    assert clip.sha256 is not None, "a part belongs to a received clip"
    path = clip_store.clip_path(project, clip.sha256)
    return replace(
        shot,
        take=clip.take,
        clip=path,
        sha256=clip.sha256,
        again=clip.quote,
        failing=clip.failures,
        draft=clip.draft,
        origin=origin_of(clip),
    )


def origin_of(clip: Attempt) -> ClipOrigin:
    """Where a bought clip came from."""
    seed = clip.told.get("seed")
    return ClipOrigin(
        attempt=clip.full_name,
        service=clip.service,
        model=clip.model,
        seed=seed if isinstance(seed, int) else None,
        request=clip.request_print,
        job=clip.job,
        received_at=clip.ended_at,
        rehearsal=loopback_label(clip.account),
    )
