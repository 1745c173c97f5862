"""What is set and measured: the sheet on its desk, the slug, the line with its counter and mark, the fraction."""

from __future__ import annotations

import reflex as rx

from components.i18n import T
from components.icons import PARTS, mark

Child = rx.Component | rx.Var | str | None
Number = int | rx.Var[int]


class Measure(rx.Component):
    """A rule that fills towards a limit; the part past it is thick and in the second accent."""

    library = PARTS
    tag = "Measure"
    n: rx.Var[int]
    max: rx.Var[int]


class Ghost(rx.Component):
    """A pale bar where a line will stand."""

    library = PARTS
    tag = "Ghost"
    width: rx.Var[str]


def measure(n: Number, limit: Number) -> rx.Component:
    """Return the rule for `n` of `limit`; both in the limit's own unit."""
    return Measure.create(n=n, max=limit)


def frac(passed: Number, total: Number, *, failing: bool | rx.Var[bool] = False) -> rx.Component:
    """Return a check count as it is always written, 22/23; only the first number is coloured."""
    tone = (
        rx.cond(failing, "frac fail", "frac pass")
        if isinstance(failing, rx.Var)
        else ("frac fail" if failing else "frac pass")
    )
    return rx.el.span(rx.el.b(passed), "/", total, class_name=tone)


def slug(*parts: Child) -> rx.Component:
    """Return the line at the head of a sheet: template, galley number, variant, time."""
    return rx.el.div(*[rx.el.span(part) for part in parts if part is not None], class_name="slug")


def sheet(*children: Child, head: Child = None, **props: object) -> rx.Component:
    """Return a sheet with crop marks; it must lie on an element of class `desk`."""
    return rx.el.div(head, *children, class_name="sheet", **props)


def section_head(label: Child, detail: Child = None) -> rx.Component:
    """Return the heading of a part of the output: "Headlines  8 to 15 wanted, 30 units each"."""
    return rx.el.div(rx.el.h2(label, rx.el.span(detail) if detail is not None else None), class_name="sec")


def cursor() -> rx.Component:
    """Return the block that stands where the next character will be set."""
    return rx.el.span(class_name="cursor", aria_hidden=True)


def line_mark(state: str | rx.Var[str]) -> rx.Component:
    """Return the margin's mark for the state of a line: ok, over, under, failed; nothing for any other."""
    marks = {
        "ok": mark("tick", T("mark.ok", "Passes")),
        "over": mark("dele", T("mark.over", "Fails: over the limit")),
        "under": mark("caret", T("mark.under", "Fails: too little")),
        "failed": mark("ask", T("mark.failed", "Fails a check")),
    }
    blank = rx.el.span(class_name="mk")
    if isinstance(state, rx.Var):
        return rx.match(state, *marks.items(), blank)
    return marks.get(state, blank)


def galley_line(
    text: Child,
    *,
    number: Child = None,
    used: Number | None = None,
    limit: Number | None = None,
    state: str | rx.Var[str] = "plain",
    over_text: Child = None,
    note: Child = None,
    busy: bool | rx.Var[bool] = False,
    active: bool | rx.Var[bool] = False,
    **props: object,
) -> rx.Component:
    """Return one line of a sheet with its number, counter, rule and mark.

    `used` and `limit` are in the limit's unit (0 or None: no limit); `over_text` is the tail past it, struck out;
    `note` hangs outside the margin on a leader; `busy` shows the block cursor; `active` tints the line its note
    belongs to.
    """
    failing = _is_failing(state)
    counted = _has_limit(limit)
    classes = ["line", _when(failing, "fail"), _when(active, "on")]
    return rx.el.li(
        rx.el.span(number, class_name="no"),
        rx.el.div(
            rx.el.p(
                text,
                rx.el.mark(over_text, class_name="over") if over_text is not None else None,
                _shown(busy, cursor()),
                class_name="txt",
                dir="auto",
            ),
            _shown(counted, measure(used or 0, limit or 1)),
            class_name="set",
        ),
        rx.el.span(_shown(counted, rx.fragment(used or 0, "/", limit or 0)), class_name="n", dir="ltr"),
        line_mark(state),
        note,
        class_name=_joined(classes),
        aria_busy=busy,
        **props,
    )


def ghost_line(number: Child, width: str = "52%") -> rx.Component:
    """Return a line that is still to be set."""
    return rx.el.li(
        rx.el.span(number, class_name="no"),
        rx.el.div(Ghost.create(width=width), class_name="set"),
        rx.el.span(),
        rx.el.span(),
        class_name="line waiting",
    )


def note(head: Child, *, why: Child = None, actions: tuple[rx.Component, ...] = (), **props: object) -> rx.Component:
    """Return the remark on a failing line: what is wrong, why it matters, what to do."""
    return rx.el.div(
        rx.el.b(head),
        rx.el.span(why, class_name="why-t") if why is not None else None,
        rx.el.span(*actions, class_name="acts") if actions else None,
        class_name="note",
        role="note",
        **props,
    )


def _is_failing(state: str | rx.Var[str]) -> bool | rx.Var[bool]:
    if isinstance(state, rx.Var):
        return (state == "over") | (state == "under") | (state == "failed")
    return state in {"over", "under", "failed"}


def _has_limit(limit: Number | None) -> bool | rx.Var[bool]:
    return limit.bool() if isinstance(limit, rx.Var) else bool(limit)


def _shown(condition: bool | rx.Var[bool], child: rx.Component) -> Child:
    return rx.cond(condition, child, rx.fragment()) if isinstance(condition, rx.Var) else (child if condition else None)


def _when(condition: bool | rx.Var[bool], word: str) -> str | rx.Var[str]:
    return rx.cond(condition, word, "") if isinstance(condition, rx.Var) else (word if condition else "")


def _joined(words: list[str | rx.Var[str]]) -> str | rx.Var[str]:
    plain = " ".join(word for word in words if isinstance(word, str) and word)
    live = [word for word in words if isinstance(word, rx.Var)]
    out: str | rx.Var[str] = plain
    for word in live:
        out = rx.Var.create(out).to(str) + " " + word.to(str)
    return out
