"""The recipe beside the wall: where the chosen one comes from, how it was made, and what can be done with it."""

from __future__ import annotations

import reflex as rx

from components.checks import checks_list
from components.controls import button, field, icon_button, link_button, select, tag, text_input
from components.i18n import T
from components.icons import icon
from components.media_change import change_picture
from components.media_lineage import lineage
from components.media_parts import KeepText
from components.media_wall import draft_mark
from components.run_form import LANGUAGE_NAMES
from components.run_parts import When
from state.media import MediaState
from state.media_recipe import RecipeState
from state.studio_choices import NETWORK_WORDS

RIGHTS_WORDS = {
    "unknown": "Unknown, ask first",
    "own": "Yours",
    "generated": "Made here, yours to use",
    "licensed": "Licensed",
}
DETAIL = RecipeState.detail


def recipe() -> rx.Component:
    """Return the panel of the chosen one."""
    return rx.el.aside(
        rx.el.div(
            rx.el.div(
                rx.el.h2(DETAIL.title, dir="auto"),
                icon_button("x", T("media.close", "Close"), on_click=RecipeState.let_go),
                class_name="recipe-title",
            ),
            _player(),
            lineage(),
            _how(),
            rx.cond(DETAIL.total > 0, picture_checks()),
            _more_of_it(),
            rx.cond(DETAIL.kind == "image", change_picture()),
            _take(),
            _words(),
            _kept(),
            class_name="recipe-in",
        ),
        id="recipe",
        tab_index=-1,
        class_name="recipe",
        aria_label=T("media.recipe", "Recipe"),
    )


def picture_checks() -> rx.Component:
    """Return what was checked of the chosen picture."""
    return checks_list(DETAIL.checks, passed=DETAIL.passed, total=DETAIL.total, failed=DETAIL.failed, heading=rx.el.h3)


def _player() -> rx.Component:
    name = rx.cond(DETAIL.alt != "", DETAIL.alt, DETAIL.title)
    sound = rx.el.audio(src=DETAIL.src, controls=True, preload="metadata", aria_label=name, key=DETAIL.id)
    clip = rx.el.video(
        src=DETAIL.src, poster=DETAIL.thumb, controls=True, preload="metadata", aria_label=name, key=DETAIL.id
    )
    return rx.match(
        DETAIL.kind,
        ("speech", rx.el.section(sound, class_name="first")),
        ("video", rx.el.section(clip, rx.cond(DETAIL.draft, _draft()), class_name="first")),
        rx.fragment(),
    )


def _draft() -> rx.Component:
    finish = button(T("media.finish", "Make the final cut"), small=True, on_click=RecipeState.finish)
    return rx.el.div(
        draft_mark(),
        rx.cond(
            DETAIL.finishing,
            rx.el.span(T("media.finishing", "The final cut is being made, and takes its place."), class_name="small"),
            finish,
        ),
        class_name="draft-line",
        aria_live="polite",
    )


def _row(
    label: rx.Var[str], value: rx.Component | rx.Var[str], shown: rx.Var[bool], class_name: str = ""
) -> rx.Component:
    return rx.cond(shown, rx.fragment(rx.el.dt(label), rx.el.dd(rx.el.bdi(value), class_name=class_name)))


def _how() -> rx.Component:
    by = rx.cond(
        DETAIL.embedded,
        T("media.embedded.long", "the built-in generator: drawn and spoken by rules, no AI model"),
        rx.cond(DETAIL.uploaded, T("media.uploaded", "uploaded"), DETAIL.made_by),
    )
    cost = rx.cond(DETAIL.price != "", DETAIL.price, T("run.no_charge", "no charge"))
    return rx.el.section(
        rx.el.h3(T("media.recipe", "Recipe")),
        rx.cond(DETAIL.prompt != "", rx.el.p(DETAIL.prompt, class_name="prompt", dir="auto")),
        rx.el.dl(
            _row(
                T("media.template", "Template"),
                T(f"template.{DETAIL.template_id}.name", DETAIL.template),
                DETAIL.template_id != "",
            ),
            _row(T("media.made_by", "Made by"), by, DETAIL.id != ""),
            _row(T("media.voice", "Voice"), DETAIL.voice, DETAIL.voice != ""),
            _row(T("media.language", "Language"), _language(), DETAIL.locale != ""),
            _row(T("media.seed", "Seed"), DETAIL.seed, DETAIL.seed != "", "mono"),
            _row(T("media.size", "Size"), DETAIL.size, DETAIL.size != "", "num"),
            _row(T("media.came", "Cut from"), DETAIL.came, DETAIL.came != "", "num"),
            _row(T("media.length", "Length"), DETAIL.duration, DETAIL.duration != "", "num"),
            _row(T("media.weight", "File"), DETAIL.weight, DETAIL.weight != "", "num"),
            _row(T("media.cost", "Cost"), cost, ~DETAIL.uploaded, "num"),
            _row(T("media.made_at", "Made"), When.create(iso=DETAIL.created_at), DETAIL.created_at != ""),
        ),
    )


def _language() -> rx.Var[str]:
    return rx.match(DETAIL.locale, *LANGUAGE_NAMES.items(), DETAIL.locale)


