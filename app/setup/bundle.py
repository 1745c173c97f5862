"""Compiles the pages with Reflex and bundles them with Vite; a process of its own in .venv: python -m app.setup.bundle.

Reflex's own `export` would ask the registry which mirror is fastest, install packages again and always bundle; its
parts are called one by one instead. They are internal names: the version of Reflex is pinned, and the end-to-end tests
build for real.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from app.setup import places

if TYPE_CHECKING:
    from reflex.config import Config

COMPILED_STAMP = places.WEB / "galley-compiled.sha256"
KEPT = {"node_modules", "build"}
NOT_COMPILED = {"node_modules", "build", "backend", ".react-router"}
VOLATILE = {"reflex.json", COMPILED_STAMP.name, "reflex.install_frontend_packages.cached", "package-lock.json"}


def main() -> None:
    """Build the front end into .web/build/client."""
    os.chdir(places.ROOT)
    sys.path.insert(0, str(places.ROOT))
    say("compiling the pages")
    compile_pages()
    wanted = compiled_digest()
    if (places.BUNDLE / "index.html").is_file() and _read(COMPILED_STAMP) == wanted:
        say("nothing on screen has changed")
        return
    COMPILED_STAMP.unlink(missing_ok=True)
    say("bundling")
    from reflex.utils import build

    build.setup_frontend(places.ROOT)
    build.build()  # type: ignore[no-untyped-call]  # the library is untyped here
    COMPILED_STAMP.write_text(compiled_digest(), "utf-8")


def compile_pages() -> None:
    """Write Reflex's generated sources into .web."""
    from reflex.utils import frontend_skeleton, js_runtimes, path_ops, prerequisites
    from reflex_base import constants
    from reflex_base.environment import environment

    environment.REFLEX_ENV_MODE.set(constants.Env.PROD)
    frontend_skeleton.initialize_bun_config = lambda: None  # it would time two registries, and npm does not read it
    path_ops.copy_tree = refresh  # type: ignore[assignment]  # theirs empties .web first, node_modules included
    install, write_lock = js_runtimes.install_frontend_packages, frontend_skeleton.sync_web_lockfiles_to_root
    frontend_skeleton.sync_web_lockfiles_to_root = lambda: None  # a build leaves reflex.lock as it is

    def install_if_missing(packages: set[str], config: Config) -> None:
        missing = missing_packages(packages, config)
        if missing:
            say(f"adding {', '.join(sorted(missing))} to reflex.lock (commit it)")
            frontend_skeleton.sync_web_lockfiles_to_root = write_lock
            install(packages, config)

    js_runtimes.install_frontend_packages = install_if_missing
    frontend_skeleton.initialize_web_directory()  # type: ignore[no-untyped-call]  # the library is untyped here
    prerequisites.get_compiled_app(prerender_routes=True, use_rich=False)


def refresh(template: str | Path, folder: str | Path) -> None:
    """Replace everything in `folder` by `template`, but for the installed packages, the last build and our stamps."""
    for entry in Path(folder).iterdir() if Path(folder).is_dir() else ():
        if entry.name in KEPT or entry.name.startswith("galley-"):
            continue
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry)
        else:
            entry.unlink()
    shutil.copytree(template, folder, dirs_exist_ok=True)


def missing_packages(packages: set[str], config: Config) -> set[str]:
    """Return which npm packages the pages need that .web/package.json does not name in the wanted version."""
    from reflex_base import constants

    declared = json.loads((places.WEB / "package.json").read_text("utf-8"))
    known = {**declared.get("devDependencies", {}), **declared.get("dependencies", {})}
    wanted = set(packages)
    for plugin in config.plugins:
        wanted.update(plugin.get_frontend_dependencies())
        wanted.update(plugin.get_frontend_development_dependencies())
    for group in (constants.PackageJson.DEPENDENCIES, constants.PackageJson.DEV_DEPENDENCIES):
        wanted.update(f"{name}@{version}" for name, version in group.items())
    missing = set()
    for spec in wanted:
        name, _, version = spec.rpartition("@") if "@" in spec[1:] else (spec, "", "")
        have = known.get(name)
        if have is None or (version and have.lstrip("^~v") != version.lstrip("^~v")):
            missing.add(spec)
    return missing


def compiled_digest() -> str:
    """Return one SHA-256 over what the bundler reads, apart from node_modules."""
    total = hashlib.sha256()
    for folder, folders, files in os.walk(places.WEB):
        folders[:] = sorted(entry for entry in folders if entry not in NOT_COMPILED)
        for entry in sorted(files):
            path = Path(folder, entry)
            if entry in VOLATILE or entry.startswith("galley-"):
                continue
            content = path.read_bytes()
            total.update(f"{path.relative_to(places.WEB)}\0{len(content)}\0".encode())
            total.update(content)
    total.update((places.WEB / "package-lock.json").read_bytes())
    return total.hexdigest()


def say(phase: str) -> None:
    """Tell the parent process what is being done."""
    print(f"[phase] {phase}", flush=True)


def _read(path: Path) -> str:
    return path.read_text("utf-8").strip() if path.is_file() else ""


if __name__ == "__main__":
    main()
