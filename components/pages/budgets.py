"""/settings/budgets: how much may be spent, by whom, and what happens when it is gone."""

from __future__ import annotations

import reflex as rx

from components.controls import button, field, icon_button, select, status, tag, text_input
from components.i18n import T, T_dynamic, isolated
from components.settings_frame import settings_page
from components.states import waiting_lines
from components.usage_bills import bills
from components.usage_parts import spender_name
from components.usage_words import Fill, feature_name
from state.session import SessionState
from state.usage_bills import BillsState
from state.usage_budgets import BudgetRow, BudgetsState, Subject

ROUTE = "/settings/budgets"
TITLE = "Budgets and limits"
ON_LOAD = [SessionState.enter, BudgetsState.open, BillsState.open]
MANAGES = SessionState.scopes.contains("settings:write")
KINDS = {
    "tenant": "The whole workspace",
    "team": "A team",
    "user": "A member",
    "api_key": "An API key",
    "feature": "A feature",
}
PERIODS = {"month": "Each month", "day": "Each day"}


def page() -> rx.Component:
    """Return the page."""
    add = button(T("budgets.add", "Set a budget"), kind="primary", glyph="plus", on_click=BudgetsState.begin)
    return settings_page(
        rx.cond(BudgetsState.editing, _form()),
        rx.cond(
            BudgetsState.loaded,
            rx.cond(BudgetsState.rows.length() > 0, _list(), rx.cond(BudgetsState.editing, rx.fragment(), _none())),
            waiting_lines(),
        ),
        _rules(),
        bills(),
        current="budgets",
        title=T("settings.budgets", "Budgets and limits"),
        lede=T("budgets.lede", "How much a month may cost, and what happens when it is gone."),
        action=rx.cond(MANAGES & ~BudgetsState.editing, add),
    )


def _list() -> rx.Component:
    return rx.el.ul(rx.foreach(BudgetsState.rows, _row), class_name="who budget-rows")


def _row(row: rx.Var[BudgetRow]) -> rx.Component:
    standing = rx.el.div(
        rx.el.span(rx.el.b(_subject(row)), " ", _kind_word(row)),
        rx.el.span(rx.el.b(row.spent), " ", _period_word(row), class_name="num nowrap"),
        Fill.create(value=row.share, limit=row.hard_share, soft=row.soft_share),
        rx.el.span(rx.el.span(_limits(row), class_name="muted"), " ", _state(row), class_name="row wrap"),
        rx.el.span(row.percent, class_name="muted num"),
        class_name="one",
    )
    acts = rx.el.div(
        button(T("budgets.change", "Change"), small=True, on_click=BudgetsState.change(row.id)),
        icon_button("x", T("budgets.remove", "Remove this budget"), on_click=BudgetsState.remove(row.id)),
        class_name="row",
    )
    return rx.el.li(standing, rx.cond(MANAGES, acts), key=row.id)


def _subject(row: rx.Var[BudgetRow]) -> rx.Component:
    return rx.match(
        row.kind,
        ("tenant", rx.fragment(T("budgets.kind.tenant", "The whole workspace"))),
        ("feature", rx.fragment(feature_name(row.name))),
        spender_name(row.name),
    )


def _kind_word(row: rx.Var[BudgetRow]) -> rx.Component:
    team, program = T("budgets.team", "team"), T("budgets.key", "API key")
    feature = T("budgets.feature", "feature")
    words = rx.match(row.kind, ("team", team), ("api_key", program), ("feature", feature), "")
    return rx.cond(words != "", tag(words))


def _period_word(row: rx.Var[BudgetRow]) -> rx.Component:
    today, month = T("budgets.today", "today"), T("budgets.this_month", "this month")
    return rx.el.span(rx.cond(row.period == "day", today, month), class_name="muted")


def _limits(row: rx.Var[BudgetRow]) -> rx.Var[str]:
    named = {"soft": isolated(row.soft), "hard": isolated(row.hard)}
    both = T("budgets.limits", "slows down at {soft}, stops at {hard}", **named)
    soft = T("budgets.limits.soft", "slows down at {soft}", **named)
    hard = T("budgets.limits.hard", "stops at {hard}", **named)
    return rx.cond((row.soft != "") & (row.hard != ""), both, rx.cond(row.soft != "", soft, hard)).to(str)


def _state(row: rx.Var[BudgetRow]) -> rx.Component:
    return rx.match(
        row.state,
        ("stopped", status("bad", "stop", T("budgets.stopped", "Used up: runs that cost something are refused"))),
        ("slowed", status("warn", "warn", T("budgets.slowed", "Slowed down: cheaper models write"))),
        ("near", status("warn", "warn", T("budgets.near", "Nearly used up"))),
        rx.fragment(),
    )


def _none() -> rx.Component:
    return rx.el.section(
        rx.el.h2(T("budgets.none", "No budget is set.")),
        rx.el.p(
            T(
                "budgets.none.lede",
                "Spending is booked all the same. A budget for the whole workspace is the one to begin with.",
            ),
            class_name="lede",
        ),
        class_name="none",
    )


