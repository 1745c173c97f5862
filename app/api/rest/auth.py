"""/api/v1/auth: sign up, sign in, sign out, who am I, the demo, the password, one's sign-ins."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Response
from pydantic import BaseModel, Field, StringConstraints

from app.api.credentials import drop_cookie, put_cookie
from app.api.door import Asking, Ctx, DoorRoute
from app.api.languages import preferred
from app.api.scopes import person, public, signed_in
from app.api.shapes import AddressId, Body, Page
from app.core.errors import NotSignedIn
from app.tenancy import accounts, demo, sessions
from app.tenancy.principal import Principal
from app.tenancy.schemas import ChangePassword, Profile, SignIn, SignUp
from app.tenancy.sessions import SessionView

router = APIRouter(prefix="/api/v1/auth", tags=["auth"], route_class=DoorRoute)


class Me(BaseModel):
    """Who asks, in which organisation, with which permissions."""

    user_id: UUID
    email: str | None = Field(examples=["ana@example.org"])
    name: str = Field(examples=["Ana"])
    locale: str = Field(examples=["en"])
    theme: str = Field(examples=["system"])
    organisation_id: UUID
    organisation: str = Field(examples=["Bright Ideas"])
    role: str = Field(examples=["owner"])
    scopes: list[str] = Field(examples=[["documents:read", "generations:write", "templates:read"]])
    is_demo: bool
    expires_at: datetime | None = Field(description="End of a demo workspace.")


class StartDemo(Body):
    """How the visitor wants to be spoken to; without it, as the browser says."""

    locale: Annotated[str, StringConstraints(max_length=35)] = Field(default="", examples=["en"])


class SessionsEnded(BaseModel):
    """How many sign-ins ended."""

    ended: int


def _me(principal: Principal) -> Me:
    return Me(
        user_id=principal.user_id,
        email=principal.email,
        name=principal.name,
        locale=principal.locale,
        theme=principal.theme,
        organisation_id=principal.tenant_id,
        organisation=principal.tenant_name,
        role=principal.role,
        scopes=sorted(principal.scopes),
        is_demo=principal.is_demo,
        expires_at=principal.expires_at,
    )


@router.post("/signup", status_code=201)
@public
async def sign_up(ctx: Ctx, asking: Asking, body: SignUp, response: Response) -> Me:
    """Make an account and sign it in. A demo visitor keeps the workspace and everything in it."""
    fresh = await accounts.sign_up(ctx, form=body, address=asking.address)
    put_cookie(response, fresh, ctx.ports.settings)
    return _me(fresh.principal)


@router.post("/login")
@public
async def sign_in(ctx: Ctx, asking: Asking, body: SignIn, response: Response) -> Me:
    """Sign in with e-mail and password; the cookie of the answer is the session."""
    fresh = await accounts.sign_in(ctx, form=body, address=asking.address, token=asking.token or None)
    put_cookie(response, fresh, ctx.ports.settings)
    return _me(fresh.principal)


@router.post("/demo", status_code=201)
@public
async def start_demo(ctx: Ctx, asking: Asking, response: Response, body: StartDemo | None = None) -> Me:
    """Make a demo workspace and sign its visitor in; who is signed in already stays who they are."""
    if asking.principal is not None:
        return _me(asking.principal)
    spoken = replace(ctx, locale=preferred(body.locale)) if body and body.locale else ctx
    fresh = await demo.start(spoken, address=asking.address)
    put_cookie(response, fresh, ctx.ports.settings)
    return _me(fresh.principal)


@router.post("/logout", status_code=204)
@person
async def sign_out(ctx: Ctx, asking: Asking, response: Response) -> None:
    """End this browser's session."""
    await sessions.sign_out(ctx, token=asking.token)
    drop_cookie(response, ctx.ports.settings)


@router.get("/me")
@signed_in
async def show_me(asking: Asking) -> Me:
    """Say who asks, in which organisation, with which scopes."""
    if asking.principal is None:
        raise NotSignedIn
    return _me(asking.principal)


@router.patch("/me", status_code=204)
@person
async def update_me(ctx: Ctx, body: Profile) -> None:
    """Change one's name, language and theme; what is left out stays."""
    await accounts.update_profile(ctx, form=body)


@router.post("/password")
@person
async def change_password(ctx: Ctx, asking: Asking, body: ChangePassword, response: Response) -> Me:
    """Change one's password; every session ends, this browser gets a new one."""
    fresh = await accounts.change_password(ctx, form=body, address=asking.address, token=asking.token)
    put_cookie(response, fresh, ctx.ports.settings)
    return _me(fresh.principal)


@router.get("/sessions")
@person
async def list_sessions(ctx: Ctx) -> Page[SessionView]:
    """List one's sign-ins on every device, latest use first."""
    return Page(items=await sessions.list_sessions(ctx))


@router.delete("/sessions")
@person
async def end_other_sessions(ctx: Ctx, asking: Asking) -> SessionsEnded:
    """End one's sign-ins on every device but this one."""
    keep = asking.principal.session_id if asking.principal else None
    return SessionsEnded(ended=await sessions.sign_out_everywhere(ctx, keep=keep))


@router.delete("/sessions/{session_id}", status_code=204)
@person
async def end_session(ctx: Ctx, session_id: AddressId) -> None:
    """End one of one's own sign-ins."""
    await sessions.end_session(ctx, session_id=session_id)
