"""The providers of a workspace: their order, their keys, and whether they answer."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import reflex as rx
from pydantic import SecretStr, ValidationError

from app.core.errors import AppError, InvalidInput
from state.marks import needs, public
from state.session import SessionState, ctx_for

if TYPE_CHECKING:
    from app.core.context import Context
    from app.llm.schemas import ProviderForm, ProviderView, TestResult

MOST_MODELS = 20


@dataclass
class ProviderRow:
    """A provider as a row of the list."""

    id: str = ""
    source: str = ""
    name: str = ""
    kind_label: str = ""
    models: str = ""
    place: str = ""
    key_tail: str = ""
    has_key: bool = False
    enabled: bool = True
    editable: bool = False
    health: str = "ok"
    tested: bool = False
    test_ok: bool = False
    first_ms: int = 0
    total_ms: int = 0
    tested_at: str = ""
    fault_code: str = ""
    fault: str = ""
    fault_params: dict[str, str | int | float] = field(default_factory=dict)


class ProvidersState(rx.State):
    """The list of providers and the form for a new one."""

    rows: list[ProviderRow] = []
    loaded: bool = False
    testing: str = ""
    adding: bool = False
    kind: str = "openai"
    error_field: str = ""
    error_code: str = ""
    error: str = ""
    error_params: dict[str, str | int | float] = {}

    @rx.event
    @public
    async def open(self) -> None:
        """Read the list."""
        ctx = await ctx_for(self)
        if ctx.actor != "nobody":
            await self._read(ctx)

    @rx.event
    @needs("providers:write")
    def toggle_adding(self) -> None:
        """Open or close the form for a new provider."""
        self.adding = not self.adding
        self._refuse(None)

    @rx.event
    @needs("providers:write")
    def choose_kind(self, kind: str) -> None:
        """Choose what kind of provider is added."""
        from app.llm.kinds import KINDS

        if kind in KINDS:
            self.kind = kind

    @rx.event
    @needs("providers:write")
    def guess(self, key: str) -> None:
        """Choose the kind that keys of this shape belong to; the key itself is not kept."""
        from app.llm.kinds import guess_kind

        self.kind = guess_kind(key) or self.kind

    @rx.event
    @needs("providers:write")
    async def add(self, form: dict[str, str]) -> None:
        """Save a new provider and ask each of its models for one word."""
        from app.llm import providers

        ctx = await ctx_for(self)
        try:
            view = await providers.create(ctx, form=_new_provider(self.kind, form))
        except AppError as error:
            self._refuse(error)
            return None
        self._refuse(None)
        self.adding = False
        await self._read(ctx)
        return ProvidersState.test(view.id)  # type: ignore[return-value]  # the next event of the chain

    @rx.event(background=True)
    @needs("providers:write")
    async def test(self, provider_id: str) -> None:
        """Ask every model of a provider for one word."""
        from app.content.asking import sample_brief
        from app.llm import trial

        async with self:
            if self.testing:
                return
            self.testing = provider_id
            ctx = await ctx_for(self)
        try:
            result = await trial.test(ctx, provider_id, brief=sample_brief())
        except AppError as error:
            async with self:
                (await self.get_state(SessionState))._say_error(error)
            result = None
        finally:
            async with self:
                self.testing = ""
        async with self:
            await self._read(ctx, tested=(provider_id, result))

    @rx.event
    @needs("providers:write")
    async def switch(self, provider_id: str, on: bool) -> None:
        """Switch a provider on or off."""
        from app.llm import providers
        from app.llm.schemas import ProviderChange

        ctx = await ctx_for(self)
        try:
            await providers.update(ctx, provider_id, form=ProviderChange(enabled=on))
        except AppError as error:
            (await self.get_state(SessionState))._say_error(error)
        await self._read(ctx)

    @rx.event
    @needs("providers:write")
    async def move_up(self, provider_id: str) -> None:
        """Ask this provider before the one above it."""
        from app.llm import providers

        own = [row.id for row in self.rows if row.source == "workspace"]
        at = own.index(provider_id) if provider_id in own else 0
        if at == 0:
            return
        own[at - 1], own[at] = own[at], own[at - 1]
        ctx = await ctx_for(self)
        try:
            await providers.reorder(ctx, provider_ids=own)
        except AppError as error:
            (await self.get_state(SessionState))._say_error(error)
        await self._read(ctx)

    @rx.event
    @needs("providers:write")
    async def remove(self, provider_id: str) -> None:
        """Forget a provider and its key."""
        from app.llm import providers

        ctx = await ctx_for(self)
        try:
            await providers.delete(ctx, provider_id)
        except AppError as error:
            (await self.get_state(SessionState))._say_error(error)
        await self._read(ctx)

    async def _read(self, ctx: Context, *, tested: tuple[str, TestResult | None] = ("", None)) -> None:
        from app.llm import providers

        views = await providers.list_providers(ctx)
        self.rows = [_row(view, tested[1] if view.id == tested[0] else None) for view in views]
        self.loaded = True

    def _refuse(self, error: AppError | None) -> None:
        self.error_field = (error.field or "form") if error else ""
        self.error_code = f"error.{error.code}" if error else ""
        self.error = error.message if error else ""
        self.error_params = dict(error.params) if error else {}


def _new_provider(kind: str, form: dict[str, str]) -> ProviderForm:
    from app.llm.schemas import ProviderForm

    models = [line.strip() for line in form.get("models", "").splitlines() if line.strip()]
    try:
        return ProviderForm.model_validate(
            {
                "kind": kind,
                "name": form.get("name", ""),
                "base_url": form.get("base_url", ""),
                "api_key": SecretStr(form.get("api_key", "").strip()),
                "models": [{"id": one, "tier": form.get("tier") or "fast"} for one in models[:MOST_MODELS]],
            }
        )
    except ValidationError as wrong:
        place = str(wrong.errors(include_input=False)[0]["loc"][0])
        raise InvalidInput(field=place) from None


def _row(view: ProviderView, fresh: TestResult | None) -> ProviderRow:
    result = fresh or view.last_test
    fault = next((model for model in result.models if not model.ok), None) if result else None
    answered = [model for model in result.models if model.ok] if result else []
    return ProviderRow(
        id=view.id,
        source=view.source,
        name=view.name,
        kind_label=view.kind_label,
        models=", ".join(model.label for model in view.models),
        place=view.base_url,
        key_tail=view.key_tail,
        has_key=view.has_key,
        enabled=view.enabled,
        editable=view.editable,
        health=view.health,
        tested=result is not None,
        test_ok=bool(result and result.ok),
        first_ms=min((model.first_token_ms for model in answered), default=0),
        total_ms=max((model.total_ms for model in answered), default=0),
        tested_at=result.tested_at.isoformat() if result else "",
        fault_code=f"error.{fault.code}" if fault else "",
        fault=fault.message if fault else "",
        fault_params=dict(fault.params or {}) if fault else {},
    )
