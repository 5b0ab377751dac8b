"""Transitions: the frames around one are encoded anew, from the clips as they were bought; all others keep their packets.

A dissolve or wipe lies on the first frames of the shot that comes on, over the frames that follow in the clip before it. A fade takes half of its frames
at the end of the shot before, half at the start of the next. So no shot's place in the film moves. The first shot comes on from black, whatever its join.
Normalized pictures can be parted at key frames only: a piece reaches from the shot's edge to the next one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from callsheet.domain.cut import CutShot, Delivery
from callsheet.domain.delivery.fitting import Join, frames_short
from callsheet.domain.timebase import fps_text
from callsheet.domain.transition_effects import NO_EFFECT, Effect, effects
from callsheet.media.clip import burn_in, clip_facts, fitting, normalized
from callsheet.media.clip.content_key import key_of
from callsheet.media.clip.normalize import opened, sound_with
from callsheet.media.clip.normalized import Learnt, Normalized
from callsheet.media.ffmpeg import filter_graph
from callsheet.media.ffmpeg.command import Command
from callsheet.media.inspect.probe import probe

_XFADE = {Join.DISSOLVE: "fade", Join.WIPE: "wiperight"}


@dataclass(frozen=True, slots=True)
class Span:
    """Frames of one normalized picture, from a key frame on."""

    clip: Normalized
    first: int
    frames: int


@dataclass(frozen=True, slots=True)
class Joined:
    """A shot as it stands in the film: its normalized clip, its pictures' spans in order, and the sound that lies under its start."""

    clip: Normalized
    spans: tuple[Span, ...]
    effect: Effect = NO_EFFECT
    #: the tail of the shot before, as long as the effect's `comes`
    under: Normalized | None = None
    #: frames under the transition that repeat the last one of the shot before, since its clip ended
    padded_frames: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Piece:
    """Frames `first` to `end` of a shot with its effect, to be encoded."""

    shot: CutShot
    clip: Normalized
    first: int
    end: int
    effect: Effect
    under: Normalized | None


def joined(shots: Sequence[CutShot], clips: Sequence[Normalized], delivery: Delivery, folder: Path) -> list[Joined]:
    """Every shot as it stands in the film. MediaError if a clip can't be read or ffmpeg fails."""
    made: list[Joined] = []
    for n, (shot, clip, effect) in enumerate(zip(shots, clips, effects(shots), strict=True)):
        if effect == NO_EFFECT:
            made.append(Joined(clip, (Span(clip, 0, clip.frames),)))
            continue
        before = clips[n - 1] if effect.under else None
        head, tail = _edges(clip, effect)
        wanted = [(0, clip.frames)] if head >= tail else [(0, head)] * (head > 0) + [(tail, clip.frames)] * (tail < clip.frames)
        pieces = [_make(_Piece(shot=shot, clip=clip, first=a, end=b, effect=effect, under=before), delivery, folder) for a, b in wanted]
        middle = [Span(clip, head, tail - head)] if head < tail else []
        around = [Span(piece, 0, piece.frames) for piece in pieces]
        spans = [*around[:1], *middle, *around[1:]] if effect.comes else [*middle, *around]
        under = pieces[0] if effect.under else None
        made.append(Joined(clip, tuple(spans), effect, under, pieces[0].padded_frames if under else 0))
    return made


def _edges(clip: Normalized, effect: Effect) -> tuple[int, int]:
    """The frames from which and up to which the normalized picture's own packets stand."""
    keys = [*clip.pictures.keys, clip.frames]
    head = next(key for key in keys if key >= effect.comes) if effect.comes else 0
    tail = max(key for key in keys if key <= clip.frames - effect.goes)
    return head, tail


def _make(piece: _Piece, delivery: Delivery, folder: Path) -> Normalized:
    effect, under = piece.effect, piece.under
    told = [effect.comes, effect.goes, effect.join, under.key if under else None]
    # one that began behind a dissolve could begin a frame early: what was kept of those is not taken again
    counted = ["counted"] if effect.under and piece.first else []
    key = key_of("piece", piece.clip.key, piece.first, piece.end, told, *counted)
    with normalized.making(key):
        return normalized.kept(folder, key) or normalized.make(
            folder,
            key,
            lambda picture_to, sound_to: _command(piece, delivery, picture_to, sound_to),
            frames=piece.end - piece.first,
            delivery=delivery,
            learnt=Learnt(padded_frames=_lacking(piece, delivery)),
            what=f"joining {piece.shot.shot}",
        )


