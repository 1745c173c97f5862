"""Closing a run and keeping a variant as a document, inside the caller's unit of work."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from app.content.judging import Judged
from app.content.models import Document, DocumentVersion, Generation, Variant
from app.content.schemas import Cause, State
from app.content.template import Template
from app.core.context import Context
from app.core.text import one_line

TITLE_CHARACTERS = 200
FIRST_LINE_CHARACTERS = 80


def title_of(template: Template, judged: Judged | None) -> str:
    """Return a document's first title: the template's name and the first line of the text."""
    texts = (one_line(line.text).lstrip("#*-> ") for line in (judged.lines if judged else ()))
    first = next((text for text in texts if text), "")
    short = first if len(first) <= FIRST_LINE_CHARACTERS else f"{first[: FIRST_LINE_CHARACTERS - 1].rstrip()}…"
    return f"{template.name}: {short}"[:TITLE_CHARACTERS] if short else template.name


async def close_run(
    ctx: Context, session: AsyncSession, generation_id: UUID, *, state: State, error_code: str, cost_micros: int
) -> Generation:
    """Write the end of a run."""
    run = await session.get_one(Generation, generation_id)
    run.state, run.error_code, run.cost_micros = state, error_code, cost_micros
    run.finished_at = ctx.ports.clock.now()
    return run


def keep(ctx: Context, session: AsyncSession, variant: Variant, run: Generation, title: str) -> Document:
    """Make a document of a variant, with its text as version 1."""
    now = ctx.ports.clock.now()
    document = Document(
        title=title,
        template_id=run.template_id,
        language=run.language,
        generation_id=run.id,
        variant=variant.letter,
        version=0,
        user_id=ctx.user_id,
        created_at=now,
        updated_at=now,
    )
    session.add(document)
    add_version(
        ctx, session, document, text=variant.output, cause="generated", passed=variant.passed, total=variant.total
    )
    return document


def add_version(
    ctx: Context, session: AsyncSession, document: Document, *, text: str, cause: Cause, passed: int, total: int
) -> DocumentVersion:
    """Make a text the newest version of a document."""
    document.version += 1
    document.passed, document.total = passed, total
    document.updated_at = ctx.ports.clock.now()
    version = DocumentVersion(
        document_id=document.id,
        number=document.version,
        content=text,
        cause=cause,
        user_id=ctx.user_id,
        passed=passed,
        total=total,
        created_at=document.updated_at,
    )
    session.add(version)
    return version
