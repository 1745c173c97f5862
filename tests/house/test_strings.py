"""Every text of the screen has a key, one English and a place in every language's file; nothing is missing,
nothing is left over.
"""

from __future__ import annotations

import ast
import json
from pathlib import Path

import pytest

from components import i18n
from components.i18n import LANGUAGES, PSEUDO, compile_locales, plural_classes, read_catalogue, translate
from components.pseudo import pseudo
from components.strings import SLOT, collect, faults
from components.texts_in_code import in_browser_module, in_python, in_services

WORD_PROPS = {"placeholder", "aria_label", "title", "alt", "label"}
NOT_WORDS = {"Galley", "Ctrl K", "Esc", "/", "·", "Enter", "python3 -m app"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_language_is_complete(language: str) -> None:
    assert faults(language) == []


def test_the_english_file_says_what_the_code_says() -> None:
    kept = {message.context: message.id for message in read_catalogue("en") if message.context}
    wanted = {key: text if isinstance(text, str) else (text["one"], text["other"]) for key, text in collect().items()}

    assert kept == wanted, "run: python -m components.strings"


def test_translations_keep_the_slots_of_the_pseudo_language_too() -> None:
    words = json.loads(compile_locales()[PSEUDO])

    for key, text in collect().items():
        if isinstance(text, str):
            assert SLOT.findall(words[key]) == SLOT.findall(text), key


def test_the_pseudo_language_is_longer_and_in_brackets() -> None:
    text = "Choose a template, fill a short form"

    assert pseudo(text).startswith("[") and pseudo(text).endswith("]")
    assert len(pseudo(text)) >= 1.35 * len(text)
    assert pseudo("{n} of {limit}").count("{n}") == 1


def test_arabic_has_six_plural_classes() -> None:
    assert plural_classes("ar") == ("zero", "one", "two", "few", "many", "other")


def test_server_sentences_come_in_the_callers_language() -> None:
    english = "This is larger than the limit of {limit}."

    assert translate("en", "too_large", english, {"limit": "1 MiB"}) == "This is larger than the limit of 1 MiB."
    assert "1 MiB" in translate("ar", "too_large", english, {"limit": "1 MiB"})
    assert translate("ar", "too_large", english, {"limit": "1 MiB"}) != translate("en", "too_large", english, {})
    assert translate("ja", "too_large", english, {"limit": 3}) == "This is larger than the limit of 3."
    assert translate("ar", "no.such.code", "Left as it is.", {}) == "Left as it is."


def test_no_language_is_cut_off_from_the_browser(repository: Path) -> None:
    assert set(compile_locales()) == {*LANGUAGES, PSEUDO} - {"en"}
    assert "__LANGUAGES__" not in i18n.boot_script()


def literal_words(tree: ast.AST) -> list[tuple[int, str]]:
    """Return texts that a component would show as they stand: positional strings and worded props of element calls."""
    drawn = [
        node for node in ast.walk(tree) if isinstance(node, ast.Call) and ast.unparse(node.func).startswith("rx.el.")
    ]
    given = [
        (node.lineno, value.value)
        for node in drawn
        for value in [*node.args, *(keyword.value for keyword in node.keywords if keyword.arg in WORD_PROPS)]
        if isinstance(value, ast.Constant) and isinstance(value.value, str)
    ]
    return [(line, text) for line, text in given if sum(map(str.isalpha, text)) > 1]


def test_no_english_stands_raw_in_a_component(repository: Path) -> None:
    raw = [
        f"{path.relative_to(repository)}:{line} {text!r}"
        for path in sorted((repository / "components").rglob("*.py"))
        for line, text in literal_words(ast.parse(path.read_text()))
        if text not in NOT_WORDS and path.name != "landing_margin.py"
    ]

    assert raw == []


def test_texts_are_found_in_every_form_they_are_written_in() -> None:
    source = """
WORDS = {"x": "Ex"}
ROW_TEXTS = {"row.a": "A"}
T("a.b", "One")
T("a.n", {"one": "{n} line", "other": "{n} lines"}, n=3)
Place("name", "/href", "glyph", "nav.x", "X")
{"key": "row.k", "label": "Row"}
"""

    assert dict(in_python(source)) == {
        "a.b": "One",
        "a.n": {"one": "{n} line", "other": "{n} lines"},
        "nav.x": "X",
        "row.k": "Row",
        "row.a": "A",
    }
    assert dict(in_browser_module('t("p.q", "Say \\"it\\""), t("p.n", { one: "{n} a", other: "{n} b" }, { n })')) == {
        "p.q": 'Say "it"',
        "p.n": {"one": "{n} a", "other": "{n} b"},
    }
    assert dict(
        in_services('raise Conflict("Taken.", code="name.taken")\nx = "why.x", "Because."\nA_TEXTS = {"b.c": "So."}')
    ) == {
        "error.name.taken": "Taken.",
        "why.x": "Because.",
        "b.c": "So.",
    }
