"""Collects every text of the screen from the code, and keeps the PO files in step: python -m components.strings.

A key belongs to one English text. Found are: `T("key", "English")` in Python, `t("key", "English")` in our browser modules,
the texts of errors, of the catalogue and of the checks (looked up by their codes), and Reflex's own sentences.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from components.frontend import CLIENT_TEXTS
from components.i18n import LANGUAGES, LOCALES_DIR, plural_classes, read_catalogue

ROOT = Path(__file__).parent.parent
PYTHON_FOLDERS = ("components", "state")
JS_FOLDER = ROOT / "assets" / "js"

English = str | dict[str, str]
"""A sentence, or one per plural class ("one", "other")."""

_JS_CALL = re.compile(r"""\b(?:t|words|say)\(\s*"([a-z][\w.-]*)",\s*("(?:[^"\\]|\\.)*"|\{[^{}]*(?:\{\w+\}[^{}]*)*\})""")
_JS_NAME = re.compile(r"(\b\w+):\s*\"")
SLOT = re.compile(r"\{(\w+)\}")


class TwoTexts(ValueError):
    """One key stands for two different English texts."""


def collect() -> dict[str, English]:
    """Return every key with its English, sorted by key.

    Raises:
        TwoTexts: a key is used twice with different words.
    """
    found: dict[str, English] = {}
    for where, key, text in _all_texts():
        if found.setdefault(key, text) != text:
            raise TwoTexts(f"{key}: {found[key]!r} and, in {where}, {text!r}")
    return dict(sorted(found.items()))


def _all_texts() -> Iterator[tuple[str, str, English]]:
    for folder in PYTHON_FOLDERS:
        for path in sorted((ROOT / folder).rglob("*.py")):
            for key, text in texts_in_python(path.read_text()):
                yield str(path.relative_to(ROOT)), key, text
    for path in sorted(JS_FOLDER.glob("*.js")):
        for key, text in texts_in_js(path.read_text()):
            yield path.name, key, text
    for key, text in CLIENT_TEXTS.items():
        yield "components/frontend.py", key, text
    for key, text in _texts_of_errors():
        yield "app", key, text
    for key, text in _texts_of_content():
        yield "app/content", key, text


