"""What is installed: one import name, with the house inside it."""

from __future__ import annotations

import importlib.metadata
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.house.sources import ROOT

FOLDERS = ("flows", "tasks", "configs", "manifests", "deployments")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    """The wheel, built from this tree."""
    out = tmp_path_factory.mktemp("dist")
    subprocess.run([sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(out)], cwd=ROOT, check=True, capture_output=True)
    (built,) = out.glob("*.whl")
    return zipfile.ZipFile(built)


def test_the_wheel_installs_one_name(wheel: zipfile.ZipFile) -> None:
    """A package called `tasks` of somebody else's is never overwritten, nor ours by it."""
    tops = {name.split("/")[0] for name in wheel.namelist()}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"callsheet"}


@pytest.mark.parametrize("folder", FOLDERS)
def test_the_house_travels_inside(folder: str, wheel: zipfile.ZipFile) -> None:
    """Every file of the folder is under callsheet/_project, so that an installed command finds its flows and cards."""
    here = {path.relative_to(ROOT).as_posix() for path in (ROOT / folder).rglob("*") if path.is_file() and path.suffix != ".pyc"}
    inside = {name.removeprefix("callsheet/_project/") for name in wheel.namelist()}
    assert here <= inside
    assert here


def test_the_documentation_travels_inside(wheel: zipfile.ZipFile) -> None:
    """Every page for people, but for decisions and vendors' pages; no picture. `callsheet docs` prints them."""
    inside = {name.removeprefix("callsheet/_project/docs/") for name in wheel.namelist() if name.startswith("callsheet/_project/docs/")}
    here = {path.relative_to(ROOT / "docs").as_posix() for path in (ROOT / "docs").rglob("*.md")}
    assert inside == {name for name in here if not name.startswith("adr/")}


def test_the_package_is_whole(wheel: zipfile.ZipFile) -> None:
    """Modules, schema, templates, the font and the mark of a typed package are all in."""
    package = ROOT / "src" / "callsheet"
    here = {path.relative_to(package.parent).as_posix() for path in package.rglob("*") if path.is_file() and path.suffix != ".pyc"}
    assert here <= set(wheel.namelist())
    assert "callsheet/py.typed" in here


def test_the_notices_travel_inside(wheel: zipfile.ZipFile) -> None:
    """The licence, the notices of what is installed with it, and the font's licence."""
    names = {name.partition(".dist-info/licenses/")[2] for name in wheel.namelist()}
    assert {"LICENSE", "THIRD_PARTY_NOTICES.md", "src/callsheet/media/ffmpeg/fonts/OFL.txt"} <= names


def test_an_unpacked_wheel_is_a_house(wheel: zipfile.ZipFile, tmp_path: Path) -> None:
    """Installed elsewhere, in a folder with a stranger's `tasks.py`, the command still finds its own house."""
    wheel.extractall(tmp_path / "site")
    (tmp_path / "film").mkdir()
    (tmp_path / "film" / "tasks.py").write_text("raise RuntimeError('a stranger')\n")
    script = "from pathlib import Path; from callsheet.store.house import house_root; print(house_root())"
    run = subprocess.run(
        [sys.executable, "-c", script],
        cwd=tmp_path / "film",
        env={"PYTHONPATH": str(tmp_path / "site")},
        capture_output=True,
        text=True,
        check=True,
    )
    assert Path(run.stdout.strip()) == (tmp_path / "site" / "callsheet" / "_project").resolve()


@pytest.mark.parametrize("folder", ["flows", "tasks"])
def test_no_stem_shadows_another_module(folder: str) -> None:
    """Prefect puts `flows/` first on the path: a file there of a standard or installed module's name would take its place."""
    stems = {path.stem for path in (ROOT / folder).glob("*.py")} - {"__init__"}
    siblings = {path.name for path in ROOT.iterdir() if path.is_dir()}
    assert stems & (set(sys.stdlib_module_names) | importlib.metadata.packages_distributions().keys() | siblings) == set()
    assert (ROOT / folder / "__init__.py").is_file()
