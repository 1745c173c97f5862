"""The rules by which a model is chosen: read, tried out as a draft, and put in force as a whole."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import reflex as rx

from app.core.errors import AppError
from app.llm.policy import GatewayPolicy
from state import policy_view
from state.marks import needs, public
from state.policy_view import ModelOption, MoveRow, OverrideRow, RuleRow, TierRow
from state.run_why import amount
from state.session import SessionState, ctx_for

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from app.core.ports import Tier
    from app.llm.what_if import WhatIf


FIRST_TEMPLATE = "google-rsa"


class PolicyState(rx.State):
    """The policy as it is typed; nothing of it is in force before it is saved."""

    loaded: bool = False
    changed: bool = False
    version: int = 0
    order: str = "listed"
    saver: str = "0"
    balanced: str = "0"
    best: str = "0"
    redaction: bool = False
    exact_reuse: bool = True
    answer_reuse: bool = False
    hedging: bool = True
    cascade: bool = False
    second_opinion: bool = False
    unknown_price: str = "flat"
    rules: list[RuleRow] = []
    overrides: list[OverrideRow] = []
    models: list[ModelOption] = []
    template_id: str = FIRST_TEMPLATE
    tried: bool = False
    tiers: list[TierRow] = []
    moves: list[MoveRow] = []
    calls: int = 0
    moved_calls: int = 0
    cost_now: str = ""
    cost_then: str = ""
    cost_known: bool = True
    error_field: str = ""
    error_code: str = ""
    error: str = ""
    error_params: dict[str, str | int | float] = {}

    _draft: GatewayPolicy = GatewayPolicy()
    _saved: GatewayPolicy = GatewayPolicy()

    @rx.event
    @public
    async def open(self) -> rx.event.EventSpec | None:
        """Read the policy in force."""
        from app.llm import policies, providers

        ctx = await ctx_for(self)
        if ctx.actor == "nobody":
            return None
        self.models = policy_view.model_options(await providers.list_providers(ctx))
        self._saved = await policies.current(ctx)
        self._take(self._saved)
        self.loaded = True
        manages = "providers:write" in ctx.scopes
        return PolicyState.try_out if manages else None  # type: ignore[return-value]  # the next event of the chain

    @rx.event
    @needs("providers:write")
    def choose(self, name: str, value: str) -> rx.event.EventSpec | None:
        """Choose one value of several."""
        if path := policy_view.CHOICES.get(name):
            chosen = int(value) if value.lstrip("-").isdigit() else value
            return self._try(lambda: policy_view.with_value(self._draft, path, chosen))
        return None

    @rx.event
    @needs("providers:write")
    def turn(self, name: str, on: bool) -> rx.event.EventSpec | None:
        """Switch something on or off."""
        if path := policy_view.SWITCHES.get(name):
            return self._try(lambda: policy_view.with_value(self._draft, path, on))
        return None

    @rx.event
    @needs("providers:write")
    def add_rule(self, form: dict[str, str]) -> rx.event.EventSpec | None:
        """Add a rule, the last to be asked."""
        return self._try(lambda: policy_view.with_rule(self._draft, form))

    @rx.event
    @needs("providers:write")
    def remove_rule(self, place: int) -> rx.event.EventSpec | None:
        """Take a rule away; places count from 0."""
        return self._try(lambda: policy_view.without_rule(self._draft, place))

    @rx.event
    @needs("providers:write")
    def choose_template(self, template_id: str) -> None:
        """Choose the template that something is decided for."""
        self.template_id = template_id[:60]

    @rx.event
    @needs("providers:write")
    def add_override(self, form: dict[str, str]) -> rx.event.EventSpec | None:
        """Decide where one template goes."""
        return self._try(lambda: policy_view.with_override(self._draft, self.template_id, form.get("target", "")))

    @rx.event
    @needs("providers:write")
    def remove_override(self, template_id: str) -> rx.event.EventSpec | None:
        """Leave a template to the rules again."""
        return self._try(lambda: policy_view.without_override(self._draft, template_id))

    @rx.event
    @needs("providers:write")
    def put_back(self) -> rx.event.EventSpec | None:
        """Forget what was typed since the last save."""
        return self._try(lambda: self._saved)

    @rx.event
    @needs("providers:write")
    async def save(self) -> None:
        """Put the draft in force."""
        from app.llm import policies

        ctx = await ctx_for(self)
        try:
            self._saved = await policies.change(ctx, form=self._draft, known=_known())
        except AppError as error:
            self._refuse(error)
            return
        self._take(self._saved)
        (await self.get_state(SessionState))._say("policy.saved", "The new rules hold from the next run on.")

    @rx.event(background=True)
    @needs("providers:write")
    async def try_out(self) -> None:
        """Reckon what the draft would do: to the templates, and to the calls of the last 30 days."""
        from app.content.tier_shares import shares
        from app.llm.what_if import what_if

        async with self:
            draft = self._draft
            ctx = await ctx_for(self)
        try:
            found = await what_if(ctx, draft)
        except AppError as error:
            async with self:
                self._refuse(error)
            return
        per_tier = await asyncio.to_thread(shares, draft.routing)
        async with self:
            if draft == self._draft:  # else it was changed meanwhile, and the next answer is on its way
                self._compare(per_tier, found)

    def _compare(self, per_tier: Mapping[Tier, float], found: WhatIf) -> None:
        self.tiers = policy_view.tier_rows(per_tier, found)
        self.moves = policy_view.move_rows(found)
        self.calls, self.moved_calls, self.cost_known = found.calls, found.moved_calls, found.known
        self.cost_now, self.cost_then = amount(found.now_micros), amount(found.then_micros)
        self.tried = True

    def _try(self, change: Callable[[], GatewayPolicy]) -> rx.event.EventSpec | None:
        try:
            self._take(change())
        except AppError as error:
            self._refuse(error)
            return None
        return PolicyState.try_out  # type: ignore[return-value]  # the next event of the chain

    def _take(self, policy: GatewayPolicy) -> None:
        """Show a policy as the draft."""
        self._refuse(None)
        self._draft = policy
        self.changed = policy != self._saved
        routing = policy.routing
        self.version = routing.version
        self.order, self.unknown_price = routing.order, policy.unknown_price
        quality = routing.quality
        self.saver, self.balanced, self.best = str(quality.saver), str(quality.balanced), str(quality.best)
        self.redaction, self.hedging = policy.redaction, policy.hedging
        self.exact_reuse, self.answer_reuse = policy.exact_reuse, policy.answer_reuse
        self.cascade, self.second_opinion = routing.cascade.escalate, routing.second_opinion.enabled
        self.rules = policy_view.rule_rows(routing)
        self.overrides = policy_view.override_rows(routing, self.models)

    def _refuse(self, error: AppError | None) -> None:
        self.error_field = (error.field or "form") if error else ""
        self.error_code = f"error.{error.code}" if error else ""
        self.error = error.message if error else ""
        self.error_params = dict(error.params) if error else {}


def _known() -> object:
    """Return what a policy may name of the catalogue."""
    from app.content.catalogue_files import load_catalogue
    from app.llm.policies import Known

    catalogue = load_catalogue()
    return Known(
        templates=frozenset(template.id for template in catalogue.all()),
        kinds=frozenset(catalogue.categories),
        languages=frozenset(catalogue.profiles),
    )
