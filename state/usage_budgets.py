"""Budgets and limits: how much may be spent by whom or for what, and what happens when it is gone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import reflex as rx
from pydantic import ValidationError

from app.core.errors import AppError, InvalidInput
from app.core.ids import parse_id
from state import money
from state.marks import needs, public
from state.session import SessionState, ctx_for

if TYPE_CHECKING:
    from app.core.context import Context
    from app.usage.budgeting import BudgetChange, BudgetForm, BudgetView

MOST_ROWS = 200
NEAR = 0.8
REFUSED_TEXTS = {
    "error.budget.amount": "Write an amount in dollars, for example 400 or 12.50.",
    "error.budget.amount_missing": "Enter an amount in at least one of the two.",
    "error.budget.amounts_order": "Slowing down must come before stopping.",
}
FEATURES = ("generation", "media", "chat", "knowledge", "api")


@dataclass
class BudgetRow:
    """A budget and how it stands; `soft` and `hard` are "" where there is none, shares are per cent of the longest."""

    id: str = ""
    kind: str = ""
    name: str = ""
    period: str = "month"
    spent: str = ""
    soft: str = ""
    hard: str = ""
    percent: str = ""
    share: float = 0
    soft_share: float = 0
    hard_share: float = 0
    state: str = ""


@dataclass
class Subject:
    """Whom or what a budget may be for."""

    id: str = ""
    name: str = ""


class BudgetsState(rx.State):
    """The list of budgets, and the form for one."""

    rows: list[BudgetRow] = []
    loaded: bool = False
    editing: bool = False
    edited: str = ""
    stamp: int = 0
    kind: str = "tenant"
    subjects: list[Subject] = []
    soft: str = ""
    hard: str = ""
    error_field: str = ""
    error_code: str = ""
    error: str = ""
    error_params: dict[str, str | int | float] = {}

    @rx.event
    @public
    async def open(self) -> None:
        """Read the list."""
        ctx = await ctx_for(self)
        if "usage:read" in ctx.scopes:
            await self._read(ctx)

    @rx.event
    @needs("settings:write")
    def begin(self) -> None:
        """Open the form for a new budget."""
        self._show_form(BudgetRow(kind="tenant"))

    @rx.event
    @needs("settings:write")
    def change(self, budget_id: str) -> None:
        """Open the form with a budget that is there."""
        row = next((row for row in self.rows if row.id == budget_id), None)
        if row is not None:
            self._show_form(row)

    @rx.event
    @needs("settings:write")
    def cancel(self) -> None:
        """Close the form."""
        self.editing, self.edited = False, ""

    @rx.event
    @needs("settings:write")
    async def choose_kind(self, kind: str) -> None:
        """Choose what the budget is for, and read which of these there are."""
        self.kind, self.subjects = kind, await _subjects(await ctx_for(self), kind)
        self._refuse(None)

    @rx.event
    @needs("settings:write")
    async def save(self, form: dict[str, str | None]) -> None:
        """Set the budget, or give it other amounts; a field that is not shown comes as None."""
        from app.usage import budgeting

        ctx, budget_id = await ctx_for(self), parse_id(self.edited) if self.edited else None
        given = {name: typed for name, typed in form.items() if typed is not None}
        try:
            if budget_id is not None:
                await budgeting.change(ctx, budget_id=budget_id, form=_changed(given))
            else:
                await budgeting.create(ctx, form=_new(self.kind, given))
        except AppError as error:
            self._refuse(error)
            return
        self.editing, self.edited = False, ""
        await self._told(ctx)

    @rx.event
    @needs("settings:write")
    async def remove(self, budget_id: str) -> None:
        """Take a budget away."""
        from app.usage import budgeting

        ctx, wanted = await ctx_for(self), parse_id(budget_id)
        try:
            if wanted is not None:
                await budgeting.delete(ctx, budget_id=wanted)
        except AppError as error:
            (await self.get_state(SessionState))._say_error(error)
        await self._told(ctx)

    def _show_form(self, row: BudgetRow) -> None:
        self._refuse(None)
        self.editing, self.edited, self.kind, self.subjects = True, row.id, row.kind, []
        self.soft, self.hard = row.soft.removeprefix("$"), row.hard.removeprefix("$")
        self.stamp += 1

    def _refuse(self, error: AppError | None) -> None:
        self.error_field = (error.field or "form") if error else ""
        self.error_code = f"error.{error.code}" if error else ""
        self.error = error.message if error else ""
        self.error_params = dict(error.params) if error else {}

    async def _told(self, ctx: Context) -> None:
        await self._read(ctx)
        await (await self.get_state(SessionState))._read_purse(ctx)

    async def _read(self, ctx: Context) -> None:
        from app.usage import budgeting

        views = (await budgeting.list_all(ctx))[:MOST_ROWS]
        self.rows, self.loaded = [budget_row(view) for view in views], True


def budget_row(view: BudgetView) -> BudgetRow:
    """Return a budget as the list shows it."""
    soft, hard, used = view.soft_micros, view.limit_micros, view.used_micros
    most = max(used, soft or 0, hard or 0, 1)
    bound = hard if hard is not None else soft or 0
    return BudgetRow(
        id=str(view.id),
        kind=view.kind,
        name=view.name,
        period=view.period,
        spent=money.total(used),
        soft="" if soft is None else money.limit(soft),
        hard="" if hard is None else money.limit(hard),
        percent=f"{100 * used // bound}%" if bound else "",
        share=round(100 * used / most, 1),
        soft_share=round(100 * (soft or 0) / most, 1),
        hard_share=round(100 * (hard or 0) / most, 1),
        state=_standing(used, soft, hard),
    )


def _standing(used: int, soft: int | None, hard: int | None) -> str:
    if hard is not None and used >= hard:
        return "stopped"
    if soft is not None and used >= soft:
        return "slowed"
    first = min(amount for amount in (soft, hard) if amount is not None)
    return "near" if used >= NEAR * first else ""


def _new(kind: str, form: dict[str, str]) -> BudgetForm:
    from app.usage.budgeting import BudgetForm

    subject = form.get("subject", "")
    named = kind in ("team", "user", "api_key")
    try:
        return BudgetForm.model_validate(
            {
                "kind": kind,
                "subject_id": parse_id(subject) if named and subject else None,
                "feature": subject if kind == "feature" else "",
                "period": form.get("period", "month"),
                **_amounts(form),
            }
        )
    except ValidationError:
        raise InvalidInput(field="form") from None


def _changed(form: dict[str, str]) -> BudgetChange:
    from app.usage.budgeting import BudgetChange

    try:
        return BudgetChange.model_validate(_amounts(form))
    except ValidationError:
        raise InvalidInput(field="form") from None


def _amounts(form: dict[str, str]) -> dict[str, int | None]:
    soft, hard = _amount(form, "soft"), _amount(form, "hard")
    if soft is None and hard is None:
        raise refused_amount("budget.amount_missing", field="hard")
    if soft is not None and hard is not None and soft > hard:
        raise refused_amount("budget.amounts_order", field="soft")
    return {"soft_micros": soft, "limit_micros": hard}


def _amount(form: dict[str, str], name: str) -> int | None:
    typed = form.get(name, "").strip()
    micros = money.micros_of(typed) if typed else None
    if typed and micros is None:
        raise refused_amount("budget.amount", field=name)
    return micros


def refused_amount(code: str, *, field: str) -> InvalidInput:
    """Return the refusal of what was typed for an amount; `code` is one of REFUSED_TEXTS."""
    return InvalidInput(REFUSED_TEXTS[f"error.{code}"], code=code, field=field)


async def _subjects(ctx: Context, kind: str) -> list[Subject]:
    """Return whom or what of a kind a budget may be for."""
    from app.tenancy import api_keys, members, teams

    found: list[Subject] = []
    if kind == "feature":
        found = [Subject(name, name) for name in FEATURES]
    elif kind == "team":
        found = [Subject(str(team.id), team.name) for team in await teams.list_all(ctx)]
    elif kind == "user":
        found = [Subject(str(one.user_id), one.name or one.email or "") for one in await members.list_all(ctx)]
    elif kind == "api_key":
        found = [Subject(str(key.id), key.name) for key in await api_keys.list_all(ctx)]
    return found[:MOST_ROWS]
