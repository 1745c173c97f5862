"""/api/v1/generations: run a template, as a stream or collected; look at runs; stop one."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any, get_args
from uuid import UUID

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field, JsonValue, StringConstraints

from app.api.door import Ctx, DoorRoute
from app.api.event_stream import EventStream
from app.api.rest.briefs import RunInputs, named_as_sent
from app.api.rest.run_events import RunOutcome, frames, outcome
from app.api.rest.verdicts import CheckOut, check_out
from app.api.scopes import requires
from app.api.shapes import AddressId, Body, CursorText, Limit, Page, cursor_of, position_of
from app.content import generations
from app.content.events import Event
from app.content.price_range import run_estimate
from app.content.replay import replay
from app.content.schemas import GenerationView, RunRequest, State, VariantView
from app.content.service import generate
from app.core.context import Context
from app.core.errors import AppError, InvalidInput
from app.core.ports import Quality

router = APIRouter(prefix="/api/v1/generations", tags=["generations"], route_class=DoorRoute)

TemplateName = Annotated[str, StringConstraints(min_length=1, max_length=60)]


_EVENT = {
    "type": "object",
    "properties": {
        "event": {"type": "string", "enum": [one.__name__.lower() for one in get_args(Event)]},
        "id": {"type": "string", "description": "Counts from 1."},
        "data": {"type": "string", "contentMediaType": "application/json"},
    },
    "required": ["event", "id", "data"],
}
STREAM: dict[str, Any] = {  # Any: OpenAPI, as FastAPI takes it
    "description": "Server-sent events, each as here; a run is streamed with `Accept: text/event-stream`.",
    "content": {"text/event-stream": {"schema": _EVENT}},
}


class NewGeneration(Body):
    """A brief: the template, and its fields together with language, tone, register and variants (1 to 5)."""

    template: TemplateName = Field(examples=["google-rsa"])
    inputs: RunInputs = Field(
        examples=[{"product": "Trail running shoes", "language": "en", "variants": 1}],
        description="See `inputs` of GET /templates/{slug} for the schema.",
    )
    quality: Quality = Field(default="balanced", description="`saver` costs less, `best` asks a stronger model.")
    pin: Annotated[str, StringConstraints(max_length=400)] = Field(
        default="", description="One tier (`tier:strong`) or one model (`<provider id>/<model id>`); empty: we choose."
    )
    fresh: bool = Field(default=False, description="Write anew, even where an earlier answer could be served.")


class EstimateOut(BaseModel):
    """What a run may cost, in micro-dollars, and who would write it. `known` false: a flat estimate stands in."""

    low_micros: int
    high_micros: int
    known: bool
    provider: str
    model: str
    tier: str


class WhyOut(BaseModel):
    """A model that was considered, and what was decided about it."""

    model: str
    code: str
    text: str
    params: dict[str, str | int | float]


class LegOut(BaseModel):
    """A call that the text took, as it was booked; one that broke off or was too late is one too."""

    provider: str
    model: str
    embedded: bool
    outcome: str
    error_code: str
    cost_micros: int
    cost_known: bool


class VariantOut(BaseModel):
    """One text of a run. `provider` is "embedded" for the built-in writer, which is no AI model."""

    variant: str = Field(examples=["A"])
    state: State
    text: str
    provider: str
    model: str
    embedded: bool
    tokens_in: int
    tokens_out: int
    cost_micros: int = Field(description="Micro-dollars.")
    cost_known: bool = Field(description="False: the model's price is unknown and a flat estimate was booked.")
    first_token_ms: int
    total_ms: int
    repaired: bool
    passed: int
    total: int
    served: str = Field(description='"model", or "exact" or "answer": an earlier answer, written at `written_at`.')
    written_at: datetime | None
    saved_micros: int = Field(description="Micro-dollars that an earlier answer saved.")
    tier: str
    seams: list[int] = Field(description="Places in the text as it flowed where another provider went on.")
    legs: list[LegOut]
    why: list[WhyOut]
    checks: list[CheckOut]


class RunError(BaseModel):
    """Why a run ended before all its variants were complete."""

    code: str
    detail: str


class Generation(BaseModel):
    """One run. In lists, the checks of its variants are left out."""

    id: UUID
    template: str
    template_version: int
    language: str
    state: State
    inputs: dict[str, JsonValue]
    variants_wanted: int
    variants: list[VariantOut]
    cost_micros: int
    document_id: UUID | None
    error: RunError | None
    created_at: datetime
    finished_at: datetime | None


def _variant(view: VariantView) -> VariantOut:
    return VariantOut(
        variant=view.letter,
        state=view.state,
        text=view.text,
        provider="embedded" if view.embedded else view.provider,
        model=view.model,
        embedded=view.embedded,
        tokens_in=view.tokens_in,
        tokens_out=view.tokens_out,
        cost_micros=view.cost_micros,
        cost_known=view.cost_known,
        first_token_ms=view.first_token_ms,
        total_ms=view.total_ms,
        repaired=view.repaired,
        passed=view.passed,
        total=view.total,
        served=view.provenance.served,
        written_at=view.provenance.written_at,
        saved_micros=view.provenance.saved_micros,
        tier=view.provenance.tier,
        seams=list(view.provenance.seams),
        legs=[LegOut(**asdict(leg)) for leg in view.provenance.legs],
        why=[WhyOut(model=m, code=c, text=t, params=dict(p)) for m, c, t, p in view.why],
        checks=[check_out(one) for one in view.results],
    )


def _generation(view: GenerationView, *, detail: str = "") -> Generation:
    error = RunError(code=view.error_code, detail=detail or view.error_code) if view.error_code else None
    return Generation(
        id=view.id,
        template=view.template_id,
        template_version=view.template_version,
        language=view.language,
        state=view.state,
        inputs=view.inputs,
        variants_wanted=view.variants_wanted,
        variants=[_variant(one) for one in view.variants],
        cost_micros=view.cost_micros,
        document_id=view.document_id,
        error=error,
        created_at=view.created_at,
        finished_at=view.finished_at,
    )


class RunFailed(AppError):
    """A collected run that ended without one complete variant."""

    status = 502
    code = "run.failed"


@router.post(
    "",
    status_code=201,
    responses={200: STREAM},
)
@requires("generations:write")
async def create_generation(ctx: Ctx, body: NewGeneration, request: Request) -> Generation:
    """Run a template. `Accept: text/event-stream` streams the run; otherwise the answer comes when it is over."""
    events = generate(ctx, request=_asked(body))
    try:
        first = await anext(events)
    except InvalidInput as error:
        raise named_as_sent(error) from error
    if "text/event-stream" in request.headers.get("accept", ""):
        return _streamed(first, events)  # type: ignore[return-value]  # FastAPI passes a response on as it is
    return await _collected(ctx, first, events)


def _asked(body: NewGeneration) -> RunRequest:
    return RunRequest(body.template, body.inputs, quality=body.quality, pin=body.pin, fresh=body.fresh)


def _streamed(first: Event, events: AsyncGenerator[Event]) -> Response:
    ended = RunOutcome()
    return EventStream(frames(first, events, ended), is_final=lambda: ended.is_final)


async def _collected(ctx: Context, first: Event, events: AsyncGenerator[Event]) -> Generation:
    async with aclosing(events):
        ended = await outcome(first, events)
    view = await generations.get(ctx, generation_id=ended.generation_id)
    failure = ended.failure
    if failure and not any(one.state == "done" for one in view.variants):
        raise RunFailed(failure.message, code=failure.code, params={**failure.params, "generation_id": str(view.id)})
    return _generation(view, detail=ended.detail)


@router.get("")
@requires("documents:read")
async def list_generations(ctx: Ctx, limit: Limit = 50, cursor: CursorText = None) -> Page[Generation]:
    """List runs, newest first."""
    views, end = await generations.list_newest(ctx, limit=limit, after=position_of(cursor))
    return Page(items=[_generation(view) for view in views], next_cursor=cursor_of(end))


@router.get("/{generation_id}")
@requires("documents:read")
async def show_generation(ctx: Ctx, generation_id: AddressId) -> Generation:
    """Show one run with its texts and the verdicts they got."""
    return _generation(await generations.get(ctx, generation_id=generation_id))


@router.get("/{generation_id}/events", response_class=Response, responses={200: STREAM})
@requires("documents:read")
async def replay_generation(ctx: Ctx, generation_id: AddressId) -> Response:
    """Tell a finished run again as a stream, without its deltas, from what was stored."""
    events = replay(ctx, generation_id=generation_id)
    return _streamed(await anext(events), events)


@router.post("/estimate")
@requires("generations:write")
async def estimate_generation(ctx: Ctx, body: NewGeneration) -> EstimateOut:
    """Say what a run may cost and which model would write it; nothing is sent."""
    found = await run_estimate(ctx, request=_asked(body))
    return EstimateOut(
        low_micros=found.range.low_micros,
        high_micros=found.range.high_micros,
        known=found.range.known,
        provider=found.provider,
        model=found.model,
        tier=found.tier,
    )


@router.post("/{generation_id}/stop")
@requires("generations:write")
async def stop_generation(ctx: Ctx, generation_id: AddressId) -> Generation:
    """Stop a run; what is there is saved. A run that is over stays as it is."""
    return _generation(await generations.stop(ctx, generation_id=generation_id))
