"""A person's way in: sign up, sign in, change the password, change the profile."""

from __future__ import annotations

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.context import Context
from app.core.errors import Conflict, NotAllowed, NotSignedIn
from app.core.ids import new_id
from app.tenancy import audit, invitations, operators, organisations, passwords, queries, recent, sessions
from app.tenancy.emails import normal_email
from app.tenancy.guesses import guess, refuse_over
from app.tenancy.models import Tenant, User
from app.tenancy.principal import SignedIn
from app.tenancy.schemas import ChangePassword, Profile, SignIn, SignUp
from app.tenancy.tokens import hashed

SIGN_UPS_PER_HOUR = 100  # per address; an office behind one address still gets in


async def sign_up(ctx: Context, *, form: SignUp, address: str) -> SignedIn:
    """Make an account and sign it in. A demo visitor keeps the workspace and all that is in it.

    Who comes by invitation joins that organisation; anybody else founds one. `address` is where the request is from.

    Raises:
        InvalidInput: e-mail, password, operator's claim or invitation cannot be used.
        NotAllowed: sign-up is closed here.
        Conflict: there is an account with this e-mail.
        TooMany: too many accounts from this address.
    """
    ports = ctx.ports
    if not (ports.settings.signup or form.invitation or form.claim):
        raise NotAllowed("Sign-up is closed here. Ask an operator for an invitation.", code="signup.closed")
    email, password = normal_email(form.email), passwords.normal(form.password)
    await passwords.assert_good(ports.passwords, password, email=email, hints=(form.name, form.organisation))
    key = f"sign-up:{hashed(address)}"
    refuse_over(await ports.limiter.hit(key, limit=SIGN_UPS_PER_HOUR, window_s=3600), code="signup.too_many")
    password_hash = await ports.passwords.hash(password)
    person = User(email=email, password_hash=password_hash, name=form.name, locale=ctx.locale)
    person.created_at = ports.clock.now()
    try:
        if ctx.is_demo:
            signed_in = await _keep_demo(ctx, form=form, email=email, password_hash=password_hash)
        elif form.invitation:
            signed_in = await _join(ctx, form=form, person=person)
        else:
            signed_in = await _found(ctx, form=form, person=person)
    except IntegrityError as error:
        raise Conflict(
            "There is an account with this e-mail. Sign in instead.", code="account.exists", field="email"
        ) from error
    recent.forget_all(ports)
    return signed_in


async def _enter(
    ctx: Context, session: AsyncSession, *, form: SignUp, user: User, tenant: Tenant, role: str
) -> SignedIn:
    if form.claim:
        await operators.consume(session, user=user, claim=form.claim)
    signed_in = sessions.open_session(ctx.ports, session, user=user, tenant=tenant, role=role)
    audit.record(session, ctx, "account.created", target=str(user.id), user_id=user.id)
    return signed_in


async def _found(ctx: Context, *, form: SignUp, person: User) -> SignedIn:
    tenant_id = new_id()
    name = form.organisation or organisations.guess_name(person.email or "")
    async with ctx.ports.db.bound(tenant_id=tenant_id, user_id=person.id).write() as session:
        tenant = await organisations.found(ctx.ports, session, tenant_id=tenant_id, name=name, owner=person)
        return await _enter(ctx, session, form=form, user=person, tenant=tenant, role="owner")


async def _join(ctx: Context, *, form: SignUp, person: User) -> SignedIn:
    tenant_id, secret_hash = invitations.read_token(form.invitation)
    async with ctx.ports.db.bound(tenant_id=tenant_id, user_id=person.id).write() as session:
        session.add(person)
        await session.flush()
        role = await invitations.use(ctx, session, secret_hash=secret_hash, user=person)
        tenant = await session.get_one(Tenant, tenant_id)
        return await _enter(ctx, session, form=form, user=person, tenant=tenant, role=role)


async def _keep_demo(ctx: Context, *, form: SignUp, email: str, password_hash: str) -> SignedIn:
    async with ctx.db.write() as session:
        user = await session.get_one(User, sessions.person(ctx))
        tenant = await session.get_one(Tenant, ctx.tenant)
        user.email, user.password_hash, user.name = email, password_hash, form.name
        tenant.name = form.organisation or organisations.guess_name(email)
        tenant.is_demo, tenant.expires_at = False, None
        await session.flush()
        await queries.end_sessions(session, user_id=user.id)
        signed_in = await _enter(ctx, session, form=form, user=user, tenant=tenant, role="owner")
    if form.invitation:
        context = sessions.context_for(ctx.ports, signed_in.principal, ctx.request_id, ctx.locale)
        await invitations.accept(context, token=form.invitation)
    return signed_in


