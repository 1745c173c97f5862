"""Earlier answers and hidden data together, through the gateway: a kept text never carries one person to another."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa

from app.core.ports import Message
from app.llm import gateway, policies
from app.llm.task import Task
from tests.scripted import STOP, studio_of, text_of

__all__ = ["studio_of"]

pytestmark = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)


def ask_for(person: str) -> Task:
    return Task("chat", "fast", (Message("user", f"Write to {person} about the harbour."),), max_tokens=100)


async def test_a_kept_answer_is_opened_with_the_data_of_whoever_asks(studio_of: Any) -> None:
    studio = await studio_of(One=["Dear [EMAIL_1], the harbour is open.", STOP])
    now = await policies.current(studio.ctx)
    await policies.change(studio.ctx, form=now.model_copy(update={"redaction": True}))

    first = [event async for event in gateway.stream(studio.ctx, ask_for("ana@example.org"))]
    second = [event async for event in gateway.stream(studio.ctx, ask_for("bo@example.com"))]
    fresh = [event async for event in gateway.stream(studio.ctx, replace(ask_for("cy@example.net"), fresh=True))]

    assert "Dear ana@example.org, the harbour is open." == text_of(first)
    assert ("exact", "Dear bo@example.com, the harbour is open.") == (second[-1].served, text_of(second))
    assert ("model", "Dear cy@example.net, the harbour is open.") == (fresh[-1].served, text_of(fresh))
    async with studio.ctx.ports.db.engine.connect() as connection:
        kept = str((await connection.execute(sa.text("select * from cache_entry"))).all())
    assert "@example" not in kept


async def test_without_hiding_another_address_is_another_question(studio_of: Any) -> None:
    studio = await studio_of(One=["Dear you", STOP])
    for person in ("ana@example.org", "bo@example.com", "ana@example.org"):
        events = [event async for event in gateway.stream(studio.ctx, ask_for(person))]

    assert "exact" == events[-1].served
    assert ["One", "One"] == studio.models.asked
