"""Passwords by argon2id, and by zxcvbn's offline lists of leaked and common ones."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from argon2 import PasswordHasher

MEMORY_KIB = (
    47_104  # OWASP Password Storage Cheat Sheet, 2025: argon2id with 46 MiB, and one pass more than its minimum
)
PASSES = 2
THREADS_AT_ONCE = 2  # bounds memory: two hashes are 92 MiB, whatever the number of people signing in
MIN_SCORE = 3  # zxcvbn: "safely unguessable", more than 10^8 guesses
ZXCVBN_LENGTH = 72  # its matching is quadratic; beyond this length a password is judged by its start


class Argon2Passwords:
    """Hashes in threads, a few at a time; nothing is loaded before the first use."""

    def __init__(self, *, memory_kib: int = MEMORY_KIB, passes: int = PASSES) -> None:
        self._memory_kib = memory_kib
        self._passes = passes

    @cached_property
    def _pool(self) -> ThreadPoolExecutor:
        return ThreadPoolExecutor(THREADS_AT_ONCE, thread_name_prefix="passwords")

    @cached_property
    def _hasher(self) -> PasswordHasher:
        from argon2 import PasswordHasher

        return PasswordHasher(time_cost=self._passes, memory_cost=self._memory_kib, parallelism=1)

    @cached_property
    def _nobodys_hash(self) -> str:
        return self._hasher.hash("the password of nobody")

    async def hash(self, password: str) -> str:
        """Return a salted argon2id hash that carries its own parameters."""
        return await asyncio.get_running_loop().run_in_executor(self._pool, lambda: self._hasher.hash(password))

    async def verify(self, password_hash: str | None, password: str) -> bool:
        """Return whether the password fits; without a hash the same work is done and the answer is no."""
        fits = await asyncio.get_running_loop().run_in_executor(self._pool, self._verify, password_hash, password)
        return fits and bool(password_hash)

    def _verify(self, password_hash: str | None, password: str) -> bool:
        from argon2.exceptions import InvalidHashError, VerificationError

        nobodys = self._nobodys_hash  # made on the first call of all, so that later ones take equally long
        try:
            return self._hasher.verify(password_hash or nobodys, password)
        except (VerificationError, InvalidHashError):
            return False

    def is_outdated(self, password_hash: str) -> bool:
        """Whether the hash was made with other parameters than today's."""
        return self._hasher.check_needs_rehash(password_hash)

    async def weakness(self, password: str, *, hints: tuple[str, ...] = ()) -> Literal["breached", "guessable"] | None:
        """Return why the password is easy to guess, or None; `hints` are words an attacker knows of the person."""
        return await asyncio.get_running_loop().run_in_executor(self._pool, self._weakness, password, hints)

    def _weakness(self, password: str, hints: tuple[str, ...]) -> Literal["breached", "guessable"] | None:
        from zxcvbn import zxcvbn
        from zxcvbn.frequency_lists import FREQUENCY_LISTS

        if password.lower() in FREQUENCY_LISTS["passwords"]:
            return "breached"
        judged = zxcvbn(password[:ZXCVBN_LENGTH], user_inputs=list(hints), max_length=ZXCVBN_LENGTH)
        return None if judged["score"] >= MIN_SCORE else "guessable"
