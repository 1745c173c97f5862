"""/settings/workspace: its name, who is in it, and the other workspaces of the person."""

from __future__ import annotations

import reflex as rx

from components.behaviours import client
from components.controls import button, field, icon_button, select, tag, text_input
from components.i18n import T
from components.run_parts import CopyButton
from components.settings_frame import section, settings_page
from components.teams import teams
from state.session import SessionState
from state.settings import MemberRow, PlaceRow, SettingsState
from state.teams import TeamsState

ROUTE = "/settings/workspace"
TITLE = "Team and roles"
ON_LOAD = [SessionState.enter, SettingsState.open, TeamsState.open]

ROLES = {"viewer": "Viewer", "editor": "Editor", "admin": "Admin", "owner": "Owner"}
MANAGES = SessionState.scopes.contains("members:write")


def page() -> rx.Component:
    """Return the page."""
    return settings_page(
        section(T("workspace.name", "Name"), _name()),
        section(
            T("workspace.members", "Members"),
            rx.el.ul(rx.foreach(SettingsState.members, _member), class_name="plain-rows"),
            rx.cond(MANAGES, _invite()),
            lede=T(
                "workspace.roles",
                "Viewers read. Editors write. Admins add providers and people. Owners also own the workspace.",
            ),
        ),
        teams(),
        section(
            T("workspace.mine", "Your workspaces"),
            rx.el.ul(rx.foreach(SettingsState.places, _place), class_name="plain-rows"),
        ),
        current="workspace",
        title=T("settings.team", "Team and roles"),
        lede=T("workspace.lede", "Everything in a workspace is walled off from every other one."),
    )


def _name() -> rx.Component:
    may = SessionState.scopes.contains("organisation:write")
    return rx.el.form(
        field(
            T("workspace.name", "Name"),
            text_input(
                id="w-name",
                name="organisation",
                default_value=SessionState.organisation,
                key=SessionState.organisation,
                max_length=120,
                read_only=~may,
            ),
            control_id="w-name",
        ),
        rx.cond(may, rx.el.p(button(T("settings.save", "Save"), kind="primary", type="submit"))),
        on_submit=SettingsState.rename,
        class_name="set-form",
    )


def _role_options() -> list[rx.Component]:
    return [rx.el.option(T(f"role.{role}", words), value=role) for role, words in ROLES.items()]


def _role_word(role: rx.Var[str]) -> rx.Component:
    return rx.match(role, *[(name, T(f"role.{name}", words)) for name, words in ROLES.items()], role)


def _member(row: rx.Var[MemberRow]) -> rx.Component:
    who = rx.cond(
        row.name != "", row.name, rx.cond(row.email != "", row.email, T("workspace.demo_visitor", "Demo visitor"))
    )
    return rx.el.li(
        rx.el.b(who),
        rx.el.bdi(row.email, class_name="muted"),
        rx.cond(row.is_you, tag(T("workspace.you", "you"))),
        rx.el.span(class_name="grow"),
        rx.cond(
            MANAGES & ~row.is_you,
            rx.fragment(
                select(
                    *_role_options(),
                    value=row.role,
                    on_change=lambda role: SettingsState.change_role(row.id, role),
                    aria_label=T("workspace.role_of", "Role of {name}", name=who),
                    class_name="in short",
                ),
                icon_button(
                    "x",
                    T("workspace.remove", "Remove from the workspace"),
                    on_click=SettingsState.remove_member(row.id),
                ),
            ),
            rx.el.span(_role_word(row.role), class_name="muted"),
        ),
    )


def _invite() -> rx.Component:
    return rx.fragment(
        rx.el.form(
            field(
                T("workspace.invite_as", "Invite somebody as"),
                select(*_role_options(), id="i-role", name="role", default_value="editor"),
                control_id="i-role",
            ),
            rx.el.p(button(T("workspace.invite", "Make an invitation link"), type="submit")),
            on_submit=SettingsState.invite,
            class_name="set-form",
        ),
        rx.cond(
            SettingsState.invitation_link != "",
            rx.el.div(
                rx.el.p(
                    T(
                        "workspace.link_once",
                        "Send this link to one person. It works once, for seven days, and is shown only now.",
                    )
                ),
                rx.el.p(rx.el.code(SettingsState.invitation_link, dir="ltr"), class_name="mono link-once"),
                CopyButton.create(
                    T("workspace.copy_link", "Copy the link"),
                    text=SettingsState.invitation_link,
                    label=T("workspace.copy_link", "Copy the link"),
                    class_name="btn sm",
                ),
                role="status",
            ),
        ),
    )


def _place(row: rx.Var[PlaceRow]) -> rx.Component:
    return rx.el.li(
        rx.el.b(row.name),
        rx.el.span(_role_word(row.role), class_name="muted"),
        rx.el.span(class_name="grow"),
        rx.cond(
            row.is_active,
            rx.el.span(T("workspace.here", "You are here"), class_name="muted"),
            button(T("workspace.switch", "Switch"), small=True, on_click=client("account", "switchWorkspace", row.id)),
        ),
    )
