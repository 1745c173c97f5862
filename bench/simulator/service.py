"""One request to a simulated provider, from its key to its last byte."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import orjson
from aiohttp import web

from bench.simulator.answers import count_tokens, pieces
from bench.simulator.continuing import rest_of, unfinished
from bench.simulator.delivery import Delivery, reset, send_whole
from bench.simulator.log import Seen
from bench.simulator.media import MediaAsk, media_handler
from bench.simulator.providers import MODELS, Provider
from bench.simulator.settings import Fault
from bench.simulator.wire import Asked, BadRequest, Finish, Refusal, Reply, Trouble, known_model
from bench.simulator.wire_bedrock import BedrockWire

if TYPE_CHECKING:
    from bench.simulator.server import Simulator

SIMULATED = {"X-Simulated": "galley"}
PATHS_OF_CHATS = (
    "chat/completions", "v1/messages", "v2/chat", "/converse", "/converse-stream", ":generateContent",
    ":streamGenerateContent",
)  # fmt: skip
_TROUBLES: dict[str, Trouble] = {
    "unauthorized": "unauthorized",
    "rate_limited": "rate_limited",
    "server_error": "server_error",
    "unavailable": "unavailable",
}


def _refuse(seen: Seen, refusal: Refusal) -> web.Response:
    seen.status, seen.outcome = refusal.status, "refused"
    headers = {**SIMULATED, **refusal.headers}
    return web.Response(
        status=refusal.status, body=orjson.dumps(refusal.body), content_type="application/json", headers=headers
    )


async def serve(simulator: Simulator, provider: Provider, request: web.Request) -> web.StreamResponse:
    """Answer one request."""
    loop = asyncio.get_running_loop()
    key = provider.wire.key(request.headers, request.query)
    seen = simulator.log.open(provider=provider.name, path=request.path, key=key, started_s=loop.time())
    fault = provider.take_fault() if request.method == "POST" else provider.fault
    seen.fault = fault.kind if fault else None
    try:
        broken = await _before_reading(provider, request, fault, seen)
        if broken is not None:
            return broken
        if key.startswith("bad-") or (provider.needs_key and not key):
            return _refuse(seen, provider.wire.refusal("unauthorized", f"****{key[-4:]}"))
        handle = media_handler(provider.name, request.method, request.match_info["tail"])
        if handle is not None:
            return await handle(MediaAsk(simulator, provider, request, fault, seen))
        if request.method == "GET":
            return _list(provider, request, seen)
        return await _answer(simulator, provider, request, fault, seen)
    except BadRequest as error:
        return _refuse(seen, provider.wire.refusal(error.trouble, str(error)))
    except (asyncio.CancelledError, ConnectionError):
        if seen.outcome == "open":
            seen.outcome = "cancelled"
        raise


async def _before_reading(
    provider: Provider, request: web.Request, fault: Fault | None, seen: Seen
) -> web.StreamResponse | None:
    """Play the faults that need no question; None when the request is to be answered."""
    if fault is None:
        return None
    if fault.kind in _TROUBLES:
        refusal = provider.wire.refusal(_TROUBLES[fault.kind], "****", retry_after_s=fault.retry_after_s)
        return _refuse(seen, refusal)
    match fault.kind:
        case "refuse" | "reset":
            seen.outcome = "fault"
            reset(request)
            return web.Response(status=500)  # never arrives
        case "hang":
            await asyncio.Event().wait()
        case "wrong_content_type":
            seen.outcome = "fault"
            page = "<!doctype html><title>Sign in to the network</title><p>This is a web page."
            return web.Response(text=page, content_type="text/html", headers=SIMULATED)
        case "redirect":
            seen.outcome = "fault"
            return web.Response(status=307, headers={**SIMULATED, "Location": fault.location})
    return None


def _list(provider: Provider, request: web.Request, seen: Seen) -> web.Response:
    seen.outcome = "finished"
    tail = request.match_info["tail"]
    _, found, name = tail.partition("models/")
    if found:
        body = provider.wire.model(known_model(name))
    elif tail.endswith("models"):
        body = provider.wire.models(MODELS[provider.name])
    else:
        return _refuse(seen, provider.wire.refusal("bad_request", f"unknown path {request.path}"))
    return web.Response(body=orjson.dumps(body), content_type="application/json", headers=SIMULATED)


async def _read(provider: Provider, request: web.Request) -> tuple[Asked, dict[str, Any]]:
    tail = request.match_info["tail"]
    if not tail.endswith(
        (
            "chat/completions",
            "v1/messages",
            "v2/chat",
            "/converse",
            "/converse-stream",
            ":generateContent",
            ":streamGenerateContent",
        )
    ):
        raise BadRequest(f"unknown path {request.path}")
    try:
        body = orjson.loads(await request.read())
    except orjson.JSONDecodeError as error:
        raise BadRequest("the body is not JSON") from error
    if not isinstance(body, dict):
        raise BadRequest("the body is not an object")
    return provider.wire.read(body, path=tail, query=request.query), body


async def _answer(
    simulator: Simulator, provider: Provider, request: web.Request, fault: Fault | None, seen: Seen
) -> web.StreamResponse:
    asked, body = await _read(provider, request)
    seen.model, seen.stream, seen.prompt, seen.body = asked.model, asked.stream, asked.prompt, body
    reply = _reply(simulator, provider, asked, fault, seen)
    if not asked.stream:
        return await _whole(provider, request, asked, reply, fault, seen)
    kind = "application/json; charset=utf-8" if asked.as_list else "text/event-stream; charset=utf-8"
    encoded = [orjson.dumps(token) for token in reply.tokens]
    if isinstance(provider.wire, BedrockWire):
        kind, encoded = "application/vnd.amazon.eventstream", provider.wire.encoded(reply.tokens)
    headers = {**SIMULATED, "Content-Type": kind, "Cache-Control": "no-cache"}
    response = web.StreamResponse(headers=headers)
    response.enable_chunked_encoding()
    await response.prepare(request)
    delivery = Delivery(request, response, provider.pace, fault, seen, seen.started_s)
    await delivery.stream(provider.wire.frames(asked, reply), encoded)
    await response.write_eof()
    return response


def _reply(simulator: Simulator, provider: Provider, asked: Asked, fault: Fault | None, seen: Seen) -> Reply:
    begun = unfinished(asked.turns, asked.prompt)
    question = begun.question if begun else asked.prompt
    as_json = asked.json_output or (begun is not None and begun.text.lstrip().startswith("{"))
    text = simulator.answers.text_for(question, provider=provider.name, json_output=as_json)
    if begun:
        text = rest_of(text, begun, provider.manner)
    tokens = pieces(text) or [""]
    finish: Finish = "stop"
    if asked.max_tokens is not None and len(tokens) > asked.max_tokens:
        tokens, finish = tokens[: asked.max_tokens], "length"
    if fault and fault.kind == "filtered":
        tokens, finish = tokens[: fault.after_tokens] or [""], "filtered"
    return Reply(f"simulated-{seen.number}", tokens, finish, count_tokens(asked.prompt))


async def _whole(
    provider: Provider, request: web.Request, asked: Asked, reply: Reply, fault: Fault | None, seen: Seen
) -> web.StreamResponse:
    seen.tokens_sent = len(reply.tokens)
    return await send_whole(
        request, orjson.dumps(provider.wire.whole(asked, reply)), pace=provider.pace, fault=fault, seen=seen,
        error=orjson.dumps(provider.wire.refusal("server_error").body), headers=SIMULATED,
    )  # fmt: skip
