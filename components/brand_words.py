"""How words are said, of a brand or of the whole workspace: a short list, each to be heard with the built-in voice."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import reflex as rx

from components.behaviours import client
from components.controls import button, field, icon_button, select, text_input
from components.i18n import T
from components.media_parts import KeepText
from components.run_form import LANGUAGE_NAMES
from state.word_rows import WordRow


@dataclass(frozen=True)
class WordList:
    """A list and what changes it. `name` begins the ids of its fields; `locale` is the language of the screen."""

    name: str
    rows: rx.Var[list[WordRow]]
    stamp: rx.Var[int]
    locale: rx.Var[str]
    on_add: Any  # Any: a handler of Reflex, here and below
    on_change: Any
    on_drop: Any


def pronunciations(words: WordList, title: rx.Var[str], lede: rx.Var[str]) -> rx.Component:
    """Return the list under a title, and the form that adds to it."""

    def row(word: rx.Var[WordRow], place: rx.Var[int]) -> rx.Component:
        return _row(words, word, place)

    return rx.el.div(
        rx.el.h3(title),
        rx.el.p(lede, class_name="small muted"),
        rx.cond(words.rows.length() > 0, rx.el.ul(rx.foreach(words.rows, row), class_name="brand-words")),
        _new(words),
        class_name="brand-said",
        role="group",
        aria_label=title,
    )


def _row(words: WordList, word: rx.Var[WordRow], place: rx.Var[int]) -> rx.Component:
    every = T("media.brand.every_language", "every language")
    language = rx.match(word.locale, ("", every), *LANGUAGE_NAMES.items(), word.locale)
    field_id = f"{words.name}-said-" + place.to_string()
    heard_in = rx.cond(word.locale == "", words.locale, word.locale)
    return rx.el.li(
        rx.el.span(
            rx.el.b(word.written, dir="auto"), rx.el.span(language, class_name="small muted"), class_name="brand-word"
        ),
        KeepText.create(
            id=field_id,
            value=word.spoken,
            rows=1,
            max_length=120,
            label=T("media.brand.said_as", "How {word} is said", word=word.written),
            on_keep=lambda text: words.on_change(place, text),
        ),
        icon_button(
            "play",
            T("media.brand.hear_one", "Hear {word}", word=word.written),
            on_click=client("media", "hearField", field_id, "", heard_in),
        ),
        icon_button(
            "x",
            T("media.brand.drop_word", "Take {word} off the list", word=word.written),
            on_click=words.on_drop(place),
        ),
        key=word.written + word.locale,
    )


def _new(words: WordList) -> rx.Component:
    written_id, spoken_id, language_id = (f"{words.name}-{part}" for part in ("written", "spoken", "locale"))
    stamp = words.stamp.to_string()
    written = text_input(id=written_id, name="written", max_length=60, dir="auto", auto_complete="off", key="w" + stamp)
    spoken = text_input(id=spoken_id, name="spoken", max_length=120, dir="auto", auto_complete="off", key="s" + stamp)
    languages = select(
        rx.el.option(T("media.brand.every_language", "every language"), value=""),
        *[rx.el.option(name, value=code, lang=code) for code, name in LANGUAGE_NAMES.items()],
        id=language_id,
        name="word_locale",
        default_value="",
    )
    return rx.el.form(
        rx.el.div(
            field(T("media.brand.word", "Word"), written, control_id=written_id, required=True),
            field(T("media.brand.spoken", "As it sounds"), spoken, control_id=spoken_id, required=True),
            field(T("media.language", "Language"), languages, control_id=language_id),
            class_name="brand-word-new",
        ),
        rx.el.div(
            button(T("media.brand.add_word", "Add the word"), type="submit"),
            button(
                T("media.brand.hear", "Hear it"),
                kind="quiet",
                glyph="play",
                on_click=client("media", "hearField", spoken_id, language_id, words.locale),
            ),
            class_name="row",
        ),
        on_submit=words.on_add,
        reset_on_submit=False,
    )
