"""The form of a run: title, fields, settings, and the button at its foot."""

from __future__ import annotations

import reflex as rx

from app.content.inputs import MAX_VARIANTS, REGISTERS, TONES
from components.controls import button, field, select
from components.i18n import T, T_dynamic, isolated
from components.run_parts import Brief, BriefField, RunKeys
from state.run import RunState
from state.run_view import FieldView

LANGUAGE_NAMES = {
    "en": "English", "es": "Español", "pt-BR": "Português (Brasil)", "fr": "Français", "de": "Deutsch",
    "it": "Italiano",
    "ar": "العربية", "hi": "हिन्दी", "ja": "日本語", "zh-Hans": "简体中文", "ko": "한국어",
}  # fmt: skip
"""Each language named in itself, so that whoever needs it can read it."""

_TONE_WORDS = {"plain": "Plain", "friendly": "Friendly", "formal": "Formal", "bold": "Bold", "warm": "Warm"}
QUALITY_WORDS = {"saver": "Saver: the cheapest that will do", "balanced": "Balanced", "best": "Best: a stronger model"}
_REGISTER_WORDS = {"auto": "As usual in the language", "formal": "Formal address", "informal": "Informal address"}


def brief_form() -> rx.Component:
    """Return the form pane."""
    return rx.el.form(
        RunKeys.create(busy=RunState.phase == "running", on_stop=RunState.stop),
        rx.el.div(
            rx.el.div(
                rx.el.h1(T(f"template.{RunState.template_id}.name", RunState.name)),
                rx.el.p(T(f"template.{RunState.template_id}.purpose", RunState.purpose), class_name="muted lead"),
                class_name="ttl",
            ),
            Brief.create(
                rx.foreach(RunState.fields, _field),
                template=RunState.template_id,
                stamp=RunState.stamp,
                on_rest=RunState.reckon,
            ),
            _more(),
            rx.el.div(
                button(T("run.sample", "Fill with sample"), kind="quiet", small=True, on_click=RunState.fill_sample),
                class_name="sample",
            ),
            class_name="form-in",
        ),
        _foot(),
        id="brief-form",
        class_name="form",
        aria_label=T("run.form", "Form"),
        no_validate=True,
        on_submit=RunState.run,
        reset_on_submit=False,
    )


def _field(view: rx.Var[FieldView]) -> rx.Component:
    control_id = "f-" + view.name
    return field(
        T(view.key, view.label),
        BriefField.create(
            template=RunState.template_id, stamp=RunState.stamp, field=view.to(dict), invalid=view.error_code != ""
        ),
        control_id=control_id,
        required=view.required,
        help_text=rx.cond(view.help != "", T(view.key + ".help", view.help), ""),
        error=rx.cond(view.error_code != "", T_dynamic(view.error_code, view.error, view.error_params), ""),
    )


def _more() -> rx.Component:
    return rx.el.details(
        rx.el.summary(
            T("run.more", "More"),
            rx.el.span(T("run.more.what", "language, tone, variants, quality, model"), class_name="muted small"),
        ),
        rx.el.div(
            _setting("language", T("run.language", "Language"), RunState.language, LANGUAGE_NAMES, lang_attr=True),
            _setting(
                "tone", T("run.tone", "Tone"), RunState.tone, {t: T(f"run.tone.{t}", _TONE_WORDS[t]) for t in TONES}
            ),
            _setting(
                "register",
                T("run.register", "Form of address"),
                RunState.register,
                {r: T(f"run.register.{r}", _REGISTER_WORDS[r]) for r in REGISTERS},
            ),
            _setting(
                "variants",
                T("run.variants", "Variants"),
                RunState.variants,
                {str(n): str(n) for n in range(1, MAX_VARIANTS + 1)},
            ),
            _quality(),
            _model(),
            class_name="settings-grid",
        ),
        class_name="more",
        open=True,
    )


def _quality() -> rx.Component:
    options = [rx.el.option(T(f"run.quality.{name}", words), value=name) for name, words in QUALITY_WORDS.items()]
    chooser = select(
        *options,
        id="s-quality",
        name="quality",
        value=RunState.quality,
        on_change=RunState.choose_quality,
        class_name="in plain",
    )
    return rx.fragment(
        rx.el.label(T("run.quality", "Quality"), html_for="s-quality", class_name="muted"),
        chooser,
    )


def _model() -> rx.Component:
    chooser = select(
        rx.el.option(T("run.model.rules", "By the rules"), value=""),
        rx.foreach(RunState.models, lambda model: rx.el.option(model.label, value=model.ref)),
        id="s-model",
        name="model",
        value=RunState.pin,
        on_change=RunState.choose_model,
        class_name="in plain",
    )
    return rx.fragment(
        rx.el.label(T("run.model", "Model"), html_for="s-model", class_name="muted"),
        chooser,
    )


def _setting(
    name: str, label: rx.Var[str], value: rx.Var[str], options: dict[str, str | rx.Var[str]], *, lang_attr: bool = False
) -> rx.Component:
    control_id = f"s-{name}"
    return rx.fragment(
        rx.el.label(label, html_for=control_id, class_name="muted"),
        select(
            *[rx.el.option(words, value=key, lang=key if lang_attr else None) for key, words in options.items()],
            id=control_id,
            name=name,
            value=value,
            on_change=lambda chosen: RunState.choose(name, chosen),
            class_name="in plain",
        ),
    )


def _foot() -> rx.Component:
    stop = button(
        T("run.stop", "Stop"),
        rx.el.kbd("Esc", class_name="desk-only"),
        glyph="stop",
        on_click=RunState.stop,
    )
    run = button(
        T("run.run", "Run"),
        rx.el.kbd(T("key.run", "Ctrl Enter"), class_name="desk-only"),
        kind="primary",
        type="submit",
    )
    return rx.el.div(rx.cond(RunState.phase == "running", stop, run), _price(), class_name="go")


def _price() -> rx.Component:
    """Return what the run may cost, before the click."""
    low, high = isolated(RunState.price_low), isolated(RunState.price_high)
    known = T("run.price", "about {low}, at most {high}", low=low, high=high)
    guessed = T("run.price.flat", "about {low}: a flat estimate, the price is not known", low=low)
    words = rx.cond(
        RunState.price_high == "", T("run.no_charge", "no charge"), rx.cond(RunState.price_known, known, guessed)
    )
    return rx.el.span(rx.cond(RunState.priced, words, ""), class_name="price num", aria_live="polite")
