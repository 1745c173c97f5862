"""The rules for passwords (NIST SP 800-63B-4, 3.1.1.2): long enough, not leaked, not guessable; no rule on make-up."""

from __future__ import annotations

import unicodedata

from pydantic import SecretStr

from app.core.errors import InvalidInput
from app.core.ports import Passwords

MIN_CHARACTERS = 12
MAX_CHARACTERS = 128


def normal(password: SecretStr) -> str:
    """Return the password in NFKC, so that another keyboard or system types the same one."""
    text = unicodedata.normalize("NFKC", password.get_secret_value())
    return text.encode("utf-8", "replace").decode()


async def assert_good(
    passwords: Passwords, password: str, *, email: str, hints: tuple[str, ...] = (), field: str = "password"
) -> None:
    """Refuse a password that is too short, too long, leaked, guessable or the e-mail itself.

    Raises:
        InvalidInput: with a sentence that says the way out.
    """
    length = len(password)
    if length < MIN_CHARACTERS:
        raise InvalidInput(
            "Use at least {limit} characters. Three or four words in a row are easy to remember.",
            code="password.too_short",
            field=field,
            params={"limit": MIN_CHARACTERS, "used": length},
        )
    if length > MAX_CHARACTERS:
        raise InvalidInput(
            "Use at most {limit} characters.",
            code="password.too_long",
            field=field,
            params={"limit": MAX_CHARACTERS, "used": length},
        )
    local = email.partition("@")[0]
    if email.casefold() in password.casefold() or password.casefold() == local.casefold() * (
        length // max(1, len(local))
    ):
        raise InvalidInput(
            "Do not use your e-mail as the password. Three or four words in a row are easy to remember.",
            code="password.is_email",
            field=field,
        )
    weakness = await passwords.weakness(password, hints=(email, local, *email.split("@")[1:], *hints))
    if weakness == "breached":
        raise InvalidInput(
            "This password is on lists of leaked passwords. Choose another, for example three or four random words.",
            code="password.breached",
            field=field,
        )
    if weakness == "guessable":
        raise InvalidInput(
            "This password is easy to guess. Add a word or two that have nothing to do with each other.",
            code="password.guessable",
            field=field,
        )
