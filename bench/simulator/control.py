"""The simulator's own routes: set paces and faults, register answers, read the log."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

import orjson
from aiohttp import web
from pydantic import BaseModel, ValidationError

from bench.simulator.settings import PROVIDERS, Answer, Control, Manner, Pace

if TYPE_CHECKING:
    from bench.simulator.server import Simulator


M = TypeVar("M", bound=BaseModel)


def _json(body: object, status: int = 200) -> web.Response:
    return web.Response(status=status, body=orjson.dumps(body), content_type="application/json")


async def _body(request: web.Request) -> Any:
    try:
        return orjson.loads(await request.read())
    except orjson.JSONDecodeError:
        raise web.HTTPBadRequest(text="the body is not JSON") from None


def _checked(kind: type[M], body: Any) -> M:
    try:
        return kind.model_validate(body)
    except ValidationError as error:
        raise web.HTTPUnprocessableEntity(text=str(error)) from None


async def control(simulator: Simulator, wanted: Control) -> None:
    """Apply a setting to one provider, or to all."""
    if wanted.provider != "*" and wanted.provider not in PROVIDERS:
        raise web.HTTPUnprocessableEntity(text=f"provider: one of {', '.join(PROVIDERS)} or *")
    for name in PROVIDERS if wanted.provider == "*" else (wanted.provider,):
        provider = simulator.providers[name]
        changed = {f: getattr(wanted, f) for f in Pace.model_fields if getattr(wanted, f) is not None}
        provider.pace = provider.pace.model_copy(update=changed)
        changed = {f: getattr(wanted, f) for f in Manner.model_fields if getattr(wanted, f) is not None}
        provider.manner = provider.manner.model_copy(update=changed)
        if "fault" in wanted.model_fields_set:
            provider.set_fault(wanted.fault)
            await simulator.apply_listener(name)


async def heal(simulator: Simulator) -> None:
    """Put everything back as at the start: paces, faults, answers and the log."""
    for name, provider in simulator.providers.items():
        provider.pace, provider.manner = Pace(), Manner()
        provider.set_fault(None)
        await simulator.apply_listener(name)
    simulator.answers.clear()
    simulator.log.entries.clear()


def load_answers(simulator: Simulator, body: Any) -> int:
    """Register one answer, a list of them, or a map {match: text}; return how many."""
    if isinstance(body, dict) and "match" not in body:
        entries: list[Any] = [
            {"match": match, "texts": text} if isinstance(text, list) else {"match": match, "text": text}
            for match, text in body.items()
        ]
    else:
        entries = body if isinstance(body, list) else [body]
    for answer in [_checked(Answer, entry) for entry in entries]:
        simulator.answers.add(answer)
    return len(entries)


def state(simulator: Simulator) -> dict[str, Any]:
    """Return every provider's address and present setting."""
    return {
        name: {
            **provider.pace.model_dump(),
            **provider.manner.model_dump(),
            "fault": provider.fault.model_dump() if provider.fault else None,
            "faults_left": provider.faults_left,
            "open_requests": len(provider.open_requests),
            "base_url": simulator.base_url(name),
            "own_base_url": simulator.base_url(name, own_port=True),
        }
        for name, provider in simulator.providers.items()
    }


def add_control_routes(app: web.Application, simulator: Simulator) -> None:
    """Mount /_control."""

    async def get_state(_: web.Request) -> web.Response:
        return _json(state(simulator))

    async def post_control(request: web.Request) -> web.Response:
        await control(simulator, _checked(Control, await _body(request)))
        return _json(state(simulator))

    async def post_reset(_: web.Request) -> web.Response:
        await heal(simulator)
        return _json(state(simulator))

    async def post_answers(request: web.Request) -> web.Response:
        return _json({"registered": load_answers(simulator, await _body(request))})

    async def delete_answers(_: web.Request) -> web.Response:
        simulator.answers.clear()
        return _json({})

    async def get_log(request: web.Request) -> web.Response:
        return _json(simulator.log.as_json(provider=request.query.get("provider")))

    async def delete_log(_: web.Request) -> web.Response:
        simulator.log.entries.clear()
        return _json({})

    app.router.add_get("/_control", get_state)
    app.router.add_post("/_control", post_control)
    app.router.add_post("/_control/reset", post_reset)
    app.router.add_post("/_control/answers", post_answers)
    app.router.add_delete("/_control/answers", delete_answers)
    app.router.add_get("/_control/log", get_log)
    app.router.add_delete("/_control/log", delete_log)
