"""/operator: what every workspace costs and pays, who makes the cost, prices and their sources, invoices compared."""

from __future__ import annotations

import reflex as rx

from components.controls import status, tag
from components.i18n import T, isolated
from components.month_picker import month_picker
from components.operator_prices import prices
from components.shell import crumb, shell
from components.states import empty, waiting_lines
from components.usage_bills import bills
from components.usage_words import Fill, Sentence, date_words, sought
from state.session import SessionState
from state.usage_bills import BillsState
from state.usage_curve import SIDE
from state.usage_operator import OperatorState, WorkspaceRow

ROUTE = "/operator"
TITLE = "Cost and margin"
ON_LOAD = [SessionState.enter, OperatorState.open, BillsState.open]
CURVE = OperatorState.curve
BOX = (SIDE + 60, SIDE + 44)
svg = rx.el.svg


def page() -> rx.Component:
    """Return the page."""
    return shell(
        rx.el.h1(T("nav.operator", "Cost and margin"), class_name="vh"),
        rx.cond(
            OperatorState.loaded,
            rx.cond(OperatorState.allowed, _all(), _not_yours()),
            waiting_lines(),
        ),
        place="settings",
        crumbs=(crumb(T("nav.settings", "Settings"), "/settings"),),
        title=T("nav.operator", "Cost and margin"),
    )


def _not_yours() -> rx.Component:
    return empty(
        T("operator.not_yours", "This page is the operator's."),
        T("operator.not_yours.lede", "Whoever runs this installation sees here what all workspaces cost together."),
    )


def _all() -> rx.Component:
    return rx.fragment(
        _say(),
        rx.el.div(
            rx.el.h2(T("operator.who", "Who makes the cost")),
            rx.el.span(class_name="grow"),
            month_picker(OperatorState),
            class_name="uh",
        ),
        rx.el.div(_curve(), _workspaces(), class_name="cols operator"),
        prices(),
        bills(),
    )


def _say() -> rx.Component:
    named = {
        "people": sought(CURVE.people),
        "cost": sought(CURVE.cost),
        "amount": isolated(OperatorState.cost),
        "month": date_words(OperatorState.month, "month"),
    }
    concentrated = T(
        "operator.say", "In {month}, {people} of the people who write make {cost} of the cost of {amount}.", **named
    )
    nothing = T("operator.say.free", "In {month}, nothing has cost anything.", **named)
    return rx.el.p(
        Sentence.create(text=rx.cond(CURVE.people != "", concentrated, nothing).to(str)),
        rx.cond(
            OperatorState.margin != "",
            rx.fragment(
                " ",
                Sentence.create(
                    text=T(
                        "operator.say.margin",
                        "Workspaces pay {income}: a margin of {margin}.",
                        income=isolated(OperatorState.income),
                        margin=sought(OperatorState.margin),
                    )
                ),
            ),
        ),
        class_name="say num",
    )


def _curve() -> rx.Component:
    point = {"cx": CURVE.x.to(int), "cy": CURVE.y.to(int)}
    ends = [
        svg.text(T("operator.people_axis", "people, cheapest first"), x="0", y=f"{SIDE + 20:g}", class_name="m"),
        svg.text("100%", x=f"{SIDE:g}", y=f"{SIDE + 20:g}", class_name="m e"),
        svg.text("100%", x=f"{SIDE + 8:g}", y="10", class_name="m"),
        svg.text("0", x=f"{SIDE + 8:g}", y=f"{SIDE:g}", class_name="m"),
    ]
    late = CURVE.x > SIDE * 0.55
    told = T(
        "operator.point",
        "the dearest {people} make {cost}",
        people=isolated(CURVE.people),
        cost=isolated(CURVE.cost),
    )
    return rx.el.figure(
        svg(
            svg.rect(x="0", y="0", width=f"{SIDE:g}", height=f"{SIDE:g}", class_name="box"),
            svg.line(x1="0", y1=f"{SIDE:g}", x2=f"{SIDE:g}", y2="0", class_name="even"),
            svg.path(d=CURVE.path, class_name="curve"),
            svg.circle(r="4", class_name="point", **point),
            svg.text(
                told,
                x=rx.cond(late, CURVE.x - 10, CURVE.x + 10).to(int),
                y=rx.cond(late, CURVE.y - 6, CURVE.y + 18).to(int),
                class_name=rx.cond(late, "e", ""),
            ),
            svg.text(T("operator.even", "if all cost the same"), x="196", y="66", class_name="m e"),
            *ends,
            view_box=f"0 0 {BOX[0]:g} {BOX[1]:g}",
            class_name="chart lorenz",
            role="img",
            aria_label=T(
                "operator.curve_label",
                "Share of cost against share of people: the dearest {people} make {cost} of the cost.",
                people=isolated(CURVE.people),
                cost=isolated(CURVE.cost),
            ),
        ),
        class_name="lorenz-box",
    )


def _workspaces() -> rx.Component:
    head = rx.el.tr(
        rx.el.th(T("operator.workspace", "Workspace")),
        rx.el.th(T("operator.people", "People"), class_name="r"),
        rx.el.th(T("usage.calls_head", "Calls"), class_name="r"),
        rx.el.th(T("usage.cost", "Cost"), class_name="r"),
        rx.el.th(T("operator.income", "Pays"), class_name="r"),
        rx.el.th(T("operator.margin", "Margin"), class_name="r"),
    )
    return rx.el.div(
        rx.el.table(
            rx.el.thead(head), rx.el.tbody(rx.foreach(OperatorState.workspaces, _workspace)), class_name="workspaces"
        ),
        rx.cond(
            OperatorState.workspaces_left > 0,
            rx.el.p(
                T(
                    "operator.workspaces.more",
                    {"one": "{n} cheaper one is not shown.", "other": "{n} cheaper ones are not shown."},
                    n=OperatorState.workspaces_left,
                ),
                class_name="small muted",
            ),
        ),
        class_name="scroll",
        tab_index=0,
        role="region",
        aria_label=T("operator.workspaces", "Workspaces"),
    )


def _workspace(row: rx.Var[WorkspaceRow]) -> rx.Component:
    charge = rx.el.input(
        default_value=row.charge,
        placeholder="$0",
        input_mode="decimal",
        max_length=14,
        dir="ltr",
        aria_label=T("operator.charge_of", "What {name} pays a month, in dollars", name=row.name),
        on_blur=lambda typed: OperatorState.set_charge(row.id, typed),
        class_name="in charge",
    )
    return rx.el.tr(
        rx.el.th(
            rx.el.bdi(row.name),
            rx.cond(row.demo, rx.fragment(" ", tag(T("operator.demo", "demo")))),
            Fill.create(value=row.share, limit=0),
            scope="row",
        ),
        rx.el.td(row.people, class_name="r muted"),
        rx.el.td(row.calls, class_name="r muted"),
        rx.el.td(row.cost, class_name="r"),
        rx.el.td(charge, class_name="r"),
        rx.el.td(
            rx.cond(row.losing & (row.margin != ""), status("bad", "down", row.margin), row.margin), class_name="r"
        ),
        key=row.id,
    )
