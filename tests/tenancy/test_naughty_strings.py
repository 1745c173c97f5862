"""Every string of the Big List of Naughty Strings where a person's text meets the database: taken or told."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from pydantic import ValidationError

from app.core.context import Context
from app.core.errors import AppError, NotSignedIn
from app.core.ports import Allowance, Ports
from app.storage import service as storage
from app.tenancy import accounts, api_keys, invitations, organisations, sessions
from app.tenancy.principal import context_for
from app.tenancy.schemas import OrganisationName, Profile, SignIn, SignUp
from tests.databases import GOOD_PASSWORD, CtxOf

HERE = "192.0.2.1"
NUL_AND_MORE = ["\x00", "a\x00b", "\ud800", "\udfff a", "\x1b[31m", "\u202e", "\ufeff", "\x85", "\u2028"]


@pytest.fixture
def naughty(shared_data: Path) -> list[str]:
    """The list, and what its file form cannot hold."""
    return [*json.loads((shared_data / "blns" / "blns.json").read_text("utf-8")), *NUL_AND_MORE]


class Unlimited:
    """A limiter that never says no."""

    async def hit(self, key: str, *, limit: int, window_s: int) -> Allowance:
        return Allowance(True, limit, 0)

    peek = hit

    async def clear(self, key: str, *, limit: int, window_s: int) -> None:
        return

    async def ping(self) -> None:
        return


@pytest.fixture
def unlimited(ports: Ports) -> Ports:
    """Ports that let somebody try a thousand times."""
    return dataclasses.replace(ports, limiter=Unlimited())


async def _bytes(text: str) -> AsyncIterator[bytes]:
    yield text.encode("utf-8", "surrogatepass")


@pytest.mark.parametrize("engine", ["postgresql"], indirect=True)
async def test_names_are_taken_or_told(naughty: list[str], ctx_of: CtxOf) -> None:
    ana = await ctx_of("ana")
    for text in naughty:
        try:
            await accounts.update_profile(ana, form=Profile(name=text))
            await organisations.rename(ana, form=OrganisationName(name=text))
        except (AppError, ValidationError):
            continue
        (mine,) = await organisations.list_mine(ana)
        assert mine.name == OrganisationName(name=text).name


@pytest.mark.parametrize("engine", ["postgresql"], indirect=True)
async def test_files_are_taken_or_told(naughty: list[str], ctx_of: CtxOf) -> None:
    ana = await ctx_of("ana")
    for text in naughty:
        try:
            file = await storage.store(ana, name=text, chunks=_bytes(text))
        except AppError:
            continue
        assert (await storage.describe(ana, file_id=file.id)).name == file.name


@pytest.mark.parametrize("engine", ["postgresql"], indirect=True)
async def test_secrets_are_wrong_and_no_more(naughty: list[str], unlimited: Ports, ctx_of: CtxOf) -> None:
    bo = await ctx_of("bo")
    nobody = context_for(unlimited, None, "test")
    for text in naughty:
        assert await sessions.resolve(unlimited, token=text) is None
        assert await api_keys.resolve_key(unlimited, key=f"gly_{text}_{text}") is None
        with pytest.raises(AppError):
            await invitations.accept(bo, token=f"gli_{text}_{text}")
        with pytest.raises((NotSignedIn, ValidationError)):
            await accounts.sign_in(nobody, form=_sign_in("bo@bo.example.org", text), address=text)
        with pytest.raises((NotSignedIn, ValidationError)):
            await accounts.sign_in(nobody, form=_sign_in(text, GOOD_PASSWORD), address=text)


def _sign_in(email: str, password: str) -> SignIn:
    return SignIn.model_validate({"email": email, "password": password})


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
async def test_accounts_are_made_or_refused_with_a_reason(naughty: list[str], unlimited: Ports) -> None:
    nobody: Context = context_for(unlimited, None, "test")
    for number, text in enumerate(naughty):
        for form in ({"email": text}, {"password": text}, {"claim": text, "invitation": text}):
            filled = {"email": f"a{number}@acme.com", "password": GOOD_PASSWORD} | form
            try:
                await accounts.sign_up(nobody, form=SignUp.model_validate(filled), address=HERE)
            except (AppError, ValidationError) as error:
                assert isinstance(error, ValidationError) or error.field
