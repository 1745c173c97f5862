"""How words are said in every text of a workspace: one list, behind a text's own words and those of its brand."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import TypeAdapter
from sqlalchemy.exc import IntegrityError

from app.core.context import Context
from app.core.errors import Conflict
from app.media import queries
from app.media.models import WorkspaceWords
from app.media.recipes import Said, said_in

_LIST = TypeAdapter(tuple[Said, ...])


async def of_workspace(ctx: Context) -> tuple[Said, ...]:
    """Return the list, in the order in which it was kept."""
    async with ctx.db.read() as session:
        row = await queries.workspace_words(session)
    return _LIST.validate_json(row.said) if row else ()


async def keep(ctx: Context, *, said: Sequence[Said]) -> tuple[Said, ...]:
    """Keep a list in place of the one that was there, each word once in a language, the first way; return it.

    Raises:
        Conflict: somebody kept the very first list at the same moment.
    """
    once: dict[tuple[str, str], Said] = {}
    for one in said:
        once.setdefault((one.written.casefold(), one.locale.casefold()), one)
    kept = tuple(once.values())
    written = _LIST.dump_json(kept).decode()
    try:
        async with ctx.db.write() as session:
            row = await queries.workspace_words(session)
            if row is None:
                session.add(WorkspaceWords(said=written, created_at=ctx.ports.clock.now()))
            else:
                row.said = written
    except IntegrityError as error:
        raise Conflict from error
    return kept


def joined(locale: str, *lists: Sequence[Said]) -> tuple[Said, ...]:
    """Return the first list whole, and of each later one what is said in a language and no earlier one says."""
    found = list(lists[0])
    known = {one.written.casefold() for one in said_in(locale, found)}
    for words in lists[1:]:
        more = [one for one in said_in(locale, words) if one.written.casefold() not in known]
        known |= {one.written.casefold() for one in more}
        found += more
    return tuple(found)
