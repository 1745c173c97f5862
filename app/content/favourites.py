"""Templates that a person marked for themselves."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy.exc import IntegrityError

from app.content import queries
from app.content.catalogue_files import load_catalogue
from app.content.models import Favourite
from app.core.context import Context
from app.core.errors import NotSignedIn


def _person(ctx: Context) -> UUID:
    if ctx.user_id is None:
        raise NotSignedIn
    return ctx.user_id


async def list_mine(ctx: Context) -> list[str]:
    """Return the ids of one's favourite templates, newest first; templates that are gone are left out."""
    known = load_catalogue().templates
    async with ctx.db.read() as session:
        rows = await queries.favourites(session, _person(ctx))
    return [row.template_id for row in rows if row.template_id in known]


async def add(ctx: Context, *, template_id: str) -> None:
    """Mark a template; marking it again changes nothing.

    Raises:
        NotFound: there is no such template.
    """
    template = load_catalogue().get(template_id)
    user_id = _person(ctx)
    try:
        async with ctx.db.write() as session:
            if any(row.template_id == template.id for row in await queries.favourites(session, user_id)):
                return
            session.add(Favourite(user_id=user_id, template_id=template.id, created_at=ctx.ports.clock.now()))
    except IntegrityError:  # two clicks at once: it is marked
        return


async def remove(ctx: Context, *, template_id: str) -> None:
    """Take the mark away; one that is not there is fine."""
    async with ctx.db.write() as session:
        await queries.drop_favourite(session, user_id=_person(ctx), template_id=template_id)
