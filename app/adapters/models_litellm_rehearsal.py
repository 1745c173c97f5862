"""LiteLLM's first call costs a second of imports: it is played in the loading thread, to the answers written below."""

from __future__ import annotations

import asyncio
from types import ModuleType

from app.adapters.models_litellm_request import arguments, base_url_of
from app.core.ports import Message, ModelCall, ModelTarget, ProviderKind

_OPENAI = b"""data: {"id":"1","object":"chat.completion.chunk","created":1,"model":"m","choices":\
[{"index":0,"delta":{"content":"ok"},"finish_reason":"stop"}]}

data: [DONE]

"""
_ANTHROPIC = b"""event: content_block_delta
data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"ok"}}

event: message_delta
data: {"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":1}}

"""
_GEMINI = b"""data: {"candidates":[{"content":{"parts":[{"text":"ok"}],"role":"model"},"finishReason":"STOP"}]}

"""
_BEDROCK = (
    b"\x00\x00\x00z\x00\x00\x00Q\xca,Fe\x0b:event-type\x07\x00\x0bmessageStop\r:content-type\x07\x00\x10application/json"
    b'\r:message-type\x07\x00\x05event{"stopReason":"end_turn"}_\xbf\t\xfc'
)
ANSWERS: dict[ProviderKind, bytes] = {
    "openai": _OPENAI,
    "azure": _OPENAI,
    "openai-compatible": _OPENAI,
    "deepseek": _OPENAI,
    "mistral": _OPENAI,
    "anthropic": _ANTHROPIC,
    "gemini": _GEMINI,
    "bedrock": _BEDROCK,
}


def rehearse(library: ModuleType) -> None:
    """Take every kind through one call that never leaves the process; runs in a thread that has no event loop."""
    asyncio.run(_rehearse(library))


async def _rehearse(library: ModuleType) -> None:
    import httpx

    for kind, answer in ANSWERS.items():
        target = ModelTarget(provider="rehearsal", kind=kind, model="rehearsal", base_url="http://rehearsal.invalid")
        call = ModelCall(target=target, messages=(Message("user", "ok"),), max_tokens=1)

        def said(request: httpx.Request, answer: bytes = answer) -> httpx.Response:
            return httpx.Response(200, headers={"content-type": "text/event-stream"}, content=answer, request=request)

        transport = httpx.MockTransport(said)
        wanted = arguments(call, transport, base_url=base_url_of(target))
        async for chunk in await library.acompletion(**wanted):
            if chunk.choices and chunk.choices[0].finish_reason:
                break
