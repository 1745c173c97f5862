"""Every handler of every state: marked, annotated, and nothing on a page that would go around the guard."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
from reflex.state import BaseState
from reflex_base.registry import RegisteredEventHandler, RegistrationContext

from app.tenancy.scopes import ALL_SCOPES
from state.guard import FRAMEWORK
from state.marks import PUBLIC, mark_of
from state.payloads import shape_of

OWN = ("state.", "components.")
SAFE_MARKDOWN = "components/markdown.py"
SPRITE = "assets/js/parts.js"
BANNED_CALLS = {
    "upload": "files come in by PUT /api/v1/files",
    "html": "raw HTML on a page",
    "markdown": "only inside SafeMarkdown",
    "script": "scripts are modules under assets/js",
    "call_script": "its text is evaluated in the browser",
    "Cookie": "the browser can set it",
    "LocalStorage": "the browser can set it",
    "SessionStorage": "the browser can set it",
}


@pytest.fixture(scope="module")
def running() -> ModuleType:
    """The composed app: all pages and states are registered."""
    from app import app

    return app


@pytest.fixture(scope="module")
def handlers(running: ModuleType) -> dict[str, RegisteredEventHandler]:
    return RegistrationContext.ensure_context().event_handlers


@pytest.fixture(scope="module")
def own_handlers(handlers: dict[str, RegisteredEventHandler]) -> dict[str, RegisteredEventHandler]:
    return {
        name: one
        for name, one in handlers.items()
        if one.states and one.states[0].__module__.startswith(OWN) and not name.endswith(".setvar")
    }


@pytest.fixture(scope="module")
def own_states(own_handlers: dict[str, RegisteredEventHandler]) -> set[type[BaseState]]:
    return {one.states[0] for one in own_handlers.values()}


def test_every_handler_of_ours_says_who_may_call_it(own_handlers: dict[str, RegisteredEventHandler]) -> None:
    unmarked = [name for name, one in own_handlers.items() if mark_of(one.handler.fn) is None]

    assert unmarked == []
    assert len(own_handlers) > 10


def test_a_mark_names_a_scope_that_a_role_can_have(own_handlers: dict[str, RegisteredEventHandler]) -> None:
    named = {mark_of(one.handler.fn) for one in own_handlers.values()}

    assert named <= ALL_SCOPES | {PUBLIC}


def test_every_argument_of_a_handler_has_a_type_the_guard_can_check(
    own_handlers: dict[str, RegisteredEventHandler],
) -> None:
    for one in own_handlers.values():
        shape_of(one.handler.fn)


def test_the_framework_events_we_let_through_are_still_its_own(handlers: dict[str, RegisteredEventHandler]) -> None:
    strangers = [
        name
        for name in FRAMEWORK
        if name not in handlers or not handlers[name].handler.fn.__module__.startswith("reflex")
    ]

    assert strangers == []


def test_no_framework_event_carries_a_mark(handlers: dict[str, RegisteredEventHandler]) -> None:
    marked = [
        name
        for name, one in handlers.items()
        if one.handler.fn.__module__.startswith("reflex") and mark_of(one.handler.fn) is not None
    ]

    assert marked == []


def test_no_upload_door_is_open(running: ModuleType) -> None:
    from reflex_components_core.core.upload import Upload

    assert not Upload.is_used


def python_files(repository: Path) -> Iterator[Path]:
    for folder in ("components", "state"):
        yield from sorted((repository / folder).rglob("*.py"))


def reflex_calls(tree: ast.AST) -> Iterator[ast.Attribute]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "rx":
            yield node


def test_no_page_uses_a_part_that_goes_around_the_guard(repository: Path) -> None:
    found = [
        f"{path.relative_to(repository)}:{node.lineno} rx.{node.attr}: {BANNED_CALLS[node.attr]}"
        for path in python_files(repository)
        for node in reflex_calls(ast.parse(path.read_text()))
        if node.attr in BANNED_CALLS
        and not (node.attr == "markdown" and str(path.relative_to(repository)) == SAFE_MARKDOWN)
    ]

    assert found == []


def test_raw_html_in_browser_modules_is_our_own_sprite_alone(repository: Path) -> None:
    found = [
        str(path.relative_to(repository))
        for path in sorted((repository / "assets" / "js").glob("*.js"))
        if re.search(r"dangerouslySetInnerHTML|\.innerHTML|\beval\(|new Function", path.read_text())
    ]

    assert found == [SPRITE]


def test_markdown_is_set_without_raw_html(repository: Path) -> None:
    assert "use_raw=False" in (repository / SAFE_MARKDOWN).read_text()


def names_read(repository: Path) -> set[str]:
    """Return every name that components read off a state, be it `XState.name` or `owner.name` in a shared block."""
    return {
        node.attr
        for path in sorted((repository / "components").rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id not in {"self", "rx"}
    }


def test_every_public_var_is_read_by_a_component(own_states: set[type[BaseState]], repository: Path) -> None:
    read = names_read(repository)
    unread = [
        f"{state.__name__}.{name}"
        for state in own_states
        for name in {*state.base_vars, *state.computed_vars}
        if name not in read
    ]

    assert sorted(unread) == []


def test_state_vars_hold_neither_secrets_nor_tenants(own_states: set[type[BaseState]]) -> None:
    telling = re.compile(r"(^|_)(token|secret|password|api_key|key|tenant_id|user_id|cookie|hash)($|_)")
    found = [
        f"{state.__name__}.{name}"
        for state in own_states
        for name in {*state.base_vars, *state.computed_vars}
        if telling.search(name)
    ]

    assert found == []
