"""What was checked: every rule with its mark, those that failed first."""

from __future__ import annotations

from collections.abc import Callable

import reflex as rx

from components.i18n import T, T_dynamic
from components.icons import icon
from components.sheet import frac
from state.run_view import CheckView


def checks_list(
    checks: rx.Var[list[CheckView]],
    *,
    passed: rx.Var[int],
    total: rx.Var[int],
    failed: rx.Var[int],
    heading: Callable[..., rx.Component] = rx.el.h2,
) -> rx.Component:
    """Return the list of checks with its fraction."""
    return rx.el.section(
        heading(T("run.checked", "What was checked"), frac(passed, total, failing=failed > 0)),
        rx.el.ul(rx.foreach(checks, _check), class_name="checks"),
        class_name="checked",
    )


def _check(check: rx.Var[CheckView]) -> rx.Component:
    return rx.el.li(
        rx.match(
            check.status,
            ("passed", icon("tick", small=True)),
            ("failed", icon("dele", small=True)),
            icon("ask", small=True),
        ),
        rx.el.span(
            T_dynamic(check.label_code, check.label, check.params),
            rx.match(
                check.status,
                ("failed", rx.fragment(_advice(check), _remark(check))),
                ("not_checked", rx.fragment(rx.el.span(": ", T("check.unchecked", "not checked")), _remark(check))),
                rx.el.span(T("check.passed", "passes"), class_name="vh"),
            ),
        ),
        class_name=rx.match(
            check.status,
            ("failed", rx.cond(check.severity == "hard", "no", "advice")),
            ("not_checked", "unchecked"),
            "",
        ),
    )


def _advice(check: rx.Var[CheckView]) -> rx.Component:
    return rx.cond(check.severity == "warn", rx.el.span(" (", T("check.advice", "advice"), ")"), rx.fragment())


def _remark(check: rx.Var[CheckView]) -> rx.Component:
    return rx.cond(
        check.note_code != "",
        rx.el.span(T_dynamic(check.note_code, check.note, check.note_params), class_name="remark", dir="auto"),
        rx.fragment(),
    )
