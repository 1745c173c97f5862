"""The words and lists of the usage page: the sentence in money, who spent it, on which models, and three facts."""

from __future__ import annotations

import reflex as rx

from components.i18n import T, isolated
from components.usage_words import Fill, Sentence, date_words, feature_name, sought
from state.usage import UsageState
from state.usage_month import GONE, GUEST, KEY_GONE
from state.usage_rows import SpendRow

IS_NOW = UsageState.is_now


def sentence() -> rx.Component:
    """Return what the month cost so far, where it leads, and who reaches a limit."""
    return rx.el.p(
        Sentence.create(text=_spent()),
        rx.cond(
            UsageState.ahead != "",
            rx.fragment(" ", Sentence.create(text=_ahead())),
        ),
        class_name="say num",
    )


def _spent() -> rx.Var[str]:
    named = {
        "month": date_words(UsageState.month, "month"),
        "day": date_words(UsageState.month, "day"),
        "amount": sought(UsageState.spent),
        "budget": isolated(UsageState.budget),
    }
    now = rx.cond(
        UsageState.budget != "",
        T("usage.say.budget", "Since {day} the team has spent {amount} of its {budget}.", **named),
        T("usage.say.spent", "Since {day} the team has spent {amount}.", **named),
    )
    free = T("usage.say.free", "Everything in {month} was written at {amount}.", **{**named, "amount": sought(_free())})
    past = T("usage.say.past", "In {month} the team spent {amount}.", **named)
    return rx.cond(
        UsageState.calls_in_month == 0,
        T("usage.say.nothing", "Nothing was used in {month}.", **named),
        rx.cond(UsageState.is_free, free, rx.cond(IS_NOW, now, past)),
    ).to(str)


def _free() -> rx.Var[str]:
    return T("run.no_charge", "no charge")


def _ahead() -> rx.Var[str]:
    who = rx.cond(UsageState.reaches_kind == "feature", feature_name(UsageState.reaches_name), UsageState.reaches_name)
    named = {
        "amount": sought(UsageState.ahead),
        "name": who,
        "day": date_words(UsageState.reaches_day, "day"),
    }
    plain = T("usage.say.ahead", "At this pace the month ends near {amount}.", **named)
    team_over = T(
        "usage.say.used_up", "At this pace the month ends near {amount}; the budget is used up already.", **named
    )
    team = T(
        "usage.say.uses_up", "At this pace the month ends near {amount}, and the budget is gone on {day}.", **named
    )
    one_over = T(
        "usage.say.reached", "At this pace the month ends near {amount}; {name} is at the limit already.", **named
    )
    one = T(
        "usage.say.reaches",
        "At this pace the month ends near {amount}, and {name} reaches the limit on {day}.",
        **named,
    )
    over = UsageState.reaches_day == ""
    return rx.match(
        UsageState.reaches_kind,
        ("", plain),
        ("tenant", rx.cond(over, team_over, team)),
        rx.cond(over, one_over, one),
    ).to(str)


def member_list() -> rx.Component:
    """Return what each member and each key spent, against their own limits."""
    return rx.el.section(
        rx.el.h2(T("usage.by_member", "By member")),
        rx.el.ul(rx.foreach(UsageState.members, lambda row: _spender("member", row)), class_name="who"),
    )


def team_list() -> rx.Component:
    """Return what each team spent; nothing where there is no team."""
    rows = rx.foreach(UsageState.teams, lambda row: _spender("team", row))
    return rx.cond(
        UsageState.teams.length() > 0,
        rx.el.section(rx.el.h2(T("usage.by_team", "By team")), rx.el.ul(rows, class_name="who")),
    )


def model_list() -> rx.Component:
    """Return what each model cost."""
    return rx.el.section(
        rx.el.h2(T("usage.by_model", "By model")),
        rx.el.ul(rx.foreach(UsageState.models, lambda row: _spender("model", row)), class_name="who"),
    )


def _spender(kind: str, row: rx.Var[SpendRow]) -> rx.Component:
    chosen = (UsageState.chosen_kind == kind) & (UsageState.chosen == row.id)
    return rx.el.li(
        rx.el.button(
            rx.el.span(spender_name(row.name)),
            rx.el.b(rx.cond(row.amount != "", row.amount, _free()), class_name="num"),
            Fill.create(value=row.share, limit=row.limit_share),
            rx.el.span(_rule(kind, row), class_name="muted"),
            rx.el.span(row.percent, class_name="muted num"),
            type="button",
            disabled=row.id == GONE,
            aria_pressed=rx.cond(chosen, "true", "false"),
            on_click=UsageState.open_calls(kind, row.id),
        ),
        key=row.id,
    )


