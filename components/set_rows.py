"""The set lines of a sheet, each with its counter, its mark, its note, and the pen to correct it."""

from __future__ import annotations

import reflex as rx

from components.controls import button
from components.i18n import T, T_dynamic
from components.icons import icon
from components.run_parts import CopyButton, SetText
from components.sheet import Ghost, line_mark, measure
from state.run_view import LineView


def set_rows(owner: type[rx.State], *, editable: bool | rx.Var[bool]) -> rx.Component:
    """Return the rows of `owner.lines`; `owner` has the handlers measure_line and keep_line (path, text).

    One that also has ask_line (path), with `asking` for the path that is asked for, offers to have a failing line
    written again.
    """
    return rx.el.ol(rx.foreach(owner.lines, lambda line, index: _row(owner, line, index, editable)), class_name="rows")


def _row(
    owner: type[rx.State], line: rx.Var[LineView], index: rx.Var[int], editable: bool | rx.Var[bool]
) -> rx.Component:
    return rx.match(line.kind, ("head", _head(line)), ("ghost", _ghost(line)), _line(owner, line, index, editable))


def _head(line: rx.Var[LineView]) -> rx.Component:
    counted = T("run.part.count", {"one": "{n} set", "other": "{n} set"}, n=line.count)
    wanted = rx.cond(line.wanted != "", T(line.label_key + ".wanted", line.wanted), "")
    each = rx.cond(line.limit > 0, T("run.part.each", ", {n} units each", n=line.limit), "")
    return rx.el.li(
        rx.el.h2(
            T(line.label_key, line.label),
            rx.el.span(
                rx.cond(line.count > 1, rx.cond(line.wanted != "", counted + ", ", counted), ""),
                wanted,
                each,
                dir="auto",
            ),
        ),
        class_name="sec",
        key=line.path,
    )


def _ghost(line: rx.Var[LineView]) -> rx.Component:
    return rx.el.li(
        rx.el.span(line.number, class_name="no"),
        rx.el.div(Ghost.create(width=line.width), class_name="set"),
        rx.el.span(),
        rx.el.span(),
        class_name="line waiting",
        key=line.path,
    )


def _line(
    owner: type[rx.State], line: rx.Var[LineView], index: rx.Var[int], editable: bool | rx.Var[bool]
) -> rx.Component:
    failing = ((line.state == "over") | (line.state == "under") | (line.state == "failed")) & ~line.busy
    return rx.el.li(
        rx.el.span(line.number, class_name="no"),
        rx.el.div(
            SetText.create(
                text=line.text,
                tail=line.tail,
                label=T("run.line", "Line {n}, press Enter to correct it", n=index + 1),
                busy=line.busy,
                editable=editable,
                mono=line.mono,
                on_type=lambda text: owner.measure_line(line.path, text),
                on_keep=lambda text: owner.keep_line(line.path, text),
            ),
            rx.cond(line.limit > 0, measure(line.used, line.limit)),
            rx.cond(line.seam_from != "", _seam(line)),
            rx.cond(
                ~line.busy,
                CopyButton.create(
                    text=line.text + line.tail,
                    label=T("run.copy_line", "Copy this line"),
                    class_name="btn quiet icon sm copy-line",
                ),
            ),
            class_name="set",
        ),
        rx.el.span(rx.cond(line.limit > 0, rx.fragment(line.used, "/", line.limit), ""), class_name="n", dir="ltr"),
        rx.cond(line.busy, rx.el.span(class_name="mk"), line_mark(line.state)),
        rx.cond(failing & (line.note_code != ""), _note(owner, line)),
        class_name=rx.cond(failing, "line fail on", "line"),
        aria_busy=line.busy,
        key=line.path,
    )


def _seam(line: rx.Var[LineView]) -> rx.Component:
    """Return the proof mark where another provider went on, with its note."""
    joined = T(
        "run.seam", "{broke} broke off in this line; {went_on} went on.", broke=line.seam_from, went_on=line.seam_to
    )
    broken = T("run.seam.open", "{broke} broke off in this line.", broke=line.seam_from)
    return rx.el.p(
        icon("join", small=True), rx.cond(line.seam_to != "", joined, broken), class_name="seam", role="note"
    )


def _note(owner: type[rx.State], line: rx.Var[LineView]) -> rx.Component:
    words = rx.el.span(
        T("run.note.say", "Say"),
        " ",
        rx.el.span(line.suggestion, class_name="serif said"),
        " ",
        T("run.note.instead", "instead?"),
        class_name="why-t muted",
    )
    take = button(
        T("run.note.take", "Set it so"),
        kind="proof",
        small=True,
        on_click=owner.keep_line(line.path, line.suggestion),
    )
    return rx.el.div(
        rx.el.b(T_dynamic(line.note_code, line.note, line.note_params), dir="auto"),
        rx.cond(line.suggestion != "", words),
        rx.el.span(rx.cond(line.suggestion != "", take), _ask_again(owner, line), class_name="acts"),
        class_name="note",
        role="note",
    )


def _ask_again(owner: type[rx.State], line: rx.Var[LineView]) -> rx.Component | None:
    """Return the button that has this line written again, where the page can."""
    if "ask_line" not in owner.event_handlers:
        return None
    asking = owner.asking == line.path
    return button(
        rx.cond(asking, T("run.note.asking", "Asking again"), T("run.note.again", "Ask again")),
        kind="quiet",
        small=True,
        disabled=owner.asking != "",
        on_click=owner.ask_line(line.path),
    )
