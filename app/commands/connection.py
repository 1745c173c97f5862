"""One connection to the web process, with bounds on the head of a request: its size and the time it may take."""

from __future__ import annotations

import asyncio
from typing import Any, Literal

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

LONGEST_HEAD = 64 * 1024  # bytes; nginx takes 32 KiB, Envoy 60
HEAD_WITHIN_S = 20.0
TOO_LARGE = b"The address and headers of a request may have 65536 bytes together."


class BoundedConnection(HttpToolsProtocol):
    """The server's own connection, which would take a head of any size and wait for it for ever.

    A head that is too large is refused with 431; one that never begins, or is not whole in time, ends the connection.
    """

    def __init__(self, *arguments: Any, **options: Any) -> None:  # Any: as the server hands them over
        super().__init__(*arguments, **options)
        self._stage: Literal["rest", "head", "body", "socket"] = "rest"
        self._head_bytes = 0
        self._deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as the server has it
        super().connection_made(transport)
        self._await_head()

    def connection_lost(self, exc: Exception | None) -> None:
        self._cancel_deadline()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        grows = self._stage == "head"
        super().data_received(data)
        if self._stage in ("body", "socket") or self.transport.is_closing():
            return
        if grows and self._stage == "head":
            self._head_bytes += len(data)
            if self._head_bytes > LONGEST_HEAD:
                self.send_400_response("")
        if self._deadline is None and (self.cycle is None or self.cycle.response_complete):
            self._await_head()

    def on_message_begin(self) -> None:
        self._stage, self._head_bytes = "head", 0
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        self._cancel_deadline()
        self._head_bytes = sum(len(name) + len(value) for name, value in self.headers) + len(self.url)
        if self._head_bytes > LONGEST_HEAD:
            raise ValueError("too large")  # the parser stops, and the server answers with the method below
        self._stage = "body"
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        self._stage = "rest"
        super().on_message_complete()

    def handle_websocket_upgrade(self) -> None:
        self._stage = "socket"  # the connection is another protocol's from here on
        super().handle_websocket_upgrade()

    def send_400_response(self, msg: str) -> None:
        if self._head_bytes <= LONGEST_HEAD:  # it is at fault otherwise
            super().send_400_response(msg)
            return
        self.transport.write(
            b"HTTP/1.1 431 Request Header Fields Too Large\r\ncontent-type: text/plain; charset=utf-8\r\n"
            b"content-length: %d\r\nconnection: close\r\n\r\n%s" % (len(TOO_LARGE), TOO_LARGE)
        )
        self.transport.close()

    def _await_head(self) -> None:
        self._deadline = self.loop.call_later(HEAD_WITHIN_S, self.timeout_keep_alive_handler)

    def _cancel_deadline(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None
