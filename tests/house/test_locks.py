"""The locks: every pin hashed, no host named, and the tests' lock holds the run's lock unchanged."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path

import pytest

PIN = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^]]*])?==([^ ;\\]+)")


def pins(lock: Path) -> dict[str, str]:
    lines = lock.read_text("utf-8").splitlines()
    return {match[1].lower().replace("_", "-"): match[2] for line in lines if (match := PIN.match(line))}


@pytest.mark.parametrize("name", ["requirements-bootstrap.lock", "requirements.lock", "requirements-dev.lock"])
def test_every_pin_has_a_hash(repository: Path, name: str) -> None:
    blocks = re.split(r"\n(?=\S)", (repository / name).read_text("utf-8").strip())

    assert blocks
    assert [] == [block.splitlines()[0] for block in blocks if "--hash=sha256:" not in block]


def test_the_lock_of_the_tests_holds_the_lock_of_the_run(repository: Path) -> None:
    run, tests = pins(repository / "requirements.lock"), pins(repository / "requirements-dev.lock")

    assert run == {name: tests.get(name) for name in run}


def test_every_direct_dependency_is_locked(repository: Path) -> None:
    project = tomllib.loads((repository / "pyproject.toml").read_text("utf-8"))
    wanted = [re.split(r"[\[<>=!~ ;]", spec)[0].lower() for spec in project["project"]["dependencies"]]
    for_tests = [re.split(r"[\[<>=!~ ;]", spec)[0].lower() for spec in project["dependency-groups"]["dev"]]

    assert set(wanted) <= set(pins(repository / "requirements.lock"))
    assert set(for_tests) <= set(pins(repository / "requirements-dev.lock"))


def test_the_npm_lock_pins_every_package_by_hash_and_names_no_address(repository: Path) -> None:
    lock = json.loads((repository / "reflex.lock" / "package-lock.json").read_text("utf-8"))
    installed = {name: entry for name, entry in lock["packages"].items() if name}

    assert [] == [name for name, entry in installed.items() if "resolved" in entry]
    assert [] == [
        name
        for name, entry in installed.items()
        if "integrity" not in entry and not (entry.get("inBundle") or entry.get("link"))
    ]
