"""Which Prefect server to use, and whether it answers. Reads Prefect's settings as Prefect does, without importing it."""

from __future__ import annotations

import http.client
import os
import ssl
import tomllib
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from callsheet.domain.errors import SetupError

#: the remedy for every problem with Prefect
WITHOUT = "or give --no-prefect: the same run, without Prefect"


def server_url() -> str | None:
    """The API URL of the server to use: `PREFECT_API_URL`, else the user's active Prefect profile's; None if neither names one."""
    set_here = os.environ.get("PREFECT_API_URL", "").strip()
    if set_here:
        return set_here
    home = Path(os.environ.get("PREFECT_HOME") or Path.home() / ".prefect").expanduser()
    path = Path(os.environ.get("PREFECT_PROFILES_PATH") or home / "profiles.toml").expanduser()
    try:
        profiles = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SetupError(f"Prefect's profiles in {path} can't be read: {error}", help=f"correct that file, {WITHOUT}") from None
    active = os.environ.get("PREFECT_PROFILE") or profiles.get("active", "")
    profile: Mapping[str, str] = profiles.get("profiles", {}).get(active, {})
    return profile.get("PREFECT_API_URL", "").strip() or None


def healthy(url: str) -> bool:
    """Whether a server at the URL answers yet. A private server may be asked early: its socket listens from the start, so the request just
    waits.
    """
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=2.0)
    try:
        connection.request("GET", f"{parts.path}/health")
        return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def check_server(url: str) -> None:
    """SetupError if the server that the user named doesn't answer. Credentials are left to Prefect: a refusal counts as an answer."""
    parts = urlsplit(url)
    shown = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"
    host = parts.hostname or ""
    proxied = parts.scheme in urllib.request.getproxies() and not urllib.request.proxy_bypass(host)
    past = f"add {host} to NO_PROXY if it is not behind the proxy, " if proxied else ""
    help = f"{past}start it, correct PREFECT_API_URL or the Prefect profile (the URL ends in /api), {WITHOUT}"
    if parts.scheme not in ("http", "https"):
        raise SetupError(f"{shown} is not the URL of a Prefect server", help=help)
    try:
        with urllib.request.urlopen(f"{shown.rstrip('/')}/health", timeout=10.0) as answer:  # noqa: S310 # http or https, as checked above
            answer.read()
    except urllib.error.HTTPError as error:
        if error.code not in (http.HTTPStatus.UNAUTHORIZED, http.HTTPStatus.FORBIDDEN):
            raise SetupError(f"{shown} answers, but not as a Prefect server does (HTTP {error.code})", help=help) from None
    except (OSError, ValueError, http.client.HTTPException) as error:
        reason = getattr(error, "reason", error)
        if not isinstance(reason, ssl.SSLError):
            raise SetupError(f"the Prefect server at {shown} can't be reached: {reason}", help=help) from None
