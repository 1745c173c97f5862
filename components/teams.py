"""Teams on the workspace's settings: made here, given members here, and counted together in budgets and reports."""

from __future__ import annotations

import reflex as rx

from components.controls import button, field, icon_button, select, text_input
from components.i18n import T
from components.settings_frame import section
from state.session import SessionState
from state.teams import SeatRow, TeamRow, TeamsState

MANAGES = SessionState.scopes.contains("members:write")


def teams() -> rx.Component:
    """Return the section of teams."""
    made = section(
        T("teams.title", "Teams"),
        rx.el.ul(rx.foreach(TeamsState.teams, _team), class_name="plain-rows"),
        rx.cond(MANAGES, _form()),
        rx.cond(
            MANAGES & (TeamsState.teams.length() > 0),
            rx.el.ul(rx.foreach(TeamsState.seats, _seat), class_name="plain-rows"),
        ),
        lede=T(
            "teams.lede", "Who is in a team is counted together in budgets and in usage. A member is in one or none."
        ),
    )
    return rx.cond(MANAGES | (TeamsState.teams.length() > 0), made)


def _team(row: rx.Var[TeamRow]) -> rx.Component:
    return rx.el.li(
        rx.el.b(rx.el.bdi(row.name)),
        rx.el.span(T("teams.people", {"one": "{n} member", "other": "{n} members"}, n=row.people), class_name="muted"),
        rx.el.span(class_name="grow"),
        rx.cond(MANAGES, icon_button("x", T("teams.remove", "Dissolve this team"), on_click=TeamsState.remove(row.id))),
        key=row.id,
    )


def _form() -> rx.Component:
    return rx.el.form(
        field(
            T("teams.name", "Name of a new team"),
            text_input(id="t-name", name="team", max_length=80, auto_complete="off"),
            control_id="t-name",
        ),
        rx.el.p(button(T("teams.create", "Make a team"), type="submit")),
        on_submit=TeamsState.create,
        key=TeamsState.stamp,
        class_name="set-form",
    )


def _seat(row: rx.Var[SeatRow]) -> rx.Component:
    options = [
        rx.el.option(T("teams.none", "No team"), value=""),
        rx.foreach(TeamsState.teams, lambda team: rx.el.option(team.name, value=team.id)),
    ]
    return rx.el.li(
        rx.el.span(rx.cond(row.name != "", row.name, T("workspace.demo_visitor", "Demo visitor"))),
        rx.el.span(class_name="grow"),
        select(
            *options,
            value=row.team,
            on_change=lambda team: TeamsState.seat(row.id, team),
            aria_label=T("teams.of", "Team of {name}", name=row.name),
            class_name="in short",
        ),
        key=row.id,
    )
