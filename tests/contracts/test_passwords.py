"""What every Passwords adapter does."""

from __future__ import annotations

import pytest

from app.adapters.passwords_argon2 import MEMORY_KIB, Argon2Passwords


@pytest.fixture
def passwords() -> Argon2Passwords:
    """The real adapter with the least work it allows."""
    return Argon2Passwords(memory_kib=8, passes=1)


async def test_the_right_password_fits(passwords: Argon2Passwords) -> None:
    kept = await passwords.hash("plum harbour violin")

    assert await passwords.verify(kept, "plum harbour violin")
    assert not await passwords.verify(kept, "plum harbour violin ")


async def test_the_same_password_is_kept_differently_each_time(passwords: Argon2Passwords) -> None:
    assert await passwords.hash("plum") != await passwords.hash("plum")


@pytest.mark.parametrize("kept", [None, "", "no hash", "$argon2id$v=19$m=8,t=1,p=1$broken"])
async def test_without_a_good_hash_no_password_fits(kept: str | None, passwords: Argon2Passwords) -> None:
    assert not await passwords.verify(kept, "the password of nobody")


async def test_the_work_is_what_is_recommended_today() -> None:
    strong = Argon2Passwords()
    kept = await strong.hash("plum harbour violin")

    assert kept.startswith(f"$argon2id$v=19$m={MEMORY_KIB},t=2,p=1$")
    assert not strong.is_outdated(kept)
    assert strong.is_outdated(await Argon2Passwords(memory_kib=8, passes=1).hash("plum"))


@pytest.mark.parametrize("leaked", ["password", "PassWord", "123456789", "qwertyuiop", "trustno1"])
async def test_a_leaked_password_is_known(leaked: str, passwords: Argon2Passwords) -> None:
    assert await passwords.weakness(leaked) == "breached"


@pytest.mark.parametrize("easy", ["abcdefghijklmnop", "aaaaaaaaaaaaaaaa", "password12345", "qwertyuiopasdf"])
async def test_an_easy_password_is_noticed(easy: str, passwords: Argon2Passwords) -> None:
    assert await passwords.weakness(easy) == "guessable"


async def test_what_an_attacker_knows_makes_a_password_easy(passwords: Argon2Passwords) -> None:
    hard = "zyrkonwellblech77"

    assert await passwords.weakness(hard) is None
    assert await passwords.weakness(hard, hints=("zyrkonwellblech",)) == "guessable"


async def test_a_very_long_password_is_judged_quickly(passwords: Argon2Passwords) -> None:
    assert await passwords.weakness("plum harbour violin kettle " * 40) is None
