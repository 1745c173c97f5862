"""Reads the English texts out of our own code: `T("key", "English")` in Python, `t("key",
"English")` in browser modules.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator, Mapping
from importlib import import_module
from itertools import pairwise

English = str | dict[str, str]
"""A sentence, or one per plural class ("one", "other")."""

Found = Iterator[tuple[str, English]]

CALLS = {"T", "_say", "_notice"}
ROWS = {"Place": 3}
"""Dataclasses that carry a key and its text: at which position the key stands."""
TABLE = "_TEXTS"
"""A mapping whose name ends so holds whole keys and their texts."""

_JS_CALL = re.compile(r"""\b(?:t|words|say)\(\s*"([a-z][\w.-]*)",\s*("(?:[^"\\]|\\.)*"|\{[^{}]*(?:\{\w+\}[^{}]*)*\})""")
_JS_NAME = re.compile(r"(\b\w+):\s*\"")


def in_python(source: str, *, module: str = "") -> Found:
    """Yield the texts of a Python module; `module` is its dotted name, needed where a key is built from a table."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield from _call(node, tree, module)
        elif isinstance(node, ast.Assign | ast.AnnAssign) and _is_table(node) and node.value is not None:
            yield from ast.literal_eval(node.value).items()
        elif isinstance(node, ast.Dict):
            yield from _keyed(node)


def _call(node: ast.Call, tree: ast.AST, module: str) -> Found:
    name = _name(node.func)
    if name in CALLS and node.args and isinstance(node.args[0], ast.JoinedStr):
        yield from _from_table(node, tree, module)
    elif name in CALLS:
        yield from _pair(node.args[:2])
    elif name in ROWS:
        yield from _pair(node.args[ROWS[name] : ROWS[name] + 2])


def _name(node: ast.expr) -> str:
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""


def _pair(arguments: list[ast.expr]) -> Found:
    try:
        key, text = (ast.literal_eval(argument) for argument in arguments)
    except (ValueError, TypeError):
        return  # a key known only to the data: its texts come from where the data is made
    if text:
        yield key, text


def _from_table(node: ast.Call, tree: ast.AST, module: str) -> Found:
    """Yield the texts of T(f"tone.{name}", WORDS[name]) and of T(f"role.{name}",
    words) in a loop over WORDS.items().
    """
    key = node.args[0]
    parts = key.values if isinstance(key, ast.JoinedStr) else []
    if len(node.args) < 2 or len(parts) != 2 or not isinstance(parts[0], ast.Constant):
        return
    table = _table_behind(node.args[1], tree)
    words = getattr(import_module(module), table, None) if table and module else None
    if isinstance(words, Mapping):
        for name, text in words.items():
            yield f"{parts[0].value}{name}", text


def _table_behind(text: ast.expr, tree: ast.AST) -> str:
    if isinstance(text, ast.Subscript):
        return _name(text.value)
    for node in ast.walk(tree):
        loops = node.generators if isinstance(node, ast.ListComp | ast.GeneratorExp | ast.DictComp) else []
        for loop in loops:
            names = [_name(one) for one in loop.target.elts] if isinstance(loop.target, ast.Tuple) else []
            over = loop.iter.func if isinstance(loop.iter, ast.Call) else None
            inside = any(inner is text for inner in ast.walk(node))
            if inside and _name(text) in names and isinstance(over, ast.Attribute) and over.attr == "items":
                return _name(over.value)
    return ""


def _is_table(node: ast.Assign | ast.AnnAssign) -> bool:
    targets = node.targets if isinstance(node, ast.Assign) else [node.target]
    return any(isinstance(target, ast.Name) and target.id.endswith(TABLE) for target in targets)


def _keyed(node: ast.Dict) -> Found:
    """Yield {"key": "nav.x", "label": "English"}: rows that are handed to the browser whole."""
    named = zip(node.keys, node.values, strict=True)
    values = {key.value: value for key, value in named if isinstance(key, ast.Constant)}
    if {"key", "label"} <= values.keys():
        yield from _pair([values["key"], values["label"]])


def in_browser_module(source: str) -> Found:
    """Yield the texts of t("key", "English") and t("key", {one: …, other: …})."""
    for key, raw in _JS_CALL.findall(source):
        yield key, json.loads(raw if raw.startswith('"') else _as_json(raw))


def _as_json(literal: str) -> str:
    return re.sub(r",\s*\}", "}", _JS_NAME.sub(r'"\1": "', literal))


def in_services(source: str) -> Found:
    """Yield the texts that services hand out with a code: error classes, errors with a code of their own, reasons,
    tables of whole keys.
    """
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ClassDef):
            yield from _class_text(node)
        elif isinstance(node, ast.Call):
            yield from _raised_text(node)
            yield from _reasons(node.args)
        elif isinstance(node, ast.Tuple):
            yield from _reasons(node.elts)
        elif isinstance(node, ast.Assign | ast.AnnAssign) and _is_table(node) and node.value is not None:
            yield from ast.literal_eval(node.value).items()


def _class_text(node: ast.ClassDef) -> Found:
    told = {
        target.id: statement.value.value
        for statement in node.body
        if isinstance(statement, ast.Assign) and isinstance(statement.value, ast.Constant)
        for target in statement.targets
        if isinstance(target, ast.Name) and isinstance(statement.value.value, str)
    }
    if {"code", "message"} <= told.keys():
        yield f"error.{told['code']}", told["message"]


def _raised_text(node: ast.Call) -> Found:
    code = next((word.value for word in node.keywords if word.arg == "code"), None)
    given = next((word.value for word in node.keywords if word.arg == "message"), None)
    first = node.args[0] if node.args else given
    if isinstance(code, ast.Constant) and isinstance(first, ast.Constant) and isinstance(first.value, str):
        yield f"error.{code.value}", first.value


def _reasons(values: list[ast.expr]) -> Found:
    """Yield "why.code", "Sentence" where they stand side by side: the verdicts on a model."""
    told = [value.value if isinstance(value, ast.Constant) else None for value in values]
    for code, text in pairwise(told):
        if isinstance(code, str) and code.startswith("why.") and isinstance(text, str) and not text.startswith("why."):
            yield code, text
