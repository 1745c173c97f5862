"""What a worker's processes count, kept in files that outlive them: a hand that is killed takes no figure with it.

    parent ──share_counts(folder)──fork──> hand 1, hand 2, keeper ──take_place("hand1")──> counter_hand1.db …
    scraper ──> port ──(a thread of the keeper)──> the sum of all files

This is prometheus_client's multiprocess mode with one change: a file belongs to a place in the worker, not to a process
id. Who takes a dead one's place counts on where that one stopped, and there are never more files than places.
"""

from __future__ import annotations

import hmac
import os
import socket
from collections.abc import Callable, Iterable
from ipaddress import ip_address
from pathlib import Path
from socketserver import ThreadingMixIn
from threading import Thread
from typing import TYPE_CHECKING
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIEnvironment

FORWARDED = ("forwarded", "x-forwarded-for", "x-real-ip")

_place = "parent"


def share_counts(folder: Path) -> None:
    """Keep what this process counts, and what it will fork counts, in `folder`. Before the first metric is made."""
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(folder)  # read by the library whenever it opens a file
    from prometheus_client import values

    values.ValueClass = values.MultiProcessValue(lambda: _place)  # type: ignore[no-untyped-call]  # no hints there


def take_place(name: str) -> None:
    """Count under this name from now on; never two processes at a time under one."""
    global _place
    _place = name


def may_read_counts(*, token: str, caller: str, header: Callable[[str], str | None]) -> bool:
    """Whether somebody may read figures: with the token, or, where there is none, from this machine itself.

    `caller` is their address, `header` finds a header of their request by its name.
    """
    if token:
        return hmac.compare_digest((header("authorization") or "").encode(), f"Bearer {token}".encode())
    # Behind a proxy on this machine everybody comes from loopback: its forwarding headers give that away.
    if any(header(name) is not None for name in FORWARDED):
        return False
    try:
        return ip_address(caller).is_loopback
    except ValueError:
        return False


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class _Server6(_Server):
    address_family = socket.AF_INET6


class _Quiet(WSGIRequestHandler):
    def log_message(self, *_: object) -> None:
        """Log no request: a scraper comes every few seconds."""


def tell_counts(folder: Path, *, host: str, port: int, token: str) -> WSGIServer:
    """Answer every request on the port with the sum of what is counted in `folder`, in a thread of its own.

    The caller closes the server; it ends with the process too.

    Raises:
        OSError: the address cannot be listened on.
    """
    from prometheus_client import CollectorRegistry, make_wsgi_app
    from prometheus_client.multiprocess import MultiProcessCollector

    registry = CollectorRegistry()
    MultiProcessCollector(registry, path=str(folder))  # type: ignore[no-untyped-call]  # as above
    tell = make_wsgi_app(registry)

    def answer(request: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        def header(name: str) -> str | None:
            return request.get(f"HTTP_{name.upper().replace('-', '_')}")

        if not may_read_counts(token=token, caller=request.get("REMOTE_ADDR", ""), header=header):
            start("403 Forbidden", [("Content-Type", "text/plain")])
            return [b"Ask from this machine, or with the metrics token.\n"]
        found: Iterable[bytes] = tell(request, start)
        return found

    kind = _Server6 if ":" in host else _Server
    server = make_server(host, port, answer, server_class=kind, handler_class=_Quiet)
    Thread(target=server.serve_forever, name="counts", daemon=True).start()
    return server
