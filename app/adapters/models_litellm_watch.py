"""Reads a provider's answer beside LiteLLM, byte for byte.

LiteLLM invents `stop` for a stream that ended without a finish, counts tokens that the provider did not count and skips
lines that it cannot read. Whether an answer was whole, and what it cost, is therefore read here, from the wire itself.
"""

from __future__ import annotations

from typing import Any, Literal

import orjson

from app.core.ports import ProviderKind

MAX_LINE_BYTES = 1 * 2**20
MAX_WHOLE_BYTES = 8 * 2**20
"""Largest answer in one piece; a stream is bounded by its text, see models_litellm."""

Finish = Literal["stop", "length", "filtered"]

_FINISHES: dict[str, Finish] = {
    # OpenAI, DeepSeek, Mistral and local servers
    "stop": "stop",
    "length": "length",
    "model_length": "length",
    "content_filter": "filtered",
    # Anthropic
    "end_turn": "stop",
    "stop_sequence": "stop",
    "max_tokens": "length",
    "model_context_window_exceeded": "length",
    "refusal": "filtered",
    # Gemini
    "STOP": "stop",
    "MAX_TOKENS": "length",
    "SAFETY": "filtered",
    "RECITATION": "filtered",
    "LANGUAGE": "filtered",
    "BLOCKLIST": "filtered",
    "PROHIBITED_CONTENT": "filtered",
    "SPII": "filtered",
}


class BadWire(Exception):
    """The answer cannot be read; the text says why, in words of ours."""


class WireWatch:
    """One answer on its way in. `finish` stays None until the provider itself ends it."""

    def __init__(self, kind: ProviderKind, *, sse: bool) -> None:
        self.finish: Finish | None = None
        self.tokens_in: int | None = None
        self.tokens_out: int | None = None
        self._kind = kind
        self._sse = sse
        self._rest = bytearray()

    def feed(self, data: bytes) -> None:
        """Read the next bytes.

        Raises:
            BadWire: not the form that was asked for, or an error inside the stream.
        """
        self._rest += data
        if not self._sse:
            if len(self._rest) > MAX_WHOLE_BYTES:
                raise BadWire("the answer is too long")
            return
        if b"\n" in data:
            *lines, rest = self._rest.split(b"\n")
            self._rest = bytearray(rest)
            for line in lines:
                self._line(bytes(line))
        if len(self._rest) > MAX_LINE_BYTES:
            raise BadWire("a line of the answer is too long")

    def end(self) -> None:
        """Read what is left when the provider closed.

        Raises:
            BadWire: as `feed`, or the answer just ended.
        """
        if self._sse:
            self._line(bytes(self._rest))
        else:
            self._object(self._parsed(bytes(self._rest)))
        self._rest.clear()
        if self.finish is None:
            raise BadWire("the answer ended without a finish")

    def _line(self, line: bytes) -> None:
        line = line.strip()
        if not line or line.startswith((b":", b"event:", b"id:", b"retry:")):
            return
        if not line.startswith(b"data:"):
            # Servers that fail half-way write their error as a bare JSON line.
            raise BadWire("a line of the answer cannot be read")
        payload = line[5:].strip()
        if payload and payload != b"[DONE]":
            self._object(self._parsed(payload))

    def _parsed(self, payload: bytes) -> Any:  # Any: a vendor's JSON
        try:
            return orjson.loads(payload)
        except orjson.JSONDecodeError:
            raise BadWire("a line of the answer cannot be read") from None

    def _object(self, item: Any) -> None:
        if not isinstance(item, dict):
            raise BadWire("a line of the answer cannot be read")
        if item.get("error") or item.get("type") == "error" or item.get("object") == "error":
            raise BadWire("the provider broke off with an error")
        if self._kind == "anthropic":
            self._anthropic(item)
        elif self._kind == "gemini":
            self._gemini(item)
        else:
            self._openai(item)

    def _openai(self, item: dict[str, Any]) -> None:
        for choice in item.get("choices") or ():
            self._ended(choice.get("finish_reason"))
        usage = item.get("usage") or {}
        self._counted(usage.get("prompt_tokens"), usage.get("completion_tokens"))

    def _anthropic(self, item: dict[str, Any]) -> None:
        message = item.get("message") or item
        usage = message.get("usage") or {}
        cached = sum(usage.get(name) or 0 for name in ("cache_creation_input_tokens", "cache_read_input_tokens"))
        tokens_in = usage.get("input_tokens")
        self._counted(None if tokens_in is None else tokens_in + cached, usage.get("output_tokens"))
        self._ended((item.get("delta") or message).get("stop_reason"))

    def _gemini(self, item: dict[str, Any]) -> None:
        for candidate in item.get("candidates") or ():
            self._ended(candidate.get("finishReason"))
        if (item.get("promptFeedback") or {}).get("blockReason"):
            self._ended("PROHIBITED_CONTENT")
        usage = item.get("usageMetadata") or {}
        out = usage.get("candidatesTokenCount")
        thoughts = usage.get("thoughtsTokenCount") or 0
        self._counted(usage.get("promptTokenCount"), None if out is None else out + thoughts)

    def _ended(self, reason: object) -> None:
        if not reason:
            return
        if reason in ("error", "MALFORMED_FUNCTION_CALL", "OTHER", "FINISH_REASON_UNSPECIFIED"):
            raise BadWire("the provider broke off with an error")
        self.finish = _FINISHES.get(str(reason), "stop")

    def _counted(self, tokens_in: object, tokens_out: object) -> None:
        if isinstance(tokens_in, int):
            self.tokens_in = tokens_in
        if isinstance(tokens_out, int):
            self.tokens_out = tokens_out
