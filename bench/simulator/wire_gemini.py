"""Gemini's generateContent, after ai.google.dev/api/generate-content (v1beta) and google.rpc.Status."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from bench.simulator.wire import Asked, BadRequest, Frames, Refusal, Reply, Trouble, known_model, required

_FINISH = {"stop": "STOP", "length": "MAX_TOKENS", "filtered": "SAFETY"}
_ERRORS: dict[Trouble, tuple[int, str, str]] = {
    "unauthorized": (400, "INVALID_ARGUMENT", "API key not valid. Please pass a valid API key."),
    "rate_limited": (429, "RESOURCE_EXHAUSTED", "You exceeded your current quota (simulated)."),
    "server_error": (500, "INTERNAL", "An internal error has occurred (simulated)."),
    "unavailable": (503, "UNAVAILABLE", "The model is overloaded. Please try again later."),
    "bad_request": (400, "INVALID_ARGUMENT", "{}"),
    "unknown_model": (404, "NOT_FOUND", "models/{} is not found for API version v1beta."),
}
_ERROR_INFO = "type.googleapis.com/google.rpc.ErrorInfo"
_RETRY_INFO = "type.googleapis.com/google.rpc.RetryInfo"


def _texts(content: Any) -> str:
    parts = content.get("parts", []) if isinstance(content, dict) else []
    parts = [parts] if isinstance(parts, dict) else parts
    return "".join(part.get("text", "") for part in parts if isinstance(part, dict))


class GeminiWire:
    """generateContent and streamGenerateContent."""

    def key(self, headers: Mapping[str, str], query: Mapping[str, str]) -> str:
        return headers.get("x-goog-api-key", "") or query.get("key", "")

    def read(self, body: dict[str, Any], *, path: str, query: Mapping[str, str]) -> Asked:
        name, _, verb = path.rpartition("/")[2].partition(":")
        contents = required(body, "contents", list)
        if not contents or not all(isinstance(c, dict) for c in contents):
            raise BadRequest("GenerateContentRequest.contents: contents is not specified")
        system = body.get("systemInstruction") or body.get("system_instruction")
        config = body.get("generationConfig") or body.get("generation_config") or {}
        limit = config.get("maxOutputTokens") or config.get("max_output_tokens")
        mime = config.get("responseMimeType") or config.get("response_mime_type")
        return Asked(
            model=known_model(name),
            prompt="\n".join([_texts(system), *(_texts(c) for c in contents)]),
            stream=verb == "streamGenerateContent",
            json_output=mime == "application/json",
            max_tokens=limit if isinstance(limit, int) else None,
            as_list=query.get("alt") != "sse",
            turns=tuple(("assistant" if c.get("role") == "model" else "user", _texts(c)) for c in contents),
        )

    def refusal(self, trouble: Trouble, message: str = "", *, retry_after_s: int = 0) -> Refusal:
        status, name, words = _ERRORS[trouble]
        details: list[dict[str, Any]] = []
        if trouble == "unauthorized":
            details = [{"@type": _ERROR_INFO, "reason": "API_KEY_INVALID", "domain": "googleapis.com"}]
        if trouble == "rate_limited":
            details = [{"@type": _RETRY_INFO, "retryDelay": f"{retry_after_s}s"}]
        error = {"code": status, "message": words.format(message), "status": name, "details": details}
        return Refusal(status, {"error": error}, {})

    def frames(self, asked: Asked, reply: Reply) -> Frames:
        usage_now = {"promptTokenCount": reply.tokens_in, "totalTokenCount": reply.tokens_in}
        chunk = orjson.dumps(self._answer(asked, reply, "\0", None) | {"usageMetadata": usage_now})
        before, after = chunk.split(orjson.dumps("\0"))
        last = orjson.dumps(self._answer(asked, reply, "", _FINISH[reply.finish]))
        error = orjson.dumps(self.refusal("unavailable").body)
        if asked.as_list:
            return Frames(
                opening=b"[",
                first_before=before,
                before=b",\r\n" + before,
                after=after,
                closing=b",\r\n" + last + b"]",
                cut_short=b"]",
                in_band_error=b",\r\n" + error + b"]",
                malformed=b',\r\n{"candidates": [{"con',
            )
        return Frames(
            opening=b"",
            before=b"data: " + before,
            after=after + b"\r\n\r\n",
            closing=b"data: " + last + b"\r\n\r\n",
            cut_short=b"",
            in_band_error=b"data: " + error + b"\r\n\r\n",
            malformed=b'data: {"candidates": [{"con\r\n\r\n',
        )

    def whole(self, asked: Asked, reply: Reply) -> dict[str, Any]:
        return self._answer(asked, reply, reply.text, _FINISH[reply.finish])

    def models(self, ids: tuple[str, ...]) -> dict[str, Any]:
        return {"models": [self.model(name) for name in ids]}

    def model(self, name: str) -> dict[str, Any]:
        return {
            "name": f"models/{name}",
            "version": "simulated",
            "displayName": f"{name} (simulated)",
            "inputTokenLimit": 1_048_576,
            "outputTokenLimit": 65_536,
            "supportedGenerationMethods": ["generateContent", "countTokens"],
        }

    def _answer(self, asked: Asked, reply: Reply, text: str, finish: str | None) -> dict[str, Any]:
        candidate: dict[str, Any] = {"content": {"parts": [{"text": text}], "role": "model"}, "index": 0}
        if finish:
            candidate["finishReason"] = finish
        out = len(reply.tokens)
        return {
            "candidates": [candidate],
            "usageMetadata": {
                "promptTokenCount": reply.tokens_in,
                "candidatesTokenCount": out,
                "totalTokenCount": reply.tokens_in + out,
            },
            "modelVersion": asked.model,
            "responseId": reply.id,
        }