def spender_name(name: rx.Var[str]) -> rx.Component:
    """Return who or what spent: a person, a key or a model by name, the built-in writer in our words."""
    gone = rx.fragment(T("usage.gone", "Somebody who has left"))
    built_in = rx.fragment(T("providers.built_in", "Built-in writer"))
    guest = rx.fragment(T("workspace.demo_visitor", "Demo visitor"))
    key = rx.fragment(T("usage.key_gone", "A key that was taken back"))
    known = (("", gone), ("embedded", built_in), (GUEST, guest), (KEY_GONE, key))
    return rx.match(name, *known, rx.el.bdi(name))


def _rule(kind: str, row: rx.Var[SpendRow]) -> rx.Var[str]:
    count = T("usage.calls", {"one": "{n} call", "other": "{n} calls"}, n=row.calls)
    if kind == "model":
        return count
    limited = {"amount": isolated(row.limit), "percent": isolated(row.with_keys)}
    alone = T("usage.limit", "limit {amount} a month", **limited)
    together = T("usage.limit_keys", "limit {amount} a month, {percent} with keys", **limited)
    return rx.match(
        row.limit,
        ("", count),
        rx.cond(row.with_keys != "", together, alone),
    ).to(str)


def facts() -> rx.Component:
    """Return three facts: what the cache saved, what a run costs, whether the ledger agrees with the invoices."""
    return rx.el.div(_saved(), _run_cost(), _agreement(), class_name="money-facts")


def _saved() -> rx.Component:
    return rx.cond(
        UsageState.served > 0,
        rx.el.p(
            rx.el.b(T("usage.saved", "{amount} not spent.", amount=isolated(UsageState.saved))),
            " ",
            T(
                "usage.saved.why",
                {"one": "{n} run was answered from the cache.", "other": "{n} runs were answered from the cache."},
                n=UsageState.served,
            ),
        ),
        rx.el.p(
            rx.el.b(T("usage.saved.none", "Nothing came from the cache.")),
            " ",
            T("usage.saved.how", "The same brief asked twice is answered from it, at no charge."),
        ),
    )


def _run_cost() -> rx.Component:
    half, twentieth = {"amount": isolated(UsageState.half)}, {"amount": isolated(UsageState.twentieth)}
    nearly = T(
        "usage.twentieth.feature",
        "One in twenty costs more than {amount}, nearly always in {feature}.",
        feature=feature_name(UsageState.twentieth_feature),
        **twentieth,
    )
    plain = T("usage.twentieth", "One in twenty costs more than {amount}.", **twentieth)
    return rx.cond(
        UsageState.half != "",
        rx.el.p(
            rx.el.b(T("usage.half", "Half of all runs cost less than {amount}.", **half)),
            " ",
            rx.cond(UsageState.twentieth_feature != "", nearly, plain),
        ),
        rx.el.p(
            rx.el.b(T("usage.half.none", "No run has cost anything.")),
            " ",
            T("usage.half.why", "The built-in writer and the cache are at no charge."),
        ),
    )


def _agreement() -> rx.Component:
    differs = T(
        "usage.booked.differ.by",
        "The bill of {provider} says {billed}, the ledger {booked}.",
        provider=UsageState.biller,
        billed=isolated(UsageState.billed),
        booked=isolated(UsageState.booked),
    )
    return rx.match(
        UsageState.agreement,
        (
            "agree",
            rx.el.p(
                rx.el.b(T("usage.booked.agree", "Booked and billed agree.")),
                " ",
                T("usage.booked.agree.why", "Every call has a ledger line; the bills of the providers say the same."),
            ),
        ),
        ("differ", rx.el.p(rx.el.b(T("usage.booked.differ", "Booked and billed differ.")), " ", differs)),
        rx.el.p(
            rx.el.b(T("usage.booked", "Every call has a ledger line.")),
            " ",
            T("usage.booked.why", "No bill of a provider has been compared with it yet."),
        ),
    )
