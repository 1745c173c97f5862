"""One effect per Idempotency-Key: the first request runs, its repeats get its result, also while it still runs.

A key belongs to one person or API key and to one request (method, address, body); a successful result is kept sealed
for 24 hours. A refused request leaves its key free. A row whose lease ran out belongs to a process that died.

    absent -> running (lease renewed) -> kept 24 h
                 └ refused, failed -> absent
"""

from __future__ import annotations

import asyncio
import hashlib
import re
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal
from uuid import UUID
from weakref import WeakValueDictionary

from sqlalchemy.exc import IntegrityError, SQLAlchemyError
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from app.api import queries
from app.api.event_stream import EventStream
from app.api.models import IdempotencyRecord
from app.core.context import Context
from app.core.errors import Conflict, InvalidInput
from app.core.telemetry import log

HEADER = "idempotency-key"
MAX_KEY_CHARACTERS = 255
KEPT = timedelta(hours=24)
_KEY = re.compile(r"[\x21-\x7e]+")
LEASE = timedelta(seconds=90)
RENEWED_EVERY_S = 30.0
LOOKED_EVERY_S = 0.5  # for a first request in another process; in this one the waiters are woken
WAITED_S = 60.0

_finished: WeakValueDictionary[tuple[UUID, UUID, str], asyncio.Event] = WeakValueDictionary()
_keeping: set[asyncio.Task[None]] = set()


@dataclass(frozen=True, slots=True)
class _Request:
    ctx: Context
    caller_id: UUID
    key: str
    digest: str

    @property
    def name(self) -> tuple[UUID, UUID, str]:
        return self.ctx.tenant, self.caller_id, self.key


async def once(request: Request, ctx: Context, run: Callable[[], Awaitable[Response]]) -> Response:
    """Run the request, or return what its first run answered.

    Raises:
        InvalidInput: the key is malformed.
        Conflict: the key was used for another request, or its first request still runs after a minute.
    """
    keys = request.headers.getlist(HEADER)
    if request.method != "POST" or not keys or ctx.tenant_id is None:
        return await run()
    if len(keys) != 1 or len(keys[0]) > MAX_KEY_CHARACTERS or not _KEY.fullmatch(keys[0]):
        raise InvalidInput(
            "Use one key of 1 to {limit} printable ASCII characters without spaces.",
            code="idempotency.key",
            field="Idempotency-Key",
            params={"limit": MAX_KEY_CHARACTERS},
        )
    caller_id = ctx.api_key_id or ctx.user_id
    assert caller_id is not None  # a tenant is bound, so somebody is signed in
    asked = _Request(ctx, caller_id, keys[0], await _digest(request))
    record = await _claim(asked)
    if record.status:
        return Response(
            record.body, record.status, media_type=record.media_type, headers={"Idempotency-Replayed": "true"}
        )
    return await _run_first(asked, record.id, run)


async def _digest(request: Request) -> str:
    digest = hashlib.sha256()
    for part in (request.method, request.url.path, request.url.query, request.headers.get("accept", "")):
        digest.update(part.encode() + b"\n")
    digest.update(await request.body())
    return digest.hexdigest()


async def _claim(asked: _Request) -> IdempotencyRecord:
    """Return a finished record, or one that this request now runs for; wait while another request runs for it."""
    loop = asyncio.get_running_loop()
    until_s = loop.time() + WAITED_S
    while loop.time() < until_s:
        finished = _finished.setdefault(asked.name, asyncio.Event())
        with suppress(IntegrityError):  # another process was first by a hair: look again
            state, record = await _try_claim(asked)
            if state == "mine":
                return record
            if record.request_hash != asked.digest:
                raise Conflict("This Idempotency-Key was used for another request.", code="idempotency.other_request")
            if state == "finished":
                return record
        with suppress(TimeoutError):
            await asyncio.wait_for(finished.wait(), LOOKED_EVERY_S)
    raise Conflict(
        "The first request with this Idempotency-Key still runs.", code="idempotency.running", retry_after_s=5
    )


async def _try_claim(asked: _Request) -> tuple[Literal["mine", "running", "finished"], IdempotencyRecord]:
    now = asked.ctx.ports.clock.now()
    async with asked.ctx.db.write() as session:
        record = await queries.record_of(session, caller_id=asked.caller_id, key=asked.key, locked=True)
        if record is not None and record.expires_at > now:
            if record.status:
                return "finished", record
            if record.lease_until > now:
                return "running", record
            record.request_hash, record.lease_until = asked.digest, now + LEASE
            return "mine", record
        await queries.drop_expired(session, now=now)
        record = IdempotencyRecord(
            caller_id=asked.caller_id,
            key=asked.key,
            request_hash=asked.digest,
            lease_until=now + LEASE,
            expires_at=now + KEPT,
            created_at=now,
        )
        session.add(record)
    return "mine", record


async def _run_first(asked: _Request, record_id: UUID, run: Callable[[], Awaitable[Response]]) -> Response:
    finished = _finished.setdefault(asked.name, asyncio.Event())
    renewing = asyncio.create_task(_renew(asked, record_id))

    async def settle(status: int, media_type: str, body: bytes | None) -> None:
        renewing.cancel()
        try:
            await _keep(asked, record_id, status=status, media_type=media_type, body=body)
        finally:
            finished.set()
            _finished.pop(asked.name, None)

    try:
        response = await run()
    except BaseException:
        await _to_the_end(settle(0, "", None))
        raise
    if isinstance(response, EventStream):
        response.record(settle)
        return response
    is_text = not isinstance(response, StreamingResponse)  # sound on its way is not kept: the key becomes free again
    kept = is_text and 200 <= response.status_code < 300 and "set-cookie" not in response.headers
    body = bytes(response.body) if kept else None
    await _to_the_end(settle(response.status_code, response.headers.get("content-type", ""), body))
    return response


async def _to_the_end(work: Awaitable[None]) -> None:
    """Do the work even when the request is cancelled meanwhile: a key must not stay claimed."""
    task = asyncio.ensure_future(work)
    _keeping.add(task)
    task.add_done_callback(_keeping.discard)
    await asyncio.shield(task)


async def _renew(asked: _Request, record_id: UUID) -> None:
    while True:
        await asyncio.sleep(RENEWED_EVERY_S)
        try:
            async with asked.ctx.db.write() as session:
                await queries.renew(session, record_id, until=asked.ctx.ports.clock.now() + LEASE)
        except SQLAlchemyError as error:  # the lease outlives two missed renewals
            log.warning("idempotency.not_renewed", error=type(error).__name__)


async def _keep(asked: _Request, record_id: UUID, *, status: int, media_type: str, body: bytes | None) -> None:
    """Keep a successful result, sealed; without a body the key becomes free again."""
    async with asked.ctx.db.write() as session:
        if body is None:
            await queries.drop(session, record_id)
            return
        record = await session.get(IdempotencyRecord, record_id)
        if record is not None:
            record.status, record.media_type, record.body = status, media_type, body.decode()
