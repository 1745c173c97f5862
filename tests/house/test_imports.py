"""What an import may cost: the first command is quick, setting up needs no package, vendors wait inside functions."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from bench.working_copy import python_files, relative

VENDORS = {
    "litellm", "httpx", "aiohttp", "openai", "anthropic", "google", "mistralai", "argon2", "zxcvbn", "limits", "redis",
    "uvicorn", "supervisor",
}  # fmt: skip
HEAVY = ("litellm", "reflex", "sqlalchemy", "pydantic", "fastapi")


def modules_after(statement: str, *flags: str) -> set[str]:
    code = f"import sys; sys.path.insert(0, '.'); {statement}; print(*sys.modules)"
    return set(
        subprocess.run([sys.executable, *flags, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    )


def test_the_list_of_commands_loads_nothing_heavy(repository: Path) -> None:
    loaded = {name.partition(".")[0] for name in modules_after("import app.cli")}

    assert set() == loaded & set(HEAVY)


def test_setting_up_needs_the_standard_library_alone() -> None:
    # -I -S: no site-packages at all
    modules = "app.__main__, app.cli, app.setup.start, app.commands.doctor, app.commands.ready"
    loaded = {name.partition(".")[0] for name in modules_after(f"import {modules}", "-I", "-S")}

    assert set() == loaded - {"app"} - set(sys.stdlib_module_names) - {"__main__", "sitecustomize"}


def test_an_old_python_can_read_the_sentence_that_refuses_it(repository: Path) -> None:
    source = (repository / "app" / "__main__.py").read_text("utf-8")

    assert ast.parse(source, feature_version=(3, 4))
    assert "from __future__" not in source


def test_choosing_the_adapters_loads_no_vendor() -> None:
    assert set() == {name.partition(".")[0] for name in modules_after("import app.bootstrap")} & VENDORS


@pytest.mark.parametrize("folder", ["app", "components", "state", "jobs"])
def test_vendors_appear_in_adapters_only(folder: str) -> None:
    allowed = ("app/adapters/", "app/commands/")  # a command is where the server or the supervisor is started
    elsewhere = [
        f"{relative(path)}:{node.lineno} {name}"
        for path in python_files()
        if relative(path).parts[0] == folder and not str(relative(path)).startswith(allowed)
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in imported(node)
        if name.partition(".")[0] in VENDORS
    ]

    assert [] == elsewhere


def imported(node: ast.Import | ast.ImportFrom) -> list[str]:
    return [alias.name for alias in node.names] if isinstance(node, ast.Import) else [node.module or ""]
