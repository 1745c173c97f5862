"""Collects every text of the screen, and keeps the PO files in step: `python -m components.strings` does that.

A key belongs to one English text. Found are the texts in our own code, those of errors and verdicts, of the catalogue
and of the checks (all looked up by their codes), and Reflex's own sentences.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from components.frontend import CLIENT_TEXTS
from components.i18n import LANGUAGES, LOCALES_DIR, plural_classes, read_catalogue
from components.texts_in_code import English, in_browser_module, in_python, in_services

ROOT = Path(__file__).parent.parent
PYTHON_FOLDERS = ("components", "state")
JS_FOLDER = ROOT / "assets" / "js"
UNDATED = datetime(2026, 1, 1, tzinfo=UTC)  # a date that moves would make every file differ each time
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
    for path in _python_files(*PYTHON_FOLDERS):
        where = path.relative_to(ROOT)
        for key, text in in_python(path.read_text(), module=".".join(where.with_suffix("").parts)):
            yield str(where), key, text
    for path in sorted(JS_FOLDER.glob("*.js")):
        for key, text in in_browser_module(path.read_text()):
            yield path.name, key, text
    for path in _python_files("app"):
        for key, text in in_services(path.read_text()):
            yield str(path.relative_to(ROOT)), key, text
    for key, text in _texts_of_content().items():
        yield "app/content", key, text
    for key, text in CLIENT_TEXTS.items():
        yield "components/frontend.py", key, text


def _python_files(*folders: str) -> list[Path]:
    return sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))


def _texts_of_content() -> dict[str, str]:
    from app.content.catalogue_files import load_catalogue
    from app.content.checks.messages import messages

    catalogue = load_catalogue()
    return {**catalogue.translatable_strings(), **messages(), **_names_in_messages()}


def _names_in_messages() -> dict[str, str]:
    """Return the words that fill the slots of sentences: names of parts, fields and languages, and counts up to ten."""
    from app.content.catalogue_files import load_catalogue
    from app.content.checks.messages import in_words

    catalogue = load_catalogue()
    templates = catalogue.all()
    parts = [name for template in templates for part in template.output.parts for name in (part.item, part.label)]
    fields = [field.label for template in templates for field in template.fields]
    languages = [profile.english_name for profile in catalogue.profiles.values()]
    counts = [in_words(count) for count in range(11)]
    return {f"item.{word.lower()}": word.lower() for word in (*parts, *fields, *languages, *counts) if word}


def keep_in_step(language: str) -> None:
    """Write the PO file of `language` anew: new texts arrive empty, changed ones lose their translation, old ones go.

    English is its own translation.
    """
    from babel.messages.catalog import Catalog
    from babel.messages.pofile import write_po

    path = LOCALES_DIR / f"{language}.po"
    known = read_catalogue(language) if path.is_file() else ()
    have = {(message.context, message.id): message.string for message in known if message.context}
    catalogue = Catalog(
        locale=language, project="Galley", charset="utf-8", creation_date=UNDATED, revision_date=UNDATED
    )
    for key, text in collect().items():
        words = text if isinstance(text, str) else (text["one"], text["other"])
        catalogue.add(words, words if language == "en" else have.get((key, words), ""), context=key)
    with path.open("wb") as file:
        write_po(file, catalogue, width=0)


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
    for name in LANGUAGES:
        keep_in_step(name)
        print(name, *faults(name), sep="\n  ")
