"""The head of a request is bounded in size and time, whatever the server underneath would take."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
import uvicorn
from websockets.sync.client import connect as connect_socket

from app.commands import connection
from tests.patience import PATIENCE_S

HEAD_WITHIN_S = 0.4


async def echo(scope: Any, receive: Any, send: Any) -> None:
    """Answer with the length of the body; on /slow after longer than a head may take."""
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.accept"})
        while (message := await receive())["type"] == "websocket.receive":
            await send({"type": "websocket.send", "text": message["text"]})
        return
    size, more = 0, True
    while more:
        message = await receive()
        size, more = size + len(message.get("body", b"")), message.get("more_body", False)
    if scope["path"] == "/slow":
        await asyncio.sleep(3 * HEAD_WITHIN_S)
    await send({"type": "http.response.start", "status": 200, "headers": [(b"x-size", b"%d" % size)]})
    await send({"type": "http.response.body", "body": b"ok"})


@pytest.fixture
def port(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    monkeypatch.setattr(connection, "HEAD_WITHIN_S", HEAD_WITHIN_S)
    config = uvicorn.Config(echo, http=connection.BoundedConnection, lifespan="off", log_config=None)
    server = uvicorn.Server(config)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        serving = threading.Thread(target=server.run, args=([listener],), daemon=True)
        serving.start()
        yield listener.getsockname()[1]
        server.should_exit = True
        serving.join(PATIENCE_S)


def connect(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_S)


def rest_of(client: socket.socket) -> bytes:
    """Return all that comes until the server closes."""
    heard = b""
    while True:
        try:
            piece = client.recv(65536)
        except ConnectionResetError:
            return heard
        if not piece:
            return heard
        heard += piece


def answer_of(client: socket.socket) -> bytes:
    """Return one whole answer; its body is two letters in a chunk."""
    heard = b""
    while not heard.endswith(b"0\r\n\r\n"):
        piece = client.recv(65536)
        assert piece, f"closed after {heard!r}"
        heard += piece
    return heard


@pytest.mark.parametrize("size", [0, 10, 300_000])
def test_requests_follow_each_other_on_one_connection(port: int, size: int) -> None:
    with connect(port) as client:
        for _ in range(3):
            client.sendall(b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: %d\r\n\r\n%s" % (size, b"b" * size))
            answer = answer_of(client)
            assert b"HTTP/1.1 200 OK" in answer and b"x-size: %d\r\n" % size in answer


def test_a_slow_body_and_a_slow_answer_are_not_a_slow_head(port: int) -> None:
    with connect(port) as client:
        client.sendall(b"POST /slow HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\n\r\na")
        time.sleep(2 * HEAD_WITHIN_S)
        client.sendall(b"b")
        assert b"x-size: 2\r\n" in answer_of(client)


BEGUN = {"an empty line": b"\r\n", "half a line": b"GET / HT", "half a header": b"GET / HTTP/1.1\r\nx-more: "}


@pytest.mark.parametrize(
    ("asked_before", "begun"),
    # after an answer a connection that says nothing may rest for longer
    [(False, b""), *((asked, begun) for asked in (False, True) for begun in BEGUN.values())],
    ids=["nothing", *(f"{name}{after}" for after in ("", ", after an answer") for name in BEGUN)],
)
def test_a_head_that_is_not_whole_in_time_ends_the_connection(port: int, begun: bytes, asked_before: bool) -> None:
    with connect(port) as client:
        if asked_before:
            client.sendall(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n")
            answer_of(client)
        client.sendall(begun)
        began_s = time.monotonic()
        assert rest_of(client) == b""
        assert time.monotonic() - began_s < 3


def test_a_head_that_drips_in_is_cut_at_its_time(port: int) -> None:
    with connect(port) as client:
        client.sendall(b"GET / HTTP/1.1\r\nhost: x\r\n")
        began_s = time.monotonic()
        with pytest.raises(OSError, match=r"Broken pipe|reset"):
            while time.monotonic() - began_s < PATIENCE_S:
                client.sendall(b"x-a: b\r\n")
                time.sleep(0.05)
        assert time.monotonic() - began_s < 3


def test_a_socket_may_rest_for_longer_than_a_head(port: int) -> None:
    with connect_socket(f"ws://127.0.0.1:{port}/", open_timeout=PATIENCE_S) as client:
        for said in ("one", "two"):
            client.send(said)
            assert client.recv(PATIENCE_S) == said
            time.sleep(3 * HEAD_WITHIN_S)
        client.send("three")
        assert client.recv(PATIENCE_S) == "three"


@pytest.mark.parametrize("pieces", [1, 40], ids=["at once", "in pieces"])
@pytest.mark.parametrize("asked_before", [False, True])
def test_a_head_that_is_too_large_is_refused(port: int, pieces: int, asked_before: bool) -> None:
    head = b"GET / HTTP/1.1\r\nhost: x\r\n" + b"".join(b"x-%d: %s\r\n" % (n, b"v" * 1000) for n in range(70)) + b"\r\n"
    with connect(port) as client:
        if asked_before:
            client.sendall(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n")
            answer_of(client)
        heard = send_in(client, head, pieces)
    assert heard.startswith(b"HTTP/1.1 431 ")
    assert heard.endswith(connection.TOO_LARGE)


def test_one_header_without_an_end_is_refused_while_it_grows(port: int) -> None:
    with connect(port) as client:
        heard = send_in(client, b"GET / HTTP/1.1\r\nhost: x\r\nx-long: " + b"v" * 400_000, 40)
    assert heard.startswith(b"HTTP/1.1 431 ")


def send_in(client: socket.socket, data: bytes, pieces: int) -> bytes:
    step = -(-len(data) // pieces)
    try:
        for start in range(0, len(data), step):
            client.sendall(data[start : start + step])
            time.sleep(0.003)
    except OSError:
        pass  # closed before all of it was sent
    return rest_of(client)


def test_a_head_just_below_the_bound_is_taken(port: int) -> None:
    value = b"v" * (connection.LONGEST_HEAD - 40)
    with connect(port) as client:
        client.sendall(b"GET / HTTP/1.1\r\nhost: x\r\nx-long: " + value + b"\r\n\r\n")
        assert b"HTTP/1.1 200 OK" in answer_of(client)


def test_what_is_no_http_is_refused_and_the_server_lives_on(port: int) -> None:
    with connect(port) as client:
        client.sendall(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n")
        assert rest_of(client).startswith(b"HTTP/1.1 400 ")
    with connect(port) as client:
        client.sendall(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n")
        assert b"HTTP/1.1 200 OK" in answer_of(client)
