"""`runware` from PyPI, unmodified, against a stand-in: `python runware_python.py SCENARIO WS_URL`. Prints one line of JSON.

It runs in an environment of its own: `runware-sdk` installs a module of the same name.
"""

import asyncio
import base64
import json
import os
import sys
import tempfile
import time
from pathlib import Path

from runware import Runware
from runware.types import IVideoInference

PNG = b"\x89PNG\r\n\x1a\n" + bytes(64)


def task(prompt: str = "a lighthouse", **more):
    return IVideoInference(
        model="lightricks:ltx@2", positivePrompt=prompt, duration=1, fps=12, includeCost=True, **{"width": 192, "height": 128, **more}
    )


async def bought(runware: Runware, wanted: IVideoInference, results: int = 1):
    accepted = await runware.videoInference(wanted)  # a task to ask for; after a lost line the films themselves
    films = accepted if isinstance(accepted, list) else await runware.getResponse(accepted.taskUUID, numberResults=results)
    return [{"videoUUID": film.videoUUID, "videoURL": film.videoURL, "cost": film.cost} for film in films]


async def upload(runware: Runware):
    with tempfile.TemporaryDirectory() as folder:
        picture = Path(folder) / "frame.png"
        picture.write_bytes(PNG)
        image = await runware.uploadImage(str(picture))
        media = await runware.uploadMedia(base64.b64encode(PNG).decode())
    film = await bought(runware, task(inputs={"frameImages": [{"image": image.imageUUID, "frame": "first"}]}))
    return {"image": {"imageURL": image.imageURL}, "media": {"mediaUUID": media.mediaUUID}, "film": film}


SCENARIOS = {
    "results": lambda runware: bought(runware, task(numberResults=2), 2),
    "upload": upload,
    "wrong": lambda runware: bought(runware, task(width=100)),
    "failed": lambda runware: bought(runware, task("x [[fault:refuse]]")),
    "bad-key": lambda runware: bought(runware, task()),
    "lost-answer": lambda runware: bought(runware, task("x [[fault:lost-ack*1]]")),
    "lost-line": lambda runware: bought(runware, task("x [[fault:poll-502*1]]")),
}


async def main(scenario: str, url: str) -> str:
    began = time.monotonic()
    runware = Runware(api_key="bad-key" if scenario == "bad-key" else "key", url=url, timeout=8000)
    try:
        await runware.connect()
        said = {"result": await SCENARIOS[scenario](runware)}
    except Exception as error:  # noqa: BLE001  # whatever the client raises is what is told
        said = {"error": {"code": getattr(error, "code", None), "message": str(error), "kind": type(error).__name__}}
    return json.dumps({**said, "seconds": time.monotonic() - began})


async def run() -> None:
    sys.stdout.write(await asyncio.wait_for(main(*sys.argv[1:]), 60))
    sys.stdout.flush()
    os._exit(0)  # the client's own tasks would keep it


if __name__ == "__main__":
    asyncio.run(run())
