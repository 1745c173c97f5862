"""How the words of a brand are said: a short list, each to be heard with the built-in voice."""

from __future__ import annotations

import reflex as rx

from components.behaviours import client
from components.controls import button, field, icon_button, select, text_input
from components.i18n import T
from components.media_parts import KeepText
from components.run_form import LANGUAGE_NAMES
from state.brands import BrandsState, WordRow

_WORD = "brand-written"
_SPOKEN = "brand-spoken"
_LANGUAGE = "brand-locale"


def pronunciations() -> rx.Component:
    """Return the list and the form that adds to it."""
    return rx.el.div(
        rx.el.h3(T("media.brand.words", "Pronunciations")),
        rx.el.p(
            T(
                "media.brand.words.lede",
                "Names that a voice says wrong: write them as they sound. Spoken texts and narrations say them so; "
                "captions keep them as they are written.",
            ),
            class_name="small muted",
        ),
        rx.cond(
            BrandsState.brand.words.length() > 0,
            rx.el.ul(rx.foreach(BrandsState.brand.words, _row), class_name="brand-words"),
        ),
        _new(),
        class_name="brand-said",
    )


def _row(word: rx.Var[WordRow], place: rx.Var[int]) -> rx.Component:
    every = T("media.brand.every_language", "every language")
    language = rx.match(word.locale, ("", every), *LANGUAGE_NAMES.items(), word.locale)
    field_id = "brand-said-" + place.to_string()
    heard_in = rx.cond(word.locale == "", BrandsState.locale, word.locale)
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
            on_keep=lambda text: BrandsState.change_word(place, text),
        ),
        icon_button(
            "play",
            T("media.brand.hear_one", "Hear {word}", word=word.written),
            on_click=client("media", "hearField", field_id, "", heard_in),
        ),
        icon_button(
            "x",
            T("media.brand.drop_word", "Take {word} off the list", word=word.written),
            on_click=BrandsState.drop_word(place),
        ),
        key=word.written + word.locale,
    )


def _new() -> rx.Component:
    stamp = BrandsState.stamp.to_string()
    written = text_input(id=_WORD, name="written", max_length=60, dir="auto", auto_complete="off", key="w" + stamp)
    spoken = text_input(id=_SPOKEN, name="spoken", max_length=120, dir="auto", auto_complete="off", key="s" + stamp)
    languages = select(
        rx.el.option(T("media.brand.every_language", "every language"), value=""),
        *[rx.el.option(name, value=code, lang=code) for code, name in LANGUAGE_NAMES.items()],
        id=_LANGUAGE,
        name="word_locale",
        default_value="",
    )
    return rx.el.form(
        rx.el.div(
            field(T("media.brand.word", "Word"), written, control_id=_WORD, required=True),
            field(T("media.brand.spoken", "As it sounds"), spoken, control_id=_SPOKEN, required=True),
            field(T("media.language", "Language"), languages, control_id=_LANGUAGE),
            class_name="brand-word-new",
        ),
        rx.el.div(
            button(T("media.brand.add_word", "Add the word"), type="submit"),
            button(
                T("media.brand.hear", "Hear it"),
                kind="quiet",
                glyph="play",
                on_click=client("media", "hearField", _SPOKEN, _LANGUAGE, BrandsState.locale),
            ),
            class_name="row",
        ),
        on_submit=BrandsState.add_word,
        reset_on_submit=False,
    )
