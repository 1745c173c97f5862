"""What comes of the rules as they are typed: shares of the kinds of models, and the last month under them."""

from __future__ import annotations

import reflex as rx

from components.i18n import T, isolated
from components.policy_rules import tier_word
from components.provider_parts import ShareBar
from components.settings_frame import section
from components.states import waiting_lines
from state.policy import PolicyState
from state.policy_view import MoveRow, TierRow


def outcome() -> rx.Component:
    """Return the part of the page that shows the draft's effect; nothing is sent for it."""
    return section(
        T("policy.outcome", "What comes of it"),
        rx.cond(PolicyState.tried, _outcome(), waiting_lines()),
        lede=T("policy.outcome.lede", "Reckoned from the templates' samples and from your own calls; nothing is sent."),
    )


def _outcome() -> rx.Component:
    return rx.fragment(
        rx.el.p(_verdict(), class_name="verdict", aria_live="polite"),
        ShareBar.create(shares=PolicyState.tiers.to(list[dict])),
        rx.el.div(
            _table(),
            class_name="scroll",
            tab_index=0,
            role="region",
            aria_label=T("policy.outcome", "What comes of it"),
        ),
        rx.cond(
            PolicyState.moves.length() > 0,
            rx.fragment(
                rx.el.p(
                    T(
                        "policy.moved",
                        {
                            "one": "One call would have gone to another model.",
                            "other": "{n} calls would have gone to another model.",
                        },
                        n=PolicyState.moved_calls,
                    ),
                    class_name="small",
                ),
                rx.el.ol(rx.foreach(PolicyState.moves, _move), class_name="rule-rows moves"),
            ),
        ),
        rx.cond(
            ~PolicyState.cost_known,
            rx.el.p(
                T("policy.flat", "For a model without a known price a flat estimate stands in."),
                class_name="small muted",
            ),
        ),
    )


def _verdict() -> rx.Var[str]:
    nothing = T("policy.month.free", "nothing")
    now = rx.cond(PolicyState.cost_now != "", isolated(PolicyState.cost_now), nothing)
    then = rx.cond(PolicyState.cost_then != "", isolated(PolicyState.cost_then), nothing)
    return rx.cond(
        PolicyState.calls == 0,
        T("policy.month.none", "There are no calls of the last 30 days to compare."),
        rx.cond(
            PolicyState.cost_now == PolicyState.cost_then,
            T("policy.month.same", "Under these rules the last 30 days would have cost the same, {now}.", now=now),
            T(
                "policy.month.other",
                "Under these rules the last 30 days would have cost {then} instead of {now}.",
                now=now,
                then=then,
            ),
        ),
    )


def _table() -> rx.Component:
    heads = (
        (T("policy.col.kind", "Kind"), ""),
        (T("policy.col.templates", "Templates"), "r"),
        (T("policy.col.calls", "Calls so far"), "r"),
        (T("policy.col.calls_then", "Calls then"), "r"),
        (T("policy.col.cost", "Cost so far"), "r"),
        (T("policy.col.cost_then", "Cost then"), "r"),
    )
    return rx.el.table(
        rx.el.thead(rx.el.tr(*[rx.el.th(words, scope="col", class_name=name) for words, name in heads])),
        rx.el.tbody(rx.foreach(PolicyState.tiers, _tier)),
    )


def _tier(row: rx.Var[TierRow]) -> rx.Component:
    free = T("run.no_charge", "no charge")
    return rx.el.tr(
        rx.el.th(tier_word(row.tier), scope="row"),
        *[_figure(_percent(share)) for share in (row.templates, row.now_percent, row.then_percent)],
        *[_figure(rx.cond(cost != "", isolated(cost), free)) for cost in (row.now, row.then)],
    )


def _percent(share: rx.Var[int]) -> rx.Var[str]:
    return T("policy.percent", "{n} %", n=share)


def _figure(words: rx.Var[str]) -> rx.Component:
    return rx.el.td(words, class_name="r")


def _move(row: rx.Var[MoveRow]) -> rx.Component:
    calls = T("providers.calls", {"one": "{n} call", "other": "{n} calls"}, n=row.calls)
    costs = rx.cond(row.now != row.then, row.now + " → " + row.then, row.now)
    return rx.el.li(
        rx.el.div(
            rx.el.b(rx.cond(row.template_id != "", T(f"template.{row.template_id}.name", row.name), calls)),
            rx.el.small(rx.el.bdi(row.before, " → ", row.after, dir="ltr"), ", ", calls),
        ),
        rx.el.span(costs, class_name="num", dir="ltr"),
    )
