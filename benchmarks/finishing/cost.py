"""What finishing costs: beside one filter graph with the same encoder settings; a second cut; one shot of 100 changed; clips that fit already; memory.

    uv run python benchmarks/finishing/cost.py [whole] [memory] [changed] [fits]

Everything is `callsheet finish` as a command, start-up included, in a project where the clips are bought already: the 40 mixed clips of clips.py, into
1280x720 at 25 unless said. They stand as receipt leaves them, with what it keeps of each: its probe, and of one whose pictures can be copied its
decoded sound and that one's loudness. `at receipt` is what keeping that takes for all clips, beside the check of each that buys it. `start-up` is the same command where nothing is left to do.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from statistics import median

import av

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

import bought  # noqa: E402  # the folder above must be found first
import graph  # noqa: E402
from clips import CLIPS, Stock  # noqa: E402
from costs import Cost, cost  # noqa: E402

from benchmarks.report import RESULTS, table, write  # noqa: E402
from callsheet.store.project_folder import Project  # noqa: E402

FPS = Fraction(25)
FULL, HD, SMALL = (1920, 1080), (1280, 720), (320, 180)
FEW, LONG, MANY, FITTING, TRIES = 20, 500, 100, 60, 3
#: a machine's speed drifts by more than is asked here, so it takes more goes, each with the other of the two first
PAIRS = 5
NAME = "finishing-cost"
FINISH = (sys.executable, "-m", "callsheet", "finish", bought.LIST, "-C")

Row = dict[str, object]


@dataclass(frozen=True)
class Bench:
    """Where things are made, and out of what."""

    folder: Path
    stock: Stock
    files: Sequence[Path]

    def shot(self, n: int) -> bought.Shot:
        """Row `n`: one of the 40 after the other, each time round a frame shorter, so that no two are the same."""
        turn, i = divmod(n, len(CLIPS))
        return bought.Shot(self.files[i], Decimal(CLIPS[i].due(FPS) - turn) / 25)


def main() -> None:
    """One question after the other; results as they come."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("questions", nargs="*", default=list(QUESTIONS))
    asked = parser.parse_args()
    found = _kept()
    with tempfile.TemporaryDirectory(prefix="callsheet-finishing-cost-") as name:
        bench = Bench(Path(name), Stock(), Stock().all())
        for question in asked.questions:
            found[question] = []
            for row in QUESTIONS[question](bench):
                found[question].append(row)
                print(json.dumps(row), flush=True)
    rows = [row for question in QUESTIONS for row in found.get(question, [])]
    write(NAME, "uv run python benchmarks/finishing/cost.py", found, table(rows))


def _kept() -> dict[str, list[Row]]:
    """The last answers, which stand for the questions that aren't asked."""
    last = RESULTS / f"{NAME}.json"
    return json.loads(last.read_text())["results"] if last.exists() else {}


def row(what: str, ours: float, beside: float, unit: str, target: str, **more: object) -> Row:
    """One line of the table: what it is, the two figures, and the first as a share of the second."""
    found: Row = {"what": what, "callsheet": ours, "beside": beside, "unit": unit, "ratio": round(ours / beside, 3), "asked": target}
    return found | {"told": ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in more.items())}


def compared(what: str, tries: Sequence[tuple[float, float]], target: str, **more: object) -> Row:
    """A line of processor seconds from several goes: the medians of both figures and of their ratio, whose extremes are told."""
    ratios = sorted(ours / beside for ours, beside in tries)
    found = row(
        what,
        *(round(median(figures), 2) for figures in zip(*tries, strict=True)),
        "CPU s",
        target,
        ratios=f"{ratios[0]:.3f} to {ratios[-1]:.3f}",
        **more,
    )
    return found | {"ratio": round(median(ratios), 3)}


def whole(bench: Bench) -> Iterable[Row]:
    """All is to be encoded; then another order, another loudness, and nothing to do: in HD, and in full HD."""
    finish(
        bought.project(bench.folder / "warm", [bench.shot(n) for n in range(2)], deliver(SMALL))
    )  # nobody pays for a first look at anything
    for size, goes in ((HD, PAIRS), (FULL, 1)):
        tries = [_try(bench, size, graph_first=bool(n % 2)) for n in range(goes)]
        at = f"{size[0]}x{size[1]}"
        start = median(one.idle.cpu_s for one in tries)
        yield compared(f"{at}: one delivery, all to be encoded / one filter graph", [(one.first.cpu_s, one.graph.cpu_s) for one in tries], "<= 1.05",
                       start_up=start, wall_s=(median(one.first.wall_s for one in tries), median(one.graph.wall_s for one in tries)))  # fmt: skip
        yield row(f"{at}: memory of that", tries[0].first.mib, tries[0].graph.mib, "MiB", "-", own_process=tries[0].first.own_mib)
        yield compared(
            f"{at}: another order of the same clips / the first",
            [(one.order.cpu_s, one.first.cpu_s) for one in tries],
            "< 0.06",
            start_up=start,
        )
        yield compared(
            f"{at}: another loudness / the first", [(one.louder.cpu_s, one.first.cpu_s) for one in tries], "< 0.06", start_up=start
        )


@dataclass(frozen=True)
class Try:
    """What one go cost, one after the other."""

    graph: Cost
    first: Cost
    idle: Cost
    order: Cost
    louder: Cost


def _try(bench: Bench, size: tuple[int, int], *, graph_first: bool) -> Try:
    shots = [bench.shot(n) for n in range(len(CLIPS))]
    project = bought.project(bench.folder / "whole", shots, deliver(size))
    argv = graph.argv(CLIPS, bench.files, size, FPS, bench.folder / "graph.mp4")
    if graph_first:
        one_graph, first = cost(argv), finish(project)
    else:
        first, one_graph = finish(project), cost(argv)
    idle = finish(project)
    bought.rewrite(project, shots, range(len(CLIPS) - 1, -1, -1))
    order = finish(project)
    project.settings_file.write_text(deliver(size, loudness_lufs=-23))
    return Try(one_graph, first, idle, order, finish(project))