def texts_in_python(source: str) -> Iterator[tuple[str, English]]:
    """Yield the literal texts of a Python module: of T(…), _say(…), Place(…) and every TEXTS table."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and _name(node.func) in {"T", "_say", "_notice"}:
            yield from _pair(node.args[:2])
        elif isinstance(node, ast.Call) and _name(node.func) == "Place":
            yield from _pair(node.args[3:5])
        elif isinstance(node, ast.Assign | ast.AnnAssign) and _is_table(node) and node.value is not None:
            yield from ast.literal_eval(node.value).items()
        elif isinstance(node, ast.Dict):
            yield from _keyed(node)


def _name(node: ast.expr) -> str:
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""


def _pair(arguments: list[ast.expr]) -> Iterator[tuple[str, English]]:
    try:
        key, text = (ast.literal_eval(argument) for argument in arguments)
    except (ValueError, TypeError):
        return  # a key known only to the data: its texts come from the tables below
    if text:
        yield key, text


def _is_table(node: ast.Assign | ast.AnnAssign) -> bool:
    targets = node.targets if isinstance(node, ast.Assign) else [node.target]
    return any(
        isinstance(target, ast.Name) and target.id.endswith("_TEXTS") and target.id != "CLIENT_TEXTS"
        for target in targets
    )


def _keyed(node: ast.Dict) -> Iterator[tuple[str, English]]:
    """Yield {"key": "nav.x", "label": "English"}: rows that are handed to the browser whole."""
    values = {
        key.value: value for key, value in zip(node.keys, node.values, strict=True) if isinstance(key, ast.Constant)
    }
    if {"key", "label"} <= values.keys():
        yield from _pair([values["key"], values["label"]])


def texts_in_js(source: str) -> Iterator[tuple[str, English]]:
    """Yield the literal texts of t("key", "English") and t("key", {one: …, other: …}) in a browser module."""
    for key, raw in _JS_CALL.findall(source):
        yield key, json.loads(raw if raw.startswith('"') else _as_json(raw))


def _as_json(literal: str) -> str:
    return re.sub(r",\s*\}", "}", _JS_NAME.sub(r'"\1": "', literal))


def _texts_of_errors() -> Iterator[tuple[str, English]]:
    """Yield the text of every error class, and of every error raised with a code of its own: AppError subclasses under app/."""
    for path in sorted((ROOT / "app").rglob("*.py")):
        tree = ast.parse(path.read_text())
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef):
                yield from _class_text(node)
            elif isinstance(node, ast.Call):
                yield from _raised_text(node)


def _class_text(node: ast.ClassDef) -> Iterator[tuple[str, English]]:
    told = {
        target.id: statement.value.value
        for statement in node.body
        if isinstance(statement, ast.Assign) and isinstance(statement.value, ast.Constant)
        for target in statement.targets
        if isinstance(target, ast.Name) and isinstance(statement.value.value, str)
    }
    if {"code", "message"} <= told.keys():
        yield f"error.{told['code']}", told["message"]


def _raised_text(node: ast.Call) -> Iterator[tuple[str, English]]:
    code = next((word.value for word in node.keywords if word.arg == "code"), None)
    first = node.args[0] if node.args else next((word.value for word in node.keywords if word.arg == "message"), None)
    if isinstance(code, ast.Constant) and isinstance(first, ast.Constant) and isinstance(first.value, str):
        yield f"error.{code.value}", first.value


def _texts_of_content() -> Iterator[tuple[str, English]]:
    from app.content.catalogue_files import load_catalogue
    from app.content.checks.messages import messages

    yield from load_catalogue().translatable_strings().items()
    yield from messages().items()


def pseudo_catalogue(words: Mapping[str, English]) -> dict[str, English]:
    """Return the pseudo-language: every text 40 % longer, accented, in brackets; slots untouched."""
    return {
        key: pseudo(text) if isinstance(text, str) else {name: pseudo(one) for name, one in text.items()}
        for key, text in words.items()
    }


_ACCENTED = str.maketrans("aeiouyAEIOUYcnsz", "áéíóúýÁÉÍÓÚÝçñšž")


def pseudo(text: str) -> str:
    """Return `text` lengthened and accented, with its {slots} as they were."""
    pieces = re.split(r"(\{\w+\})", text)
    accented = "".join(piece if piece.startswith("{") else piece.translate(_ACCENTED) for piece in pieces)
    return f"[{accented}{' ·' * max(1, round(len(text) * 0.2))}]"


def write_english(path: Path = LOCALES_DIR / "en.po") -> None:
    """Write en.po from the code."""
    from babel.messages.catalog import Catalog
    from babel.messages.pofile import write_po

    catalogue = Catalog(locale="en", project="Galley", charset="utf-8")
    for key, text in collect().items():
        if isinstance(text, str):
            catalogue.add(text, text, context=key)
        else:
            forms = (text["one"], text["other"])
            catalogue.add(forms, forms, context=key)
    with path.open("wb") as file:
        write_po(file, catalogue, width=120, sort_output=False, omit_header=False, include_previous=False)


def faults(language: str) -> list[str]:
    """Return what keeps the PO file of `language` from being complete: missing, unused and mis-slotted texts."""
    wanted = collect()
    catalogue = read_catalogue(language)
    have = {message.context: message.string for message in catalogue if message.context}
    told = [f"missing: {key}" for key in wanted if not have.get(key)]
    told += [f"unused: {key}" for key in have if key not in wanted]
    classes = plural_classes(language)
    for key, text in wanted.items():
        told += _faults_of(key, text, have.get(key), classes)
    return told


def _faults_of(key: str, text: English, given: object, classes: tuple[str, ...]) -> Iterator[str]:
    if not given:
        return
    forms = list(given) if isinstance(given, tuple | list) else [str(given)]
    if isinstance(text, dict) and len(forms) != len(classes):
        yield f"{key}: {len(forms)} plural forms, wanted {len(classes)} ({', '.join(classes)})"
    if isinstance(text, dict) and not all(forms):
        yield f"{key}: an empty plural form"
    slots = set(SLOT.findall(text if isinstance(text, str) else text["other"]))
    for form in forms:
        extra = set(SLOT.findall(str(form))) ^ slots
        if extra - ({"n"} if isinstance(text, dict) else set()):
            yield f"{key}: slots differ: {', '.join(sorted(extra))}"


if __name__ == "__main__":
    write_english()
    for name in LANGUAGES:
        print(name, *faults(name), sep="\n  ")
