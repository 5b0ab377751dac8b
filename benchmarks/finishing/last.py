"""What is left to do once the last clip of a sequence has come, of all that finishing it costs: a real run at the stand-in, which conforms each clip as it comes.

    uv run python -m benchmarks last [--shots N] [--size WIDTHxHEIGHT] [--speed X]

Processor seconds are those of the command and its children, from the last clip's receipt to the command's end. Beside it: `callsheet finish` of the same project
with everything that was made thrown away, less a `finish` that has nothing to do.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(Path(__file__).parent)]

from costs import cost  # noqa: E402  # the folders above must be found first

from benchmarks.report import table, write  # noqa: E402
from benchmarks.servers import own_environment, server  # noqa: E402
from benchmarks.takes.run import finished  # noqa: E402

HERE = Path(__file__).parent


def main() -> None:
    """One run, and the same finished at once."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shots", type=int, default=100)
    parser.add_argument("--size", default="1280x720")
    parser.add_argument("--speed", type=float, default=4.0, help="how many times faster than life the stand-in's jobs are")
    parser.add_argument("--slots", type=int, default=4)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="callsheet-bench-") as name:
        place, folder = Path(name), Path(name) / "film"
        env = own_environment(place)
        words = ["--speed", str(asked.speed), "--slots", str(asked.slots), "--state", str(place / "standin")]
        with server([sys.executable, "-m", "callsheet", "standin", *words], env) as url:
            env |= {"RUNWARE_API_KEY": "made-up", "RUNWARE_BASE_URL": f"{url}/v1"}
            shots(folder, asked)
            command = [
                sys.executable,
                str(HERE / "last_clip.py"),
                "-C",
                str(folder),
                "render",
                "sea.csv",
                "--cap",
                "100000",
                "--yes",
                "--no-prefect",
            ]
            told = json.loads(finished(command, env, place / "said").splitlines()[-1])
            finish = [sys.executable, "-m", "callsheet", "finish", "sea.csv", "-C", str(folder)]
            idle = cost(finish, env=env)
            for made in (folder / "out", *(folder / ".callsheet" / kept for kept in ("normalized", "finished"))):
                shutil.rmtree(made)
            whole = cost(finish, env=env)
    row = {
        "shots": asked.shots,
        "size": asked.size,
        **told,
        "CPU s of finishing": round(whole.cpu_s - idle.cpu_s, 2),
        "start-up": idle.cpu_s,
    }
    row["share"] = round(row["CPU s after the last clip"] / row["CPU s of finishing"], 4)
    options = f"--shots {asked.shots} --size {asked.size} --speed {asked.speed:g} --slots {asked.slots}"
    write("finishing-last", f"uv run python -m benchmarks last {options}", [row], table([row]))


def shots(folder: Path, asked: argparse.Namespace) -> None:
    """A list of three-second shots in one sequence."""
    folder.mkdir()
    rows = [f"S{n:05d},S{n:05d}: a wave against the rocks,runware/ltx-2,3,{asked.size}" for n in range(asked.shots)]
    (folder / "sea.csv").write_text("shot_id,prompt,model,duration_s,resolution\n" + "\n".join(rows) + "\n")
    settings = f'[project]\nfps = "25"\n[lanes.runware]\nslots = {asked.slots}\n[qc]\nclip-same = "pass"\n'
    (folder / "project.toml").write_text(settings + f'[deliver.web]\nresolution = "{asked.size}"\nfps = "25"\nmax_bitrate = 900000000\n')


if __name__ == "__main__":
    main()
