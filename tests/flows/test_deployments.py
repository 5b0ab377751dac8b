"""What deployments/ says is what a Prefect server understands."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import yaml

from callsheet.cli.prefect.server import Host
from tests.flows.film import ask
from tests.house.sources import ROOT


def test_deploying_gives_a_nightly_render_that_is_switched_off(server: Host, tmp_path: Path) -> None:
    """`prefect deploy` takes the file as it is; read back, the deployments have their entrypoint, schedule, limit and working folder."""
    ask(server.url, "work_pools/", {"name": "callsheet", "type": "process"})
    places = {"PREFECT_API_URL": server.url, "PREFECT_HOME": str(tmp_path), "CALLSHEET_HOUSE": str(ROOT), "CALLSHEET_FILM": "/films/keeper"}
    command = [sys.executable, "-m", "prefect", "--no-prompt", "deploy", "--prefect-file", "deployments/prefect.yaml", "--all"]
    run = subprocess.run(command, cwd=ROOT, env=os.environ | places, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout + run.stderr
    deployments = {deployment["name"]: deployment for deployment in ask(server.url, "deployments/filter")}
    nightly, finish = deployments["nightly"], deployments["finish"]
    assert (nightly["entrypoint"], finish["entrypoint"]) == ("flows/render.py:render", "flows/finish.py:finish")
    assert [(s["schedule"]["cron"], s["schedule"]["timezone"], s["active"]) for s in nightly["schedules"]] == [
        ("30 2 * * *", "Europe/Berlin", False)
    ]
    assert (nightly["global_concurrency_limit"]["limit"], nightly["concurrency_options"]["collision_strategy"]) == (1, "ENQUEUE")
    assert nightly["pull_steps"] == [{"prefect.deployments.steps.set_working_directory": {"directory": str(ROOT)}}]
    assert nightly["parameters"] == {"folder": "/films/keeper", "list": "shots.csv", "cap": "", "buy": True, "wait": False}
    _check_form(nightly["parameter_openapi_schema"])
    _check_form(finish["parameter_openapi_schema"])


def _check_form(schema: dict[str, Any]) -> None:
    """Each field of the form has a title and says what it means, and none is optional in the sense of null."""
    assert "demo" not in schema["properties"], "it would buy every clip again, at the same service"
    for field in schema["properties"].values():
        assert field["title"]
        assert field["description"]
        assert field["type"] in ("string", "boolean")
    assert schema["required"] == ["folder", "list"]


def test_the_automations_are_accepted(server: Host) -> None:
    """The server takes both as they stand in the file."""
    automations = yaml.safe_load((ROOT / "deployments/automations.yaml").read_text())["automations"]
    for automation in automations:
        ask(server.url, "automations/", automation)
    found = {automation["name"]: automation for automation in ask(server.url, "automations/filter")}
    assert found["callsheet-cap-reached"]["trigger"]["expect"] == ["callsheet.cap.reached"]
    assert found["callsheet-zombies"]["actions"][0]["state"] == "CRASHED"


_BY_PATH = """
import json
from prefect.flows import load_flow_from_entrypoint
for name in ("render", "finish"):
    flow = load_flow_from_entrypoint(f"flows/{name}.py:{name}")
    print(json.dumps([flow.name, flow.retries, list(flow.parameters.properties)[:2]]))
"""


def test_a_flow_is_found_by_its_path() -> None:
    """As a worker loads it, standing in the house's root; a stranger's package of the same name further down the path does no harm."""
    run = subprocess.run([sys.executable, "-c", _BY_PATH], cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    found = [json.loads(line) for line in run.stdout.splitlines()]
    assert found == [["render", 0, ["folder", "list"]], ["finish", 0, ["folder", "list"]]]


def test_the_house_in_the_image_is_the_whole_house() -> None:
    """The worker's image is built from the root, and compose mounts what the deployment names."""
    compose = yaml.safe_load((ROOT / "deployments/compose.yaml").read_text())
    assert set(compose["services"]) == {"server", "worker", "deploy"}
    assert compose["services"]["deploy"]["command"].endswith("--prefect-file deployments/prefect.yaml --all")
    assert "COPY --chown=crew . ." in (ROOT / "deployments/Dockerfile").read_text()
