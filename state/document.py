"""One document: its text on the sheet, checked as it stands, with every version of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

import reflex as rx

from app.core.errors import AppError
from app.core.ids import parse_id
from state.marks import needs, public
from state.run_view import CheckView, LineView, check_views, failed_of, line_views
from state.session import SessionState, ctx_for

if TYPE_CHECKING:
    from app.content.judging import Judged
    from app.core.context import Context


@dataclass
class VersionRow:
    """A version in the margin."""

    number: int = 1
    cause: str = ""
    passed: int = 0
    total: int = 0
    created_at: str = ""


class DocumentState(rx.State):
    """The document that is open."""

    document_id: str = ""
    title: str = ""
    template_id: str = ""
    template: str = ""
    language: str = "en"
    missing: bool = False
    loaded: bool = False
    lines: list[LineView] = []
    checks: list[CheckView] = []
    passed: int = 0
    total: int = 0
    failed: int = 0
    version: int = 1
    shown: int = 1
    versions: list[VersionRow] = []
    text: str = ""
    embedded: bool = False
    model: str = ""
    updated_at: str = ""
    renaming: bool = False

    @rx.event
    @public
    async def open(self) -> None:
        """Show the document named in the address."""
        wanted = str(self.router.url.path).rstrip("/").rsplit("/", 1)[-1]
        ctx = await ctx_for(self)
        if "documents:read" not in ctx.scopes:
            return
        await self._show(ctx, parse_id(wanted))

    @rx.event
    @needs("documents:read")
    async def look_at(self, number: int) -> None:
        """Show an earlier version; the newest one stays the document."""
        await self._show(await ctx_for(self), parse_id(self.document_id), number=number)

    @rx.event
    @needs("documents:write")
    async def restore(self) -> None:
        """Make the shown version the newest one again."""
        from app.content import documents

        ctx, wanted = await ctx_for(self), parse_id(self.document_id)
        if wanted is None:
            return
        try:
            await documents.restore(ctx, document_id=wanted, number=self.shown)
        except AppError as error:
            (await self.get_state(SessionState))._say_error(error)
        await self._show(ctx, wanted)

    @rx.event
    @needs("documents:write")
    async def measure_line(self, path: str, text: str) -> None:
        """Check a line again while it is being corrected; nothing is kept yet."""
        await self._correct(path, text, keep=False)

    @rx.event
    @needs("documents:write")
    async def keep_line(self, path: str, text: str) -> None:
        """Keep a corrected line as a new version."""
        await self._correct(path, text, keep=True)

    @rx.event
    @needs("documents:write")
    async def rename(self, form: dict[str, str]) -> None:
        """Give the document another title."""
        from app.content import documents

        wanted = parse_id(self.document_id)
        if wanted is None:
            return
        try:
            view = await documents.rename(await ctx_for(self), document_id=wanted, title=form.get("title", ""))
        except AppError as error:
            (await self.get_state(SessionState))._say_error(error)
            return
        self.title, self.renaming = view.title, False

    @rx.event
    @public
    def toggle_renaming(self) -> None:
        """Open or close the field for the title."""
        self.renaming = not self.renaming

    async def _show(self, ctx: Context, wanted: UUID | None, *, number: int | None = None) -> None:
        from app.content import documents
        from app.content.catalogue_files import load_catalogue

        try:
            if wanted is None:
                raise LookupError
            found = await documents.get(ctx, document_id=wanted, number=number)
            verdict = await documents.judged(ctx, document_id=wanted, text=found.text)
            self.versions = [
                VersionRow(row.number, row.cause, row.passed, row.total, row.created_at.isoformat())
                for row in await documents.versions(ctx, document_id=wanted)
            ]
        except (AppError, LookupError):
            self.missing, self.loaded = True, True
            return
        view = found.document
        self.missing, self.loaded = False, True
        self.document_id, self.title, self.template_id = str(view.id), view.title, view.template_id
        self.template = load_catalogue().get(view.template_id).name
        self.language, self.version, self.shown = view.language, view.version, found.number
        self.embedded, self.model, self.updated_at = view.embedded, view.model, view.updated_at.isoformat()
        self._set(verdict)

    def _set(self, verdict: Judged) -> None:
        from app.content.catalogue_files import load_catalogue

        template = load_catalogue().get(self.template_id)
        self.lines, self.checks = line_views(template, verdict.lines), check_views(verdict.results)
        self.passed, self.total, self.text = verdict.passed, verdict.total, verdict.text
        self.failed = failed_of(verdict.results)

    async def _correct(self, path: str, text: str, *, keep: bool) -> None:
        from app.content import documents
        from app.content.catalogue_files import load_catalogue
        from app.content.outputs import parse_output, replace_at

        ctx, wanted = await ctx_for(self), parse_id(self.document_id)
        if wanted is None or self.shown != self.version:
            return
        try:
            template = load_catalogue().get(self.template_id)
            output = replace_at(parse_output(template, self.text), path, text)
            if keep:
                await documents.save_version(ctx, document_id=wanted, text=output.text, base_version=self.version)
                await self._show(ctx, wanted)
            else:
                kept = self.text
                self._set(await documents.judged(ctx, document_id=wanted, text=output.text))
                self.text = kept
        except AppError as error:
            (await self.get_state(SessionState))._say_error(error)
