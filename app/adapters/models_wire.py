"""Reads a provider's answer off the wire, byte for byte: its text, its finish, its usage, in one pass for both lanes.

LiteLLM invents `stop` for a stream that ended without a finish, counts tokens that the provider did not count and skips
lines that it cannot read. Whether an answer was whole, and what it cost, is therefore always read here.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

import orjson

from app.adapters.models_litellm_failures import failure
from app.core.ports import ModelTarget, ProviderKind, ProviderRefusedRequest

MAX_LINE_BYTES = 1 * 2**20
MAX_WHOLE_BYTES = 8 * 2**20
"""Largest answer in one piece; a stream is bounded by its text, see the lanes."""
MAX_TOKENS_COUNTED = 100_000_000
"""A count beyond this, or below nothing, is nonsense and taken for not sent."""

Finish = Literal["stop", "length", "filtered"]

_FINISHES: dict[str, Finish] = {
    # OpenAI, DeepSeek, Mistral and local servers
    "stop": "stop",
    "length": "length",
    "model_length": "length",
    "content_filter": "filtered",
    # Anthropic, and Bedrock's last two
    "end_turn": "stop",
    "stop_sequence": "stop",
    "max_tokens": "length",
    "model_context_window_exceeded": "length",
    "refusal": "filtered",
    "content_filtered": "filtered",
    "guardrail_intervened": "filtered",
    # Gemini
    "STOP": "stop",
    "MAX_TOKENS": "length",
    "SAFETY": "filtered",
    "RECITATION": "filtered",
    "LANGUAGE": "filtered",
    "BLOCKLIST": "filtered",
    "PROHIBITED_CONTENT": "filtered",
    "SPII": "filtered",
    # Cohere
    "COMPLETE": "stop",
    "STOP_SEQUENCE": "stop",
    "ERROR_TOXIC": "filtered",
}
_BROKEN_OFF = frozenset(
    {"error", "insufficient_system_resource", "MALFORMED_FUNCTION_CALL", "OTHER", "FINISH_REASON_UNSPECIFIED"}
    | {"ERROR", "TIMEOUT", "malformed_model_output", "malformed_tool_use"}
)


class BadWire(Exception):
    """The answer cannot be read; the text says why, in words of ours."""


class WireWatch:
    """One answer on its way in. `finish` stays None until the provider itself ends it; `over`: nothing more follows."""

    def __init__(self, kind: ProviderKind, *, sse: bool) -> None:
        self.finish: Finish | None = None
        self.tokens_in: int | None = None
        self.tokens_out: int | None = None
        self.over = False
        self._sse = sse
        self._rest = bytearray()
        self._read: Callable[[dict[str, Any]], str] = {  # Any: a vendor's JSON
            "anthropic": self._anthropic,
            "gemini": self._gemini,
            "cohere": self._cohere,
        }.get(kind, self._openai)

    def feed(self, data: bytes) -> str:
        """Read the next bytes and return the text in them.

        Raises:
            BadWire: not the form that was asked for, or an error inside the stream.
        """
        rest = self._rest
        if not self._sse:
            rest += data
            if len(rest) > MAX_WHOLE_BYTES:
                raise BadWire("the answer is too long")
            return ""
        end = data.rfind(b"\n") + 1
        if not end:
            rest += data
            text = ""
        else:
            whole = data[:end]
            if rest:
                rest += whole
                whole = bytes(rest)
                rest.clear()
            rest += data[end:]
            text = self._lines(whole)
        if len(rest) > MAX_LINE_BYTES:
            raise BadWire("a line of the answer is too long")
        return text

    def end(self) -> str:
        """Read what is left when the provider closed, and return the text in it.

        Raises:
            BadWire: as `feed`, or the answer just ended.
        """
        rest = bytes(self._rest)
        self._rest.clear()
        text = self._line(rest) if self._sse else self._object(rest)
        if self.finish is None:
            raise BadWire("the answer ended without a finish")
        return text

    def _lines(self, lines: bytes) -> str:
        texts = [text for line in lines.split(b"\n") if line and (text := self._line(line))]
        return "".join(texts) if len(texts) != 1 else texts[0]

    def _line(self, line: bytes) -> str:
        if line.startswith(b"data:"):
            payload = line[5:].strip()
            if payload and payload != b"[DONE]":
                return self._object(payload)
            self.over = self.over or bool(payload)
            return ""
        line = line.strip()
        if line and not line.startswith((b":", b"event:", b"id:", b"retry:")):
            # Servers that fail half-way write their error as a bare JSON line.
            raise BadWire("a line of the answer cannot be read")
        return ""

    def _object(self, payload: bytes) -> str:
        try:
            item = orjson.loads(payload)
            if item.get("error") or item.get("type") == "error" or item.get("object") == "error":
                raise BadWire("the provider broke off with an error")
            return self._read(item)
        except (orjson.JSONDecodeError, AttributeError, TypeError, KeyError, IndexError):
            raise BadWire("a line of the answer cannot be read") from None

    def _openai(self, item: dict[str, Any]) -> str:
        text = ""
        for choice in item.get("choices") or ():
            if reason := choice.get("finish_reason"):
                self._ended(reason)
            if not choice.get("index"):  # one answer was asked for; a further one is not mixed in
                text += _plain((choice.get("delta") or choice.get("message") or {}).get("content"))
        if usage := item.get("usage"):
            self._counted(usage.get("prompt_tokens"), usage.get("completion_tokens"))
        return text

    def _anthropic(self, item: dict[str, Any]) -> str:
        kind = item.get("type")
        if kind == "content_block_delta":
            delta = item["delta"]
            return _text(delta["text"]) if delta["type"] == "text_delta" else ""
        if kind == "content_block_start":
            return _plain([item["content_block"]])
        message = item.get("message") or item
        usage = message.get("usage") or {}
        cached = sum(usage.get(name) or 0 for name in ("cache_creation_input_tokens", "cache_read_input_tokens"))
        tokens_in = usage.get("input_tokens")
        self._counted(None if tokens_in is None else tokens_in + cached, usage.get("output_tokens"))
        self._ended((item.get("delta") or message).get("stop_reason"))
        self.over = self.over or kind == "message_stop"
        return _plain(message.get("content"))

    def _gemini(self, item: dict[str, Any]) -> str:
        text = ""
        for candidate in item.get("candidates") or ():
            self._ended(candidate.get("finishReason"))
            for part in (candidate.get("content") or {}).get("parts") or ():
                if "text" in part and not part.get("thought"):
                    text += _text(part["text"])
        if (item.get("promptFeedback") or {}).get("blockReason"):
            self._ended("PROHIBITED_CONTENT")
        usage = item.get("usageMetadata") or {}
        out = usage.get("candidatesTokenCount")
        thoughts = usage.get("thoughtsTokenCount") or 0
        self._counted(usage.get("promptTokenCount"), None if out is None else out + thoughts)
        return text

    def _cohere(self, item: dict[str, Any]) -> str:
        delta = item.get("delta") or item
        usage = (delta.get("usage") or {}).get("tokens") or {}
        self._counted(usage.get("input_tokens"), usage.get("output_tokens"))
        self._ended(delta.get("finish_reason"))
        self.over = self.over or item.get("type") == "message-end"
        content = (delta.get("message") or {}).get("content")
        return _plain([content] if isinstance(content, dict) else content)

    def _ended(self, reason: object) -> None:
        if not reason:
            return
        if reason in _BROKEN_OFF:
            raise BadWire("the provider broke off with an error")
        self.finish = _FINISHES.get(str(reason), "stop")

    def _counted(self, tokens_in: object, tokens_out: object) -> None:
        self.tokens_in = _count(tokens_in, self.tokens_in)
        self.tokens_out = _count(tokens_out, self.tokens_out)


def _plain(content: object) -> str:
    """Return the text of a message's content: a string, or blocks of which only those of text are read."""
    if isinstance(content, str):
        return content
    if not content:
        return ""
    if not isinstance(content, list):
        raise TypeError
    return "".join(_text(block.get("text") or "") for block in content if block.get("type", "text") == "text")


def _text(found: object) -> str:
    if not isinstance(found, str):
        raise TypeError
    return found


def _count(said: object, known: int | None) -> int | None:
    believable = isinstance(said, int) and not isinstance(said, bool) and 0 <= said <= MAX_TOKENS_COUNTED
    return said if believable else known  # type: ignore[return-value]  # an int, as just seen


_KEY_PLACES = {
    "anthropic": ("x-api-key", ""),
    "gemini": ("x-goog-api-key", ""),
    "azure": ("api-key", ""),
    "elevenlabs": ("xi-api-key", ""),
}


def key_headers(target: ModelTarget) -> dict[str, str]:
    """Return the header that shows the target's key, none where it has none; both lanes put it on at the very last.

    Raises:
        ProviderRefusedRequest: no key has such letters.
    """
    key = target.api_key
    if not key:
        return {}
    if not key.isascii() or not key.isprintable():
        raise failure(ProviderRefusedRequest, target.provider, "the key holds letters no key has")
    name, prefix = _KEY_PLACES.get(target.kind, ("authorization", "Bearer "))
    return {name: prefix + key}
