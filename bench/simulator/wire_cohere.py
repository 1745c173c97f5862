"""Cohere's v2 chat, after docs.cohere.com/v2/reference/chat-stream and docs.cohere.com/v2/docs/streaming.

Written down from the vendor's reference; no SDK of Cohere's is among the test dependencies, so none has proved it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from bench.simulator.wire import (
    Asked,
    BadRequest,
    Frames,
    Refusal,
    Reply,
    Trouble,
    known_model,
    required,
    text_of,
    turns_of,
)

_FINISH = {"stop": "COMPLETE", "length": "MAX_TOKENS", "filtered": "ERROR_TOXIC"}
_ERRORS: dict[Trouble, tuple[int, str]] = {
    "unauthorized": (401, "invalid api token"),
    "rate_limited": (429, "You are past the per minute request limit, please wait and try again later. (simulated)"),
    "server_error": (500, "internal server error, this has been reported to our developers (simulated)"),
    "unavailable": (503, "service unavailable (simulated)"),
    "bad_request": (400, "invalid request: {}"),
    "unknown_model": (404, "model '{}' not found, make sure the correct model ID was used."),
}


def _event(name: str, **body: Any) -> bytes:
    return f"event: {name}\ndata: ".encode() + orjson.dumps({"type": name, **body}) + b"\n\n"


class CohereWire:
    """The v2 Chat API."""

    def key(self, headers: Mapping[str, str], query: Mapping[str, str]) -> str:
        scheme, _, key = headers.get("Authorization", "").partition(" ")
        return key.strip() if scheme.lower() == "bearer" else ""

    def read(self, body: dict[str, Any], *, path: str, query: Mapping[str, str]) -> Asked:
        messages = required(body, "messages", list)
        if not messages or not all(isinstance(m, dict) and "role" in m for m in messages):
            raise BadRequest("messages must be at least one, each with a role")
        limit = body.get("max_tokens")
        return Asked(
            model=known_model(required(body, "model", str)),
            prompt="\n".join(text_of(m.get("content")) for m in messages),
            stream=bool(body.get("stream")),
            json_output=(body.get("response_format") or {}).get("type") == "json_object",
            max_tokens=limit if isinstance(limit, int) else None,
            turns=turns_of(messages),
        )

    def refusal(self, trouble: Trouble, message: str = "", *, retry_after_s: int = 0) -> Refusal:
        status, words = _ERRORS[trouble]
        headers = {"Retry-After": str(retry_after_s)} if trouble == "rate_limited" else {}
        return Refusal(status, {"id": "simulated", "message": words.format(message)}, headers)

    def frames(self, asked: Asked, reply: Reply) -> Frames:
        opened = {"role": "assistant", "content": [], "tool_plan": "", "tool_calls": [], "citations": []}
        delta = _event("content-delta", index=0, delta={"message": {"content": {"text": "\0"}}})
        before, after = delta.split(orjson.dumps("\0"))
        block_end = _event("content-end", index=0)
        ended = {"finish_reason": _FINISH[reply.finish], "usage": self._usage(reply)}
        broken = {"error": "the model failed (simulated)", "finish_reason": "ERROR", "usage": self._usage(reply)}
        return Frames(
            opening=_event("message-start", id=reply.id, delta={"message": opened})
            + _event("content-start", index=0, delta={"message": {"content": {"type": "text", "text": ""}}}),
            before=before,
            after=after,
            closing=block_end + _event("message-end", delta=ended) + b"data: [DONE]\n\n",
            cut_short=block_end,
            in_band_error=_event("message-end", delta=broken),
            malformed=b'event: content-delta\ndata: {"type": "content-delta", "ind\n\n',
        )

    def whole(self, asked: Asked, reply: Reply) -> dict[str, Any]:
        return {
            "id": reply.id,
            "message": {"role": "assistant", "content": [{"type": "text", "text": reply.text}]},
            "finish_reason": _FINISH[reply.finish],
            "usage": self._usage(reply),
        }

    def models(self, ids: tuple[str, ...]) -> dict[str, Any]:
        return {"models": [self.model(name) for name in ids], "next_page_token": ""}

    def model(self, name: str) -> dict[str, Any]:
        return {"name": name, "endpoints": ["chat"], "finetuned": False, "context_length": 128_000}

    def _usage(self, reply: Reply) -> dict[str, Any]:
        counts = {"input_tokens": reply.tokens_in, "output_tokens": len(reply.tokens)}
        return {"billed_units": counts, "tokens": counts}
