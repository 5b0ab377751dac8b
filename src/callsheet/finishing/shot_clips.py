"""A shot's clip, conformed to a delivery and cached by content."""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from callsheet.domain.cut import Cut, CutShot, Delivery, Voice
from callsheet.domain.errors import MediaError
from callsheet.finishing.full_disk import full_disk
from callsheet.media.clip.lettered_card import lettered_card
from callsheet.media.clip.normalize import normalize, own_pictures
from callsheet.media.clip.normalized import Normalized
from callsheet.media.clip.slate import slate
from callsheet.media.clip.still_clip import still_clip
from callsheet.media.inspect.picture_index import Pictures
from callsheet.store.project_folder import Project

NO_CLIP, MISSING = "no clip", "missing"


def normalize_clip(shot: CutShot, delivery: Delivery, project: Project) -> Normalized:
    """A shot as it would stand in a film alone: its clip normalized, or a slate. To be called as soon as the clip lands, from any thread, any number of times.

    MediaError, placed at the shot, where its clip can't be made fit.
    """
    with full_disk():
        return _normalize(shot, _own_pictures(shot, delivery, project), delivery, project)


def _normalize(shot: CutShot, own: Pictures | None, delivery: Delivery, project: Project) -> Normalized:
    try:
        return _fit(shot, own, delivery, project)
    except MediaError as error:
        raise of_shot(error, shot) from None


def _fit(shot: CutShot, own: Pictures | None, delivery: Delivery, project: Project) -> Normalized:
    if shot.still:
        return still_clip(shot.still, shot.frames, delivery, project.normalized, sound=shot.voice or False, fit=shot.fitting)
    if shot.ground:
        return lettered_card(shot.ground, shot.frames, delivery, project.normalized, fit=shot.fitting)
    if shot.clip is None:
        inside = delivery.burn_names  # a working copy gives the reason; clients see only that it is missing
        why, prompt = (shot.missing or NO_CLIP, shot.prompt) if inside else (MISSING, "")
        return slate(shot.shot, why, shot.frames, delivery, project.normalized, prompt=prompt)
    if not shot.clip.is_file():
        raise MediaError(f"its clip {project.relative(shot.clip)} is missing", help="`callsheet recover` fetches it again without buying")
    refuse_unvoiced(shot.voice, project)
    return normalize(shot.clip, shot.content, shot.frames, delivery, project.normalized, sound=shot.sound_source, fit=shot.fitting, own=own)


def refuse_unvoiced(voice: Voice | None, project: Project) -> None:
    """MediaError if the copy of the sound that drove a clip is missing."""
    if voice and not voice.file.is_file():
        raise MediaError(
            f"the copy of {voice.name}, the sound that drove it, is missing: {project.relative(voice.file)}",
            help="restore .callsheet from a backup, or put the same file back under the name in its row and run `callsheet finish`",
        )


def normalized_clips(cut: Cut, delivery: Delivery, project: Project) -> list[Normalized]:
    """All shots of the cut in order, one per processor at a time. The first failure ends it."""
    own = _all_own(cut, delivery, project)
    with ThreadPoolExecutor(os.cpu_count(), thread_name_prefix="normalize") as pool:
        waiting = [pool.submit(_normalize, shot, pictures, delivery, project) for shot, pictures in zip(cut.shots, own, strict=True)]
        try:
            return [one.result() for one in waiting]
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _all_own(cut: Cut, delivery: Delivery, project: Project) -> Sequence[Pictures | None]:
    """Each shot's own pictures where all of the film can be made of such, and of one encoder's settings; else of none."""
    found: list[Pictures] = []
    for shot in cut.shots:
        pictures = None if delivery.front or delivery.back or shot.transition else _own_pictures(shot, delivery, project)
        if pictures is None or pictures.settings != (found or [pictures])[0].settings:
            return [None] * len(cut.shots)
        found.append(pictures)
    return found


def _own_pictures(shot: CutShot, delivery: Delivery, project: Project) -> Pictures | None:
    """A shot's pictures, if they can be in a film unchanged."""
    if shot.still or shot.clip is None or not shot.clip.is_file():
        return None
    try:
        return own_pictures(shot.clip, shot.content, shot.frames, delivery, project.normalized, shot.fitting)
    except MediaError as error:
        raise of_shot(error, shot) from None


def of_shot(error: MediaError, shot: CutShot) -> MediaError:
    """The same failure with its shot and take."""
    take = shot.take.full if shot.take else None
    return MediaError(f"{shot.shot}: {error}", problems=[problem.at(shot=shot.shot, take=take) for problem in error.problems])
