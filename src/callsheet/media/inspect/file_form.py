"""How a finished file of ours is built: the content of its tags, tracks and boxes."""

from __future__ import annotations

import os
import struct
from pathlib import Path
from typing import Any, cast

import av

from callsheet.domain.delivery.language import UNDETERMINED
from callsheet.media.inspect.film_facts import FileForm
from callsheet.media.inspect.probe import sniff


def file_form(path: Path) -> FileForm:
    """The form of a file of ours, by its header alone. Raises what PyAV raises."""
    with av.open(str(path), format=sniff(path)) as container:
        video = container.streams.video[0]
        sound = container.streams.audio[0] if container.streams.audio else None
        texts = [stream for stream in container.streams.subtitles if stream.type == "subtitle"]
        # QuickTime keeps chapters and timecode in tracks of their own, which are no subtitles
        chapters = tuple(str(one["metadata"].get("title", "")) for one in cast("Any", container).chapters())
        tags = {name.casefold(): value for name, value in video.metadata.items()}
        return FileForm(
            tag=video.codec_context.codec_tag,
            profile=video.codec_context.profile,
            pixels=(video.codec_context.pix_fmt or "unknown").replace("yuvj", "yuv"),  # its range is told by its tags
            timecode=tags.get("timecode"),
            chapters=chapters,
            layout=sound.layout.name if sound else None,
            sample_rate=sound.rate if sound else None,
            sound_language=_language(sound),
            text_languages=tuple(_language(stream) for stream in texts),
            index_first=index_first(path),
        )


def index_first(path: Path) -> bool:
    """Whether a MOV or MP4 file of ours has its index before its samples."""
    with path.open("rb") as file:
        while len(head := file.read(16)) == 16:  # a box's size, its name, and the size again where 32 bits don't hold it
            size, kind, large = struct.unpack(">I4sQ", head)
            if kind in (b"moov", b"mdat"):
                return kind == b"moov"
            file.seek((large if size == 1 else size) - 16, os.SEEK_CUR)
    return False


def _language(stream: Any) -> str:
    return stream.metadata.get("language", UNDETERMINED) if stream else UNDETERMINED
