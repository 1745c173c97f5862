"""What the content service takes and answers: frozen values, no rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Literal
from uuid import UUID

from app.content.provenance import Provenance
from app.core.ports import Quality

if TYPE_CHECKING:
    from app.content.checks.model import CheckResult

State = Literal["running", "stopping", "done", "failed", "stopped"]
Cause = Literal["generated", "edited", "restored"]
Why = tuple[tuple[str, str, str, Mapping[str, str | int | float]], ...]
"""(model, code of the verdict, English default, params) for each candidate, as in events.Chosen."""

Position = tuple[datetime, UUID]
"""Where a page of a list ended; the next one begins behind it."""


@dataclass(frozen=True, slots=True)
class RunRequest:
    """One run: the template, and its fields together with language, tone, register and variants.

    `pin` and `fresh` are as in app/llm/task.py.
    """

    template_id: str
    inputs: Mapping[str, object]
    quality: Quality = "balanced"
    pin: str = ""
    fresh: bool = False


@dataclass(frozen=True, slots=True)
class VariantView:
    """One text of a run and everything known about it. `results` is empty in lists."""

    letter: str
    state: State
    text: str
    provider: str
    model: str
    embedded: bool
    tokens_in: int
    tokens_out: int
    cost_micros: int
    cost_known: bool
    first_token_ms: int
    total_ms: int
    repaired: bool
    passed: int
    total: int
    why: Why = ()
    provenance: Provenance = field(default_factory=Provenance)
    results: tuple[CheckResult, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class GenerationView:
    """One run. `document_id` is the document that its first kept variant became."""

    id: UUID
    template_id: str
    template_version: int
    language: str
    state: State
    error_code: str
    inputs: Mapping[str, object]
    variants_wanted: int
    variants: tuple[VariantView, ...]
    cost_micros: int
    document_id: UUID | None
    created_at: datetime
    finished_at: datetime | None


@dataclass(frozen=True, slots=True)
class DocumentView:
    """A document as lists show it."""

    id: UUID
    title: str
    template_id: str
    language: str
    generation_id: UUID
    variant: str
    version: int
    passed: int
    total: int
    embedded: bool
    provider: str
    model: str
    created_at: datetime
    updated_at: datetime
    deleted_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class DocumentText:
    """A document with the text of one of its versions, and the brief it was written from."""

    document: DocumentView
    number: int
    text: str
    cause: Cause
    inputs: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class VersionView:
    """One version of a document, without its text."""

    number: int
    cause: Cause
    user_id: UUID | None
    passed: int
    total: int
    created_at: datetime
