"""The operator of an installation: the first one is whoever has the one-time token printed on the console."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from app.core.context import Context
from app.core.errors import Conflict, InvalidInput, NotAllowed
from app.core.ports import Ports
from app.tenancy import audit, queries, recent, sessions
from app.tenancy.models import OperatorClaim, User
from app.tenancy.tokens import hashed, new_secret


def assert_operator(ctx: Context) -> None:
    """Refuse everybody but the installation's operators.

    Raises:
        NotAllowed: this is no operator.
    """
    if not ctx.is_operator:
        raise NotAllowed("Only an operator of this installation can do this.", code="operator.only")


async def first_claim(ports: Ports) -> str | None:
    """Return a fresh one-time token for the first operator, or None where there is an operator already.

    Only a hash is kept, so each start prints another one and earlier ones end.
    """
    token = new_secret()
    async with ports.db.bound(tenant_id=None).write() as session:
        if await queries.operator_exists(session):
            return None
        await queries.drop_claims(session)
        session.add(OperatorClaim(token_hash=hashed(token), created_at=ports.clock.now()))
    return token


async def consume(session: AsyncSession, *, user: User, claim: str) -> None:
    """Make `user` the operator, in the caller's unit of work, and use up the token.

    Raises:
        InvalidInput: the token is wrong or used.
    """
    if not await queries.take_claim(session, hashed(claim.strip())):
        raise InvalidInput(
            "This operator token is not valid. The console prints a fresh one at each start, until one is used.",
            code="operator.claim_invalid",
            field="claim",
        )
    user.is_operator = True


async def claim(ctx: Context, *, token: str) -> None:
    """Make the signed-in person the operator.

    Raises:
        InvalidInput: the token is wrong or used.
        NotSignedIn: nobody is signed in.
        Conflict: a demo visitor has to sign up first.
    """
    if ctx.is_demo:
        raise Conflict("Sign up first: a demo workspace stands alone.", code="demo.sign_up_first")
    async with ctx.db.write() as session:
        user = await session.get_one(User, sessions.person(ctx))
        await consume(session, user=user, claim=token)
        audit.record(session, ctx, "operator.claimed", target=str(user.id))
    recent.forget_all(ctx.ports)
