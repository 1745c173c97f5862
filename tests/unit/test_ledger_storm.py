"""A small storm over the ledger: calls through the gateway, faults, cancels, and processes killed with SIGKILL."""

from __future__ import annotations

from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID

import pytest

from app.commands import acceptance
from app.core.ids import new_id
from app.usage import checking
from app.usage.models import LedgerLine, UsageEvent
from bench import ledger_storm
from bench.ledger_storm import Outcome, Storm, weather


def test_after_a_storm_the_ledger_balances_to_the_micro_dollar(tmp_path: Path) -> None:
    outcome = weather(Storm(calls=60, kill_every_s=1.0, seconds=60, seed=3), tmp_path)

    assert outcome.faults == ()
    assert outcome.begun >= 60
    assert outcome.kills >= ledger_storm.CHILDREN
    assert outcome.seen["done"] > 0


async def test_a_storm_passes_over_a_folder_whatever_the_environment_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GALLEY_DATABASE_URL", "postgresql+asyncpg://galley_app@127.0.0.1:1/galley")
    monkeypatch.setenv("GALLEY_DATABASE_OWNER_URL", "postgresql+asyncpg://galley_owner@127.0.0.1:1/galley")
    monkeypatch.setenv("GALLEY_REDIS_URL", "redis://127.0.0.1:1")
    monkeypatch.setenv("GALLEY_BLOBS_URL", "s3://bucket")
    monkeypatch.setenv("GALLEY_DATA_DIR", str(tmp_path / "somebodys"))
    (folder := tmp_path / "storm").mkdir()
    settings = ledger_storm.settings_of(folder)
    tenant_id, user_id = await ledger_storm._prepare(folder)
    ports = ledger_storm._ports(folder, Random(0))
    books = await checking.check(ledger_storm._context(ports, tenant_id, user_id))
    await ports.db.close()

    assert (settings.database_url, settings.database_owner_url) == ("", "")
    assert (settings.redis_url, settings.blobs_url) == ("", "")
    assert [path.name for path in tmp_path.iterdir()] == ["storm"]
    assert (books.faults, books.open_calls) == ((), 0)


def row(call_id: UUID, **more: Any) -> UsageEvent:
    return UsageEvent(call_id=call_id, feature="chat", provider="p", kind="openai", model="m", outcome="ok", **more)


def test_what_is_booked_twice_is_told() -> None:
    call = new_id()
    line = {"transaction_id": call, "kind": "book", "call_id": call, "attempt_no": 1, "micros": 5}
    lines = [LedgerLine(account="spent:chat", **line), LedgerLine(account="spent:chat", **line)]

    assert ledger_storm._twice([row(call), row(call)], lines) == [
        f"attempt 1 of {call} is booked 2 times",
        f"attempt 1 of {call} is spent 2 times",
    ]


def test_a_run_that_is_booked_at_another_cost_than_was_told_is_a_fault() -> None:
    run, other = new_id(), new_id()
    events = [row(new_id(), generation_id=run, cost_micros=5), row(new_id(), cost_micros=9)]

    assert ledger_storm._against_children(events, {run: 5, other: 1}) == [f"run {other} cost 1, booked is 0"]


@pytest.mark.parametrize(
    ("faults", "begun", "minutes", "code"),
    [((), 10, [], 0), ((), 9, [], 1), ((), 9, ["--minutes", "1"], 0), (("wrong",), 10, [], 1)],
)
def test_the_command_fails_when_the_books_are_wrong_or_the_storm_was_short(
    monkeypatch: pytest.MonkeyPatch, capsys: Any, faults: tuple[str, ...], begun: int, minutes: list[str], code: int
) -> None:
    seen = {"done": begun, "refused": 0, "left": 0}
    left = Outcome(begun, seen, 2, 0, begun, 4 * begun, 9, 1.0, faults)
    monkeypatch.setattr(ledger_storm, "weather", lambda storm, folder: left)

    assert acceptance.main(["ledger", "--calls", "10", "--seed", "1", *minutes]) == code
    assert ("WRONG  wrong" if faults else "balances to the micro-dollar") in capsys.readouterr().out
