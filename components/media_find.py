"""Finding in the library: words, kinds, folders, tags, providers, rights, time; and what is done with several."""

from __future__ import annotations

import reflex as rx

from components.controls import button, segments, text_input
from components.i18n import T
from components.icons import icon
from components.media_recipe import RIGHTS_WORDS
from state.media import MediaState
from state.media_recipe import RecipeState
from state.media_view import Choice

_KIND_WORDS = {"any": "All", "image": "Pictures", "speech": "Sounds", "video": "Clips", "transcript": "Transcripts"}
_SINCE_WORDS = {"any": "Any time", "day": "Last day", "week": "Last 7 days", "month": "Last 30 days"}


def find_bar() -> rx.Component:
    """Return the row that narrows the wall."""
    kinds = [
        rx.el.button(
            T(f"media.kinds.{name}", words),
            type="button",
            aria_pressed=rx.cond(MediaState.kind == ("" if name == "any" else name), "true", "false"),
            on_click=MediaState.narrow("kind", name),
        )
        for name, words in _KIND_WORDS.items()
    ]
    return rx.el.div(
        _seek(),
        segments(*kinds, label=T("media.kind", "Kind")),
        rx.el.div(
            _pick(
                "folder",
                T("media.folder", "Folder"),
                T("media.folder.all", "All folders"),
                MediaState.folder,
                MediaState.folders,
            ),
            _pick("tag", T("media.tag", "Tag"), T("media.tag.all", "All tags"), MediaState.tag, MediaState.tags),
            _pick(
                "provider",
                T("media.provider", "Provider"),
                T("media.provider.all", "Any provider"),
                MediaState.provider,
                MediaState.providers,
            ),
            _select(
                "rights",
                T("media.rights", "Rights"),
                MediaState.rights,
                rx.el.option(T("media.rights.any", "Any rights"), value=""),
                *[rx.el.option(T(f"media.rights.{name}", words), value=name) for name, words in RIGHTS_WORDS.items()],
            ),
            _select(
                "since",
                T("media.since", "Made"),
                MediaState.since,
                *[
                    rx.el.option(T(f"media.since.{name}", words), value="" if name == "any" else name)
                    for name, words in _SINCE_WORDS.items()
                ],
            ),
            class_name="wall-picks",
        ),
        rx.cond(
            MediaState.narrowed,
            button(T("media.widen", "Show all"), kind="quiet", small=True, on_click=MediaState.widen),
        ),
        class_name="wall-find",
        role="search",
        aria_label=T("media.find", "Find in the library"),
    )


def _seek() -> rx.Component:
    words = T("media.search", "Search names, prompts and tags")
    return rx.el.label(
        icon("search", small=True),
        rx.el.span(words, class_name="vh"),
        rx.el.input(
            id="media-seek",
            type="search",
            placeholder=words,
            default_value="",
            max_length=200,
            auto_complete="off",
            on_change=MediaState.search.debounce(250),
        ),
        class_name="wall-seek",
    )


def _pick(
    name: str, label: rx.Var[str], every: rx.Var[str], value: rx.Var[str], choices: rx.Var[list[Choice]]
) -> rx.Component:
    def option(row: rx.Var[Choice]) -> rx.Component:
        return rx.el.option(row.label.to(str) + " " + row.count.to_string(), value=row.value)

    return rx.cond(
        choices.length() > 0,
        _select(name, label, value, rx.el.option(every, value=""), rx.foreach(choices, option)),
    )


def _select(name: str, label: rx.Var[str], value: rx.Var[str], *options: rx.Component) -> rx.Component:
    return rx.el.label(
        rx.el.span(label, class_name="vh"),
        rx.el.select(*options, value=value, on_change=lambda chosen: MediaState.narrow(name, chosen)),
        class_name="pick",
    )


def chosen_bar() -> rx.Component:
    """Return what can be done with all that are chosen."""
    count = T("media.chosen", {"one": "{n} chosen", "other": "{n} chosen"}, n=MediaState.picked.length())
    folder, tag = T("media.into_folder", "Into folder"), T("media.tag.add", "Add a tag")
    bar = rx.el.form(
        rx.el.b(count, class_name="num", role="status"),
        text_input(name="folder", max_length=100, placeholder=folder, aria_label=folder, auto_complete="off"),
        text_input(name="tag", max_length=40, placeholder=tag, aria_label=tag, auto_complete="off"),
        button(T("media.file", "Put"), type="submit", small=True),
        button(
            T("media.throw", "Throw away"),
            kind="quiet",
            small=True,
            on_click=[MediaState.throw_picked, RecipeState.let_go],
        ),
        button(T("media.none_chosen", "Choose none"), kind="quiet", small=True, on_click=MediaState.pick_none),
        on_submit=MediaState.file_picked,
        reset_on_submit=True,
        class_name="chosen-bar",
    )
    return rx.cond(MediaState.picked.length() > 0, bar)
