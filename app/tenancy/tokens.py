"""Secrets that are shown once and kept as a hash: session cookies, API keys, invitations, the operator's claim."""

from __future__ import annotations

import base64
import hashlib
import secrets
from functools import lru_cache
from uuid import UUID

SECRET_BYTES = 32  # 256 bits: a plain SHA-256 is enough at rest, there is nothing to guess


def new_secret() -> str:
    """Return a fresh 256-bit secret, safe in a URL and a cookie."""
    return secrets.token_urlsafe(SECRET_BYTES)


def hashed(secret: str) -> str:
    """Return what is kept of a secret."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def with_tenant(prefix: str, tenant_id: UUID, secret: str) -> str:
    """Return `prefix_<tenant>_<secret>`: the tenant's id lets it be looked up inside its tenant's wall."""
    return f"{prefix}_{base64.b32encode(tenant_id.bytes).decode().rstrip('=').lower()}_{secret}"


def split_tenant(prefix: str, token: str) -> tuple[UUID, str] | None:
    """Return the tenant and the secret of a token made by `with_tenant`, or None: it is not of that form."""
    kind, _, rest = token.partition("_")
    tenant, _, secret = rest.partition("_")
    if kind != prefix or not secret:
        return None
    tenant_id = _tenant(tenant)
    return (tenant_id, secret) if tenant_id is not None else None


@lru_cache(maxsize=4096)  # every request of a program comes by here; the tenant is no secret
def _tenant(text: str) -> UUID | None:
    try:
        return UUID(bytes=base64.b32decode(text.upper() + "=" * (-len(text) % 8)))
    except ValueError:
        return None
