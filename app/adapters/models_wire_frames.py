"""Reads Bedrock's answers: AWS' event stream of binary frames, each with its lengths and checksums."""

from __future__ import annotations

from binascii import crc32
from struct import unpack_from
from typing import Any

import orjson

from app.adapters.models_wire import MAX_LINE_BYTES, BadWire, WireWatch

MEDIA_TYPE = "application/vnd.amazon.eventstream"
_PRELUDE_BYTES, _CHECKSUM_BYTES = 12, 4
_STRING = 7


class FrameWatch(WireWatch):
    """One answer of Bedrock's ConverseStream on its way in."""

    def __init__(self) -> None:
        super().__init__("bedrock", sse=False)

    def feed(self, data: bytes) -> str:
        """Read the next bytes and return the text in them.

        Raises:
            BadWire: not whole frames of the form that was asked for, or an error inside the stream.
        """
        self._rest += data
        text = ""
        while len(self._rest) >= _PRELUDE_BYTES:
            size, head, checksum = unpack_from("!III", self._rest)
            if checksum != crc32(self._rest[:8]) or size < head + _PRELUDE_BYTES + _CHECKSUM_BYTES:
                raise BadWire("a frame of the answer cannot be read")
            if size > MAX_LINE_BYTES:
                raise BadWire("a frame of the answer is too long")
            if len(self._rest) < size:
                break
            frame = bytes(self._rest[:size])
            del self._rest[:size]
            text += self._frame(frame, head)
        return text

    def end(self) -> str:
        """Look at what is left when the provider closed.

        Raises:
            BadWire: half a frame, or the answer just ended.
        """
        if self._rest or self.finish is None:
            raise BadWire("the answer ended without a finish")
        return ""

    def _frame(self, frame: bytes, head: int) -> str:
        if crc32(frame[:-_CHECKSUM_BYTES]) != unpack_from("!I", frame, len(frame) - _CHECKSUM_BYTES)[0]:
            raise BadWire("a frame of the answer cannot be read")
        headers = _headers(frame[_PRELUDE_BYTES : _PRELUDE_BYTES + head])
        if headers.get(":message-type") != "event":
            raise BadWire("the provider broke off with an error")
        try:
            item = orjson.loads(frame[_PRELUDE_BYTES + head : -_CHECKSUM_BYTES])
            return self._event(headers.get(":event-type", ""), item)
        except (orjson.JSONDecodeError, AttributeError, TypeError):
            raise BadWire("a frame of the answer cannot be read") from None

    def _event(self, name: str, item: dict[str, Any]) -> str:  # Any: a vendor's JSON
        if name == "contentBlockDelta":
            return str((item.get("delta") or {}).get("text") or "")
        if name == "messageStop":
            self._ended(item.get("stopReason"))
        if name == "metadata":
            usage = item.get("usage") or {}
            self._counted(usage.get("inputTokens"), usage.get("outputTokens"))
            self.over = True
        return ""


def _headers(data: bytes) -> dict[str, str]:
    """Return the headers; all that matter are strings, what follows another type is not looked at."""
    found: dict[str, str] = {}
    at = 0
    try:
        while at < len(data):
            name = data[at + 1 : at + 1 + data[at]].decode()
            at += 1 + data[at]
            if data[at] != _STRING:
                break
            (size,) = unpack_from("!H", data, at + 1)
            found[name] = data[at + 3 : at + 3 + size].decode()
            at += 3 + size
    except (IndexError, ValueError, UnicodeDecodeError):
        raise BadWire("a frame of the answer cannot be read") from None
    return found
