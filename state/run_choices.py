"""What is chosen beside the brief: quality and model, and the same run as a program would ask for it."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping
from typing import TYPE_CHECKING, get_args

import reflex as rx

from app.core.ports import Quality
from state.marks import needs, public
from state.policy_view import ModelOption, model_options
from state.run_view import typed_values
from state.run_why import amount
from state.session import ctx_for, ports

if TYPE_CHECKING:
    from app.content.schemas import RunRequest

COMMON = ("language", "tone", "register", "variants")
QUALITIES: tuple[Quality, ...] = get_args(Quality)


class RunChoices(rx.State, mixin=True):
    """The part of the run screen's state that is about who writes, and for how much."""

    quality: str = "balanced"
    pin: str = ""
    models: list[ModelOption] = []
    priced: bool = False
    price_low: str = ""
    price_high: str = ""
    price_known: bool = True
    code: str = ""
    code_open: bool = False

    _typed: dict[str, object] = {}

    @rx.event
    @public
    async def choose_quality(self, quality: str) -> None:
        """Choose between the price and the strength of the model."""
        if quality in QUALITIES:
            self.quality = quality
            await self._reckon()

    @rx.event
    @public
    async def choose_model(self, pin: str) -> None:
        """Send this run to one model, or to the rules again; whether it may is for the service to say."""
        self.pin = pin[:400]
        await self._reckon()

    @rx.event
    @needs("generations:write")
    async def reckon(self, form: dict[str, str]) -> None:
        """Say what the run may cost with the brief as it is typed now; the texts are not kept."""
        from app.content.catalogue_files import load_catalogue

        self._typed = typed_values(load_catalogue().get(self.template_id), form)
        await self._reckon()

    @rx.event
    @public
    def toggle_code(self) -> None:
        """Show or hide the run as a program would ask for it."""
        self.code_open = not self.code_open

    async def _reckon(self) -> None:
        from app.content.price_range import price_range

        ctx = await ctx_for(self)
        if "generations:write" not in ctx.scopes or not self.template_id:
            return
        inputs = self._typed | {name: getattr(self, name) for name in COMMON}
        found = await price_range(ctx, request=self._request(self.template_id, inputs, fresh=False))
        self.price_low, self.price_high, self.price_known = (
            amount(found.low_micros),
            amount(found.high_micros),
            found.known,
        )
        self.priced = True

    async def _read_models(self) -> None:
        """Read who could be chosen; only those who see the providers get their ids."""
        from app.llm import providers

        ctx = await ctx_for(self)
        if "generations:write" in ctx.scopes:
            self.models = model_options(await providers.list_providers(ctx))

    def _request(self, template_id: str, inputs: Mapping[str, object], *, fresh: bool) -> RunRequest:
        from app.content.schemas import RunRequest

        quality = next((one for one in QUALITIES if one == self.quality), "balanced")
        return RunRequest(template_id, inputs, quality=quality, pin=self.pin, fresh=fresh)


def curl_of(request: RunRequest) -> str:
    """Return the command that asks for the very same run."""
    body: dict[str, object] = {"template": request.template_id, "inputs": _filled(request.inputs)}
    if request.quality != "balanced":
        body["quality"] = request.quality
    if request.pin:
        body["pin"] = request.pin
    text = json.dumps(body, ensure_ascii=False, indent=2)
    return "\n".join(
        [
            f"curl {ports().settings.address}/api/v1/generations \\",
            '  -H "Authorization: Bearer $GALLEY_KEY" \\',
            f"  --json {shlex.quote(text)}",
        ]
    )


def _filled(inputs: Mapping[str, object]) -> dict[str, object]:
    kept = {name: value for name, value in inputs.items() if value not in ("", [], None)}
    return kept | {"variants": int(str(inputs.get("variants", "1")))}