def _more_of_it() -> rx.Component:
    again = button(T("media.again", "Run again"), small=True, on_click=RecipeState.run_again(False), glyph="again")
    rest = link_button(T("media.change", "Change the brief"), href="/media/new?from=" + DETAIL.id.to(str), small=True)
    return rx.cond(
        ~DETAIL.uploaded,
        rx.el.section(
            rx.el.h3(T("media.more_of_it", "Make more of it")),
            rx.el.div(again, rest, class_name="pills"),
        ),
    )


def _words() -> rx.Component:
    return rx.cond(
        DETAIL.words != "",
        rx.el.section(
            rx.el.h3(T("media.said", "What is said")),
            rx.el.p(DETAIL.words, class_name="subtitles", dir="auto", tab_index=0),
            rx.cond(DETAIL.captions != "", rx.el.div(*_caption_files(), class_name="pills")),
        ),
    )


def _caption_files() -> list[rx.Component]:
    return [
        link_button(
            icon("download", small=True), name.upper(), href=DETAIL.captions + name, small=True, download=True,
            reload_document=True, aria_label=T("media.captions_as", "Captions as {format}", format=name.upper()),
        )
        for name in ("srt", "vtt", "txt")
    ]  # fmt: skip


def _kept() -> rx.Component:
    alt = KeepText.create(
        id="media-alt",
        value=DETAIL.alt,
        rows=2,
        max_length=500,
        on_keep=lambda text: RecipeState.keep("alt_text", text),
    )
    rights = select(
        *[rx.el.option(T(f"media.rights.{name}", words), value=name) for name, words in RIGHTS_WORDS.items()],
        id="media-rights",
        value=DETAIL.rights,
        on_change=RecipeState.keep_rights,
    )
    return rx.el.section(
        rx.el.h3(T("media.kept", "Kept with it")),
        rx.el.div(
            field(
                T("media.name", "Name"),
                KeepText.create(
                    id="media-name",
                    value=DETAIL.title,
                    rows=1,
                    max_length=200,
                    on_keep=lambda text: RecipeState.keep("title", text),
                ),
                control_id="media-name",
            ),
            rx.cond(
                (DETAIL.kind == "image") | (DETAIL.kind == "video"),
                field(T("media.alt", "What it shows, for those who do not see it"), alt, control_id="media-alt"),
            ),
            _tags(),
            field(
                T("media.folder", "Folder"),
                KeepText.create(
                    id="media-folder",
                    value=DETAIL.folder,
                    rows=1,
                    max_length=100,
                    on_keep=RecipeState.keep_folder,
                ),
                control_id="media-folder",
            ),
            field(T("media.rights", "Rights"), rights, control_id="media-rights"),
            field(
                T("media.licence", "Licence note"),
                KeepText.create(
                    id="media-licence",
                    value=DETAIL.licence,
                    rows=2,
                    max_length=500,
                    on_keep=lambda text: RecipeState.keep("licence_note", text),
                ),
                control_id="media-licence",
            ),
            class_name="kept",
        ),
    )


def _tags() -> rx.Component:
    one = lambda word: rx.el.li(  # noqa: E731
        tag(
            word,
            rx.el.button(
                icon("x", small=True),
                type="button",
                aria_label=T("media.untag", "Take the tag {tag} off", tag=word),
                on_click=RecipeState.untag(word),
            ),
        ),
        key=word,
    )
    return rx.el.form(
        rx.el.label(T("media.tags", "Tags"), html_for="media-tag", class_name="label"),
        rx.cond(DETAIL.tags.length() > 0, rx.el.ul(rx.foreach(DETAIL.tags, one), class_name="pills tag-list")),
        text_input(
            id="media-tag",
            name="tag",
            max_length=40,
            placeholder=T("media.tag.add", "Add a tag"),
            auto_complete="off",
        ),
        on_submit=RecipeState.put_tag,
        reset_on_submit=True,
    )


def _take() -> rx.Component:
    crops = [
        button(T(f"media.net.{name}", words), small=True, on_click=RecipeState.reshape(name))
        for name, words in NETWORK_WORDS.items()
    ]
    return rx.el.section(
        rx.el.h3(T("media.take", "Take it to")),
        rx.el.div(
            rx.cond(DETAIL.reshaped, rx.fragment(*crops[:3])),
            rx.cond(
                DETAIL.download != "",
                link_button(
                    icon("download", small=True),
                    T("media.original", "Original"),
                    href=DETAIL.download,
                    small=True,
                    download=True,
                    reload_document=True,
                ),
            ),
            button(T("media.use", "Use in a document"), small=True, glyph="docs", on_click=RecipeState.offer_documents),
            button(
                T("media.throw", "Throw away"),
                small=True,
                kind="quiet",
                on_click=[MediaState.throw_away(DETAIL.id), RecipeState.let_go],
            ),
            class_name="pills",
        ),
        rx.cond(RecipeState.offering, _documents()),
    )


def _documents() -> rx.Component:
    one = lambda row: rx.el.option(row.label, value=row.value)  # noqa: E731
    form = rx.el.form(
        field(
            T("media.use.which", "Document"),
            select(rx.foreach(RecipeState.documents, one), id="media-document", name="document"),
            control_id="media-document",
        ),
        button(T("media.use.put", "Put it there"), kind="primary", small=True, type="submit"),
        on_submit=RecipeState.use_in,
    )
    none = rx.el.p(
        T("media.use.none", "There is no document yet. Every finished run becomes one."),
        " ",
        rx.el.a(T("documents.gallery", "Open the gallery"), href="/templates"),
        class_name="small muted",
    )
    return rx.cond(RecipeState.documents.length() > 0, form, none)
