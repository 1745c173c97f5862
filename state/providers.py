"""The providers of a workspace: their order, their keys, and whether they answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import reflex as rx
from pydantic import SecretStr, ValidationError

from app.core.errors import AppError, InvalidInput
from app.llm.schemas import TestResult
from state.marks import needs, public
from state.provider_rows import ProviderRow, fault_words, provider_rows
from state.session import SessionState, ctx_for

if TYPE_CHECKING:
    from app.core.context import Context
    from app.llm.schemas import ProviderForm

MOST_MODELS = 20
FIELD_OF_FAULT = {
    "provider.key_refused": "api_key",
    "provider.down": "base_url",
    "provider.timeout": "base_url",
    "provider.refused_request": "models",
}
"""Which field of the form most likely holds the mistake, by what a test found."""


class ProvidersState(rx.State):
    """The list of providers and the form for a new one."""

    rows: list[ProviderRow] = []
    loaded: bool = False
    testing: str = ""
    opened: str = ""
    forgetting: bool = False
    moved: dict[str, str | int | float] = {}
    adding: bool = False
    trying: bool = False
    tried: bool = False
    kind: str = "openai"
    makes: str = "text"
    error_field: str = ""
    error_code: str = ""
    error: str = ""
    error_params: dict[str, str | int | float] = {}

    _tests: dict[str, TestResult] = {}
    _chosen: bool = False  # the kind was chosen by hand: several vendors' keys look alike

    @rx.event
    @public
    async def open(self) -> None:
        """Read the list."""
        ctx = await ctx_for(self)
        if ctx.actor != "nobody":
            self._tests = {}
            await self._read(ctx)

    @rx.event
    @needs("providers:write")
    def toggle_adding(self) -> None:
        """Open or close the form for a new provider."""
        self.adding, self.tried, self.opened, self._chosen = not self.adding, False, "", False
        self._refuse(None)

    @rx.event
    @needs("providers:write")
    def choose_kind(self, kind: str) -> None:
        """Choose what kind of provider is added."""
        self._choose(kind)
        self._chosen = True

    @rx.event
    @needs("providers:write")
    def set_makes_of_models(self, makes: str) -> None:
        """Choose what the models of the form make."""
        self.makes = makes

    @rx.event
    @needs("providers:write")
    def guess(self, key: str) -> None:
        """Choose the kind that keys of this shape belong to, unless one was chosen; the key itself is not kept."""
        from app.llm.kinds import guess_kind

        if not self._chosen and (found := guess_kind(key)):
            self._choose(found.kind)

    def _choose(self, kind: str) -> None:
        from app.llm.kinds import KINDS

        found = next((one for one in KINDS.values() if one.kind == kind), None)
        if found is not None:
            self.kind, self.makes = kind, found.makes

    @rx.event(background=True)
    @needs("providers:write")
    async def add(self, form: dict[str, str]) -> None:
        """Ask each model of a new provider for one word, and save it when all answer, or when told to all the same."""
        async with self:
            if self.trying:
                return
            self.trying = True
            self._refuse(None)
            ctx, kind = await ctx_for(self), self.kind
        try:
            saved, result = await _try_and_save(ctx, _new_provider(kind, form), anyway=form.get("anyway") == "on")
            async with self:
                self._took(saved, result)
                await self._read(ctx)
        except AppError as error:
            async with self:
                self._refuse(error)
        finally:
            async with self:
                self.trying = False

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
            await self._tested(ctx, provider_id, result)
        except AppError as error:
            async with self:
                (await self.get_state(SessionState))._say_error(error)
        finally:
            async with self:
                self.testing = ""

    @rx.event
    @needs("providers:write")
    def open_row(self, provider_id: str) -> None:
        """Open or close what can be done with a provider."""
        self.opened = "" if self.opened == provider_id else provider_id
        self.forgetting = self.adding = False
        self._refuse(None)

    @rx.event
    @needs("providers:write")
    def ask_to_forget(self, sure: bool) -> None:
        """Ask once before a key is forgotten: nobody can read it back."""
        self.forgetting = sure

    @rx.event(background=True)
    @needs("providers:write")
    async def replace_key(self, form: dict[str, str]) -> None:
        """Try a new key for the open row, and put it in the old one's place once a model has answered to it."""
        from app.llm import rotation

        async with self:
            if self.testing:
                return
            provider_id = self.testing = self.opened
            self._refuse(None)
            ctx = await ctx_for(self)
        try:
            change = await rotation.replace_key(ctx, provider_id, api_key=SecretStr(form.get("api_key", "")[:500]))
            async with self:
                self.opened = "" if change.replaced else provider_id
                self._fault(None if change.replaced else change.test, at="new_key")
            if change.replaced:
                await self._tested(ctx, provider_id, change.test)
        except AppError as error:
            async with self:
                self._refuse(error, at="new_key")
        finally:
            async with self:
                self.testing = ""

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
    async def move(self, provider_id: str, to: int) -> None:
        """Give a provider of the workspace another place, counted from 0."""
        from app.llm import providers

        own = [row for row in self.rows if row.editable]
        row = next((row for row in own if row.id == provider_id), None)
        if row is None or not 0 <= to < len(own):
            return
        own.remove(row)
        own.insert(to, row)
        ctx = await ctx_for(self)
        try:
            await providers.reorder(ctx, provider_ids=[one.id for one in own])
            self.moved = {"name": row.name, "place": to + 1, "total": len(self.rows)}
        except AppError as error:
            (await self.get_state(SessionState))._say_error(error)
        await self._read(ctx)

    @rx.event
    @needs("providers:write")
    async def remove(self, provider_id: str) -> None:
        """Forget a provider and its key."""
        from app.llm import providers

        ctx = await ctx_for(self)
        self.opened, self.forgetting = "", False
        try:
            await providers.delete(ctx, provider_id)
        except AppError as error:
            (await self.get_state(SessionState))._say_error(error)
        await self._read(ctx)

    async def _tested(self, ctx: Context, provider_id: str, result: TestResult) -> None:
        async with self:
            self._tests = {**self._tests, provider_id: result}
            await self._read(ctx)

    async def _read(self, ctx: Context) -> None:
        self.rows = await provider_rows(ctx, tests=self._tests)
        self.loaded = True

    def _took(self, saved: str, result: TestResult) -> None:
        """Close the form when the provider was saved; else say at which field its test found fault."""
        self.adding, self.tried = not saved, not saved
        if saved:
            self._tests = {**self._tests, saved: result}
        else:
            self._fault(result)

    def _fault(self, result: TestResult | None, *, at: str = "") -> None:
        fault = next((model for model in result.models if not model.ok), None) if result else None
        if fault is not None:
            self.error_field = at or FIELD_OF_FAULT.get(fault.code, "form")
            self.error_code, self.error, self.error_params = fault_words(fault)

    def _refuse(self, error: AppError | None, *, at: str = "") -> None:
        self.error_field = (at or error.field or "form") if error else ""
        self.error_code = f"error.{error.code}" if error else ""
        self.error = error.message if error else ""
        self.error_params = dict(error.params) if error else {}


async def _try_and_save(ctx: Context, form: ProviderForm, *, anyway: bool) -> tuple[str, TestResult]:
    """Return the id of the saved provider, "" when its test failed and it was not saved, and the test."""
    from app.llm import providers, trial
    from app.llm.views import test_as_json

    result = await trial.test_draft(ctx, form=form)
    if not (result.ok or anyway):
        return "", result
    view = await providers.create(ctx, form=form)
    row = await providers.own_connection(ctx, view.id)
    await providers.save_test(ctx, row.id, result=test_as_json(result))
    return view.id, result


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
                "options": {"api_version": form.get("api_version", "").strip()},
                "models": [
                    {"id": one, "tier": form.get("tier") or "fast", "kind": form.get("makes") or "text"}
                    for one in models[:MOST_MODELS]
                ],
            }
        )
    except ValidationError as wrong:
        place = str(wrong.errors(include_input=False)[0]["loc"][0])
        raise InvalidInput(field=place) from None
