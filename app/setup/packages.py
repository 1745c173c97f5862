"""The Python side: .venv, uv from a hashed requirement, the hashed lock through uv, byte code.

The stamp in .venv names the locks that are installed; it is removed first and written last, so that an interrupted
installation is done again. The lock of the tests holds everything the run needs, so either stamp is enough to run.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import sys
import venv
from pathlib import Path

from app.setup import places
from app.setup.progress import Progress, Stage
from app.setup.tools import Tools

STAMP = places.VENV / "galley-packages.json"
CODE_FOLDERS = ("app", "components", "state", "jobs")


def digest(*paths: Path) -> str:
    """Return one SHA-256 over the contents of `paths`, in order; an absent file counts as empty."""
    total = hashlib.sha256()
    for path in paths:
        total.update(hashlib.sha256(path.read_bytes() if path.is_file() else b"").digest())
    return total.hexdigest()


def installed() -> dict[str, str]:
    """Return what the stamp says; empty when nothing, something else or only a part is installed."""
    try:
        stamp = json.loads(STAMP.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    same_place = stamp.get("place") == str(places.VENV)  # scripts in a moved environment point to the old place
    return stamp if same_place and places.PYTHON.exists() else {}


def is_current(*, tests: bool) -> bool:
    """Whether the packages of the lock (of the tests' lock too, if asked) are installed."""
    stamp = installed()
    if tests:
        return stamp.get("dev") == digest(places.DEV_LOCK)
    return stamp.get("run") == digest(places.RUN_LOCK)


def install(tools: Tools, progress: Progress, *, tests: bool) -> None:
    """Make .venv and install the hashed lock, wheels only.

    Raises:
        Refusal: the registry, the disk or a hash said no.
    """
    if not installed() and not _reusable():
        with progress.stage("Making a Python environment in .venv"):
            shutil.rmtree(places.VENV, ignore_errors=True)
            venv.create(places.VENV, with_pip=False, symlinks=True)
            tools.run([places.PYTHON, "-m", "ensurepip", "--default-pip"], name="ensurepip")
    STAMP.unlink(missing_ok=True)
    with progress.stage("Fetching the package installer (uv)"):
        pip: list[str | Path] = [
            places.PYTHON,
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
            "--no-input",
        ]
        tools.run([*pip, "--require-hashes", "--only-binary", ":all:", "-r", places.BOOTSTRAP_LOCK], name="uv")
    lock = places.DEV_LOCK if tests else places.RUN_LOCK
    count = sum(1 for line in lock.read_text("utf-8").splitlines() if "==" in line and not line.startswith((" ", "#")))
    with progress.stage(f"Installing {count} Python packages, hashes checked") as stage:
        tools.run([*_sync(), lock], name="packages", on_line=lambda line: _downloads(stage, line))
        stage.detail = ""
    write_stamp(tests=tests)


def write_stamp(*, tests: bool) -> None:
    """Note what is installed now."""
    stamp = {
        "place": str(places.VENV),
        "run": digest(places.RUN_LOCK),
        "dev": digest(places.DEV_LOCK) if tests else "",
        "python": sys.version.split()[0],
    }
    STAMP.write_text(json.dumps(stamp), "utf-8")


def _sync() -> list[str | Path]:
    return [places.UV, "pip", "sync", "--python", places.PYTHON, "--require-hashes", "--only-binary", ":all:"]


def _reusable() -> bool:
    """Whether an unstamped .venv is ours to go on with: its Python runs from this place and its pip is there."""
    scripts = places.VENV / "bin" / "pip3"
    return places.PYTHON.exists() and scripts.is_file() and str(places.VENV) in scripts.read_text("utf-8", "replace")


def _downloads(stage: Stage, line: str) -> None:
    if line.startswith(("Downloading ", "Downloaded ")):
        stage.detail = line.split(" (")[0].lower()


def compile_byte_code(tools: Tools, progress: Progress, *, libraries: bool) -> None:
    """Compile our own code, and the installed packages once, so that no start has to.

    Raises:
        Refusal: the disk is full.
    """
    compiler: list[str | Path] = [places.PYTHON, "-m", "compileall", "-q", "-j", "0"]
    tools.run([*compiler, *(places.ROOT / folder for folder in CODE_FOLDERS)], name="bytecode-own")
    stamp = installed()
    if libraries and not stamp.get("compiled"):
        with progress.stage("Compiling Python byte code"):
            folders = [path for path in places.VENV.glob("lib/python3*/site-packages") if path.is_dir()]
            tools.run([*compiler, "-x", r"/(tests?|testing|templates)/", *folders], name="bytecode")
        STAMP.write_text(json.dumps({**stamp, "compiled": True}), "utf-8")
