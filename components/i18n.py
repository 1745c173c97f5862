"""Words on screen: `T(key, default)` everywhere, PO files behind it, one JSON per language in the browser.

`en` is the source and stands in the code; components/locales/en.po is written from the code, the other files by
translators. The pseudo-language `qps` is made from English: 40 % longer and in brackets, so that a raw string or a
tight box shows.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import reflex as rx
from reflex.vars import VarData
from reflex_base.utils.imports import ImportVar

if TYPE_CHECKING:
    from babel.messages.catalog import Catalog

MODULE = "$/public/js/i18n"
LOCALES_DIR = Path(__file__).parent / "locales"
PSEUDO = "qps"
RTL = frozenset({"ar", "he", "fa", "ur"})
LANGUAGES: Mapping[str, str] = {"en": "English", "ar": "العربية"}
"""Languages of the screen, each named in itself."""

PLURALS = ("zero", "one", "two", "few", "many", "other")

Text = str | Mapping[str, str] | rx.Var[Any]


def _hook(tag: str, line: str) -> VarData:
    return VarData(imports={MODULE: [ImportVar(tag=tag)]}, hooks={line: None})


def _translated(key: Text, default: Text, args: str, parts: list[rx.Var[Any]]) -> rx.Var[str]:
    # A plain string may hold Vars too (an f-string over state), so key and default are made Vars and give their data.
    words = [rx.Var.create(key), rx.Var.create(default)]
    data = VarData.merge(*[part._get_all_var_data() for part in (*words, *parts)], _hook("useT", "const t_ = useT();"))
    return rx.Var(_js_expr=f"t_({words[0]!s},{words[1]!s}{args})", _var_type=str, _var_data=data).to(str)


def T(key: str | rx.Var[str], default: Text = "", **args: object) -> rx.Var[str]:  # noqa: N802
    """Return the text under `key` in the language of the screen, `default` (English) where there is none.

    `default` may map plural classes to sentences ({"one": …, "other": …}); the number that chooses is the argument `n`.
    `args` fill `{named}` slots and may be Vars; so may key and default, for rows of a foreach.
    """
    values = {name: rx.Var.create(value) for name, value in args.items()}
    filled = ",".join(f"{name}:{value!s}" for name, value in values.items())
    return _translated(key, default, f",{{{filled}}}" if filled else "", list(values.values()))


def T_dynamic(key: rx.Var[str], default: rx.Var[str], params: rx.Var[Any]) -> rx.Var[str]:  # noqa: N802
    """Return the text under a key that only the data knows, its slots filled from the mapping `params`."""
    return _translated(key, default, f",{params!s}", [params])


def isolated(words: rx.Var[str]) -> rx.Var[str]:
    """Return words that keep their own order inside a sentence of the other direction, for example "$400"."""
    return rx.Var.create("\u2066").to(str) + words.to(str) + rx.Var.create("\u2069").to(str)


def lang() -> rx.Var[str]:
    """Return the language of the screen as a Var, for example for `Intl` formats."""
    return rx.Var(_js_expr="lang_", _var_type=str, _var_data=_hook("useLang", "const lang_ = useLang();")).to(str)


def direction() -> rx.Var[str]:
    """Return "ltr" or "rtl" as a Var."""
    return rx.Var(_js_expr="dir_", _var_type=str, _var_data=_hook("useDir", "const dir_ = useDir();")).to(str)


class DirectionProvider(rx.Component):
    """Tells Radix parts which way to read."""

    library = "@radix-ui/react-direction@1.2.0"
    tag = "DirectionProvider"
    dir: rx.Var[str]


class LanguageOf(rx.Component):
    """Switches the screen to the account's language once it is known."""

    library = MODULE
    tag = "LanguageOf"
    locale: rx.Var[str]


class PageTitle(rx.Component):
    """Names the browser tab in the language of the screen."""

    library = MODULE
    tag = "PageTitle"
    title: rx.Var[str]


@cache
def boot_script() -> str:
    """Return the script for the head: direction and language before the first paint."""
    source = (Path(__file__).parent.parent / "assets" / "js" / "boot.js").read_text()
    return source.replace("__LANGUAGES__", json.dumps([*LANGUAGES, PSEUDO]))


def compile_locales() -> dict[str, str]:
    """Return `{language: JSON}` of every language but English, compiled from the PO files."""
    from components.pseudo import pseudo_catalogue

    compiled = {name: _entries(read_catalogue(name)) for name in LANGUAGES if name != "en"}
    compiled[PSEUDO] = pseudo_catalogue(_entries(read_catalogue("en")))
    return {name: json.dumps(words, ensure_ascii=False, separators=(",", ":")) for name, words in compiled.items()}


def read_catalogue(language: str) -> Catalog:
    """Return the PO file of `language`."""
    from babel.messages.pofile import read_po

    with (LOCALES_DIR / f"{language}.po").open("rb") as file:
        return read_po(file, locale=language)


@cache
def _words_of(language: str) -> Mapping[str, str | dict[str, str]]:
    return _entries(read_catalogue(language)) if language in LANGUAGES and language != "en" else {}


def translate(locale: str, code: str, default: str, params: Mapping[str, str | int | float]) -> str:
    """Return the sentence of an error code in a language of the screen, English where there is none;
    for the REST door.
    """
    from app.core.errors import fill

    words = _words_of(locale).get(f"error.{code}", default)
    return fill(words if isinstance(words, str) else default, params)


def plural_classes(language: str) -> tuple[str, ...]:
    """Return the plural classes of `language` in CLDR's order, which is the order of msgstr[n] in our files."""
    from babel import Locale

    used = Locale.parse(language).plural_form.tags | {"other"}
    return tuple(name for name in PLURALS if name in used)


def _entries(catalogue: Catalog) -> dict[str, str | dict[str, str]]:
    classes = plural_classes(str(catalogue.locale))
    words: dict[str, str | dict[str, str]] = {}
    for message in catalogue:
        if not message.context or not message.string:
            continue
        if isinstance(message.string, tuple | list):
            words[message.context] = dict(zip(classes, message.string, strict=True))
        else:
            words[message.context] = message.string
    return words
