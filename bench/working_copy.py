"""The files that belong to the project: tracked ones and new ones, never what is ignored."""

from __future__ import annotations

import functools
import shutil
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
OUTSIDE = {".venv", ".web", ".data", ".build", ".git", "node_modules", "__pycache__"}


@functools.cache
def project_files() -> tuple[Path, ...]:
    """Return every file of the project, sorted; works in a clone and in an unpacked archive."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=False,
    )
    if listed.returncode == 0:
        found = [ROOT / name for name in listed.stdout.decode().split("\0") if name]
    else:
        found = [path for path in ROOT.rglob("*") if not OUTSIDE & set(path.relative_to(ROOT).parts)]
    return tuple(sorted(path for path in found if path.is_file()))


def python_files() -> list[Path]:
    """Return the project's Python files."""
    return [path for path in project_files() if path.suffix == ".py"]


def text_files() -> list[tuple[Path, str]]:
    """Return the project's files that are text, with their text."""
    texts = []
    for path in project_files():
        try:
            texts.append((path, path.read_text("utf-8")))
        except UnicodeDecodeError:
            continue
    return texts


def relative(path: Path) -> Path:
    """Return `path` as seen from the root."""
    return path.relative_to(ROOT)


def copy_to(folder: Path) -> None:
    """Copy the project's files into `folder`, as a fresh clone would hold them."""
    for path in project_files():
        target = folder / relative(path)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(path, target)
