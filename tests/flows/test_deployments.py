"""What deployments/ says is what a Prefect server understands."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from callsheet.cli.prefect.server import Host
from tests.flows.film import ask
from tests.house.sources import ROOT


@pytest.mark.slow
def test_deploying_gives_forms_without_schedules(server: Host, tmp_path: Path) -> None:
    """`prefect deploy` takes the file as it is; read back, the deployments have their entrypoint, form and working folder, and nothing runs by itself."""
    ask(server.url, "work_pools/", {"name": "callsheet", "type": "process"})
    places = {"PREFECT_API_URL": server.url, "PREFECT_HOME": str(tmp_path), "CALLSHEET_HOUSE": str(ROOT), "CALLSHEET_FILM": "/films/keeper"}
    command = [sys.executable, "-m", "prefect", "--no-prompt", "deploy", "--prefect-file", "deployments/prefect.yaml", "--all"]
    run = subprocess.run(command, cwd=ROOT, env=os.environ | places, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout + run.stderr
    deployments = {deployment["name"]: deployment for deployment in ask(server.url, "deployments/filter")}
    assert {name: found["entrypoint"] for name, found in deployments.items()} == {
        "nightly": "flows/render.py:render",
        "sweep": "flows/sweep.py:sweep",
        "finish": "flows/finish.py:finish",
        "weekly-costs": "flows/costs.py:costs",
    }
    for deployment in deployments.values():
        assert (deployment["schedules"], deployment["global_concurrency_limit"]) == ([], None), "the operator's, and per film"
        assert deployment["pull_steps"] == [{"prefect.deployments.steps.set_working_directory": {"directory": str(ROOT)}}]
        assert deployment["job_variables"]["env"]["CALLSHEET_HOUSE"] == str(ROOT)
        _check_form(deployment["parameter_openapi_schema"])
    assert deployments["nightly"]["parameters"] == {"folder": "/films/keeper", "list": "shots.csv", "cap": "", "buy": True, "wait": True}


def _check_form(schema: dict[str, Any]) -> None:
    """Each field of the form has a title and says what it means, and none is optional in the sense of null; a cap is a number or a text."""
    assert "demo" not in schema["properties"], "it would buy every clip again, at the same service"
    for name, field in schema["properties"].items():
        assert field["title"]
        assert field["description"]
        if name == "cap":
            assert {one["type"] for one in field["anyOf"]} == {"string", "number"}
        else:
            assert field["type"] in ("string", "boolean", "integer")
    assert schema["required"][0] == "folder"


def test_the_automations_are_accepted(server: Host) -> None:
    """The server takes each file as it stands, with the id of a block in its place."""
    named = set[str]()
    for path in sorted((ROOT / "deployments").glob("*.yaml")):
        found = yaml.safe_load(path.read_text().replace("${BLOCK}", "00000000-0000-4000-8000-000000000000")).get("automations", [])
        for automation in found:
            ask(server.url, "automations/", automation)
            named.add(automation["name"])
    assert named == {automation["name"] for automation in ask(server.url, "automations/filter")}
    assert {"callsheet-zombies", "callsheet-restart", "callsheet-restart-sweep"} <= named
    assert {"callsheet-tell-done", "callsheet-tell-cap", "callsheet-tell-crash", "callsheet-call"} <= named


def test_the_automations_know_every_end() -> None:
    """An end, or a rest, that the watch for dead runs doesn't expect would be taken for a death; one that nobody is told of would be missed.

    Runs of the deployments give a sign of life often enough, whoever starts the worker.
    """
    from flows import _host

    ends = {*_host._STATE_NAMES.values(), *_host._REFUSALS.values(), "Failed", "Cancelled", "Crashed"}
    watch, *_ = yaml.safe_load((ROOT / "deployments/automations.yaml").read_text())["automations"]
    rests = {"Suspended", "Paused", "Scheduled", "AwaitingRetry"}
    assert (ends | rests) - {"Crashed"} <= {event.removeprefix("prefect.flow-run.") for event in watch["trigger"]["expect"]}
    variables = yaml.safe_load((ROOT / "deployments/prefect.yaml").read_text())["definitions"]["pool"]["job_variables"]["env"]
    assert 2 * int(variables["PREFECT_FLOWS_HEARTBEAT_FREQUENCY"]) < watch["trigger"]["within"]
    told = yaml.safe_load((ROOT / "deployments/notify.yaml").read_text())["automations"]
    expected = {event.removeprefix("prefect.flow-run.") for one in told for event in one["trigger"]["expect"]}
    assert ends - {"Interrupted", "Held", "Cancelled"} <= expected


_BY_PATH = """
import json
from prefect.flows import load_flow_from_entrypoint
for name in ("render", "finish", "sweep", "costs"):
    flow = load_flow_from_entrypoint(f"flows/{name}.py:{name}")
    print(json.dumps([flow.name, flow.retries, list(flow.parameters.properties)[:2]]))
"""


def test_a_flow_is_found_by_its_path() -> None:
    """As a worker loads it, standing in the house's root; a stranger's package of the same name further down the path does no harm."""
    run = subprocess.run([sys.executable, "-c", _BY_PATH], cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    found = [json.loads(line) for line in run.stdout.splitlines()]
    assert [(name, retries) for name, retries, _ in found] == [("render", 0), ("finish", 0), ("sweep", 0), ("costs", 0)]


def test_the_house_in_the_image_is_the_whole_house() -> None:
    """The worker's image is built from the root, and compose mounts what the deployment names."""
    compose = yaml.safe_load((ROOT / "deployments/compose.yaml").read_text())
    assert set(compose["services"]) == {"server", "worker", "deploy"}
    assert compose["services"]["deploy"]["command"].endswith("--prefect-file deployments/prefect.yaml --all")
    assert "COPY --chown=crew . ." in (ROOT / "deployments/Dockerfile").read_text()
