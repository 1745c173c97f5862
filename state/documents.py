"""The list of documents: newest first, searched by title, thrown away and brought back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import reflex as rx

from app.core.errors import AppError
from app.core.ids import parse_id
from state.marks import needs, public
from state.session import SessionState, ctx_for

if TYPE_CHECKING:
    from app.content.schemas import DocumentView

PAGE = 30


@dataclass
class DocumentRow:
    """A document in the list."""

    id: str = ""
    title: str = ""
    template_id: str = ""
    template: str = ""
    passed: int = 0
    total: int = 0
    version: int = 1
    embedded: bool = False
    updated_at: str = ""


class DocumentsState(rx.State):
    """One page of documents."""

    rows: list[DocumentRow] = []
    query: str = ""
    loaded: bool = False
    more: bool = False
    thrown_id: str = ""
    thrown_title: str = ""

    @rx.event
    @public
    async def open(self) -> None:
        """Read the list anew."""
        await self._read(PAGE)

    @rx.event
    @needs("documents:read")
    async def search(self, query: str) -> None:
        """Show the documents whose titles hold these words."""
        self.query = query[:100]
        await self._read(PAGE)

    @rx.event
    @needs("documents:read")
    async def show_more(self) -> None:
        """Show the next page below."""
        await self._read(min(len(self.rows) + PAGE, 10 * PAGE))

    @rx.event
    @needs("documents:write")
    async def throw_away(self, document_id: str) -> None:
        """Take a document out of the list; it can be brought back right here."""
        from app.content import documents

        wanted = parse_id(document_id)
        row = next((row for row in self.rows if row.id == document_id), None)
        if wanted is None or row is None:
            return
        try:
            await documents.delete(await ctx_for(self), document_id=wanted)
        except AppError as error:
            (await self.get_state(SessionState))._say_error(error)
            return
        self.thrown_id, self.thrown_title = row.id, row.title
        await self._read(max(PAGE, len(self.rows)))

    @rx.event
    @needs("documents:write")
    async def bring_back(self) -> None:
        """Undo the last throwing away."""
        from app.content import documents

        wanted = parse_id(self.thrown_id)
        self.thrown_id = ""
        if wanted is not None:
            try:
                await documents.undelete(await ctx_for(self), document_id=wanted)
            except AppError as error:
                (await self.get_state(SessionState))._say_error(error)
        await self._read(max(PAGE, len(self.rows)))

    async def _read(self, count: int) -> None:
        from app.content import documents

        ctx = await ctx_for(self)
        if "documents:read" not in ctx.scopes:
            return
        views, after = await documents.list_latest(ctx, limit=count, search=self.query)
        self.rows = [document_row(view) for view in views]
        self.more, self.loaded = after is not None, True


def document_row(view: DocumentView) -> DocumentRow:
    """Return a row of the list."""
    from app.content.catalogue_files import load_catalogue

    known = {template.id: template.name for template in load_catalogue().all()}
    return DocumentRow(
        id=str(view.id),
        title=view.title,
        template_id=view.template_id,
        template=known.get(view.template_id, view.template_id),
        passed=view.passed,
        total=view.total,
        version=view.version,
        embedded=view.embedded,
        updated_at=view.updated_at.isoformat(),
    )