async def sign_in(ctx: Context, *, form: SignIn, address: str, token: str | None = None) -> SignedIn:
    """Sign a person in with a new cookie, in the organisation they joined first; the cookie `token` ends.

    An unknown e-mail and a wrong password look alike, in the answer and in its time.

    Raises:
        NotSignedIn: e-mail and password do not fit.
        TooMany: too many guesses for this account or from this address.
    """
    ports = ctx.ports
    email, password = form.email.lower(), passwords.normal(form.password)
    async with guess(ports.limiter, account=email, address=address):
        async with ports.db.bound(tenant_id=None).read() as session:
            user = await queries.user_by_email(session, email)
        if not await ports.passwords.verify(user.password_hash if user else None, password) or user is None:
            raise NotSignedIn("E-mail and password do not fit together.", code="auth.wrong")
    renewed = await _renewed_hash(ctx, user=user, password=password)
    async with ports.db.bound(tenant_id=None, user_id=user.id).read() as session:
        mine = await queries.organisations_of(session, user.id)
    tenant_id = mine[0][0].id if mine else new_id()
    async with ports.db.bound(tenant_id=tenant_id, user_id=user.id).write() as session:
        user = await session.get_one(User, user.id)
        user.password_hash = renewed or user.password_hash
        if mine:
            tenant, role = mine[0]
        else:  # the last organisation was left or removed
            name = organisations.guess_name(email)
            tenant, role = (
                await organisations.found(ports, session, tenant_id=tenant_id, name=name, owner=user),
                "owner",
            )
        if token:
            await queries.drop_session(session, hashed(token))
        signed_in = sessions.open_session(ports, session, user=user, tenant=tenant, role=role)
        audit.record(session, ctx, "session.started", user_id=user.id)
    if token:
        recent.forget(ports, hashed(token))
    return signed_in


async def _renewed_hash(ctx: Context, *, user: User, password: str) -> str | None:
    if user.password_hash and ctx.ports.passwords.is_outdated(user.password_hash):
        return await ctx.ports.passwords.hash(password)
    return None


async def change_password(ctx: Context, *, form: ChangePassword, address: str, token: str) -> SignedIn:
    """Give the person another password; every sign-in ends and a new cookie takes the place of `token`.

    Raises:
        NotSignedIn: the present password is wrong.
        InvalidInput: the next one cannot be used.
        TooMany: too many guesses.
    """
    ports, user_id = ctx.ports, sessions.person(ctx)
    async with ctx.db.read() as session:
        user = await session.get_one(User, user_id)
    email, password = user.email or "", passwords.normal(form.password)
    async with guess(ports.limiter, account=email, address=address):
        if not await ports.passwords.verify(user.password_hash, passwords.normal(form.present)):
            raise NotSignedIn("The present password is not right.", code="auth.wrong_present", field="present")
    await passwords.assert_good(ports.passwords, password, email=email, hints=(user.name,))
    password_hash = await ports.passwords.hash(password)
    async with ctx.db.write() as session:
        row = await queries.who(session, user_id=user_id, tenant_id=ctx.tenant)
        if row is None:
            raise NotSignedIn
        user, tenant, role = row
        user.password_hash = password_hash
        await queries.end_sessions(session, user_id=user_id)
        signed_in = sessions.open_session(ports, session, user=user, tenant=tenant, role=role)
        audit.record(session, ctx, "password.changed", target=str(user_id))
    recent.forget_all(ports)
    return signed_in


async def update_profile(ctx: Context, *, form: Profile) -> None:
    """Change the person's name, language and theme; what is None stays.

    Raises:
        NotSignedIn: nobody is signed in.
    """
    async with ctx.db.write() as session:
        user = await session.get_one(User, sessions.person(ctx))
        user.name = user.name if form.name is None else form.name
        user.locale = user.locale if form.locale is None else form.locale
        user.theme = user.theme if form.theme is None else form.theme
        audit.record(session, ctx, "profile.changed", target=str(user.id))
    recent.forget_all(ctx.ports)
