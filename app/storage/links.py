"""Links to one file each that work without a sign-in, for a time.

    token = base64url( tenant 16 | file 16 | until 5 | first 16 of HMAC-SHA256(the workspace's key, all before) )

Each workspace has a key of its own, so that a link of one never opens a file of another, and a new key ends them all.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import os
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy.exc import IntegrityError

from app.core.context import Context
from app.core.errors import InvalidInput, NotFound
from app.core.ports import Ports
from app.storage import queries
from app.storage.models import LinkKey

KEY_BYTES = 32
MAC_BYTES = 16
NAMED_BYTES = 37


class LinkEnded(NotFound):
    """A link that was good once."""

    code = "link.ended"
    message = "This link has run out. Ask whoever sent it for a new one."


@dataclass(frozen=True, slots=True)
class Link:
    """A token and the moment it stops working."""

    token: str
    until: datetime


@dataclass(frozen=True, slots=True)
class Linked:
    """What a token leads to."""

    tenant_id: UUID
    file_id: UUID
    until: datetime


async def make(ctx: Context, *, file_id: UUID, minutes: int | None = None) -> Link:
    """Return a link to a file, at most as long as the operator lets links live; the file is not looked at.

    Raises:
        InvalidInput: no time at all, or more than the operator allows.
    """
    most = ctx.ports.settings.link_hours * 60
    wanted = most if minutes is None else minutes
    if not 1 <= wanted <= most:
        raise InvalidInput(
            "A link works for 1 to {limit} minutes.", code="link.minutes", field="minutes", params={"limit": most}
        )
    until = (ctx.ports.clock.now() + timedelta(minutes=wanted)).replace(microsecond=0)
    named = ctx.tenant.bytes + file_id.bytes + int(until.timestamp()).to_bytes(5)
    token = base64.urlsafe_b64encode(named + _mac(await _key(ctx), named)).rstrip(b"=").decode()
    return Link(token, until)


async def follow(ports: Ports, token: str) -> Linked:
    """Return what a token leads to.

    Raises:
        NotFound: it was not made here, or the workspace has another key since.
        LinkEnded: its time is over.
    """
    try:
        raw = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise NotFound from None
    if len(raw) != NAMED_BYTES + MAC_BYTES:
        raise NotFound
    named, mac = raw[:NAMED_BYTES], raw[NAMED_BYTES:]
    tenant_id, file_id = UUID(bytes=named[:16]), UUID(bytes=named[16:32])
    async with ports.db.bound(tenant_id=tenant_id).read() as session:
        row = await queries.link_key(session)
    if row is None or not hmac.compare_digest(mac, _mac(base64.b64decode(row.secret), named)):
        raise NotFound
    until = datetime.fromtimestamp(int.from_bytes(named[32:]), UTC)
    if ports.clock.now() >= until:
        raise LinkEnded
    return Linked(tenant_id, file_id, until)


async def revoke_all(ctx: Context) -> None:
    """End every link that the workspace has given out: the next one is signed with another key."""
    async with ctx.db.write() as session:
        await queries.drop_link_key(session)


async def _key(ctx: Context) -> bytes:
    async with ctx.db.read() as session:
        row = await queries.link_key(session)
    if row is None:
        row = await _new_key(ctx)
    return base64.b64decode(row.secret)


async def _new_key(ctx: Context) -> LinkKey:
    secret = base64.b64encode(os.urandom(KEY_BYTES)).decode()
    try:
        async with ctx.db.write() as session:
            row = LinkKey(secret=secret, created_at=ctx.ports.clock.now())
            session.add(row)
    except IntegrityError:  # somebody was first by a hair
        async with ctx.db.read() as session:
            found = await queries.link_key(session)
        if found is None:
            raise
        return found
    return row


def _mac(key: bytes, named: bytes) -> bytes:
    return hmac.digest(key, named, "sha256")[:MAC_BYTES]