def memory(bench: Bench) -> Iterable[Row]:
    """All processes together at their highest, at 320x180: the same clips, once and again and again."""
    few = finish(bought.project(bench.folder / "few", [bench.shot(n) for n in range(FEW)], deliver(SMALL)))
    again = [bench.shot(n % FEW) for n in range(LONG)]
    long = finish(bought.project(bench.folder / "long", again, deliver(SMALL)))
    yield row(
        f"memory for {LONG} clips / for {FEW}",
        long.mib,
        few.mib,
        "MiB",
        "<= 1.2",
        own_process=(long.own_mib, few.own_mib),
        cpu_s=long.cpu_s,
    )
    graphs = [cost(graph.argv(CLIPS[:n], bench.files[:n], SMALL, FPS, bench.folder / "small.mp4")) for n in (2 * FEW, FEW)]
    yield row(f"a filter graph's memory for {2 * FEW} clips / for {FEW}", graphs[0].mib, graphs[1].mib, "MiB", "-",
              MiB_a_clip=round((graphs[0].mib - graphs[1].mib) / FEW, 1))  # fmt: skip


def changed(bench: Bench) -> Iterable[Row]:
    """One shot gets another clip."""
    shots = [bench.shot(n) for n in range(MANY)]
    project = bought.project(bench.folder / "many", shots, deliver(HD))
    first, idle = finish(project), finish(project)
    bought.change(project, shots, MANY // 2, bench.files[0])
    yield row(f"one shot of {MANY} changed / the first time", finish(project).cpu_s, first.cpu_s, "CPU s", "< 0.06", start_up=idle.cpu_s)
    yield {**_equal(bench), "asked": "equal"}


def _equal(bench: Bench) -> Row:
    """A film after a change, and the same made from nothing in another project, at 320x180."""
    shots = [bench.shot(n) for n in range(FEW)]
    one, other = (bought.project(bench.folder / name, shots, deliver(SMALL)) for name in ("one", "other"))
    finish(one)
    for project in (one, other):
        bought.change(project, shots, FEW // 2, bench.files[0])
        finish(project)
    films = [(project.out / name).read_bytes() for project, name in ((one, "film_web_v002.mp4"), (other, "film_web_v001.mp4"))]
    return {"what": f"{FEW} clips, one changed: bytes, and bytes of a film made from nothing", "callsheet": len(films[0]), "beside": len(films[1]),
            "unit": "bytes", "ratio": "equal" if films[0] == films[1] else "DIFFERENT"}  # fmt: skip


def fits(bench: Bench) -> Iterable[Row]:
    """All clips are what the delivery asks for: their pictures are copied. Beside it the same clips, encoded again: a limit that nothing reaches asks for it."""
    for size in (FULL, HD):
        files = [bench.stock.fitting(n, f"{size[0]}x{size[1]}") for n in range(FITTING)]
        shots = [bought.Shot(file, Decimal(3)) for file in files]
        encoded = finish(bought.project(bench.folder / "encoded", shots, deliver(size, max_bitrate=900_000_000)))
        tries = [bought.project(bench.folder / f"copied-{n}", shots, deliver(size)) for n in range(TRIES)]
        copied = [finish(project) for project in tries]
        what, idle = f"{size[0]}x{size[1]}: {FITTING} clips that fit: copied / encoded again", finish(tries[0]).cpu_s
        received = _at_receipt(tries[0]).cpu_s
        yield compared(what, [(once.cpu_s, encoded.cpu_s) for once in copied], "<= 0.05", start_up=idle, at_receipt=received)
        same = _pictures([tries[0].out / "film_web_v001.mp4"]) == _pictures(files)
        yield {"what": "decoded pictures beside the clips' own", "callsheet": 75 * FITTING, "beside": 75 * FITTING, "unit": "frames",
               "ratio": "equal" if same else "DIFFERENT", "asked": "equal"}  # fmt: skip


def _at_receipt(project: Project) -> Cost:
    """What keeping all clips' facts takes, in a process of its own, its start included."""
    keep = "clip_facts.keep(Path(clip), Path(clip).stem, Path(sys.argv[1]))"
    program = f"import sys; from pathlib import Path; from callsheet.media.clip import clip_facts\nfor clip in sys.argv[2:]: {keep}"
    shutil.rmtree(project.normalized)
    return cost([sys.executable, "-c", program, str(project.normalized), *map(str, project.clips.rglob("*.mp4"))])


def _pictures(files: Sequence[Path]) -> list[str]:
    """Each decoded picture's hash."""
    found: list[str] = []
    for file in files:
        with av.open(str(file)) as box:
            found += [hashlib.md5(frame.to_ndarray().tobytes(), usedforsecurity=False).hexdigest() for frame in box.decode(video=0)]
    return found


def deliver(size: tuple[int, int], **more: float) -> str:
    """A project.toml with one delivery."""
    own = "".join(f"{name} = {value}\n" for name, value in more.items())
    return f'[deliver.web]\nresolution = "{size[0]}x{size[1]}"\nfps = "25"\n{own}'


def finish(project: Project) -> Cost:
    """`callsheet finish`, whatever its films' findings."""
    return cost([*FINISH, str(project.folder)])


QUESTIONS: Mapping[str, Callable[[Bench], Iterable[Row]]] = {"whole": whole, "memory": memory, "changed": changed, "fits": fits}

if __name__ == "__main__":
    main()
