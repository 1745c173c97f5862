"""What an operator, a program or a new engineer can use stands in the docs; the docs name nothing that is not there."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import get_args

import pytest
from fastapi import FastAPI

from app.cli import COMMANDS
from app.core.settings import Settings

SETTING = re.compile(r"\bGALLEY_[A-Z_]+\b")
ROW = re.compile(r"^\| `(GALLEY_[A-Z_]+)` \| (empty|`[^`]*`) \|", re.MULTILINE)
ROUTE = re.compile(r"`(GET|POST|PUT|PATCH|DELETE) (/[^` ]*)`")
LINK = re.compile(r"\]\((?!https?://|#|mailto:)([^)#\s]+)(#[^)\s]*)?\)")


def default_text(name: str) -> str:
    value = Settings.model_fields[name].get_default(call_default_factory=True)
    if value in ("", None):
        return "empty"
    return f"`{json.dumps(value) if isinstance(value, bool | int | list | dict) else value}`"


def known_settings() -> set[str]:
    return {f"GALLEY_{name.upper()}" for name in Settings.model_fields}


def test_every_setting_is_described_once_with_its_default(repository: Path) -> None:
    described = ROW.findall((repository / "docs" / "settings.md").read_text("utf-8"))

    assert {f"GALLEY_{name.upper()}": default_text(name) for name in Settings.model_fields} == dict(described)
    assert len(described) == len(Settings.model_fields)


def test_no_document_names_a_setting_that_does_not_exist(repository: Path) -> None:
    named = {
        (path.name, name)
        for path in (*(repository / "docs").glob("*.md"), repository / "README.md", repository / "CONTRIBUTING.md")
        for name in SETTING.findall(path.read_text("utf-8"))
    }

    assert set() == {(document, name) for document, name in named if name not in known_settings()}


def test_every_route_is_described_and_no_other(repository: Path, openapi: dict[str, dict[str, object]]) -> None:
    served = {(method.upper(), path) for path, item in openapi["paths"].items() for method in item}
    described = set(ROUTE.findall((repository / "docs" / "integrator.md").read_text("utf-8")))

    assert set() == served - described
    assert set() == described - served


@pytest.fixture
def openapi(tmp_path: Path) -> dict[str, dict[str, object]]:
    """The OpenAPI document of the API, without a server."""
    from app.api import build_api
    from app.api.openapi import openapi_document
    from app.bootstrap import build_ports

    settings = Settings(data_dir=tmp_path)
    api: FastAPI = build_api(build_ports(settings))
    return openapi_document(api, settings)


def test_every_command_is_described_for_the_operator(repository: Path) -> None:
    text = (repository / "docs" / "operator.md").read_text("utf-8")

    assert [] == [name for name in COMMANDS if f"`python3 -m app {name}" not in text]


@pytest.mark.parametrize("command", ["python3 -m app", "python3 -m app test"])
def test_the_readme_gives_both_commands(repository: Path, command: str) -> None:
    blocks = re.findall(r"```(?:sh|shell|bash)?\n(.*?)```", (repository / "README.md").read_text("utf-8"), re.DOTALL)
    commands = [line.split("#")[0].strip() for block in blocks for line in block.splitlines()]

    assert command in commands


def test_the_readme_opens_with_a_picture_of_the_product(repository: Path) -> None:
    lines = (repository / "README.md").read_text("utf-8").splitlines()
    pictures = [number for number, line in enumerate(lines) if line.startswith("![")]

    assert pictures
    assert pictures[0] <= 6


def test_every_kind_of_field_and_check_is_explained_to_authors(repository: Path) -> None:
    from app.content.checks.registry import kinds
    from app.content.template import FieldType

    text = (repository / "docs" / "templates.md").read_text("utf-8")

    assert [] == [kind for kind in (*get_args(FieldType), *kinds()) if f"`{kind}`" not in text]


def test_links_between_documents_lead_somewhere(repository: Path) -> None:
    documents = [*(repository / "docs").rglob("*.md"), *repository.glob("*.md")]
    broken = [
        f"{document.relative_to(repository)}: {target}"
        for document in documents
        for target, _ in LINK.findall(document.read_text("utf-8"))
        if not (document.parent / target).exists()
    ]

    assert [] == broken


def test_every_field_of_a_policy_is_explained_to_admins(repository: Path) -> None:
    from app.llm.policy import Cascade, GatewayPolicy, QualitySteps, Route, RoutingPolicy, Rule, SecondOpinion, Shares

    text = (repository / "docs" / "admin.md").read_text("utf-8")
    described = set(re.findall(r"^\| `([a-z_.]+)` \|", text, re.MULTILINE))
    fields = {name for name in GatewayPolicy.model_fields if name != "routing"}
    fields |= {f"routing.{name}" for name in RoutingPolicy.model_fields}
    inner = {name for kind in (Cascade, QualitySteps, Route, Rule, SecondOpinion, Shares) for name in kind.model_fields}

    assert fields == {name for name in described if name in fields or name.startswith("routing.")}
    assert [] == [name for name in sorted(inner) if f"`{name}`" not in text]
