"""What one writes in an afternoon: a Prefect flow with `retries=3` around a client for the service. Run by run.py, beside callsheet.

It is written with goodwill: clips that are there already are not bought again, and eight are made at once.

    python naive.py URL FOLDER SHOTS
"""

from __future__ import annotations

import sys
import time
import uuid
from pathlib import Path

import httpx
from prefect import flow, task
from prefect.task_runners import ThreadPoolTaskRunner

KEY = {"Authorization": "Bearer made-up"}


@task(retries=3, retry_delay_seconds=0.2)
def buy(url: str, folder: str, shot: str) -> str:
    """Submit, poll, download."""
    clip = Path(folder) / f"{shot}.mp4"
    if clip.exists():
        return str(clip)
    key = str(uuid.uuid4())
    order = {
        "taskType": "videoInference",
        "taskUUID": key,
        "model": "lightricks:ltx@2",
        "positivePrompt": f"{shot}: a wave against the rocks",
        "width": 320,
        "height": 192,
        "duration": 2,
        "fps": 24,
        "outputType": "URL",
        "outputFormat": "MP4",
        "deliveryMethod": "async",
        "numberResults": 1,
        "includeCost": True,
    }
    with httpx.Client(headers=KEY, timeout=30) as client:
        client.post(url, json=[order]).raise_for_status()
        while not (film := _film(client, url, key)):
            time.sleep(0.2)
        content = client.get(film).raise_for_status().content
    clip.write_bytes(content)
    (Path(folder) / f"{key}.got").touch()
    return str(clip)


def _film(client: httpx.Client, url: str, key: str) -> str | None:
    answer = client.post(url, json=[{"taskType": "getResponse", "taskUUID": key}]).raise_for_status().json()
    if answer.get("errors"):
        raise RuntimeError(answer["errors"])
    return next((item["videoURL"] for item in answer["data"] if item.get("status") == "success"), None)


@flow(task_runner=ThreadPoolTaskRunner(max_workers=8))
def film(url: str, folder: str, shots: int) -> None:
    """Every shot."""
    futures = [buy.submit(url, folder, f"S{n:03d}") for n in range(shots)]
    for future in futures:
        future.wait()


if __name__ == "__main__":
    film(sys.argv[1], sys.argv[2], int(sys.argv[3]))
