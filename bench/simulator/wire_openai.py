"""OpenAI's chat completions, and the dialects of DeepSeek, Mistral and local servers.

After the vendors' references: platform.openai.com/docs/api-reference/chat, api-docs.deepseek.com, docs.mistral.ai/api.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any, Literal

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

Dialect = Literal["openai", "deepseek", "mistral", "local"]

_FINISH = {"stop": "stop", "length": "length", "filtered": "content_filter"}
_STATUS = {
    "unauthorized": 401,
    "rate_limited": 429,
    "server_error": 500,
    "unavailable": 503,
    "bad_request": 400,
    "unknown_model": 404,
}
_OPENAI_ERRORS: dict[Trouble, tuple[str, str | None, str]] = {
    "unauthorized": (
        "invalid_request_error",
        "invalid_api_key",
        "Incorrect API key provided: {}. This is a simulator.",
    ),
    "rate_limited": ("requests", "rate_limit_exceeded", "Rate limit reached for requests (simulated)."),
    "server_error": ("server_error", None, "The server had an error while processing your request (simulated)."),
    "unavailable": ("server_error", None, "The engine is currently overloaded (simulated)."),
    "bad_request": ("invalid_request_error", None, "{}"),
    "unknown_model": ("invalid_request_error", "model_not_found", "The model `{}` does not exist (simulated)."),
}
_DEEPSEEK_ERRORS: dict[Trouble, tuple[str, str | None, str]] = {
    **_OPENAI_ERRORS,
    "unauthorized": (
        "authentication_error",
        "invalid_request_error",
        "Authentication Fails, Your api key: {} is invalid",
    ),
    "rate_limited": ("rate_limit_error", None, "Rate limit reached (simulated)."),
    "unknown_model": ("invalid_request_error", "invalid_request_error", "Model Not Exist"),
}
_MISTRAL_ERRORS: dict[Trouble, tuple[str, str, str]] = {
    "rate_limited": ("rate_limited", "1300", "Rate limit exceeded"),
    "server_error": ("internal_server_error", "3000", "Service unavailable."),
    "unavailable": ("service_unavailable", "3051", "Service tier capacity exceeded for this model."),
    "bad_request": ("invalid_request_error", "3051", "{}"),
    "unknown_model": ("invalid_model", "1500", "Invalid model: {}"),
}


class OpenAIWire:
    """Chat completions in one of four dialects."""

    def __init__(self, dialect: Dialect) -> None:
        self._dialect = dialect

    def key(self, headers: Mapping[str, str], query: Mapping[str, str]) -> str:
        scheme, _, key = headers.get("Authorization", "").partition(" ")
        return key.strip() if scheme.lower() == "bearer" else ""

    def read(self, body: dict[str, Any], *, path: str, query: Mapping[str, str]) -> Asked:
        messages = required(body, "messages", list)
        if not messages or not all(isinstance(m, dict) and "role" in m for m in messages):
            raise BadRequest("messages: each needs a role and content")
        options = body.get("stream_options") or {}
        limit = body.get("max_completion_tokens") or body.get("max_tokens")
        return Asked(
            model=known_model(required(body, "model", str)),
            prompt="\n".join(text_of(m.get("content")) for m in messages),
            stream=bool(body.get("stream")),
            json_output=(body.get("response_format") or {}).get("type") in ("json_object", "json_schema"),
            max_tokens=limit if isinstance(limit, int) else None,
            turns=turns_of(messages),
            with_usage=self._dialect in ("mistral", "deepseek") or bool(options.get("include_usage")),
        )

    def refusal(self, trouble: Trouble, message: str = "", *, retry_after_s: int = 0) -> Refusal:
        headers = {"Retry-After": str(retry_after_s)} if trouble == "rate_limited" else {}
        status = _STATUS[trouble]
        if self._dialect != "mistral":
            if self._dialect == "deepseek" and trouble == "unknown_model":
                status = 400
            table = _DEEPSEEK_ERRORS if self._dialect == "deepseek" else _OPENAI_ERRORS
            kind, code, words = table[trouble]
            error = {"message": words.format(message), "type": kind, "param": None, "code": code}
            return Refusal(status, {"error": error}, headers)
        if trouble == "unauthorized":
            return Refusal(401, {"detail": "Unauthorized"}, headers)
        if trouble == "unknown_model":
            status = 400
        kind, code, words = _MISTRAL_ERRORS[trouble]
        error = {"object": "error", "message": words.format(message), "type": kind, "param": None, "code": code}
        return Refusal(status, {**error, "raw_status_code": status}, headers)

    def frames(self, asked: Asked, reply: Reply) -> Frames:
        head = {
            "id": reply.id,
            "object": "chat.completion.chunk",
            "created": int(time.time()),
            "model": asked.model,
            "system_fingerprint": "fp_simulated",
        }
        tail = {"usage": None} if asked.with_usage and self._dialect == "openai" else {}

        def chunk(choices: list[Any], **more: Any) -> bytes:
            return b"data: " + orjson.dumps({**head, "choices": choices, **tail, **more}) + b"\n\n"

        def choice(delta: dict[str, Any], finish: str | None = None) -> list[Any]:
            return [{"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}]

        before, after = chunk(choice({"content": "\0"})).split(orjson.dumps("\0"))
        usage = self._usage(reply)
        finish = _FINISH[reply.finish]
        if self._dialect in ("mistral", "deepseek"):  # usage rides on the chunk that finishes
            closing = chunk(choice({"content": ""}, finish), usage=usage)
        else:
            closing = chunk(choice({}, finish))
            closing += chunk([], usage=usage) if asked.with_usage else b""
        error = self.refusal("server_error")
        return Frames(
            opening=(b": keep-alive\n\n" if self._dialect == "deepseek" else b"")
            + chunk(choice({"role": "assistant", "content": ""})),
            before=before,
            after=after,
            closing=closing + b"data: [DONE]\n\n",
            cut_short=b"",
            in_band_error=b"data: " + orjson.dumps(error.body) + b"\n\n",
            malformed=b'data: {"id": "chatcmpl-simulated", "choices": [{"ind\n\n',
        )

    def whole(self, asked: Asked, reply: Reply) -> dict[str, Any]:
        message = {"role": "assistant", "content": reply.text}
        finish = _FINISH[reply.finish]
        return {
            "id": reply.id,
            "object": "chat.completion",
            "created": int(time.time()),
            "model": asked.model,
            "choices": [{"index": 0, "message": message, "logprobs": None, "finish_reason": finish}],
            "usage": self._usage(reply),
            "system_fingerprint": "fp_simulated",
        }

    def models(self, ids: tuple[str, ...]) -> dict[str, Any]:
        return {"object": "list", "data": [self.model(name) for name in ids]}

    def model(self, name: str) -> dict[str, Any]:
        card = {"id": name, "object": "model", "created": 1_700_000_000, "owned_by": "galley-simulator"}
        if self._dialect == "mistral":
            return card | {"type": "base", "capabilities": {"completion_chat": True}, "max_context_length": 131_072}
        return card

    def _usage(self, reply: Reply) -> dict[str, Any]:
        out = len(reply.tokens)
        usage: dict[str, Any] = {
            "prompt_tokens": reply.tokens_in,
            "completion_tokens": out,
            "total_tokens": reply.tokens_in + out,
        }
        if self._dialect == "deepseek":
            usage |= {"prompt_cache_hit_tokens": 0, "prompt_cache_miss_tokens": reply.tokens_in}
        return usage
