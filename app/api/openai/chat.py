"""/v1/chat/completions and /v1/models: the gateway as OpenAI's clients know one.

A stream begins once a model has begun to write, so that a refusal has its own status. What cannot be continued in
mid-text (a JSON object) is held back until it is whole: text that was sent cannot be taken back in this form.
"""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from typing import Literal

import orjson
from fastapi import APIRouter, Request

from app.api.door import Ctx, door_of
from app.api.event_stream import EventStream
from app.api.gate import request_id_of
from app.api.openai.route import OpenAIRoute, QuickOpenAIRoute, error_of
from app.api.openai.shapes import (
    MOST_CHARACTERS,
    ChatCompletion,
    ChatRequest,
    Choice,
    ChoiceMessage,
    Model,
    ModelList,
    Usage,
    Written,
)
from app.api.scopes import requires
from app.core.context import Context
from app.core.errors import AppError, InvalidInput, NotAllowed, NotFound
from app.core.ids import new_id
from app.core.ports import ModelKind, ProviderBadAnswer, Tier
from app.core.telemetry import log
from app.llm import gateway
from app.llm.candidates import candidates
from app.llm.events import Chosen, GatewayEvent, Restarted, Settled, Text
from app.llm.pacing import count_run
from app.llm.routing import TIERS
from app.llm.task import Task

router = APIRouter(prefix="/v1", tags=["openai"], route_class=OpenAIRoute)
quick_router = APIRouter(prefix="/v1", tags=["openai"], route_class=QuickOpenAIRoute)

FEATURE = "api"
OURS = "galley/"
AUTO = "galley/auto"
LISTED: tuple[ModelKind, ...] = ("text", "speech", "transcription")
_STREAM = {
    "description": "A stream where `stream` is true: frames of `chat.completion.chunk`, then `[DONE]`.",
    "content": {"text/event-stream": {"schema": {"type": "string"}}},
}
Finish = Literal["stop", "length"]


@router.get("/models")
@requires("templates:read")
async def list_models(ctx: Ctx) -> ModelList:
    """List what can be asked for: Galley's tiers, and the workspace's own models by provider, those of sound too."""
    tiers = [Model(id=name, owned_by="galley") for name in (AUTO, *(OURS + tier for tier in TIERS))]
    own = [
        Model(id=f"{one.key}/{one.target.model}", owned_by=one.target.provider)
        for kind in LISTED
        for one in await candidates(ctx, kind=kind)
        if not one.embedded
    ]
    return ModelList(data=[*tiers, *own])


@quick_router.post("/chat/completions", responses={200: _STREAM})
@requires("generations:write")
async def create_chat_completion(ctx: Ctx, body: ChatRequest, request: Request) -> ChatCompletion:
    """Let a model go on with a chat. `stream: true` sends it as server-sent events, `[DONE]` at the end."""
    if ctx.is_demo:
        raise NotAllowed("A demo workspace writes from templates only. Sign up to use the API.", code="demo.api")
    task = await _task(ctx, body)
    await count_run(ctx)
    answer = _Answer(body, request_id_of(request.scope), route=request)
    events = gateway.stream(ctx, task)
    if not body.stream:
        async with aclosing(events):  # type: ignore[type-var]  # a generator; its type says less
            async for event in events:
                answer.note(event)
        return answer.whole()
    first = await answer.until_text(events)
    return EventStream(answer.frames(first, events), is_final=lambda: answer.settled is not None)  # type: ignore[return-value]


async def _task(ctx: Context, body: ChatRequest) -> Task:
    messages = tuple(one.message() for one in body.messages)
    if not any(message.text.strip() for message in messages):
        raise InvalidInput("There is nothing to answer.", code="chat.empty", field="messages")
    if sum(len(message.text) for message in messages) > MOST_CHARACTERS:
        raise InvalidInput(
            "The messages are longer together than {limit} characters.",
            code="chat.too_long",
            field="messages",
            params={"limit": MOST_CHARACTERS},
        )
    tier, pin = await _asked_model(ctx, body.model)
    return Task(
        feature=FEATURE,
        tier=tier,
        messages=messages,
        max_tokens=body.limit,
        temperature=0.7 if body.temperature is None else body.temperature,
        json_output=body.json_output,
        pin=pin,
        task_kind="chat",
        reuse=False,
    )