def _rules() -> rx.Component:
    return rx.el.dl(
        _rule(
            T("budgets.soft", "Slows down"),
            T(
                "budgets.soft.why",
                "Past the first amount every run goes to a cheaper kind of model. Nothing is refused, and each result "
                "says why.",
            ),
        ),
        _rule(
            T("budgets.hard", "Stops"),
            T(
                "budgets.hard.why",
                "Money is set aside before a call. A run that no longer fits under the second amount is refused before "
                "it costs anything, with this budget named. The built-in writer still works, at no charge.",
            ),
        ),
        _rule(
            T("budgets.all", "All of them count"),
            T("budgets.all.why", "A run must fit every budget that it touches; the strictest one decides."),
        ),
        class_name="money-facts",
    )


def _rule(name: rx.Var[str], why: rx.Var[str]) -> rx.Component:
    return rx.el.div(rx.el.dt(rx.el.b(name)), rx.el.dd(why))


def _form() -> rx.Component:
    return rx.el.form(
        rx.el.h2(
            rx.cond(
                BudgetsState.edited != "",
                T("budgets.form.change", "Change a budget"),
                T("budgets.form.new", "A new budget"),
            )
        ),
        rx.cond(BudgetsState.edited == "", rx.fragment(_kind_field(), _subject_field(), _period_field())),
        _amount_field(
            "soft",
            T("budgets.soft_at", "Slow down at, in dollars"),
            T("budgets.soft_at.help", "From here on a cheaper kind of model writes. Empty: never."),
            BudgetsState.soft,
        ),
        _amount_field(
            "hard",
            T("budgets.hard_at", "Stop at, in dollars"),
            T("budgets.hard_at.help", "What no longer fits is refused. Empty: never."),
            BudgetsState.hard,
        ),
        rx.cond(
            (BudgetsState.error_field == "form") & (BudgetsState.error != ""),
            rx.el.p(_error_text(), class_name="st bad small", role="alert"),
        ),
        rx.el.p(
            button(T("settings.save", "Save"), kind="primary", type="submit"),
            button(T("providers.cancel", "Cancel"), kind="quiet", on_click=BudgetsState.cancel),
            class_name="row",
        ),
        key=BudgetsState.edited + BudgetsState.stamp.to(str),
        on_submit=BudgetsState.save,
        reset_on_submit=False,
        class_name="set-form budget-form",
    )


def _kind_field() -> rx.Component:
    chooser = select(
        *[rx.el.option(T(f"budgets.kind.{kind}", words), value=kind) for kind, words in KINDS.items()],
        id="b-kind",
        name="kind",
        value=BudgetsState.kind,
        on_change=BudgetsState.choose_kind,
    )
    return field(T("budgets.for", "For"), chooser, control_id="b-kind")


def _period_field() -> rx.Component:
    chooser = select(
        *[rx.el.option(T(f"budgets.period.{period}", words), value=period) for period, words in PERIODS.items()],
        id="b-period",
        name="period",
        default_value="month",
    )
    return field(
        T("budgets.period", "Counts"),
        chooser,
        control_id="b-period",
        help_text=T("budgets.period.help", "Days and months begin at midnight UTC."),
    )


def _subject_field() -> rx.Component:
    options = select(
        rx.foreach(BudgetsState.subjects, _subject_option),
        id="b-subject",
        name="subject",
        aria_describedby="b-subject-note",
    )
    none = rx.el.p(
        T("budgets.no_subject", "There is none in this workspace yet."), class_name="small muted", id="b-subject"
    )
    chooser = rx.cond(BudgetsState.subjects.length() > 0, options, none)
    return rx.cond(
        BudgetsState.kind != "tenant",
        field(T("budgets.which", "Which"), chooser, control_id="b-subject", error=_error_of("subject")),
    )


def _subject_option(one: rx.Var[Subject]) -> rx.Component:
    return rx.el.option(
        rx.cond(BudgetsState.kind == "feature", feature_name(one.name), one.name), value=one.id, key=one.id
    )


def _amount_field(name: str, label: rx.Var[str], help_text: rx.Var[str], given: rx.Var[str]) -> rx.Component:
    box = text_input(
        id=f"b-{name}",
        name=name,
        input_mode="decimal",
        dir="ltr",
        max_length=14,
        default_value=given,
        aria_invalid=rx.cond(BudgetsState.error_field == name, "true", "false"),
        aria_describedby=f"b-{name}-note",
    )
    return field(label, box, control_id=f"b-{name}", help_text=help_text, error=_error_of(name))


def _error_text() -> rx.Var[str]:
    return T_dynamic(BudgetsState.error_code, BudgetsState.error, BudgetsState.error_params)


def _error_of(name: str) -> rx.Var[str]:
    return rx.cond(BudgetsState.error_field == name, _error_text(), "")
