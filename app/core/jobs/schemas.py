"""What the job ledger hands out: frozen, without a database behind it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

Json = Mapping[str, Any]  # Any: JSON


@dataclass(frozen=True, slots=True)
class JobView:
    """A job as people and programs see it.

    `eta_s` is None until enough is done to tell. `result` is what the handler returned, small and by id. The text of
    an error is looked up by `error_code`, its slots are filled from `error_params`.
    """

    id: UUID
    name: str
    queue: str
    state: str
    asked: str
    priority: int
    attempt: int
    step: str
    done_permille: int
    eta_s: int | None
    error_code: str
    error_params: Json
    result: Json
    reserved_micros: int
    user_id: UUID | None
    not_before: datetime | None
    began_at: datetime | None
    ended_at: datetime | None
    created_at: datetime


@dataclass(slots=True)
class NewJob:
    """A job that was just asked for, without the row: making that costs more than writing it."""

    id: UUID
    tenant_id: UUID
    name: str
    queue: str
    state: str
    priority: int
    user_id: UUID | None
    step: str = ""
    done_permille: int = 0
    error_code: str = ""


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to run a job: ends when it is not renewed, void once another start has a greater `fence`."""

    job_id: UUID
    tenant_id: UUID
    name: str
    queue: str
    args: Json
    noted: Json
    attempt: int
    fence: int
    holder: str
    user_id: UUID | None
    api_key_id: UUID | None
    actor: str
    locale: str
    request_id: str