async def _asked_model(ctx: Context, model: str) -> tuple[Tier, str]:
    """Return the tier to begin with and the pin.

    Raises:
        NotFound: there is no such model here.
    """
    if model == AUTO:
        return "fast", ""
    for tier in TIERS:
        if model == OURS + tier:
            return tier, f"tier:{tier}"
    for one in await candidates(ctx):
        if not one.embedded and model == f"{one.key}/{one.target.model}":
            return one.target.tier, model
    raise NotFound(
        "There is no model of that name here. GET /v1/models lists them.", code="model.unknown", field="model"
    )


class _Answer:
    """One answer on its way, in OpenAI's words."""

    def __init__(self, body: ChatRequest, request_id: str, *, route: Request) -> None:
        self.settled: Settled | None = None
        self._id = f"chatcmpl-{new_id()}"
        self._created = int(time.time())
        self._model = body.model
        self._request_id = request_id
        self._door = door_of(route.app)
        self._locale = route.state.visit.locale
        self._held_back = body.json_output
        self._with_usage = body.stream_options is not None and body.stream_options.include_usage
        self._pieces: list[str] = []
        self._why = ""
        self._head = b""

    def note(self, event: GatewayEvent) -> None:
        """Take an event in."""
        match event:
            case Text():
                self._pieces.append(event.text)
            case Restarted():
                self._pieces.clear()
            case Settled():
                self.settled = event
            case Chosen():
                self._model = event.model
                chosen = next((v for v in event.why.verdicts if v.code.startswith("why.chosen")), None)
                self._why = chosen.text if chosen else ""

    async def until_text(self, events: AsyncIterator[GatewayEvent]) -> str:
        """Take events in until text may be sent, and return it.

        Raises:
            AppError: nobody delivers.
        """
        async for event in events:
            self.note(event)
            if isinstance(event, Text) and not self._held_back:
                return event.text
        return "".join(self._pieces)

    def whole(self) -> ChatCompletion:
        """Return the answer in one piece."""
        return ChatCompletion(
            id=self._id,
            created=self._created,
            model=self._model,
            choices=[Choice(message=ChoiceMessage(content="".join(self._pieces)), finish_reason=self._finish())],
            usage=self._usage(),
            galley=self._written(),
        )

    async def frames(self, first: str, events: AsyncIterator[GatewayEvent]) -> AsyncGenerator[bytes]:
        """Yield the answer as frames; closes `events`."""
        shape = {"id": self._id, "object": "chat.completion.chunk", "created": self._created, "model": self._model}
        self._head = orjson.dumps(shape)[:-1]
        yield self._piece(b'{"role":"assistant","content":%b}' % orjson.dumps(first))
        try:
            async with aclosing(events):  # type: ignore[type-var]  # a generator; its type says less
                async for event in events:
                    if isinstance(event, Text):
                        yield self._piece(b'{"content":%b}' % orjson.dumps(event.text))
                    elif isinstance(event, Restarted):
                        raise ProviderBadAnswer(params={"provider": event.provider})
                    else:
                        self.note(event)
        except AppError as error:
            log.info("openai.broke_off", code=error.code)
            told = error_of(
                error.status,
                detail=self._door.translate(self._locale, error.code, error.message, error.params),
                code=error.code,
                request_id=self._request_id,
            )
            yield b"data: " + told.model_dump_json().encode() + b"\n\n"
            return
        written = b',"galley":' + self._written().model_dump_json().encode()
        yield self._piece(b"{}", finish=orjson.dumps(self._finish()), more=written)
        if self._with_usage:
            yield b"data: %b,%b}\n\n" % (
                self._head,
                b'"choices":[],"usage":' + self._usage().model_dump_json().encode(),
            )
        yield b"data: [DONE]\n\n"

    def _piece(self, delta: bytes, *, finish: bytes = b"null", more: bytes = b"") -> bytes:
        return b'data: %b,"choices":[{"index":0,"delta":%b,"finish_reason":%b}]%b}\n\n' % (
            self._head,
            delta,
            finish,
            more,
        )

    def _finish(self) -> Finish:
        return "length" if self._done.finish_reason == "length" else "stop"

    @property
    def _done(self) -> Settled:
        assert self.settled is not None  # the gateway settles or raises
        return self.settled

    def _usage(self) -> Usage:
        one = self._done
        return Usage(
            prompt_tokens=one.tokens_in, completion_tokens=one.tokens_out, total_tokens=one.tokens_in + one.tokens_out
        )

    def _written(self) -> Written:
        one = self._done
        return Written(
            provider=one.provider,
            model=one.model,
            tier=one.tier,
            cost_micros=one.cost_micros,
            cost_known=one.cost_known,
            served=one.served,
            seams=list(one.seams),
            why=self._why,
        )
