"""Bedrock's ConverseStream, after docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ConverseStream.html.

The answer is AWS' own event stream (application/vnd.amazon.eventstream): frames of binary headers and JSON, each with
its lengths and checksums. botocore's reader proves it.
"""

from __future__ import annotations

import re
from binascii import crc32
from collections.abc import Mapping
from struct import pack
from typing import Any
from urllib.parse import unquote

import orjson

from bench.simulator.wire import Asked, BadRequest, Frames, Refusal, Reply, Trouble, known_model, required, turns_of

_PATH = re.compile(r"model/(.+)/converse(-stream)?$")
_FINISH = {"stop": "end_turn", "length": "max_tokens", "filtered": "content_filtered"}
_ERRORS: dict[Trouble, tuple[int, str, str]] = {
    "unauthorized": (403, "AccessDeniedException", "The security token included in the request is invalid."),
    "rate_limited": (429, "ThrottlingException", "Too many requests, please wait before trying again."),
    "server_error": (500, "InternalServerException", "The system encountered an unexpected error (simulated)."),
    "unavailable": (503, "ServiceUnavailableException", "The service isn't currently available (simulated)."),
    "bad_request": (400, "ValidationException", "{}"),
    "unknown_model": (404, "ResourceNotFoundException", "Model {} is not found (simulated)."),
}


def frame(payload: bytes, **headers: str) -> bytes:
    """Return one message of the event stream (docs.aws.amazon.com, "Amazon event stream encoding")."""
    head = b"".join(
        pack("!B", len(name)) + name.encode() + pack("!BH", 7, len(value)) + value.encode()
        for name, value in ((f":{name.replace('_', '-')}", value) for name, value in headers.items())
    )
    prelude = pack("!II", len(head) + len(payload) + 16, len(head))
    prelude += pack("!I", crc32(prelude))
    return prelude + head + payload + pack("!I", crc32(prelude + head + payload))


def _event(name: str, **body: Any) -> bytes:
    return frame(orjson.dumps(body), event_type=name, content_type="application/json", message_type="event")


class BedrockWire:
    """Converse and ConverseStream, with a Bedrock API key."""

    def key(self, headers: Mapping[str, str], query: Mapping[str, str]) -> str:
        scheme, _, key = headers.get("Authorization", "").partition(" ")
        return key.strip() if scheme.lower() == "bearer" else ""

    def read(self, body: dict[str, Any], *, path: str, query: Mapping[str, str]) -> Asked:
        found = _PATH.search(path)
        if found is None:
            raise BadRequest(f"unknown path {path}")
        messages = required(body, "messages", list)
        if not messages or any(not isinstance(m, dict) or m.get("role") not in ("user", "assistant") for m in messages):
            raise BadRequest("messages: roles must be user or assistant")
        limit = (body.get("inferenceConfig") or {}).get("maxTokens")
        system = "".join(block.get("text", "") for block in body.get("system") or ())
        turns = turns_of(messages)
        return Asked(
            model=known_model(unquote(found[1])),
            prompt="\n".join([system, *(text for _, text in turns)]),
            stream=bool(found[2]),
            json_output=False,
            max_tokens=limit if isinstance(limit, int) else None,
            turns=turns,
        )

    def refusal(self, trouble: Trouble, message: str = "", *, retry_after_s: int = 0) -> Refusal:
        status, name, words = _ERRORS[trouble]
        headers = {"x-amzn-ErrorType": name}
        if trouble == "rate_limited":
            headers["Retry-After"] = str(retry_after_s)
        return Refusal(status, {"message": words.format(message)}, headers)

    def encoded(self, tokens: list[str]) -> list[bytes]:
        """Return each token as a message of its own: its length and checksums are in it."""
        return [_event("contentBlockDelta", contentBlockIndex=0, delta={"text": token}) for token in tokens]

    def frames(self, asked: Asked, reply: Reply) -> Frames:
        block_stop = _event("contentBlockStop", contentBlockIndex=0)
        stop = _event("messageStop", stopReason=_FINISH[reply.finish])
        error = frame(
            b'{"message":"The model failed (simulated)."}',
            exception_type="modelStreamErrorException",
            content_type="application/json",
            message_type="exception",
        )
        return Frames(
            opening=_event("messageStart", role="assistant"),
            before=b"",
            after=b"",
            closing=block_stop + stop + _event("metadata", usage=self._usage(reply), metrics={"latencyMs": 1}),
            cut_short=block_stop,
            in_band_error=error,
            malformed=b'{"contentBlockIndex": 0, "del',
        )

    def whole(self, asked: Asked, reply: Reply) -> dict[str, Any]:
        return {
            "output": {"message": {"role": "assistant", "content": [{"text": reply.text}]}},
            "stopReason": _FINISH[reply.finish],
            "usage": self._usage(reply),
            "metrics": {"latencyMs": 1},
        }

    def models(self, ids: tuple[str, ...]) -> dict[str, Any]:
        return {"modelSummaries": [self.model(name) for name in ids]}

    def model(self, name: str) -> dict[str, Any]:
        return {"modelId": name, "modelName": f"{name} (simulated)", "outputModalities": ["TEXT"]}

    def _usage(self, reply: Reply) -> dict[str, Any]:
        out = len(reply.tokens)
        return {"inputTokens": reply.tokens_in, "outputTokens": out, "totalTokens": reply.tokens_in + out}