def _lacking(piece: _Piece, delivery: Delivery) -> int:
    """Frames that the clip before doesn't have any more, of those that the transition lies over."""
    before = piece.effect.under
    if before is None or before.clip is None or piece.first:
        return 0
    there = fitting.frames_at(probe(before.clip), delivery.fps, before.fitting)
    return frames_short(there, before.frames, piece.effect.comes)[1]


def _command(piece: _Piece, delivery: Delivery, picture_to: Path, sound_to: Path) -> Command:
    effect, fps = piece.effect, delivery.fps
    shown, heard = _whole(piece.shot, piece.clip, delivery), normalized.silence()
    shown = _ended(shown, 0, piece.clip.frames)
    if effect.under and piece.under:
        tail, sound = _tail(effect.under, piece.under, effect.comes, delivery)
        shown, heard = _over(tail, shown, effect, delivery), sound
    elif effect.comes:
        shown = shown.filter("fade", "in", 0, effect.comes)
    if effect.goes:
        shown = shown.filter("fade", "out", piece.clip.frames - effect.goes, effect.goes)
    cut = _ended(shown, piece.first, piece.end)
    samples = normalized.samples_for(piece.end - piece.first, fps)
    return filter_graph.command(
        normalized.picture(cut, piece.end - piece.first, delivery, picture_to), normalized.sound(heard, samples, sound_to)
    )


def _over(tail: filter_graph.Pad, shown: filter_graph.Pad, effect: Effect, delivery: Delivery) -> filter_graph.Pad:
    seconds = f"{float(effect.comes / delivery.fps):.6f}"
    rate = fps_text(delivery.fps)
    crossed = tail.filter("fps", rate).joined(
        "xfade", shown.filter("fps", rate), transition=_XFADE[effect.join], duration=seconds, offset=0
    )
    return crossed.filter("settb", f"1/({rate})").filter("setpts", "N")  # some versions have it begin a frame late


def _whole(shot: CutShot, made: Normalized, delivery: Delivery, *, again: bool = False) -> filter_graph.Pad:
    """A shot's pictures from its first frame on: of its clip as it was bought; a slate's from the slate. `again` for the second in a graph."""
    if shot.clip is None:
        return filter_graph.source(made.picture, {"f": "mov", "threads": 1}, again=again).stream(0)
    probed = probe(shot.clip)
    shown = fitting.shown(opened(shot.clip, probed, again=again), probed)
    fitted = fitting.pictures(shown, probed, delivery.size, delivery.fps, shot.fitting)
    return burn_in.on(fitted, shot.fitting, delivery, made.sound.parent.parent, again=again)


def _tail(shot: CutShot, made: Normalized, frames: int, delivery: Delivery) -> tuple[filter_graph.Pad, filter_graph.Pad]:
    """The pictures and the sound that follow a shot's end in its clip."""
    stays = tuple(caption for caption in shot.fitting.captions if caption.end is None)  # a held last frame would hold its line, too
    bare = replace(shot, fitting=replace(shot.fitting, captions=stays))
    pictures = _ended(_whole(bare, made, delivery, again=True), shot.frames, shot.frames + frames)
    if shot.clip is None:
        return pictures, normalized.silence()
    probed = probe(shot.clip)
    even = clip_facts.even_sound(shot.clip, shot.content, made.sound.parent.parent)
    source, faster = opened(shot.clip, probed, again=True), fitting.pace(probed, delivery.fps, shot.fitting)
    heard = sound_with(source, probed, shot.sound_source, faster, even)
    first = normalized.samples_for(shot.fitting.first + shot.frames, delivery.fps)
    length = normalized.samples_for(frames, delivery.fps)
    return pictures, fitting.sound_from(heard, first).filter("atrim", end_sample=length)


def _ended(pad: filter_graph.Pad, first: int, end: int) -> filter_graph.Pad:
    """Frames `first` to `end`, the last one repeated where there are fewer, from time zero on."""
    longer = pad.filter("tpad", stop_mode="clone", stop=end)
    return longer.filter("trim", start_frame=first, end_frame=end).filter("setpts", "PTS-STARTPTS")
