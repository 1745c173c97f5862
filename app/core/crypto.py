"""Encryption at rest: one data key per tenant, wrapped by the installation's master key.

A sealed value reads `g1.<base64url(nonce + ciphertext)>`; associated data is tenant|table|row|column, so that a value
cannot be moved to another tenant, row or column. Deleting a tenant's data key shreds everything sealed with it.
"""

from __future__ import annotations

import base64
import hmac
import os
import stat
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY_BYTES = 32
NONCE_BYTES = 12  # NIST SP 800-38D, 8.2: 96 bits
PREFIX = "g1."


class SealBroken(RuntimeError):
    """A sealed value does not open: wrong key, moved or altered."""


class DataKey:
    """Seals and opens text under one key."""

    def __init__(self, key: bytes) -> None:
        self._aead = AESGCM(key)
        self._digest_key = hmac.digest(key, b"galley digest", "sha256")  # another key than the one that seals

    def digest(self, text: str) -> str:
        """Return a hash that only this key makes: equal texts of one tenant meet, those of two tenants never do."""
        return hmac.digest(self._digest_key, text.encode("utf-8", "surrogatepass"), "sha256").hex()

    def seal(self, text: str, *, where: str) -> str:
        """Return `text` sealed for the place `where` (tenant|table|row|column)."""
        nonce = os.urandom(NONCE_BYTES)
        sealed = self._aead.encrypt(nonce, text.encode("utf-8", "surrogatepass"), where.encode())
        return PREFIX + base64.urlsafe_b64encode(nonce + sealed).decode()

    def open(self, sealed: str, *, where: str) -> str:
        """Return the text sealed for the place `where`.

        Raises:
            SealBroken: wrong key, another place, or altered.
        """
        if not sealed.startswith(PREFIX):
            raise SealBroken("not a sealed value")
        try:
            raw = base64.urlsafe_b64decode(sealed[len(PREFIX) :])
            return self._aead.decrypt(raw[:NONCE_BYTES], raw[NONCE_BYTES:], where.encode()).decode(
                "utf-8", "surrogatepass"
            )
        except (InvalidTag, ValueError) as error:
            raise SealBroken(f"cannot open the value at {where}") from error


class MasterKey:
    """Wraps and unwraps data keys."""

    def __init__(self, key: bytes) -> None:
        if len(key) != KEY_BYTES:
            raise ValueError(f"the master key must be {KEY_BYTES} bytes, this one has {len(key)}")
        self._key = DataKey(key)

    def new_data_key(self, *, tenant: str) -> str:
        """Return a fresh data key, wrapped for `tenant`."""
        return self._key.seal(base64.b64encode(os.urandom(KEY_BYTES)).decode(), where=f"data-key|{tenant}")

    def unwrap(self, wrapped: str, *, tenant: str) -> DataKey:
        """Return the tenant's data key.

        Raises:
            SealBroken: wrapped by another master key or for another tenant.
        """
        return DataKey(base64.b64decode(self._key.open(wrapped, where=f"data-key|{tenant}")))


def load_master_key(path: Path) -> MasterKey:
    """Read the master key from `path`, making it (mode 0600) where there is none.

    Raises:
        PermissionError: others can read the file.
    """
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        if path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
            raise PermissionError(f"{path} can be read by others; run: chmod 600 {path}") from None
    else:
        with os.fdopen(handle, "wb") as file:
            file.write(base64.b64encode(os.urandom(KEY_BYTES)))
    return MasterKey(base64.b64decode(path.read_bytes().strip()))
