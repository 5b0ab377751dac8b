"""What is asked of a file from outside, answered in JSON by a limited child (see `worker_pool`), one question a line: `probe` and `sound`."""

from __future__ import annotations

import errno
import json
from dataclasses import asdict
from typing import Any

from av.error import FFmpegError

from callsheet.media.ffmpeg import worker
from callsheet.media.inspect import packets, sound_pass


def _read(question: str, *words: Any) -> str:
    try:
        if question == "sound":
            return json.dumps(asdict(sound_pass.decode_sound(*words[:-1], even=words[-1])), default=str)
        return packets.read_packets(*words).text()
    except packets.UnreadError as reason:
        return json.dumps({"unread": str(reason)})
    except packets.UnfitError as reason:
        return json.dumps({"error": str(reason)})
    except MemoryError:
        return json.dumps({"fault": "out of memory"})
    except FFmpegError as error:
        if error.errno == errno.ENOMEM:
            return json.dumps({"fault": "out of memory"})
        return json.dumps({"error": error.strerror or str(error)})


if __name__ == "__main__":
    worker.answer(_read)
