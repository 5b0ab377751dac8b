"""Which Prefect server is in reach, and whether it answers. Prefect's own settings are read as it reads them, without it."""

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

#: what helps wherever Prefect doesn't
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
    """Whether a server at the URL answers yet. Ours is asked early: its socket listens from the start, so an early question just waits."""
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
    """SetupError if the server that the user named isn't there. Credentials are Prefect's own matter: a refusal is an answer."""
    parts = urlsplit(url)
    shown = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"
    help = f"start it, correct PREFECT_API_URL or the Prefect profile (the URL ends in /api), {WITHOUT}"
    if parts.scheme not in ("http", "https"):
        raise SetupError(f"{shown} is not the URL of a Prefect server", help=help)
    try:
        with urllib.request.urlopen(f"{shown.rstrip('/')}/health", timeout=10.0) as answer:  # noqa: S310  # http or https, as was just seen
            answer.read()
    except urllib.error.HTTPError as error:
        if error.code not in (http.HTTPStatus.UNAUTHORIZED, http.HTTPStatus.FORBIDDEN):
            raise SetupError(f"{shown} answers, but not as a Prefect server does (HTTP {error.code})", help=help) from None
    except (OSError, ValueError, http.client.HTTPException) as error:
        reason = getattr(error, "reason", error)
        if not isinstance(reason, ssl.SSLError):
            raise SetupError(f"the Prefect server at {shown} can't be reached: {reason}", help=help) from None
