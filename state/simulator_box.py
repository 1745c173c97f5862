"""Which model would it be: a question about the rules, answered without asking anybody."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import reflex as rx

from app.content.profiles import LANGUAGES
from app.core.errors import AppError
from state.marks import needs, public
from state.run_choices import QUALITIES
from state.run_why import amount
from state.session import SessionState, ctx_for

if TYPE_CHECKING:
    from app.content.which_model import Step, WhichModel

FIRST_TEMPLATE = "google-rsa"
WHAT_IF_TEXTS = {"why.what_if_down": "Down, by your “what if”."}


@dataclass
class WhatIf:
    """A provider that may be thought down."""

    id: str = ""
    name: str = ""
    down: bool = False


@dataclass
class PathRow:
    """A model on the way: passed over, taken, or waiting behind."""

    label: str = ""
    embedded: bool = False
    place: str = "later"
    code: str = ""
    text: str = ""
    params: dict[str, str | int | float] = field(default_factory=dict)
    cost: str = ""


class SimulatorState(rx.State):
    """The question and its answer."""

    template_id: str = FIRST_TEMPLATE
    language: str = "en"
    quality: str = "balanced"
    what_ifs: list[WhatIf] = []
    used_up: bool = False
    answered: bool = False
    model: str = ""
    embedded: bool = False
    cost: str = ""
    first_s: str = ""
    down_names: str = ""
    path: list[PathRow] = []
    rule_code: str = ""
    rule: str = ""
    rule_params: dict[str, str | int | float] = {}

    @rx.event
    @public
    async def open(self) -> None:
        """Read who could be down, and answer the first question."""
        from app.llm import providers

        ctx = await ctx_for(self)
        if ctx.actor == "nobody" or "providers:write" not in ctx.scopes:
            return
        views = await providers.list_providers(ctx)
        down = {one.id for one in self.what_ifs if one.down}
        self.what_ifs = [
            WhatIf(view.id, view.name, view.id in down) for view in views if view.enabled and view.source != "built-in"
        ]
        await self._answer()

    @rx.event
    @needs("providers:write")
    async def choose(self, name: str, value: str) -> None:
        """Change the question: its template, language or quality."""
        known = {"language": LANGUAGES, "quality": QUALITIES, "template_id": (value[:60],)}
        if value in known.get(name, ()):
            setattr(self, name, value)
            await self._answer()

    @rx.event
    @needs("providers:write")
    async def think_down(self, provider_id: str, down: bool) -> None:
        """Think a provider down, or up again."""
        for one in self.what_ifs:
            if one.id == provider_id:
                one.down = down
        await self._answer()

    @rx.event
    @needs("providers:write")
    async def think_used_up(self, used_up: bool) -> None:
        """Think the budget used up, or not."""
        self.used_up = used_up
        await self._answer()

    async def _answer(self) -> None:
        from app.content.which_model import which_model

        ctx = await ctx_for(self)
        down = [one for one in self.what_ifs if one.down]
        quality = next((one for one in QUALITIES if one == self.quality), "balanced")
        try:
            found = await which_model(
                ctx,
                template_id=self.template_id,
                language=self.language,
                quality=quality,
                down=frozenset(one.id for one in down),
                budget_used_up=self.used_up,
            )
        except AppError as error:
            (await self.get_state(SessionState))._say_error(error)
            return
        self.down_names = ", ".join(one.name for one in down)
        self._show(found)

    def _show(self, found: WhichModel) -> None:
        chosen = found.chosen
        self.model = chosen.label if chosen else ""
        self.embedded = bool(chosen and chosen.embedded)
        self.cost = amount(chosen.cost_micros) if chosen else ""
        self.first_s = f"{chosen.first_token_ms / 1000:.2f}" if chosen and chosen.first_token_ms is not None else ""
        down = {one.name for one in self.what_ifs if one.down}
        rows = [_row(step, down=step.provider in down) for step in found.steps]
        self.path = sorted(rows, key=lambda row: row.code != "why.resting")  # they would come first, were they well
        rule = found.rule
        self.rule_code, self.rule, self.rule_params = rule.code, rule.text, dict(rule.params)
        self.answered = True


def _row(step: Step, *, down: bool) -> PathRow:
    place = {"chosen": "won", "later": "later"}.get(step.place, "no")
    row = PathRow(step.label, step.embedded, place, step.code, step.text, dict(step.params), amount(step.cost_micros))
    if step.code == "why.resting":
        row.place = "no"
    if down and place != "won":
        row.place = "no"
        row.code, row.text = next(iter(WHAT_IF_TEXTS.items()))
    return row
