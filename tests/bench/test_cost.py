"""The bench of cost: the shares are dealt exactly, and the arithmetic is the one that the table states."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from bench import cost
from bench.cost import Request


def test_any_hundred_requests_in_a_row_get_exactly_the_shares() -> None:
    for first in (0, 37, 19_300):
        dealt = Counter(cost.by_shares(place) for place in range(first, first + 100))

        assert dealt == {"fast": 75, "strong": 18, "critical": 7}


def test_a_request_costs_what_its_tokens_cost_rounded_up() -> None:
    requests = [Request(1_000, 500), Request(1, 0)]

    assert cost.mean_micros(requests, lambda _: "fast") == (1250 + 1) / 2
    assert cost.mean_micros(requests, lambda _: "strong") == (6250 + 2) / 2


def test_a_trace_is_read_in_order(tmp_path: Path) -> None:
    trace = tmp_path / "trace.csv"
    trace.write_text("TIMESTAMP,ContextTokens,GeneratedTokens\n2023-11-16 18:15:46,374,44\n2023-11-16 18:15:50,1,2\n")

    assert cost.read(trace) == [Request(374, 44), Request(1, 2)]


def test_the_table_holds_every_policy_beside_always_strong(shared_data: Path) -> None:
    table = cost.measure()

    assert [row[0] for row in table.rows if "conversation" in str(row[0])] == [
        "conversation, always strong",
        "conversation, default shares 75/18/7",
        "conversation, cheapest",
    ]
    assert [row[3] for row in table.rows if "always strong" in str(row[0])] == [0, 0]


def test_without_the_outside_data_the_table_is_empty(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(cost, "FOLDER", tmp_path / "absent")

    assert cost.measure().rows == ()
