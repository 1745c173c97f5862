"""Limits on guessing (OWASP ASVS 5.0, 6.3.1): ten wrong passwords per account, and per address, in a quarter hour."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from weakref import WeakValueDictionary

from app.core.errors import AppError, NotSignedIn, TooMany
from app.core.ports import Allowance, RateLimiter
from app.tenancy.tokens import hashed

GUESSES = 10
WINDOW_S = 15 * 60

_turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()


def refuse_over(allowance: Allowance, *, code: str = "too_many") -> None:
    """Refuse where a limit is used up.

    Raises:
        TooMany: with the seconds to wait.
    """
    if not allowance.allowed:
        seconds = max(1, allowance.reset_s)
        raise TooMany(code=code, params={"seconds": seconds}, retry_after_s=seconds)


@asynccontextmanager
async def guess(limiter: RateLimiter, *, account: str, address: str) -> AsyncIterator[None]:
    """Hold one guess: counted before it is tried, taken back for the account when the body raises nothing.

    One address tries one password at a time, so that a burst cannot pass its limit together.

    Raises:
        TooMany: too many guesses for this account or from this address.
    """
    account_key, address_key = f"guess:account:{hashed(account)}", f"guess:address:{hashed(address)}"
    turn = _turns.setdefault(address_key, asyncio.Lock())
    async with turn:
        refuse_over(await limiter.peek(address_key, limit=GUESSES, window_s=WINDOW_S), code="auth.too_many_guesses")
        refuse_over(await limiter.hit(account_key, limit=GUESSES, window_s=WINDOW_S), code="auth.too_many_guesses")
        try:
            yield
        except AppError as error:
            if isinstance(error, NotSignedIn):
                await limiter.hit(address_key, limit=GUESSES, window_s=WINDOW_S)
            raise
        await limiter.clear(account_key, limit=GUESSES, window_s=WINDOW_S)
