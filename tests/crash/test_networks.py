"""The real command on networks as they are: behind a proxy that opens TLS, through SOCKS, and while its service is down for a while."""

from __future__ import annotations

import json
import socket
import subprocess
from collections import Counter
from pathlib import Path

import pytest

from callsheet.domain.money import usd
from tests import command
from tests.crash.test_kill import bill, environment, shot_list, slow, standin
from tests.proxies import Authority, opening_tls, socks5

#: a host that only a proxy reaches
HOST = "studio.test"
#: of how many shots a run is
SHOTS = [3, slow(30)]
RENDER = ("render", "storm.csv", "--cap", "20", "--yes", "--no-prefect", "--json")


def render(folder: Path, variables: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """The whole list, to its end."""
    return command.run(*RENDER, folder=folder, environment=variables, timeout=600, remembering=True)


def finished(folder: Path, done: subprocess.CompletedProcess[str], url: str, shots: int) -> None:
    """Exit 0; every shot was bought once, the ledger is the bill, and each sequence has its film."""
    assert done.returncode == 0, done.stderr[-3000:]
    told, billed = json.loads(done.stdout), bill(url)
    assert (told["state"], told["counts"]["bought"]) == ("completed", shots)
    assert isinstance(billed["jobs"], list)
    assert (usd(told["money"]["settled"]), shots) == (usd(billed["total"]), len(billed["jobs"]))
    assert len(list((folder / "out").glob("*_v001.mp4"))) == (2 if shots > 1 else 1)


@pytest.mark.timeout(600)
@pytest.mark.parametrize("shots", SHOTS)
def test_a_run_behind_a_proxy_that_opens_tls(tmp_path: Path, shots: int) -> None:
    """With SSL_CERT_FILE and HTTPS_PROXY, purchases, looks and downloads go the same way, and all of it is bought, fetched and finished."""
    shot_list(tmp_path, shots)
    with standin(tmp_path / "service", 1, ()) as url, opening_tls(url, Authority(tmp_path)) as office:
        own = environment(f"https://{HOST}", tmp_path)
        done = render(tmp_path, own | {"HTTPS_PROXY": office.url, "SSL_CERT_FILE": str(tmp_path / "office.pem")})
        finished(tmp_path, done, url, shots)
    assert {host for host, _ in office.seen} == {HOST}
    assert office.seen[HOST, "GET"] == shots, "each clip came through the proxy"


def test_without_its_authority_nothing_is_bought_behind_it(tmp_path: Path) -> None:
    """Exit 5 with the cause, and nothing on the bill."""
    shot_list(tmp_path, 2)
    with standin(tmp_path / "service", 1, ()) as url, opening_tls(url, Authority(tmp_path)) as office:
        own = {name: value for name, value in environment(f"https://{HOST}", tmp_path).items() if not name.startswith("SSL_CERT")}
        done = render(tmp_path, own | {"HTTPS_PROXY": office.url})
        assert (done.returncode, bill(url)["jobs"]) == (5, [])
    assert "certificate" in json.loads(done.stdout)["errors"][0]["message"]


@pytest.mark.timeout(600)
@pytest.mark.parametrize("shots", SHOTS)
def test_a_run_through_socks(tmp_path: Path, shots: int) -> None:
    """With ALL_PROXY=socks5://... everything goes through it, names resolved there: bought, fetched, finished."""
    shot_list(tmp_path, shots)
    with standin(tmp_path / "service", 1, ()) as url, socks5(url) as proxy:
        done = render(tmp_path, environment(f"http://{HOST}", tmp_path) | {"ALL_PROXY": proxy.url})
        finished(tmp_path, done, url, shots)
    assert {host for host, _ in proxy.seen} == {HOST}


@pytest.mark.timeout(600)
@pytest.mark.parametrize("shots", [6, slow(24)])
def test_a_night_survives_a_service_that_is_down_for_a_while(tmp_path: Path, shots: int) -> None:
    """The service goes away with jobs under way and others to be sent, and comes back: the run has waited, finishes, and nothing is bought twice."""
    shot_list(tmp_path, shots)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    service = _service(tmp_path, port)
    pipe = subprocess.PIPE
    how = {"folder": tmp_path, "environment": environment(url, tmp_path)}
    run = command.start(*RENDER, **how, stdout=pipe, stderr=pipe, remembering=True)
    assert run.stderr is not None
    told: Counter[str] = Counter()
    try:
        for line in run.stderr:
            word = ([*line.split(), ""])[1:2]
            told.update(word)
            if told["accepted"] >= 2 and told["received"] >= 1 and not told["down"]:
                service.terminate()
                service.wait(20)
                told["down"] = 1
            if told["down"] and told["busy"] + told["wait"] >= 1 and not told["up"]:
                service = _service(tmp_path, port)
                told["up"] = 1
        assert run.stdout is not None
        done = subprocess.CompletedProcess(RENDER, run.wait(60), run.stdout.read(), str(dict(told)))
        assert told["up"], f"the run noticed nothing: {dict(told)}"
        finished(tmp_path, done, url, shots)
    finally:
        run.kill()
        service.terminate()
        service.wait(20)


def _service(folder: Path, port: int) -> command.Command:
    """The stand-in at one port, with what it knew before; its first line says that it is there."""
    words = ("standin", "--port", str(port), "--seed", "1", "--speed", "8", "--slots", "2", "--state", str(folder / "service"))
    process = command.start(*words, stdout=subprocess.PIPE, remembering=True)
    assert process.stdout
    process.stdout.readline()
    return process
