"""Anthropic's Messages, after docs.anthropic.com/en/api/messages-streaming and /errors (version 2023-06-01)."""

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

_FINISH = {"stop": "end_turn", "length": "max_tokens", "filtered": "refusal"}
_ERRORS: dict[Trouble, tuple[int, str, str]] = {
    "unauthorized": (401, "authentication_error", "invalid x-api-key"),
    "rate_limited": (429, "rate_limit_error", "This request would exceed your rate limit (simulated)."),
    "server_error": (500, "api_error", "Internal server error"),
    "unavailable": (529, "overloaded_error", "Overloaded"),
    "bad_request": (400, "invalid_request_error", "{}"),
    "unknown_model": (404, "not_found_error", "model: {}"),
}


def _event(name: str, **body: Any) -> bytes:
    return f"event: {name}\ndata: ".encode() + orjson.dumps({"type": name, **body}) + b"\n\n"


class AnthropicWire:
    """The Messages API."""

    def key(self, headers: Mapping[str, str], query: Mapping[str, str]) -> str:
        return headers.get("x-api-key", "") or headers.get("Authorization", "").removeprefix("Bearer ").strip()

    def read(self, body: dict[str, Any], *, path: str, query: Mapping[str, str]) -> Asked:
        messages = required(body, "messages", list)
        if not messages or any(not isinstance(m, dict) or m.get("role") not in ("user", "assistant") for m in messages):
            raise BadRequest("messages: roles must be user or assistant")
        turns = turns_of(messages)
        if turns[-1][0] == "assistant" and turns[-1][1] != turns[-1][1].rstrip():
            raise BadRequest("messages: final assistant content cannot end with trailing whitespace")
        prompt = [text_of(body.get("system")), *(text_of(m.get("content")) for m in messages)]
        return Asked(
            model=known_model(required(body, "model", str)),
            prompt="\n".join(prompt),
            stream=bool(body.get("stream")),
            json_output=bool(body.get("output_format") or body.get("output_config")),
            max_tokens=required(body, "max_tokens", int),
            turns=turns,
        )

    def refusal(self, trouble: Trouble, message: str = "", *, retry_after_s: int = 0) -> Refusal:
        status, kind, words = _ERRORS[trouble]
        headers = {"request-id": "req_simulated"}
        if trouble == "rate_limited":
            headers["Retry-After"] = str(retry_after_s)
        error = {"type": kind, "message": words.format(message)}
        return Refusal(status, {"type": "error", "error": error, "request_id": "req_simulated"}, headers)

    def frames(self, asked: Asked, reply: Reply) -> Frames:
        message = self._message(asked, reply) | {"content": [], "stop_reason": None}
        message["usage"] = {"input_tokens": reply.tokens_in, "output_tokens": 1}
        delta = _event("content_block_delta", index=0, delta={"type": "text_delta", "text": "\0"})
        before, after = delta.split(orjson.dumps("\0"))
        finish = {"stop_reason": _FINISH[reply.finish], "stop_sequence": None}
        block_stop = _event("content_block_stop", index=0)
        error = self.refusal("unavailable")
        return Frames(
            opening=_event("message_start", message=message)
            + _event("content_block_start", index=0, content_block={"type": "text", "text": ""})
            + _event("ping"),
            before=before,
            after=after,
            closing=block_stop
            + _event("message_delta", delta=finish, usage={"output_tokens": len(reply.tokens)})
            + _event("message_stop"),
            cut_short=block_stop,
            in_band_error=_event("error", error=error.body["error"]),
            malformed=b'event: content_block_delta\ndata: {"type": "content_block_delta", "ind\n\n',
        )

    def whole(self, asked: Asked, reply: Reply) -> dict[str, Any]:
        return self._message(asked, reply)

    def models(self, ids: tuple[str, ...]) -> dict[str, Any]:
        data = [self.model(name) for name in ids]
        return {"data": data, "has_more": False, "first_id": ids[0], "last_id": ids[-1]}

    def model(self, name: str) -> dict[str, Any]:
        return {
            "type": "model",
            "id": name,
            "display_name": f"{name} (simulated)",
            "created_at": "2026-01-01T00:00:00Z",
        }

    def _message(self, asked: Asked, reply: Reply) -> dict[str, Any]:
        return {
            "id": reply.id,
            "type": "message",
            "role": "assistant",
            "model": asked.model,
            "content": [{"type": "text", "text": reply.text}],
            "stop_reason": _FINISH[reply.finish],
            "stop_sequence": None,
            "usage": {"input_tokens": reply.tokens_in, "output_tokens": len(reply.tokens)},
        }
