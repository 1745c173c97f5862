"""Files and functions stay small enough to read, and every module says why it exists."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from bench.working_copy import python_files, relative

FILE_LINES = 400
FUNCTION_LINES = 60


@pytest.fixture(scope="module")
def trees() -> dict[Path, ast.Module]:
    return {path: ast.parse(path.read_text("utf-8"), str(path)) for path in python_files()}


def is_exempt(path: Path) -> bool:
    """Tests read as one story each; migrations are generated and never edited."""
    return relative(path).parts[0] == "tests" or "versions" in path.parts


def test_no_file_is_longer_than_can_be_read_at_once(trees: dict[Path, ast.Module]) -> None:
    lengths = {path: path.read_text("utf-8").count("\n") for path in trees if not is_exempt(path)}

    assert [] == [f"{relative(path)}: {count}" for path, count in lengths.items() if count > FILE_LINES]


def test_no_function_is_longer_than_a_screen(trees: dict[Path, ast.Module]) -> None:
    too_long = [
        f"{relative(path)}:{node.name}: {(node.end_lineno or 0) - node.lineno + 1}"
        for path, tree in trees.items()
        if not is_exempt(path)
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (node.end_lineno or 0) - node.lineno + 1 > FUNCTION_LINES
    ]

    assert [] == too_long


def test_every_module_says_why_it_exists(trees: dict[Path, ast.Module]) -> None:
    silent = [str(relative(path)) for path, tree in trees.items() if tree.body and not ast.get_docstring(tree)]

    assert [] == silent


def test_no_module_is_a_drawer_for_odds_and_ends() -> None:
    drawers = {"utils", "util", "helpers", "helper", "common", "misc", "manager", "base2"}
    named = [str(relative(path)) for path in python_files() if drawers & {path.stem, *relative(path).parent.parts}]

    assert [] == named


def test_nothing_is_left_for_later(trees: dict[Path, ast.Module]) -> None:
    stubs = [
        f"{relative(path)}:{node.lineno}"
        for path, tree in trees.items()
        if not is_exempt(path)
        for node in ast.walk(tree)
        if isinstance(node, ast.Raise) and "NotImplementedError" in ast.dump(node)
    ]
    marks = ("TO" + "DO", "FIX" + "ME", "XX" + "X")
    notes = [
        f"{relative(path)}:{number}"
        for path in trees
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        if any(f"# {mark}" in line for mark in marks)
    ]

    assert [] == stubs + notes
